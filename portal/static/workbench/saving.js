// Saves the marks by themselves, keeps them while the connection is lost, and brings two people's together.

import { applied, difference } from "./keeping.js";
import { merge, unanswered } from "./merge.js";
import { same } from "./store.js";
import { passes } from "./talking.js";

const PAUSE_MS = 1_500; // after the last change
const LONGEST_MS = 10_000; // a person who never pauses is saved too
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 30_000;

/** state: saved, unsaved, saving, offline, refused, locked. Events: “state”, “merged”. */
export class Saver extends EventTarget {
  #store;
  #json;
  #url;
  #keeping;
  #base;
  #timer = 0;
  #since = 0;
  #retry = FIRST_RETRY_MS;
  #running = null;
  #asking = null; // an answer of this page's own is on its way; nothing is saved or fetched meanwhile
  #own = new Set(); // versions this page asked the server for
  #sent = new Map(); // by mark, each form of it that was sent and may stand on the server without this page knowing
  #inDoubt = false; // an answer was lost: what was sent may stand there
  state = "saved";
  fault = "";

  constructor({ store, json, url, keeping, version, marks }) {
    super();
    this.#store = store;
    this.#json = json;
    this.#url = url;
    this.#keeping = keeping;
    this.#base = { version, marks: marks.map((mark) => structuredClone(mark)) };
    store.addEventListener("change", (event) => this.#changed(event.detail));
    addEventListener("online", () => (this.dirty || this.#inDoubt) && this.#later(0));
    addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.leaving) event.preventDefault();
    });
    // a page that is put away saves at once; the browser lets a request of this kind outlive it
    document.addEventListener("visibilitychange", () => document.hidden && this.dirty && this.flush());
  }

  get version() {
    return this.#base.version;
  }

  get saved() {
    return this.#base.marks;
  }

  get dirty() {
    return this.#rows().length > 0 || this.state === "saving";
  }

  /** Saves now what is open; resolves to true once everything is on the server. */
  async flush() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    while (this.#running || this.#asking) await (this.#running ?? this.#asking);
    if (!this.#rows().length && !this.#inDoubt) return this.#settled();
    this.#running = (this.#rows().length ? this.#post() : this.#doubted()).finally(() => (this.#running = null));
    await this.#running;
    return this.state === "saved";
  }

  /** Takes in what somebody else saved meanwhile; mine stay on top. */
  async refresh() {
    if (!this.#running && !this.#asking) await this.#fetch();
  }

  async #fetch() {
    try {
      await this.#meet(await this.#json(`${this.#url}?since=${this.#base.version}`));
      return null;
    } catch (error) {
      if (error.status === 0) this.#lost(error);
      return error;
    }
  }

  /** All was taken back while an answer was lost: the server is asked whether it has what had been sent. */
  async #doubted() {
    const error = await this.#fetch();
    if (error) return passes(error) ? this.#later(this.#retry) : this.#refused(error);
    this.#inDoubt = false;
    this.#settled(0);
  }

  /** Runs ask(), which has the server make a version for this page, and takes it in: no news to whoever asked. */
  async answered(ask) {
    while (this.#running || this.#asking) await (this.#running ?? this.#asking);
    let over;
    this.#asking = new Promise((done) => (over = done));
    try {
      const made = await ask();
      this.#own.add(made.version);
      return made;
    } finally {
      await this.#fetch();
      this.#asking = null;
      over();
    }
  }

  /** Puts a version the server has just made for this person in place of the old. */
  take({ version, marks }) {
    this.#stand(version, marks);
    this.#settled();
  }

  /** From now on this is the version changes are told from; of what was sent before nothing is open any more. */
  #stand(version, marks) {
    this.#base = { version, marks };
    this.#sent.clear();
    this.#inDoubt = false;
  }

  /** What a page that is gone kept here and could not save, {rows, at, version, marks, base}; null when it was saved since. */
  async kept() {
    const held = await this.#keeping.left();
    if (held.version > this.#base.version) await this.refresh();
    const base = held.version === this.#base.version ? this.#base : await this.#version(held.version);
    const known = unanswered(base.marks, held.sent ?? [], this.#store.all());
    const marks = applied(base.marks, held.rows);
    const found = { ...held, base: known, marks, rows: difference(known, marks) };
    const { mine, both } = merge(found.base, found.marks, this.#store.all());
    if (mine.length || both.length) return found;
    this.#keeping.drop(held);
    return null;
  }

  /** The marks of an older version, however long it takes to reach the server; of one it does not know, those of now. */
  async #version(number) {
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LONGEST_RETRY_MS)) {
      try {
        return await this.#json(`${this.#url}?version=${number}`);
      } catch (error) {
        if (error.status === 422) return this.#base;
        if (!passes(error)) throw error;
        await new Promise((done) => setTimeout(done, pause));
      }
    }
  }

  /** Brings what was kept into the marks in front, by the same merge as two people's. */
  recover(held) {
    this.#keeping.take(held);
    const met = merge(held.base, held.marks, this.#store.all(), { who: "somebody" });
    this.#store.batch("Recover", () => {
      const there = new Set(met.marks.map((mark) => mark.id));
      for (const mark of this.#store.all()) if (!there.has(mark.id)) this.#store.remove(mark.id);
      for (const mark of met.marks) this.#store.put(mark);
    });
    if (!this.dirty) this.#settled();
    return met;
  }

  /** Throws away what was kept, on the person's own word. */
  forget(held) {
    this.#keeping.drop(held);
  }

  #rows() {
    return difference(this.#base.marks, this.#store.all());
  }

  #changed({ adopted }) {
    if (adopted) return;
    const rows = this.#rows();
    if (!rows.length && !this.#inDoubt) {
      clearTimeout(this.#timer);
      this.#timer = 0;
      if (!this.#running) this.#settled();
      return;
    }
    this.#keep(rows);
    if (this.state === "saved" || this.state === "refused") this.#set("unsaved");
    this.#since ||= Date.now();
    if (this.state !== "offline") this.#later(Math.max(0, Math.min(PAUSE_MS, this.#since + LONGEST_MS - Date.now())));
  }

  async #keep(rows) {
    this.keptHere = await this.#keeping.keep({ version: this.#base.version, rows, sent: [...this.#sent] });
  }

  #later(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), pause);
  }

  async #post() {
    const marks = this.#store.all();
    const { version } = this.#base;
    const before = this.state;
    if (before !== "offline") this.#set("saving");
    for (const [id, mark] of this.#rows()) this.#sent.set(id, [...(this.#sent.get(id) ?? []).filter((form) => !same(form, mark)), mark]);
    try {
      const made = await this.#json(this.#url, { method: "POST", body: { version, marks }, keepalive: document.hidden });
      this.#retry = FIRST_RETRY_MS;
      this.#since = 0;
      this.#arrived(marks, made);
    } catch (error) {
      if (error.status === 409 && Array.isArray(error.data?.marks) && error.data.version !== version) await this.#meet(error.data);
      else if (passes(error)) {
        this.#inDoubt = true;
        this.#lost(error);
      } else this.#refused(error);
    }
  }

  /** The server may have filled in what it alone knows (a flight's seed): taken over unless changed since. */
  #arrived(sent, made) {
    if (made.version < this.#base.version) return this.#settled(0); // a newer one was met before the answer came
    const theirs = made.marks ?? sent;
    const changed = new Set(difference(sent, this.#store.all()).map(([id]) => id));
    const forms = sent.filter((mark) => changed.has(mark.id)).map((mark) => [mark.id, [mark]]);
    const met = merge(unanswered(sent, forms, theirs), this.#store.all(), theirs);
    this.#stand(made.version, theirs);
    this.#store.adopt(met.marks);
    this.dispatchEvent(new CustomEvent("made", { detail: { version: made.version } }));
    this.#settled();
  }

  async #meet(theirs) {
    if (theirs.version <= this.#base.version) return;
    const others = theirs.others ?? [theirs.author];
    const author = others.join(" and ") || "you";
    // what stands there as this page had sent it is its own, whether or not the answer came
    const met = merge(unanswered(this.#base.marks, this.#sent, theirs.marks), this.#store.all(), theirs.marks, { who: author });
    const asked = !others.length && this.#own.has(theirs.version);
    this.#stand(theirs.version, theirs.marks);
    this.#store.adopt(met.marks);
    this.dispatchEvent(new CustomEvent("merged", { detail: { ...met, author, others, asked, at: theirs.at, version: theirs.version } }));
    this.#settled(0);
  }

  #settled(pause = PAUSE_MS) {
    const rows = this.#rows();
    if (rows.length) {
      this.#keep(rows);
      this.#set("unsaved");
      this.#later(pause);
      return false;
    }
    this.#since = 0;
    this.#keeping.forget();
    this.#set("saved");
    return true;
  }

  #lost(error) {
    this.fault = error.status === 0 ? "" : error.message;
    this.#set("offline");
    this.#later(this.#retry);
    this.#retry = Math.min(this.#retry * 2, LONGEST_RETRY_MS);
  }

  #refused(error) {
    this.fault = error.message;
    this.faultMark = error.data?.mark ?? null;
    this.#set(error.status === 403 || error.status === 404 || error.status === 409 ? "locked" : "refused");
  }

  #set(state) {
    if (state === "saved") this.fault = "";
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, fault: this.fault } }));
  }
}
