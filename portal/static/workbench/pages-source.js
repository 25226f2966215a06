// What the stage asks the server: pictures, words and areas of pages, many in one request, few at a time.

import { early, earlyCame } from "./first.js";

export const WIDTHS = [220, 550, 1100, 1650, 2200, 3300];
const BATCH = { 220: 20, 550: 8, 1100: 3, 1650: 2, 2200: 2, 3300: 1 };
const HELD_BYTES = 48 * 1024 * 1024; // of packed pictures, so that scrolling back asks nobody
const WORDS_HELD = 400; // pages
const AT_ONCE = 2; // requests

/** How wide the picture was asked for that a page came with. */
const widthOf = (image) => Number(new URL(image.currentSrc || image.src, location.href).searchParams.get("width"));

export const widthFor = (pixels) => WIDTHS.find((width) => width >= pixels * 0.92) ?? WIDTHS.at(-1);

function bytes(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const plain = atob(text);
  const made = new Uint8Array(plain.length);
  for (let at = 0; at < plain.length; at += 1) made[at] = plain.charCodeAt(at);
  return made;
}

export const unpacked = (page) => createImageBitmap(new Blob([bytes(page.picture)], { type: `image/${page.kind}` }));

export class Source extends EventTarget {
  #waiting = new Map(); // "width:number" → {number, width, urgent, settle[]}
  #blobs = new Map();
  #held = 0;
  #running = 0;
  #urgent = 0;
  #words = new Map();
  #wordsAsked = new Map();
  #timer = 0;

  constructor(bench) {
    super();
    this.bench = bench;
    this.urls = bench.config.stage.urls;
    this.as = bench.config.medium;
    this.early = Boolean(early);
  }

  #get(name, fields) {
    return this.bench.json(`${this.urls[name]}?${new URLSearchParams({ as: this.as, ...fields })}`);
  }

  post(name, body, signal) {
    return this.bench.json(`${this.urls[name]}?as=${this.as}`, { method: "POST", body, signal });
  }

  async sizes() {
    return (await this.#get("sizes", {})).pages;
  }

  /** Forgets everything that was fetched: the pages themselves have changed. */
  reset() {
    this.early = false;
    this.#blobs.clear();
    this.#held = 0;
    this.#words.clear();
    this.#wordsAsked.clear();
  }

  /** Gives {size, bitmap} or {fault}, or null when nobody wants it any more. The caller closes the bitmap. */
  async picture(number, width, { urgent = false } = {}) {
    const key = `${width}:${number}`;
    const kept = this.#blobs.get(key);
    if (kept) {
      this.#blobs.delete(key);
      this.#blobs.set(key, kept);
      return { size: kept.size, bitmap: await createImageBitmap(kept.blob) };
    }
    const first = number === 1 && urgent ? await this.#early(width) : null;
    if (first) return first;
    const page = await new Promise((settle) => {
      const row = this.#waiting.get(key) ?? { number, width, urgent: false, since: performance.now(), settle: [] };
      row.urgent ||= urgent;
      row.settle.push(settle);
      this.#waiting.set(key, row);
      this.#timer ||= setTimeout(() => this.#pump(), 12);
    });
    if (!page || page.fault) return page;
    const blob = new Blob([bytes(page.picture)], { type: `image/${page.kind}` });
    this.#keep(key, { blob, size: page.size });
    return { size: page.size, bitmap: await createImageBitmap(blob) };
  }

  /** Page 1 as it came with the page itself, once, if it is sharp enough. */
  async #early(width) {
    if (!this.early || widthOf(early) < width) return null;
    this.#urgent += 1; // its neighbours wait for it
    const came = await earlyCame;
    this.#urgent -= 1;
    const taken = this.early && came;
    this.early = false;
    if (!taken) return null;
    setTimeout(() => this.#pump());
    return { bitmap: await createImageBitmap(early) };
  }

  /** Drops what waits and is not wanted: the person has scrolled on. */
  want(numbers, width) {
    for (const [key, row] of this.#waiting) {
      if (row.width === width && !numbers.has(row.number)) {
        this.#waiting.delete(key);
        row.settle.forEach((settle) => settle(null));
      }
    }
  }

  #keep(key, row) {
    this.#blobs.set(key, row);
    this.#held += row.blob.size;
    for (const [oldest, old] of this.#blobs) {
      if (this.#held <= HELD_BYTES) break;
      this.#blobs.delete(oldest);
      this.#held -= old.blob.size;
    }
  }

  #pump() {
    this.#timer = 0;
    while (this.#running < AT_ONCE && this.#waiting.size) {
      const rows = [...this.#waiting.values()];
      // what is looked at before what may be looked at next; pages before thumbnails
      const first = rows.sort((a, b) => b.urgent - a.urgent || b.width - a.width || a.since - b.since)[0];
      if (this.#urgent && !first.urgent) break; // nothing competes with what a person waits for
      const batch = rows.filter((row) => row.width === first.width && row.urgent === first.urgent);
      const taken = batch.slice(0, first.urgent && first.width > 220 ? 2 : BATCH[first.width]);
      taken.forEach((row) => this.#waiting.delete(`${row.width}:${row.number}`));
      this.#fetch(taken, first.width, first.urgent);
    }
  }

  async #fetch(rows, width, urgent) {
    this.#running += 1;
    this.#urgent += Number(urgent);
    let pages = [];
    let fault = "";
    try {
      pages = (await this.#get("pictures", { numbers: rows.map((row) => row.number).join(","), width })).pages;
    } catch (error) {
      fault = error.message;
    }
    this.#running -= 1;
    this.#urgent -= Number(urgent);
    for (const row of rows) {
      const page = pages.find((found) => found.number === row.number) ?? { number: row.number, fault: fault || "The page was not sent.", again: true };
      if (page.size) this.dispatchEvent(new CustomEvent("size", { detail: page }));
      row.settle.forEach((settle) => settle(page));
    }
    this.#pump();
  }

  /** The words of a page as far as they are here. */
  wordsHere(number) {
    return this.#words.get(number);
  }

  /** Gives {words, painted, fault} of a page; with read, those of a picture too, by Tesseract. */
  async words(number, { read = false } = {}) {
    const here = this.#words.get(number);
    if (here && (!read || here.read)) return here;
    const key = `${number}${read ? ":read" : ""}`;
    if (!this.#wordsAsked.has(key)) {
      const fields = { numbers: number, ...(read ? { read: 1 } : {}) };
      this.#wordsAsked.set(key, this.#get("words", fields).then(({ pages: [page] }) => this.#learn({ ...page, read })).finally(() => this.#wordsAsked.delete(key)));
    }
    return this.#wordsAsked.get(key);
  }

  #learn(page) {
    this.#words.set(page.number, page);
    if (this.#words.size > WORDS_HELD) this.#words.delete(this.#words.keys().next().value);
    this.dispatchEvent(new CustomEvent("words", { detail: page }));
    return page;
  }
}
