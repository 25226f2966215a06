// What could not be saved yet, kept in this browser, locked with a key only the same person's page has.
// Only the difference to a saved version is kept, and only until the server has it.

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
  #name;
  #turn = 0;

  constructor({ record, user, key }) {
    this.#name = `${PREFIX}${user}:${record}`;
    this.works = Boolean(globalThis.crypto?.subtle) && storageWorks();
    if (this.works) this.#key = crypto.subtle.importKey("raw", bytes(key), "AES-GCM", false, ["encrypt", "decrypt"]);
    sweep();
  }

  /** Keeps {version, rows}; false when the browser would not. */
  async keep(held) {
    const turn = ++this.#turn;
    if (!this.works) return false;
    try {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const data = new TextEncoder().encode(JSON.stringify(held));
      const locked = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await this.#key, data);
      if (turn !== this.#turn) return true; // something newer is on its way, or all is saved
      localStorage.setItem(this.#name, JSON.stringify({ at: Date.now(), iv: text(iv), data: text(locked) }));
      return true;
    } catch {
      return false; // the browser's store is full or shut
    }
  }

  async read() {
    const held = this.works && localStorage.getItem(this.#name);
    if (!held) return null;
    try {
      const { iv, data, at } = JSON.parse(held);
      const open = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(iv) }, await this.#key, bytes(data));
      return { ...JSON.parse(new TextDecoder().decode(open)), at };
    } catch {
      localStorage.removeItem(this.#name); // no key opens it any more
      return null;
    }
  }

  forget() {
    this.#turn += 1;
    if (this.works) localStorage.removeItem(this.#name);
  }
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
