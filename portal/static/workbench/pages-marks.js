// The marks on the pages in view: boxes with handles, found words, withheld pages, and what the engine will paint.

import { make } from "./dom.js";
import { isOpen } from "./store.js";
import { place } from "./words.js";

export const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const KINDS = new Set(["box", "text", "page"]);
const PAUSE_MS = 200;

export const onPage = (mark, number) => mark.decision !== "rejected" && (mark.page === number || (mark.kind === "text" && (!Array.isArray(mark.pages) || mark.pages.includes(number))));

export class Marks extends EventTarget {
  #areas = new Map(); // page → {stamp, areas, warnings}
  #timer = 0;
  #stop = null;

  constructor(bench, sheets, source) {
    super();
    Object.assign(this, { bench, sheets, source });
    this.labels = new Map(bench.config.reasons);
    bench.store.addEventListener("change", () => this.all());
    bench.store.addEventListener("select", () => this.all());
    sheets.addEventListener("made", ({ detail }) => this.page(detail));
    sheets.addEventListener("zoom", () => this.all());
    sheets.addEventListener("page", () => this.ask());
  }

  of(number) {
    return this.bench.store.all().filter((mark) => KINDS.has(mark.kind) && onPage(mark, number));
  }

  /** What the engine paints on a page for its marks, as far as it is known: Map of mark → boxes. */
  areas(number) {
    return this.#areas.get(number)?.areas ?? {};
  }

  forget() {
    this.#areas.clear();
  }

  all() {
    for (const number of this.sheets.nodes.keys()) this.page(number);
    this.ask();
  }

  page(number) {
    const node = this.sheets.node(number);
    if (!node) return;
    const marks = this.of(number);
    const list = node.querySelector(".wbp-marks");
    const wanted = new Map();
    for (const mark of marks) {
      if (mark.kind === "box") wanted.set(mark.id, { mark, rects: [mark.rect] });
      if (mark.kind === "page") wanted.set(mark.id, { mark, rects: [[0, 0, ...this.sheets.size(number)]] });
      if (mark.kind === "text") wanted.set(mark.id, { mark, rects: this.areas(number)[mark.id] ?? [] });
    }
    const there = new Map([...list.children].map((child) => [child.dataset.key, child]));
    for (const [id, { mark, rects }] of wanted) {
      rects.forEach((rect, n) => {
        const key = `${id}:${n}`;
        const element = there.get(key) ?? list.appendChild(this.#made(mark, key));
        there.delete(key);
        this.#dress(element, mark, rect, number);
      });
    }
    for (const [, left] of there) {
      if (left === document.activeElement) this.sheets.view.focus({ preventScroll: true });
      left.remove();
    }
    this.#strips(node, number, marks);
    const count = marks.length;
    node.setAttribute("aria-label", `Page ${number} of ${this.sheets.count}, ${count === 1 ? "1 mark" : `${count} marks`}`);
    node.classList.toggle("is-withheld", marks.some((mark) => mark.kind === "page" && !isOpen(mark)));
  }

  /** The element of a box, to give it the focus. */
  element(id) {
    return [...this.sheets.canvas.querySelectorAll(".wbp-mark")].find((found) => found.dataset.mark === id);
  }

  #made(mark, key) {
    const element = make("div", { class: `wbp-mark wbp-mark--${mark.kind}`, role: "group", "aria-roledescription": "mark", tabindex: key.endsWith(":0") ? 0 : -1, dataset: { mark: mark.id, key } }, make("span", { class: "wbp-mark__label", "aria-hidden": "true" }));
    if (mark.kind === "box") element.append(...HANDLES.map((name) => make("i", { class: `wbp-handle wbp-handle--${name}`, dataset: { handle: name } })));
    return element;
  }

  #dress(element, mark, rect, number) {
    const chosen = this.bench.store.selected.has(mark.id);
    const scale = this.sheets.scale;
    Object.assign(element.style, { left: `${rect[0] * scale}px`, top: `${rect[1] * scale}px`, width: `${(rect[2] - rect[0]) * scale}px`, height: `${(rect[3] - rect[1]) * scale}px` });
    element.classList.toggle("is-chosen", chosen);
    element.style.touchAction = chosen ? "none" : ""; // a finger on it carries it, and scrolls past any other
    element.classList.toggle("is-narrow", (rect[2] - rect[0]) * scale < 40);
    element.classList.toggle("is-low", (rect[3] - rect[1]) * scale < 34);
    element.classList.toggle("is-open", isOpen(mark));
    element.classList.toggle("is-bare", !mark.reason && !isOpen(mark));
    const reason = this.labels.get(mark.reason) ?? mark.reason;
    const state = isOpen(mark) ? "suggested" : reason || "no reason yet";
    const words = mark.kind === "box" ? `Box, ${place(mark)}` : mark.kind === "page" ? `Page ${number} withheld` : `Words, ${place(mark)}`;
    element.setAttribute("aria-label", `${words}, ${state}${chosen ? ", chosen" : ""}`);
    const label = element.querySelector(".wbp-mark__label");
    label.textContent = mark.kind === "page" ? `Page withheld · ${state}` : state;
  }

  /** The rest of the line a box takes with it, hatched, as the engine works it out. */
  #strips(node, number, marks) {
    const scale = this.sheets.scale;
    const boxes = marks.filter((mark) => mark.kind === "box" && !isOpen(mark)).flatMap((mark) => this.areas(number)[mark.id] ?? []);
    node.querySelector(".wbp-areas").replaceChildren(
      ...boxes.map((rect) => {
        const strip = make("i");
        Object.assign(strip.style, { left: `${rect[0] * scale}px`, top: `${rect[1] * scale}px`, width: `${(rect[2] - rect[0]) * scale}px`, height: `${(rect[3] - rect[1]) * scale}px` });
        return strip;
      }),
    );
  }

  ask() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fetch(), PAUSE_MS);
  }

  /** Asks for the areas of pages in view whose marks are others than when they were last asked for. */
  async #fetch() {
    const marks = this.bench.store.all().filter((mark) => mark.kind === "box" || mark.kind === "text");
    const stamp = (number) => JSON.stringify(marks.filter((mark) => onPage(mark, number)).map((mark) => [mark.id, mark.rect, mark.extent, mark.literal, mark.pattern]));
    const numbers = [...this.sheets.nodes.keys()].filter((number) => !this.sheets.node(number).fault && this.#areas.get(number)?.stamp !== stamp(number));
    const bare = numbers.filter((number) => stamp(number) === "[]");
    for (const number of bare) {
      this.#areas.set(number, { stamp: "[]", areas: {}, warnings: [] });
      this.page(number);
    }
    const asked = numbers.filter((number) => !bare.includes(number)).slice(0, 8);
    if (!asked.length) return;
    const stamps = new Map(asked.map((number) => [number, stamp(number)]));
    this.#stop?.abort();
    this.#stop = new AbortController();
    try {
      const needed = marks.filter((mark) => asked.some((number) => onPage(mark, number)));
      const { pages } = await this.source.post("areas", { numbers: asked, marks: needed }, this.#stop.signal);
      for (const page of pages) {
        this.#areas.set(page.number, { ...page, stamp: stamps.get(page.number) });
        this.page(page.number);
      }
      if (this.#areas.size > 300) this.#areas.delete(this.#areas.keys().next().value);
      this.dispatchEvent(new Event("areas"));
    } catch (error) {
      if (error.name !== "AbortError") this.dispatchEvent(new CustomEvent("fault", { detail: error.message }));
    }
  }
}
