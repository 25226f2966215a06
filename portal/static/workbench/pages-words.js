// Words that are chosen, by pointer or by a cursor that arrow keys move, and what can be made of them.

import { make } from "./dom.js";
import { beside, lineOf, rectOf, runs, share, textOf } from "./pages-geometry.js";

export class Words extends EventTarget {
  page = 0;
  anchor = -1;
  head = -1;

  constructor(bench, sheets, source, marks) {
    super();
    Object.assign(this, { bench, sheets, source, marks });
    sheets.addEventListener("drawn", ({ detail }) => this.#load(detail)); // the picture first: it is waited for
    sheets.addEventListener("zoom", () => this.show());
    this.bar = make("div", { class: "wbp-chosen", role: "group", "aria-label": "Chosen words" });
  }

  get list() {
    return this.source.wordsHere(this.page)?.words ?? [];
  }

  get chosen() {
    if (this.head < 0) return [];
    const [first, last] = [Math.min(this.anchor, this.head), Math.max(this.anchor, this.head)];
    return this.list.slice(first, last + 1);
  }

  get line() {
    const numbers = new Set(this.chosen.map(lineOf));
    return this.list.filter((word) => numbers.has(lineOf(word)));
  }

  async #load(number) {
    try {
      const page = await this.source.words(number);
      const node = this.sheets.node(number);
      node?.classList.toggle("is-painted", Boolean(page.painted));
      node?.classList.add("is-read"); // from now on a press chooses words
      if (number === this.page) this.show();
    } catch {
      // the picture says what is wrong with the page; words are asked for again when they are needed
    }
  }

  choose(page, anchor, head = anchor, { speak = false } = {}) {
    const left = this.page;
    Object.assign(this, { page, anchor, head });
    if (left && left !== page) this.#clear(left);
    this.show();
    if (speak) this.#speak();
    this.dispatchEvent(new Event("choose"));
  }

  clear() {
    if (this.head < 0) return;
    this.anchor = this.head = -1;
    this.#clear(this.page);
    this.dispatchEvent(new Event("choose"));
  }

  #clear(page) {
    this.sheets.node(page)?.querySelector(".wbp-words").replaceChildren();
  }

  show() {
    const layer = this.sheets.node(this.page)?.querySelector(".wbp-words");
    if (!layer) return;
    if (this.head < 0) {
      layer.replaceChildren();
      return;
    }
    const scale = this.sheets.scale;
    const boxes = runs(this.chosen).map((rect) => {
      const box = make("i", { class: "wbp-run" });
      Object.assign(box.style, { left: `${rect[0] * scale - 1}px`, top: `${rect[1] * scale - 1}px`, width: `${(rect[2] - rect[0]) * scale + 2}px`, height: `${(rect[3] - rect[1]) * scale + 2}px` });
      return box;
    });
    layer.replaceChildren(...boxes, this.bar);
    const all = runs(this.chosen);
    const low = Math.max(...all.map((rect) => rect[3]));
    const [width, height] = this.sheets.size(this.page);
    const left = Math.min(...all.map((rect) => rect[0])) * scale;
    const below = low * scale + 8;
    const above = Math.min(...all.map((rect) => rect[1])) * scale - 46;
    this.bar.style.left = `${Math.max(0, Math.min(left, width * scale - 340))}px`;
    this.bar.style.top = `${below + 44 < height * scale ? below : Math.max(0, above)}px`;
  }

  /** Moves the cursor; way: left, right, up, down, home, end, top, bottom. extend keeps the other end. */
  async move(way, { extend = false } = {}) {
    if (this.page !== this.sheets.current && this.head < 0) this.page = this.sheets.current;
    if (!this.page || (this.head >= 0 && !this.sheets.node(this.page))) this.page = this.sheets.current;
    const number = this.page;
    const page = await this.source.words(number).catch((error) => ({ words: [], fault: error.message }));
    if (number !== this.page) return;
    const words = page.words;
    if (!words.length) {
      this.bench.say(page.fault ?? (page.painted ? `Page ${number} is a picture without readable words. Press B to place a box, or R to have the picture read.` : `There are no words on page ${number}.`));
      return;
    }
    const at = this.head < 0 ? -1 : Math.min(this.head, words.length - 1);
    const next = at < 0 ? this.#first(words) : this.#step(words, at, way);
    if (next < 0 || next >= words.length) {
      this.bench.say(next < 0 ? "Beginning of the page." : "End of the page.");
      return;
    }
    this.choose(number, extend && at >= 0 ? this.anchor : next, next, { speak: true });
    this.sheets.go(number, rectOf(words[next]));
  }

  #first(words) {
    const top = (this.sheets.view.getBoundingClientRect().top - this.sheets.node(this.page).getBoundingClientRect().top) / this.sheets.scale;
    const found = words.findIndex((word) => rectOf(word)[1] >= top);
    return found < 0 ? 0 : found;
  }

  #step(words, at, way) {
    const line = lineOf(words[at]);
    if (way === "left") return at - 1;
    if (way === "right") return at + 1;
    if (way === "up" || way === "down") {
      const found = beside(words, at, way === "up" ? -1 : 1);
      return found < 0 ? (way === "up" ? -1 : words.length) : found;
    }
    if (way === "home") return words.findIndex((word) => lineOf(word) === line);
    if (way === "end") return words.findLastIndex((word) => lineOf(word) === line);
    return way === "top" ? 0 : words.length - 1;
  }

  #speak() {
    const chosen = this.chosen;
    const word = this.list[this.head];
    const covered = this.covers(this.page, rectOf(word)) > 0.5 ? ", marked" : "";
    this.bench.say(chosen.length > 1 ? `${textOf(chosen)}, ${chosen.length} words chosen` : `${word[0]}${covered}`);
  }

  /** How much of a place on a page is covered by marks already. */
  covers(number, rect) {
    const marks = this.marks.of(number);
    if (marks.some((mark) => mark.kind === "page")) return 1;
    const areas = this.marks.areas(number);
    return share(rect, marks.filter((mark) => !mark.suggested || mark.decision).flatMap((mark) => areas[mark.id] ?? (mark.kind === "box" ? [mark.rect] : [])));
  }
}
