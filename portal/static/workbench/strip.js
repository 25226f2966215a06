// The strip over the record: saved or not, who else is here, what is in the way of the redacted copy.

import { conflicts, recovered, shortcuts, ask } from "./dialogs.js";
import { ago, button, icon, make } from "./dom.js";
import { countTabs, listed, toDo } from "./standing.js";

const BEAT_MS = 15_000;
const BEAT_TOGETHER_MS = 5_000; // somebody else is here too
const SOON_MS = 2_500;
const BEAT_WORKING_MS = 2_000; // the copy is being made

const SAVED = {
  saved: ["check_circle_outline", "All changes are saved"],
  unsaved: ["schedule", "Saving in a moment"],
  saving: ["schedule", "Saving"],
  offline: ["link_off", "Not saved: no connection. Your marks are kept here, safe in this browser. Go on marking: they are saved by themselves when it is back"],
  refused: ["error_outline", "Not saved"],
  locked: ["lock_outline", "Not saved"],
};

// what comes next, once nothing is in the way
const NEXT = {
  broken: "The file cannot be shown, so no copy of it can be made.",
  collected: "Mark what is to be withheld, then make the copy.",
  marked: "Nothing is in the way. A second person looks at the copy next.",
  rendered: "The copy is being checked.",
  verified: "Next: somebody who did not mark it looks at the copy.",
  approved: "Approved. It goes out with the answer to the request.",
  released: "It went out with the answer to the request.",
  withheld: "Withheld whole. Nothing of it goes out.",
  recalled: "It was recalled. Change the marks, then make the copy anew.",
  not_responsive: "Set aside: not part of the answer. “More” takes it back.",
  duplicate: "Set aside as a duplicate. “More” takes it back.",
};

const SETTLED = new Set(["verified", "approved", "withheld"]);
const GONE = new Set(["approved", "released", "withheld", "not_responsive", "duplicate"]); // nothing is left to do

/** A change would undo what was made or approved, so it is asked for first and no stray key makes it. */
export const isSettled = (status) => SETTLED.has(status);

export class Strip {
  #bench;
  #root;
  #timer = 0;
  #told = 0;
  #standing = null;
  #together = false;
  #unlocked = false;
  #counts = { owed: 0, open: 0 };
  #stage = new Map(); // what the stage knows to be in the way
  #inTheWay = []; // sentences

  constructor(bench, root) {
    this.#bench = bench;
    this.#root = root;
    bench.saver.addEventListener("state", (event) => this.#saved(event.detail));
    bench.saver.addEventListener("merged", (event) => this.#merged(event.detail));
    bench.saver.addEventListener("made", () => this.#soon());
    this.#part("make")?.addEventListener("click", () => this.make());
    this.#part("unlock")?.addEventListener("click", () => this.#unlock());
    this.#part("undo")?.addEventListener("click", () => bench.undo());
    this.#part("redo")?.addEventListener("click", () => bench.redo());
    this.#part("keys").addEventListener("click", () => shortcuts(bench.keys));
    bench.keys.add({ key: "?", words: "Show the shortcuts", group: "Page", always: true, run: () => shortcuts(bench.keys) });
    bench.keys.add({ key: "Ctrl+s", words: "Save now (it is done by itself too)", group: "Page", run: () => bench.saver.flush() });
    bench.store.addEventListener("change", () => this.#buttons());
    document.addEventListener("visibilitychange", () => !document.hidden && this.beat());
    // only where somebody would still be told; else it is forgotten by itself
    addEventListener("pagehide", () => this.#together && bench.json(bench.config.urls.here, { method: "POST", body: { leaving: true }, keepalive: true }).catch(() => {}));
    addEventListener("offline", () => this.#saved({ state: bench.saver.dirty ? "offline" : "saved" }));
    this.#signOut();
    this.#saved({ state: bench.saver.state });
    this.#buttons();
    this.beat();
    this.#offerKept();
  }

  owed(counts) {
    this.#counts = counts;
    this.#hurdles();
  }

  /** What only the stage knows to be in the way: {words, run}; null once it is settled. */
  owes(name, row) {
    if (!row === !this.#stage.has(name) && row?.words === this.#stage.get(name)?.words) return;
    row ? this.#stage.set(name, row) : this.#stage.delete(name);
    this.#hurdles();
  }

  #part(name) {
    return this.#root.querySelector(`[data-part="${name}"]`);
  }

  #buttons() {
    const { store } = this.#bench;
    for (const [name, can] of [["undo", store.canUndo], ["redo", store.canRedo]]) {
      const part = this.#part(name);
      if (part) part.setAttribute("aria-disabled", can && store.editable ? "false" : "true");
    }
  }

  #saved({ state, fault }) {
    const [sign, words] = SAVED[state];
    const part = this.#part("saved");
    const said = this.#words(state, words, fault);
    const mark = state === "refused" && this.#bench.saver.faultMark;
    part.className = `wb-saved wb-saved--${state}`;
    part.replaceChildren(
      icon(sign),
      make("span", {}, `${said}.`.replace("..", ".")),
      ...(mark && this.#bench.store.get(mark) ? [button("Show it", () => this.#bench.store.select([mark]), { kind: "unstyled" })] : []),
      ...(state === "locked" ? [button("Load the page again", () => location.reload(), { kind: "unstyled" })] : []),
    );
    if (state !== this.lastState && (state === "offline" || state === "refused" || state === "locked")) this.#bench.warn(said);
    if (state === "saved" && (this.lastState === "offline" || this.lastState === "refused")) this.#bench.say("All changes are saved.");
    this.lastState = state;
  }

  #words(state, words, fault) {
    if (state === "offline" && this.#bench.saver.keptHere === false) return "Not saved: no connection, and this browser keeps no copy. Your marks are safe only while this page is open: leave it open until it says that all is saved";
    if (state === "offline" && fault) return `Not saved. ${fault} Your marks are kept here, safe in this browser, and it is tried again by itself`;
    if (fault && state === "locked") return `${words}. ${fault} What you marked since is kept in this browser. Load the page again to see where the record stands`;
    return fault && state === "refused" ? `${words}. ${fault} Mend that mark, or undo it; all is saved together then` : words;
  }

  #merged({ both, theirs, author, others, asked, at, version }) {
    this.#told = version;
    if (!others.length) return this.#mergedOwn({ both, theirs, asked, at });
    const count = theirs.length + both.length;
    const words = count ? `${author} changed ${count === 1 ? "a mark" : `${count} marks`} meanwhile. They are in this page now, and yours are kept. There is nothing to do.` : `${author} saved meanwhile. Yours are kept. There is nothing to do.`;
    this.#news(words);
    if (both.length) conflicts(this.#bench, { both, author, at });
    else this.#bench.say(words);
  }

  /** One's own answers beside the marks are no news; what one did in another window is told, but warns of nobody. */
  #mergedOwn({ both, theirs, asked, at }) {
    if (both.length) return conflicts(this.#bench, { both, author: "You, by an answer or in another window,", at });
    if (asked || !theirs.length) return;
    const words = `${theirs.length === 1 ? "A mark" : `${theirs.length} marks`} changed by yourself elsewhere: in another window, or by a search you asked for. Nothing of yours is lost.`;
    this.#news(words);
    this.#bench.say(words);
  }

  #news(words) {
    this.#part("news").replaceChildren(make("span", {}, words));
    this.#part("news").hidden = false;
  }

  async beat() {
    clearTimeout(this.#timer);
    let pause = BEAT_MS;
    try {
      const { config, json, saver, store } = this.#bench;
      const told = await json(config.urls.here, { method: "POST", body: { version: saver.version } });
      this.#standing = told.standing;
      this.#others(told);
      this.#bench.more?.stand(told.standing);
      this.#hurdles();
      this.#edit(told.standing);
      if (told.newer && told.newer.version > saver.version) await saver.refresh();
      this.#together = told.others.length > 0;
      if (told.others.length) pause = BEAT_TOGETHER_MS;
      if (told.standing.job?.open) pause = BEAT_WORKING_MS;
    } catch (error) {
      if (error.status === 404 || error.status === 403) return; // it is not this person's any more
    }
    this.#timer = setTimeout(() => this.beat(), document.hidden ? BEAT_MS * 2 : pause);
  }

  #edit({ may_mark: may, status }) {
    const { panel, store } = this.#bench;
    if (!isSettled(status)) this.#unlocked = false;
    const editable = may && (this.#unlocked || !isSettled(status));
    const unlock = this.#part("unlock");
    if (unlock) unlock.hidden = !may || editable;
    if (store.editable === editable) return;
    store.editable = editable;
    store.dispatchEvent(new Event("editable"));
    panel.refresh();
    this.#buttons();
  }

  async #unlock() {
    const { status } = this.#standing ?? this.#bench.config;
    const what = status === "verified" ? "The redacted copy was made of these marks." : "A second person has agreed to exactly these marks.";
    const sure = await ask("Change the marks?", make("p", {}, `${what} With the first change it does not stand any more: the copy is made and looked at again.`), [["yes", "Change the marks", ""], [null, "Back"]]);
    if (!sure) return;
    this.#unlocked = true;
    this.#edit({ may_mark: true, status });
    this.#bench.say("The marks can be changed now.");
  }

  /** After a save the server may see other things in the way. */
  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.beat(), SOON_MS);
  }

  #others({ others, newer }) {
    const part = this.#part("others");
    const names = others.length > 2 ? `${others.slice(0, 2).join(", ")} and ${others.length - 2} more` : others.join(" and ");
    const saved = newer && newer.version > this.#bench.saver.version ? `. ${newer.author}, ${ago(newer.at)}: ${newer.words.toLowerCase()}` : "";
    const words = others.length ? `${names} ${others.length > 1 ? "have" : "has"} this open too${saved}.` : "";
    if (part.dataset.said === words) return;
    part.dataset.said = words;
    part.replaceChildren(...(words ? [icon("people"), make("span", {}, words)] : []));
    part.hidden = !words;
  }

  #hurdles() {
    const [part, standing] = [this.#part("standing"), this.#standing];
    if (!standing) return;
    const { now, later } = toDo(this.#bench, standing, { ...this.#counts, stage: [...this.#stage.values()] });
    this.#inTheWay = now.map((row) => row.words);
    countTabs(standing, this.#counts);
    this.#bench.cites?.stand(standing);
    part.parentElement.classList.toggle("wb-strip__make--long", now.some((row) => row.long) && standing.may_mark);
    const { job } = standing;
    const content = [];
    if (job?.open) content.push(make("label", { class: "wb-making" }, `Making the redacted copy${job.note ? `: ${job.note}` : ""}`, make("progress", { max: 100, value: job.percent }, `${job.percent}%`)));
    else if (job?.error) content.push(make("p", { class: "wb-flag wb-flag--bad" }, icon("error_outline"), job.error));
    if (now.length && standing.may_mark) content.push(listed(now, "To be done before the copy is made"));
    else if (!job?.open && !job?.error) content.push(make("p", { class: "wb-next" }, standing.may_mark || !["collected", "marked", "recalled"].includes(standing.status) ? NEXT[this.#isBroken(standing) ? "broken" : standing.status] ?? "" : "You may look at this record, not mark it."));
    if (later.length && !GONE.has(standing.status)) content.push(listed(later, "To be done before the approval"));
    this.#stand(part, content);
    const make_ = this.#part("make");
    const ready = standing.may_mark && !now.length && !job?.open && !isSettled(standing.status);
    if (make_) {
      make_.hidden = !standing.may_mark || isSettled(standing.status);
      make_.setAttribute("aria-disabled", ready ? "false" : "true");
    }
    this.#part("result").hidden = !["verified", "approved", "withheld", "released"].includes(standing.status);
    const label = standing.label[0].toUpperCase() + standing.label.slice(1);
    const tag = this.#part("status");
    if (tag.textContent.trim() !== label) {
      if (this.shownLabel) this.#bench.say(`This record: ${label}.`);
      tag.replaceChildren(make("span", { class: `dl-tag dl-tag--${standing.tag}` }, label));
    }
    this.shownLabel = label;
  }

  #isBroken = ({ status }) => !this.#bench.config.stage && ["collected", "marked", "recalled"].includes(status);

  /** What says the same stays, and so do a press on it and the focus in it. */
  #stand(part, content) {
    const fresh = make("div", {}, content);
    if (part.innerHTML !== fresh.innerHTML) part.replaceChildren(...fresh.childNodes);
  }

  async make() {
    const { config, json, saver, store, warn, say } = this.#bench;
    if (this.#part("make").getAttribute("aria-disabled") === "true") return warn(`Not yet: ${this.#inTheWay.join(". ") || "the copy is being made"}.`.replace("..", "."));
    if (!store.all().some((mark) => mark.decision !== "rejected")) {
      const sure = await ask("Nothing is marked", make("p", {}, "The record would be released whole, without its hidden data. A second person has to agree."), [["yes", "Nothing is to be withheld", ""], [null, "Back"]]);
      if (!sure) return;
    }
    if (!(await saver.flush())) return warn("The marks are not saved yet, so nothing was made.");
    try {
      this.#standing = await json(config.urls.standing, { method: "POST", body: { version: saver.version } });
      if (this.#standing.version > saver.version) saver.take({ version: this.#standing.version, marks: [] });
      say("The redacted copy is being made. You may leave this page.");
      this.#hurdles();
    } catch (error) {
      warn(error.message);
      this.#news(error.message);
    }
    this.beat();
  }

  /** One after the other, at once and whenever another window goes with something unsaved. */
  async #offerKept() {
    const { saver, store, say, warn } = this.#bench;
    for (;;) {
      const held = await saver.kept().catch(() => null);
      if (!held) continue;
      if (!store.editable) return warn("Changes you could not save are kept in this browser; these marks cannot be changed now.");
      const chosen = await recovered(held);
      if (chosen === "drop") {
        saver.forget(held);
        continue;
      }
      // closing the question loses nothing either: one step back undoes it
      const met = saver.recover(held);
      if (met.both.length) conflicts(this.#bench, { both: met.both, author: "Somebody", at: held.at });
      else say("Taken up. They are being saved.");
    }
  }

  /** Signing out waits for the saving; what cannot be saved stays locked in this browser. */
  #signOut() {
    for (const form of document.querySelectorAll("[data-sign-out]")) {
      form.addEventListener("submit", async (event) => {
        if (!this.#bench.saver.dirty || form.dataset.saving) return;
        event.preventDefault();
        form.dataset.saving = "1";
        await Promise.race([this.#bench.saver.flush(), new Promise((done) => setTimeout(done, 4_000))]);
        this.#bench.saver.leaving = true;
        form.submit();
      });
    }
  }
}
