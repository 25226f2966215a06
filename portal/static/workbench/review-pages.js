// Pages side by side: one at a time, fetched when looked at; the engine itself says where a mark lies.

import { button, make } from "./dom.js";
import { json } from "./talking.js";
import { outlines, spots, swap, Together } from "./review-sync.js";

const AT_ONCE = 16; // pages the server tells the places of in one answer
const LOOK = 1000; // milliseconds a page stands before it counts as seen
const FARTHEST = 320; // pages searched for a mark that stands wherever its words do

export class PageSides {
  canFlicker = true;
  canZoom = true;

  constructor({ config, root, say, seen }) {
    Object.assign(this, { config, root, say, seen });
    this.sheets = [...root.querySelectorAll("[data-side] img")];
    this.sync = new Together(root);
    this.last = config.last || config.sizes.length || 0;
    this.number = Number(root.querySelector("[data-jump] input")?.value ?? config.first);
    this.areas = new Map();
    this.turn = 0;
    for (const image of this.sheets) image.addEventListener("load", () => this.#looked());
    this.#looked();
    this.#outline();
    const form = root.querySelector("[data-jump]");
    if (form) form.hidden = true;
    if (root.querySelectorAll("[data-side]").length < 2) this.canFlicker = false;
  }

  controls() {
    if (this.last === 1) return [];
    this.field = make("input", { class: "usa-input", id: "rv-page", type: "number", min: "1", max: this.last ? String(this.last) : undefined, value: String(this.number) });
    this.field.addEventListener("change", () => this.#turn(Number(this.field.value)));
    return [
      make("span", { class: "rv-group" },
        button("‹", () => this.#turn(this.number - 1), { "aria-label": "Page before" }),
        make("label", { for: "rv-page" }, "Page"), this.field, this.last ? `of ${this.last}` : "",
        button("›", () => this.#turn(this.number + 1), { "aria-label": "Next page" })),
    ];
  }

  zoom(zoom, old) {
    this.sync.zoom(zoom, old);
  }

  /** A page counts when its original has stood there for a moment. */
  #looked() {
    clearTimeout(this.looking);
    const { number } = this;
    this.looking = setTimeout(() => {
      const original = this.sheets.find((image) => image.closest("[data-side=original]"));
      if (!document.hidden && original?.complete && !original.classList.contains("rv-loading") && number === this.number) this.seen.note("page", number);
    }, LOOK);
  }

  #turn(number) {
    const wanted = Math.max(1, this.last ? Math.min(number || 1, this.last) : number || 1);
    spots(this.root, []);
    this.#draw(wanted);
    this.say(`Page ${wanted}`);
  }

  #draw(number) {
    if (this.field) this.field.value = String(number);
    if (number === this.number && this.drawn) return;
    this.number = number;
    this.drawn = true;
    for (const image of this.sheets) {
      const side = image.closest("[data-side]").dataset.side;
      swap(image, this.config.urls[side].replace("{n}", String(number)), side === "original" ? `The original at ${number}, with the marks as outlines` : `The redacted copy at ${number}`);
    }
    this.#outline();
    // the next one is there when it is asked for
    if (!this.last || number < this.last) for (const side of ["original", "result"]) new Image().src = this.config.urls[side].replace("{n}", String(number + 1));
  }

  /** Outlines all that is marked on the page in front: words have no box of their own in the server's picture. */
  async #outline() {
    const { number } = this;
    outlines(this.root, []);
    if (!this.config.urls.areas) return;
    try {
      await this.#learn([number]);
      const size = (await this.#sizes())[number - 1];
      if (number === this.number && size) outlines(this.root, Object.values(this.areas.get(number) ?? {}).flat().map((rect) => placed(rect, size)));
    } catch (error) {
      this.say(error.message);
    }
  }

  /** Turns to a mark's page and frames what the engine painted for it there. */
  async go(mark) {
    const turn = ++this.turn;
    spots(this.root, []);
    if (mark.at) this.#draw(mark.at);
    try {
      const number = await this.#pageOf(mark, turn);
      if (turn !== this.turn) return;
      if (!number) return this.say("This mark lies on none of the pages that were searched.");
      this.#draw(number);
      const size = (await this.#sizes())[number - 1];
      const rects = this.areas.get(number)?.[mark.id] ?? [];
      if (turn !== this.turn || !size || !rects.length) return;
      const places = rects.map((rect) => placed(rect, size));
      spots(this.root, places);
      this.sync.reveal(places[0]);
    } catch (error) {
      this.say(error.message);
    }
  }

  async #pageOf(mark, turn) {
    if (mark.at && !mark.seek) {
      await this.#learn([mark.at]);
      return mark.at;
    }
    const last = this.last || (await this.#sizes()).length;
    for (let first = 1; first <= Math.min(last, FARTHEST) && turn === this.turn; first += AT_ONCE) {
      const numbers = Array.from({ length: Math.min(AT_ONCE, last - first + 1) }, (_, step) => first + step);
      await this.#learn(numbers);
      const found = numbers.find((number) => this.areas.get(number)?.[mark.id]?.length);
      if (found) return found;
    }
    return 0;
  }

  async #learn(numbers) {
    const missing = numbers.filter((number) => !this.areas.has(number));
    if (!missing.length) return;
    const { pages } = await json(this.config.urls.areas, { method: "POST", body: { numbers: missing, marks: this.config.raw } });
    for (const page of pages) this.areas.set(page.number, page.areas ?? {});
  }

  async #sizes() {
    if (!this.config.sizes.length) {
      this.config.sizes = (await json(this.config.urls.sizes)).pages;
      this.last ||= this.config.sizes.length;
    }
    return this.config.sizes;
  }
}

/** A rectangle of corners as fractions of its page: from the left, from the top, width, height. */
const placed = ([x0, y0, x1, y1], [width, height]) => [x0 / width, y0 / height, (x1 - x0) / width, (y1 - y0) / height];
