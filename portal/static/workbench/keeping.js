// What could not be saved yet, kept in this browser, locked with a key only the same person's page has.
// Only the difference to a saved version is kept, and only until the server has it. Each page has a place of its
// own, so that two windows of one person never write over each other. While a page lives it holds a lock of the
// place's name: what lies in a place whose lock can be had was left behind, and another page offers it.

import { same } from "./store.js";

const PREFIX = "daylight-unsaved:";
const DAYS = 14;

export const difference = (base, marks) => {
  const was = new Map(base.map((mark) => [mark.id, mark]));
  const now = new Map(marks.map((mark) => [mark.id, mark]));
  const rows = marks.filter((mark) => !same(was.get(mark.id), mark)).map((mark) => [mark.id, mark]);
  return [...rows, ...base.filter((mark) => !now.has(mark.id)).map((mark) => [mark.id, null])];
};

export const applied = (base, rows) => {
  const marks = new Map(base.map((mark) => [mark.id, mark]));
  for (const [id, mark] of rows) {
    if (mark) marks.set(id, mark);
    else marks.delete(id);
  }
  return [...marks.values()];
};

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

const text = (buffer) => {
  let letters = "";
  for (const byte of new Uint8Array(buffer)) letters += String.fromCharCode(byte);
  return btoa(letters);
};

export class Keeping {
  #key;
  #places; // how the names of this person's places for this record begin
  #own;
  #held; // settled once this page's lock is held
  #turn = 0;
  #asked = new Set();
  #left = [];
  #wake = () => {};
  #taken = new Set();

  constructor({ record, user, key }) {
    this.#places = `${PREFIX}${user}:${record}`;
    this.#own = `${this.#places}:${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
    this.works = Boolean(globalThis.crypto?.subtle) && storageWorks();
    sweep();
    if (!this.works) return;
    this.#key = crypto.subtle.importKey("raw", bytes(key), "AES-GCM", false, ["encrypt", "decrypt"]);
    this.#held = new Promise((done) => whenFree(this.#own, () => (done(), forEver())));
    addEventListener("storage", (event) => this.#watch(event.key ?? ""));
    for (const name of Object.keys(localStorage)) this.#watch(name);
  }

  /** Keeps {version, rows}; false when the browser would not. */
  async keep(held) {
    const turn = ++this.#turn;
    if (!this.works) return false;
    try {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const data = new TextEncoder().encode(JSON.stringify(held));
      const locked = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await this.#key, data);
      await this.#held;
      if (turn !== this.#turn) return true; // something newer is on its way, or all is saved
      localStorage.setItem(this.#own, JSON.stringify({ at: Date.now(), iv: text(iv), data: text(locked) }));
      return true;
    } catch {
      return false; // the browser's store is full or shut
    }
  }

  /** What a page that is gone has left, {version, rows, at, place}; waits for one as long as it takes. */
  async left() {
    while (!this.#left.length) await new Promise((done) => (this.#wake = done));
    return this.#left.shift();
  }

  /** What lies there is in front of the person now: it goes once all is saved. */
  take({ place }) {
    this.#taken.add(place);
  }

  drop({ place }) {
    localStorage.removeItem(place);
  }

  /** All is saved. */
  forget() {
    this.#turn += 1;
    if (!this.works) return;
    for (const name of [this.#own, ...this.#taken]) localStorage.removeItem(name);
    this.#taken.clear();
  }

  #watch(name) {
    if (name === this.#own || this.#asked.has(name) || !(name === this.#places || name.startsWith(`${this.#places}:`))) return;
    this.#asked.add(name);
    whenFree(name, async () => {
      const held = await this.#read(name);
      if (!held) return this.#asked.delete(name);
      this.#left.push({ ...held, place: name });
      this.#wake();
      return forEver(); // no third page offers it, too
    });
  }

  async #read(name) {
    const held = localStorage.getItem(name);
    if (!held) return null;
    try {
      const { iv, data, at } = JSON.parse(held);
      const open = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(iv) }, await this.#key, bytes(data));
      return { ...JSON.parse(new TextDecoder().decode(open)), at };
    } catch {
      localStorage.removeItem(name); // no key opens it any more
      return null;
    }
  }
}

const forEver = () => new Promise(() => {});

/** Runs work() once no page holds the lock; it is held until work() is over. Without locks every page counts as gone. */
function whenFree(name, work) {
  if (navigator.locks) navigator.locks.request(name, work).catch(() => {});
  else work();
}

function storageWorks() {
  try {
    localStorage.setItem(`${PREFIX}try`, "1");
    localStorage.removeItem(`${PREFIX}try`);
    return true;
  } catch {
    return false;
  }
}

/** Nobody's leftovers stay on a shared computer for ever. */
function sweep() {
  try {
    for (const name of Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))) {
      const { at } = JSON.parse(localStorage.getItem(name) ?? "{}");
      if (!(Date.now() - at < DAYS * 86_400_000)) localStorage.removeItem(name);
    }
  } catch {
    // a store that cannot be read has nothing to sweep
  }
}
