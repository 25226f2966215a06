// The same words, page, picture or file marked in one record and open in another: each is decided with a reason.

import { button, make, unlessPressed } from "./dom.js";

const LOOK_MS = 20_000;

class Consistency {
  #said = "";

  constructor(root, bench, config) {
    Object.assign(this, { root, bench, url: config.urls.findings });
    this.fault = make("p", { class: "usa-error-message", role: "alert", hidden: true });
    this.list = make("div");
    root.append(this.fault, this.list);
    setInterval(() => document.hidden || this.load(), LOOK_MS);
  }

  async load() {
    try {
      const found = await this.bench.json(this.url);
      unlessPressed(this.list, () => this.#draw(found));
    } catch (error) {
      if (error.status !== 0) this.#say(error.message);
    }
  }

  #say(text) {
    this.fault.textContent = text;
    this.fault.hidden = !text;
  }

  #draw(found) {
    const text = JSON.stringify(found);
    if (text === this.#said) return;
    this.#said = text;
    const unfolded = this.list.querySelector("details")?.open ?? false;
    const typed = new Map([...this.list.querySelectorAll("input")].map((input) => [input.id, input.value]));
    const held = this.list.contains(document.activeElement) ? document.activeElement.id : "";
    this.list.replaceChildren(
      make("p", {}, this.#summary(found)),
      found.sums ? make("p", { class: "wb-note" }, found.sums) : "",
      found.listing ? make("p", { class: "wb-flag", role: "note" }, found.listing) : "",
      found.groups?.length ? this.#grouped(found.groups) : "",
      found.whole === false ? make("p", { class: "wb-note" }, "The words of this copy could not all be compared: it is too long or could not be read.") : "",
      ...found.findings.map((row) => this.#row(row)),
    );
    for (const [id, value] of typed) {
      const input = document.getElementById(id);
      if (input) input.value = value;
    }
    if (unfolded) this.list.querySelector("details")?.setAttribute("open", "");
    if (held) document.getElementById(held)?.focus();
  }

  #summary(found) {
    if (!found.compared) return "Compared with the other records of this request, and with what was released before, once a copy has been made.";
    if (!found.findings.length) return "Nothing that is marked on one side was found open on the other.";
    return found.open ? `${found.open.toLocaleString("en-US")} to be decided before the approval.` : "All are decided.";
  }

  #grouped(groups) {
    const which = make("select", { class: "usa-select", id: "findings-group" }, groups.map((group, n) => make("option", { value: n }, `${group.label} (${group.count.toLocaleString("en-US")})`)));
    const why = make("input", { class: "usa-input", id: "findings-group-why", type: "text", maxlength: 500 });
    const chosen = () => groups[Number(which.value)];
    const follow = button("", () => this.#settleGroup(chosen(), "follow_up", why.value));
    const told = () => {
      const { follow: count } = chosen();
      follow.hidden = !count;
      follow.textContent = `${count.toLocaleString("en-US")} to be put right where ${count === 1 ? "it was" : "they were"} released`;
    };
    which.addEventListener("change", told);
    told();
    return make("details", { class: "wb-group" }, make("summary", {}, "Decide a whole group for one reason"),
      make("label", { class: "usa-label", for: which.id }, "Which"), which,
      make("label", { class: "usa-label", for: why.id }, "Why"), why,
      button("Leave them as they are", () => this.#settleGroup(chosen(), "leave", why.value)), follow);
  }

  async #settleGroup({ same, words, other }, outcome, why) {
    this.#say("");
    if (!why.trim()) {
      this.#say("Say why. It is kept with the decision.");
      return document.getElementById("findings-group-why")?.focus();
    }
    try {
      const found = await this.bench.json(`${this.url}group/`, { method: "POST", body: { same, words, other, outcome, why } });
      this.bench.say(`${found.count} decided. ${found.open} left.`);
      this.#draw(found);
      this.bench.strip.beat(); // what is counted there
    } catch (error) {
      await this.load();
      this.#say(error.message);
    }
  }

  #row(row) {
    const parts = [
      make("p", {}, make("strong", {}, row.words ? `${row.same}: “${row.words}”. ` : `${row.same}. `), row.sentence, " ", row.places, " ",
        row.link ? make("a", { href: row.link }, `Open ${row.title}`) : null,
        row.mark && this.bench.store.get(row.mark) ? button("Show the mark here", () => this.bench.store.select([row.mark]), { kind: "unstyled", "aria-label": `Show the mark here: ${row.words || row.same}` }) : null),
    ];
    if (row.decision) parts.push(make("p", {}, `Decided: ${row.decision.outcome}. ${row.decision.why} (${row.decision.by})`));
    else if (row.outcomes.length) {
      const outcome = make("select", { class: "usa-select", id: `outcome-${row.id}` }, row.outcomes.map(([value, words]) => make("option", { value }, words)));
      const why = make("input", { class: "usa-input", id: `why-${row.id}`, type: "text", maxlength: 500, required: true });
      parts.push(
        make("label", { class: "usa-label", for: outcome.id }, "What is to be done"), outcome,
        make("label", { class: "usa-label", for: why.id }, "Why"), why,
        button("Decide", () => this.#settle(row, outcome.value, why.value), { "aria-label": `Decide: ${row.same} ${row.words}` }),
      );
    }
    return make("div", { class: `wb-finding${row.decision ? " wb-finding--settled" : ""}`, role: "group", "aria-label": `${row.same} ${row.words}` }, parts);
  }

  async #settle(row, outcome, why) {
    this.#say("");
    if (!why.trim()) {
      this.#say("Say why. It is kept with the decision.");
      return document.getElementById(`why-${row.id}`)?.focus();
    }
    try {
      const found = await this.bench.json(`${this.url}${row.id}/`, { method: "POST", body: { outcome, why } });
      this.bench.say(`Decided. ${found.open} left.`);
      this.#draw(found);
      this.bench.strip.beat();
    } catch (error) {
      await this.load();
      this.#say(error.message);
    }
  }
}

export async function mount(root, bench) {
  const config = bench.config.panes.find((pane) => pane.name === "consistency");
  await new Consistency(root.querySelector("[data-consistency]") ?? root, bench, config).load();
}
