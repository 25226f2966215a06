// The pages one below the other. Only those in view and their neighbours exist; far ones give their memory back.

import { make } from "./dom.js";
import { early, firstDrawn } from "./first.js";
import { widthFor } from "./pages-source.js";

const GAP = 18; // pixels between pages
const NEAR = 1; // pages kept before and after those in view
const READABLE = 0.7; // of a page's true size on screen; smaller counts as not seen
const SMALLEST = 0.5; // what fills the frame counts from here
const SEEN_MS = 1_000;
const GRID = [4, 20]; // a page is seen when each of these parts of it was

export class Sheets extends EventTarget {
  #tops = [];
  #nodes = new Map();
  #size = [0, 0];
  #scroll = 0;
  #seen = new Map(); // page → {since[], done: Set}
  #told = new Set();

  constructor(view, bench, source, sizes, perUnit) {
    super();
    Object.assign(this, { view, bench, source, sizes, perUnit });
    this.mode = "width";
    this.scale = 1;
    this.current = 1;
    this.canvas = make("div", { class: "wbp-pages" });
    view.append(this.canvas);
    view.addEventListener("scroll", () => (this.#scroll ||= requestAnimationFrame(() => this.refresh())), { passive: true });
    source.addEventListener("size", ({ detail }) => this.#correct(detail.number, detail.size));
    new ResizeObserver(() => this.#resized()).observe(view);
    setInterval(() => this.#watch(), 500);
  }

  get count() {
    return this.sizes.length;
  }

  get nodes() {
    return this.#nodes;
  }

  size(number) {
    return this.sizes[number - 1];
  }

  node(number) {
    return this.#nodes.get(number);
  }

  /** Pages in view now, from top to bottom. */
  visible() {
    const [top, bottom] = [this.view.scrollTop, this.view.scrollTop + this.view.clientHeight];
    const found = [];
    for (let number = this.#at(top); number <= this.count && this.#tops[number - 1] < bottom; number += 1) found.push(number);
    return found;
  }

  setSizes(sizes) {
    this.sizes = sizes;
    this.clear();
    this.layout();
  }

  /** mode: "width", "page", or a number of times the true size. The point in the middle stays in the middle. */
  zoom(mode) {
    this.mode = mode;
    const { scrollTop, clientHeight, scrollLeft, clientWidth } = this.view;
    const middle = scrollTop + clientHeight / 2;
    const number = this.#at(middle);
    const share = (middle - (this.#tops[number - 1] ?? 0)) / this.scale;
    const across = (scrollLeft + clientWidth / 2) / Math.max(1, this.canvas.scrollWidth);
    this.layout();
    this.view.scrollTop = (this.#tops[number - 1] ?? 0) + share * this.scale - clientHeight / 2;
    this.view.scrollLeft = across * this.canvas.scrollWidth - clientWidth / 2;
    this.refresh();
    this.dispatchEvent(new Event("zoom"));
  }

  layout() {
    const room = [Math.max(80, this.view.clientWidth - 40), Math.max(80, this.view.clientHeight - 2 * GAP)];
    const [width, height] = this.size(Math.min(this.current, this.count)) ?? [612, 792];
    const fit = { width: Math.min(room[0] / width, this.perUnit * 1.75), page: Math.min(room[0] / width, room[1] / height) };
    this.scale = typeof this.mode === "number" ? this.mode * this.perUnit : fit[this.mode];
    let top = GAP;
    let widest = 0;
    this.#tops = this.sizes.map(([w, h]) => {
      const here = top;
      top += Math.round(h * this.scale) + GAP;
      widest = Math.max(widest, w * this.scale);
      return here;
    });
    this.canvas.style.height = `${top}px`;
    this.canvas.style.width = `${Math.max(widest + 40, this.view.clientWidth)}px`;
    for (const [number, node] of this.#nodes) this.#place(number, node);
    this.refresh();
  }

  clear() {
    for (const number of [...this.#nodes.keys()]) this.#drop(number);
  }

  /** Scrolls to a page, or to a box on it. */
  go(number, rect) {
    const wanted = Math.max(1, Math.min(this.count, number));
    const top = this.#tops[wanted - 1] ?? 0;
    if (!rect) this.view.scrollTop = top - GAP / 2;
    else {
      const [y0, y1] = [top + rect[1] * this.scale, top + rect[3] * this.scale];
      const { scrollTop, clientHeight } = this.view;
      if (y0 < scrollTop + 40 || y1 > scrollTop + clientHeight - 40) this.view.scrollTop = y0 - clientHeight / 3;
      const left = this.left(wanted);
      const [x0, x1] = [left + rect[0] * this.scale, left + rect[2] * this.scale];
      if (x0 < this.view.scrollLeft || x1 > this.view.scrollLeft + this.view.clientWidth) this.view.scrollLeft = x0 - 60;
    }
    this.refresh(wanted);
  }

  left(number) {
    return Math.max(20, (parseFloat(this.canvas.style.width) - this.size(number)[0] * this.scale) / 2);
  }

  /** A place in the window → {number, x, y} on a page; null beside the pages. */
  locate(clientX, clientY) {
    const box = this.canvas.getBoundingClientRect();
    const number = this.#at(clientY - box.top);
    const node = this.#nodes.get(number);
    if (!node) return null;
    const page = node.getBoundingClientRect();
    return { number, x: (clientX - page.left) / this.scale, y: (clientY - page.top) / this.scale };
  }

  refresh(current) {
    this.#scroll = 0;
    const shown = this.visible();
    if (!shown.length || !this.view.clientHeight) return;
    const [first, last] = [Math.max(1, shown[0] - NEAR), Math.min(this.count, shown.at(-1) + NEAR)];
    for (const number of [...this.#nodes.keys()]) if (number < first || number > last) this.#drop(number);
    this.source.want(new Set(Array.from({ length: last - first + 1 }, (_, n) => first + n)), this.#width());
    for (const number of shown) this.#hold(number, true);
    for (let number = first; number <= last; number += 1) this.#hold(number, false);
    const middle = this.view.scrollTop + this.view.clientHeight * 0.4;
    const now = current && shown.includes(current) ? current : this.#at(middle);
    if (now !== this.current || !this.started) {
      this.started = true;
      this.current = now;
      this.dispatchEvent(new Event("page"));
    }
  }

  /** Draws anew what is there, such as after the server was asked for other pages. */
  redraw() {
    this.clear();
    this.refresh();
  }

  #width() {
    const widest = Math.max(...this.visible().map((number) => this.size(number)[0]), 1);
    return widthFor(widest * this.scale * Math.min(2, window.devicePixelRatio || 1));
  }

  #at(y) {
    let [low, high] = [0, this.count - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#tops[middle] - GAP <= y) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  #hold(number, urgent) {
    let node = this.#nodes.get(number);
    if (!node) {
      const name = `Page ${number} of ${this.count}`;
      node = make("div", { class: "wbp-page", role: "group", "aria-label": name, dataset: { page: number } },
        make("canvas", { class: "wbp-picture", width: 1, height: 1, role: "img", "aria-label": `Picture of page ${number}` }),
        make("div", { class: "wbp-areas" }), make("div", { class: "wbp-hits" }), make("div", { class: "wbp-marks" }), make("div", { class: "wbp-words" }),
        make("span", { class: "wbp-number", "aria-hidden": "true" }, String(number)));
      node.drawn = 0;
      this.#nodes.set(number, node);
      this.#place(number, node);
      const after = [...this.#nodes.keys()].filter((other) => other > number).sort((a, b) => a - b)[0];
      this.canvas.insertBefore(node, after ? this.#nodes.get(after) : null);
      this.dispatchEvent(new CustomEvent("made", { detail: number }));
    }
    this.#draw(number, node, urgent);
  }

  async #draw(number, node, urgent) {
    const width = this.#width();
    if (node.drawn === width || node.asked === width) return;
    node.asked = width;
    const found = await this.source.picture(number, width, { urgent }).catch((error) => ({ fault: error.message, again: true }));
    if (node.asked === width) node.asked = 0;
    if (!found) return;
    if (number === 1) early?.remove(); // the page itself stands there now, or why it cannot
    if (this.#nodes.get(number) !== node) {
      found.bitmap?.close();
      return;
    }
    if (found.fault) {
      node.drawn = found.again ? 0 : width;
      node.fault = found.fault;
      this.dispatchEvent(new CustomEvent("fault", { detail: { number, fault: found.fault, again: found.again } }));
      return;
    }
    node.fault = "";
    const canvas = node.querySelector("canvas");
    canvas.width = found.bitmap.width;
    canvas.height = found.bitmap.height;
    canvas.getContext("2d").drawImage(found.bitmap, 0, 0);
    found.bitmap.close();
    node.drawn = width;
    node.classList.add("is-drawn");
    firstDrawn();
    if (found.size) this.#correct(number, found.size);
    this.dispatchEvent(new CustomEvent("drawn", { detail: number }));
  }

  /** The engine's own reading of a page's size counts (UserUnit, odd boxes). */
  #correct(number, size) {
    const known = this.size(number);
    if (Math.abs(known[0] - size[0]) + Math.abs(known[1] - size[1]) < 0.5) {
      this.sizes[number - 1] = size;
      return;
    }
    this.sizes[number - 1] = size;
    this.layout();
  }

  #place(number, node) {
    const [width, height] = this.size(number);
    Object.assign(node.style, { top: `${this.#tops[number - 1]}px`, left: `${this.left(number)}px`, width: `${width * this.scale}px`, height: `${height * this.scale}px` });
    node.style.setProperty("--unit", `${this.scale}px`);
  }

  #drop(number) {
    const node = this.#nodes.get(number);
    if (node.contains(document.activeElement)) this.view.focus({ preventScroll: true });
    for (const canvas of node.querySelectorAll("canvas")) canvas.width = canvas.height = 0; // gives its memory back at once
    node.remove();
    this.#nodes.delete(number);
    this.dispatchEvent(new CustomEvent("gone", { detail: number }));
  }

  #resized() {
    const size = [this.view.clientWidth, this.view.clientHeight];
    if (size[0] === this.#size[0] && size[1] === this.#size[1]) return;
    this.#size = size;
    if (!size[0]) return;
    this.layout();
    this.dispatchEvent(new Event("zoom")); // what lies on the pages is drawn to their scale
  }

  /** A part of a page counts as seen after a second in view, drawn and large enough to read. */
  #watch() {
    if (document.hidden || !this.view.clientHeight) return;
    const now = performance.now();
    const whole = this.scale >= this.perUnit * READABLE;
    const frame = this.view.getBoundingClientRect();
    const shown = this.visible();
    for (const number of [...this.#seen.keys()]) if (!shown.includes(number)) this.#seen.get(number).since.fill(0);
    for (const number of shown) {
      const node = this.#nodes.get(number);
      if (!node?.drawn || node.fault || this.#told.has(number)) continue;
      // a picture has no letters of a known size: filling the frame is enough for it
      const readable = whole || ((this.perUnit === 1 || this.scale >= this.perUnit * SMALLEST) && node.clientWidth >= Math.min(frame.width - 60, node.querySelector("canvas").width));
      if (!readable) continue;
      const row = this.#seen.get(number) ?? { since: Array(GRID[0] * GRID[1]).fill(0), done: new Set() };
      this.#seen.set(number, row);
      const page = node.getBoundingClientRect();
      row.since.forEach((since, part) => {
        const x = page.left + (((part % GRID[0]) + 0.5) / GRID[0]) * page.width;
        const y = page.top + ((Math.floor(part / GRID[0]) + 0.5) / GRID[1]) * page.height;
        const inView = x >= frame.left && x <= frame.right && y >= frame.top && y <= frame.bottom;
        row.since[part] = inView ? since || now : 0;
        if (inView && now - row.since[part] >= SEEN_MS - 1) row.done.add(part);
      });
      if (row.done.size < row.since.length) continue;
      this.#told.add(number);
      this.#seen.delete(number);
      this.bench.seen("page", number, number, 1);
      this.dispatchEvent(new CustomEvent("seen", { detail: number }));
    }
  }
}
