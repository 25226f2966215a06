// What detectors propose: start a search, see groups with their counts, answer one or thousands at once.
// Only one page of rows is ever in the document; counts and groups come from the server.

import { askForAll } from "./dialogs.js";
import { button, make, moment, unlessPressed } from "./dom.js";

const POLL_MS = 2_000;
const WAIT_MS = 250;
const ANSWERS = [["accepted", "Accept"], ["rejected", "Reject"]];
const MANY = 10; // from so many on an answer for all is asked about once
const ORDERS = [["place", "In order of place"], ["unsure", "Least sure first"], ["sure", "Surest first"]];

let count = 0;
const fresh = (name) => `suggestions-${name}-${(count += 1)}`;

function field(words, control) {
  control.id ||= fresh("field");
  return make("div", { class: "wb-field" }, make("label", { class: "usa-label", for: control.id }, words), control);
}

function select(options, chosen, onchange) {
  const made = make("select", { class: "usa-select", onchange }, options.map(([value, words]) => make("option", { value, selected: value === chosen }, words)));
  made.value = chosen ?? "";
  return made;
}

const per = (sure) => (sure === null || sure === undefined ? "not said" : `${Math.round(sure * 100)} %`);
const number = (value) => value.toLocaleString("en-US");

class Suggestions {
  #group = {};
  #order = "place";
  #start = 0;
  #timer = 0;
  #asked = 0;
  #known = null;
  #total = 0;

  constructor(root, bench, config) {
    Object.assign(this, { root, bench, urls: config.urls });
    this.searches = make("div", { class: "wb-searches" });
    this.groups = make("div", { class: "wb-groups" });
    this.list = make("div", { class: "wb-suggested" });
    this.answer = make("div", { class: "wb-answer" });
    this.answers = make("div", { class: "wb-answers" });
    this.fault = make("p", { class: "usa-error-message", role: "alert", hidden: true });
    root.append(this.fault, this.searches, this.groups, this.answer, this.list, this.answers);
    bench.saver?.addEventListener("made", () => this.#soon());
    bench.store.addEventListener("editable", () => this.#soon());
    bench.saver?.addEventListener("merged", () => this.#soon());
    bench.keys?.add({ key: "a", group: "Suggestions", words: "Accept the chosen suggestions", when: () => this.#chosen().length > 0, run: () => this.#decide({ ids: this.#chosen() }, "accepted", "chosen by key") });
    bench.keys?.add({ key: "x", group: "Suggestions", words: "Reject the chosen suggestions", when: () => this.#chosen().length > 0, run: () => this.#decide({ ids: this.#chosen() }, "rejected", "chosen by key") });
  }

  async load() {
    const turn = (this.#asked += 1);
    try {
      const [found, page] = await Promise.all([
        this.bench.json(this.urls.overview),
        this.bench.json(this.urls.list, { method: "POST", body: { group: this.#group, order: this.#order, start: this.#start } }),
      ]);
      if (turn !== this.#asked) return;
      if (!page.rows.length && this.#start) {
        this.#start = 0;
        return this.load();
      }
      this.#known = found;
      this.#say("");
      unlessPressed(this.root, () => turn === this.#asked && this.#draw(found, page));
      clearTimeout(this.#timer);
      if (found.searches.some((row) => row.state === "running")) this.#timer = setTimeout(() => this.#poll(), POLL_MS);
    } catch (error) {
      this.#say(error.message);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.load(), POLL_MS * 5);
    }
  }

  /** While a search runs only its progress is drawn anew: what a person is typing into stays. */
  async #poll() {
    try {
      const found = await this.bench.json(this.urls.overview);
      const running = (rows) => rows.filter((row) => row.state === "running").length;
      if (running(found.searches) < running(this.#known.searches) || found.version !== this.#known.version) {
        if (found.version > this.bench.saver.version) await this.bench.saver.refresh();
        this.bench.say(`A search has ended. ${number(found.counts.open)} suggestions are open.`);
        return await this.load();
      }
      this.#known = found;
      unlessPressed(this.searches, () => this.#drawSearches(found));
      this.#timer = setTimeout(() => this.#poll(), POLL_MS);
    } catch (error) {
      this.#say(error.message);
      this.#timer = setTimeout(() => this.#poll(), POLL_MS * 5);
    }
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.load(), WAIT_MS);
  }

  #say(text) {
    this.fault.textContent = text;
    this.fault.hidden = !text;
  }

  #chosen() {
    return [...this.bench.store.selected].filter((id) => {
      const mark = this.bench.store.get(id);
      return mark?.suggested && !mark.decision;
    });
  }

  #draw(found, page) {
    const held = document.activeElement?.dataset?.keep;
    this.#drawSearches(found);
    this.#drawGroups(found.counts);
    this.#drawAnswer(page);
    this.#drawList(page);
    this.#drawAnswers(found.decisions);
    if (held) document.querySelector(`[data-keep="${CSS.escape(held)}"]`)?.focus();
  }

  #drawSearches(found) {
    const running = new Set(found.searches.filter((row) => row.state === "running").map((row) => row.kind));
    const rows = found.searches.map((row) =>
      make("li", { class: "wb-search" },
        make("strong", {}, row.label), " ", this.#state(row),
        row.state === "running" ? make("progress", { max: 100, value: row.progress, "aria-label": `Looking for ${row.label.toLowerCase()}` }) : null,
        row.fault ? make("p", { class: "usa-error-message" }, row.fault) : null,
        row.state === "failed" ? this.#act(row, "retry", "Try again") : null,
        row.state === "waiting" ? this.#act(row, "take", "Take in what fits now") : null,
        row.state === "waiting" || row.state === "running" ? this.#drop(row) : null,
      ),
    );
    const may = this.bench.store.editable && found.kinds.length > 0;
    const again = make("input", { class: "usa-checkbox__input", type: "checkbox", id: fresh("again"), dataset: { keep: "again" } });
    const again_before = this.searches.querySelector("[data-keep=again]")?.checked;
    again.checked = Boolean(again_before);
    this.searches.replaceChildren(
      may ? make("div", { class: "wb-ask", role: "group", "aria-label": "Look for" },
        found.kinds.map((row) => button(row.label, () => this.#ask(row.kind, again.checked), { disabled: running.has(row.kind), "aria-label": `Look for ${row.label.toLowerCase()}`, dataset: { keep: `ask-${row.kind}` } })),
        make("div", { class: "usa-checkbox" }, again, make("label", { class: "usa-checkbox__label", for: again.id }, "Also what was rejected or removed before")),
      ) : "",
      found.obstacle ? make("p", { class: "wb-note", role: "note" }, found.obstacle) : "",
      make("ul", { class: "usa-list usa-list--unstyled", "aria-label": "Searches" }, rows),
    );
  }

  #state(row) {
    const unfit = row.unfit ? `, ${number(row.unfit)} could not be marked` : "";
    return { running: row.note || "waiting for a worker", failed: "failed", taken: `${number(row.count)} proposed${unfit}`, waiting: `${number(row.waiting)} found no room yet`, dropped: `set aside: ${row.why}` }[row.state];
  }

  #act(row, action, words) {
    return button(words, () => this.#try(async () => {
      await this.bench.json(`${this.urls.overview}search/${row.number}/`, { method: "POST", body: { action } });
      await this.#after();
    }), { dataset: { keep: `${action}-${row.number}` } });
  }

  #drop(row) {
    const why = make("input", { class: "usa-input", type: "text", maxlength: 500, id: fresh("drop"), dataset: { keep: `why-${row.number}` } });
    return make("details", {}, make("summary", {}, "Set it aside"), field("Why", why), button("Set aside", () => this.#try(async () => {
      await this.bench.json(`${this.urls.overview}search/${row.number}/`, { method: "POST", body: { action: "drop", why: why.value } });
      await this.load();
    })));
  }

  #drawGroups(counts) {
    const pick = (name, words, rows, label = (value) => value) => {
      if (!rows.length) return null;
      const options = [["", `All (${number(counts.open)})`], ...rows.map((row) => [String(row.value), `${label(row.value)} (${number(row.count)})`])];
      const chosen = this.#group[name] === undefined ? "" : String(this.#group[name]);
      if (chosen && !options.some(([value]) => value === chosen)) options.push([chosen, `${label(chosen)} (0)`]);
      const control = select(options, chosen, () => this.#narrow(name, control.value));
      control.dataset.keep = `group-${name}`;
      return field(words, control);
    };
    const known = counts.open - counts.unsaid;
    const edges = [["", "Any"], ...Object.entries(counts.sure).filter(([edge]) => edge !== "1").map(([edge, n]) => [`below ${edge}`, `Below ${Math.round(edge * 100)} % (${number(n)})`]), ...Object.entries(counts.sure).filter(([edge]) => edge !== "1").map(([edge, n]) => [`least ${edge}`, `${Math.round(edge * 100)} % and more (${number(known - n)})`])];
    const chosen = this.#group.below !== undefined ? `below ${this.#group.below}` : this.#group.least !== undefined ? `least ${this.#group.least}` : "";
    const sure = select(edges, chosen, () => {
      const [side, edge] = sure.value.split(" ");
      delete this.#group.below;
      delete this.#group.least;
      if (edge) this.#group[side] = Number(edge);
      this.#start = 0;
      this.load();
    });
    sure.dataset.keep = "group-sure";
    const labels = Object.fromEntries((this.#known?.kinds ?? []).map((row) => [row.kind, row.label]));
    this.groups.replaceChildren(...(counts.open ? [
      make("fieldset", { class: "usa-fieldset wb-narrow" }, make("legend", {}, `${number(counts.open)} open`),
        pick("detection", "Looked for", counts.detection, (value) => labels[value] ?? value),
        pick("finder", "Proposed as", counts.finder), pick("word", "Word", counts.word), pick("page", "Page", counts.page),
        known > 0 ? field("How sure", sure) : null),
    ] : [make("p", { class: "wb-note" }, "No suggestion is open.")]));
  }

  #narrow(name, value) {
    if (value === "") delete this.#group[name];
    else this.#group[name] = name === "page" ? Number(value) : value;
    this.#start = 0;
    this.load();
  }

  #drawAnswer(page) {
    this.#total = page.total;
    if (!page.total || !this.bench.store.editable) return this.answer.replaceChildren();
    if (this.why?.isConnected && this.answer.contains(document.activeElement)) {
      this.answer.querySelectorAll("[data-total]").forEach((part) => (part.textContent = number(page.total)));
      return;
    }
    const last = this.bench.store.last ?? {};
    this.why = make("input", { class: "usa-input", type: "text", maxlength: 500, value: this.why?.value ?? "", id: fresh("why") });
    this.reason = select([["", "As proposed"], ...this.bench.config.reasons], this.reason?.value ?? "", () => {});
    this.exemption = select([["", "None"], ...this.bench.config.exemptions], this.exemption?.value ?? last.exemption ?? "", () => {});
    this.answer.replaceChildren(make("fieldset", { class: "usa-fieldset" },
      make("legend", {}, "All ", make("span", { dataset: { total: "" } }, number(page.total)), " of this group"),
      field("Why (kept with the decision)", this.why), field("Reason on the marks", this.reason), field("Exemption on the marks", this.exemption),
      ANSWERS.map(([decision, words]) => button([words, " ", make("span", { dataset: { total: "" } }, number(page.total))], () => this.#decideAll(decision, words), { kind: decision === "accepted" ? "" : "outline" })),
    ));
  }

  #drawList(page) {
    if (!page.total) return this.list.replaceChildren();
    const order = select(ORDERS, this.#order, () => {
      this.#order = order.value;
      this.#start = 0;
      this.load();
    });
    order.dataset.keep = "order";
    const rows = page.rows.map((row) => make("li", { class: "wb-suggestion" },
      make("button", { type: "button", class: "usa-button usa-button--unstyled", dataset: { keep: `row-${row.id}` }, onclick: () => this.#show(row) }, row.words),
      make("span", { class: "wb-suggestion__sure" }, `sure: ${per(row.sure)}`),
      row.note ? make("span", { class: "wb-suggestion__note" }, row.note) : null,
      this.bench.store.editable ? make("span", { class: "wb-suggestion__do" },
        [...ANSWERS, ["adjusted", "Adjust"]].map(([decision, words]) => button(words, () => this.#decide({ ids: [row.id] }, decision, this.why?.value || "looked at by itself", row), { "aria-label": `${words} ${row.words}`, kind: "unstyled", dataset: { keep: `${decision}-${row.id}` } }))) : null,
    ));
    const end = page.start + page.rows.length;
    this.list.replaceChildren(
      field("Order", order),
      make("ol", { start: page.start + 1, class: "wb-suggestions", "aria-label": "Open suggestions" }, rows),
      make("p", { class: "wb-note" }, `${number(page.start + 1)} to ${number(end)} of ${number(page.total)}`),
      page.start ? button("Earlier", () => this.#turn(-rows.length), { dataset: { keep: "earlier" } }) : "",
      end < page.total ? button("Later", () => this.#turn(rows.length), { dataset: { keep: "later" } }) : "",
    );
  }

  #turn(step) {
    this.#start = Math.max(0, this.#start + step);
    this.load();
  }

  #show(row) {
    this.bench.store.select([row.id]);
    this.bench.say(`${row.words}. ${row.note}`);
  }

  #drawAnswers(rows) {
    if (!rows.length) return this.answers.replaceChildren();
    const { open = false } = this.answers.querySelector("details") ?? {};
    this.answers.replaceChildren(make("details", { open }, make("summary", {}, `Decisions (${rows.length})`), make("ul", { class: "usa-list usa-list--unstyled" }, rows.map((row) =>
      make("li", {}, `${number(row.count)} ${row.decision}: ${row.group}. ${row.why}. ${row.by}, ${moment(row.at)}`,
        row.undone ? " (taken back)" : !["reopened", "removed"].includes(row.decision) && this.bench.store.editable ? button("Open them again", () => this.#try(async () => {
          if (!(await this.bench.saver.flush())) return this.#say("Your own changes could not be saved yet. Try again in a moment.");
          await this.bench.saver.answered(() => this.bench.json(`${this.urls.overview}undo/${row.id}/`, { method: "POST", body: { why: "opened again" } }));
          await this.load();
        }), { kind: "unstyled", "aria-label": `Open them again: ${row.count} ${row.decision}, ${row.group}` }) : null)))));
  }

  #ask(kind, again) {
    return this.#try(async () => {
      await this.bench.json(this.urls.ask, { method: "POST", body: { kinds: [kind], again } });
      this.bench.say("The record is being looked through. You may go on marking.");
      await this.load();
    });
  }

  #unsaid() {
    this.#say("Say why. It is kept with the decision.");
    this.why?.focus();
  }

  /** One answer for a whole group: of many it is asked once, with how many and why; it can be taken back below. */
  async #decideAll(decision, words) {
    const [group, why, total] = [{ ...this.#group }, this.why.value, this.#total];
    if (!why.trim()) return this.#unsaid();
    if (total >= MANY) {
      const { reasons, exemptions } = this.bench.config;
      const label = (rows, code) => rows.find(([each]) => each === code)?.[1] ?? code;
      const rows = [["Which", this.#groupWords()], ["Why", why.trim()]];
      if (decision === "accepted") rows.push(["Reason on the marks", this.reason.value ? label(reasons, this.reason.value) : "as proposed with each"], ["Exemption", this.exemption.value ? label(exemptions, this.exemption.value) : "none"]);
      if (!(await askForAll(words, total, decision, rows))) return;
    }
    await this.#decide(group, decision, why);
  }

  #groupWords() {
    const named = [...this.groups.querySelectorAll("select")].filter((each) => each.value).map((each) => each.selectedOptions[0].textContent.replace(/ \([\d,]+\)$/, ""));
    return named.length ? named.join(", ") : "all that are open";
  }

  #decide(group, decision, why, row = null) {
    if (!why.trim()) return this.#unsaid();
    return this.#try(async () => {
      if (!(await this.bench.saver.flush())) return this.#say("Your own changes could not be saved yet. Try again in a moment.");
      const made = await this.bench.saver.answered(() => this.bench.json(this.urls.decide, { method: "POST", body: { version: this.bench.saver.version, group, decision, why, reason: this.reason?.value ?? "", exemption: this.exemption?.value ?? "" } }));
      this.bench.say(`${number(made.count)} ${made.decision}.`);
      await this.load();
      if (decision === "adjusted" && row) this.#show(row);
    });
  }

  async #after() {
    await this.bench.saver.refresh();
    await this.load();
  }

  async #try(step) {
    this.#say("");
    try {
      await step();
    } catch (error) {
      this.#say(error.message);
      if (error.status === 409) {
        await this.bench.saver.refresh();
        await this.load();
        this.#say(error.message);
      }
    }
  }
}

export async function mount(root, bench) {
  const config = bench.config.panes.find((pane) => pane.name === "suggestions");
  await new Suggestions(root.querySelector("[data-suggestions]") ?? root, bench, config).load();
}
