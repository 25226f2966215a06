// Small pictures of all pages with the marks each has; of thousands only those in view exist.

import { make } from "./dom.js";
import { isOpen } from "./store.js";

const HEIGHT = 172; // pixels of one row
const NEAR = 3; // rows kept beside those in view

const hidden = (words) => make("span", { class: "usa-sr-only" }, words);

export class Thumbs {
  #rows = new Map();
  #frame = 0;

  constructor(list, stage) {
    Object.assign(this, { list, stage });
    this.inner = list.appendChild(make("ol", { class: "wbp-thumbs__list" }));
    list.addEventListener("scroll", () => (this.#frame ||= requestAnimationFrame(() => this.refresh())), { passive: true });
    new ResizeObserver(() => this.refresh()).observe(list);
    list.addEventListener("keydown", (event) => this.#key(event));
    stage.sheets.addEventListener("page", () => this.follow());
    stage.bench.store.addEventListener("change", () => this.label());
    stage.counts.addEventListener("change", () => this.label());
    stage.sheets.addEventListener("seen", ({ detail }) => this.#rows.get(detail)?.classList.add("is-seen"));
    this.reset();
  }

  reset() {
    for (const number of [...this.#rows.keys()]) this.#drop(number);
    this.inner.style.height = `${this.stage.sheets.count * HEIGHT}px`;
    this.follow();
  }

  refresh() {
    this.#frame = 0;
    if (!this.list.clientHeight) return;
    const first = Math.max(1, Math.floor(this.list.scrollTop / HEIGHT) + 1 - NEAR);
    const last = Math.min(this.stage.sheets.count, Math.ceil((this.list.scrollTop + this.list.clientHeight) / HEIGHT) + NEAR);
    for (const number of [...this.#rows.keys()]) if (number < first || number > last) this.#drop(number);
    this.stage.source.want(new Set(Array.from({ length: last - first + 1 }, (_, n) => first + n)), 220);
    for (let number = first; number <= last; number += 1) if (!this.#rows.has(number)) this.#make(number);
  }

  #make(number) {
    const canvas = make("canvas", { width: 1, height: 1, "aria-hidden": "true" });
    const button = make("button", { type: "button", class: "wbp-thumb", tabindex: number === this.stage.sheets.current ? 0 : -1, onclick: () => this.stage.open(number) },
      make("span", { class: "wbp-thumb__paper" }, canvas), make("span", { class: "wbp-thumb__foot" }, make("span", {}, hidden("Page "), String(number), hidden(" ")), make("span", { class: "wbp-thumb__marks" }), make("span", { class: "wbp-thumb__open" }), make("span", { class: "wbp-thumb__whole usa-sr-only" })));
    const row = make("li", { dataset: { page: number } }, button);
    row.style.top = `${(number - 1) * HEIGHT}px`;
    this.#rows.set(number, row);
    const next = [...this.#rows.keys()].filter((other) => other > number).sort((a, b) => a - b)[0];
    this.inner.insertBefore(row, next ? this.#rows.get(next) : null);
    this.#name(number, row);
    this.#draw(number, row, canvas);
  }

  async #draw(number, row, canvas) {
    const found = await this.stage.source.picture(number, 220);
    if (!found || !row.isConnected || found.fault) {
      found?.bitmap?.close();
      row.classList.toggle("is-broken", Boolean(found?.fault));
      return;
    }
    canvas.width = found.bitmap.width;
    canvas.height = found.bitmap.height;
    canvas.getContext("2d").drawImage(found.bitmap, 0, 0);
    found.bitmap.close();
  }

  #drop(number) {
    const row = this.#rows.get(number);
    for (const canvas of row.querySelectorAll("canvas")) canvas.width = canvas.height = 0;
    row.remove();
    this.#rows.delete(number);
  }

  label() {
    this.#tally = null;
    for (const [number, row] of this.#rows) this.#name(number, row);
  }

  #tally = null;

  /** Marks and open suggestions of each page, counted once a change however many pages are shown. */
  #counted() {
    if (this.#tally) return this.#tally;
    const tally = new Map();
    const add = (number, open, count = 1) => {
      const row = tally.get(number) ?? { marks: 0, open: 0, whole: false };
      row[open ? "open" : "marks"] += count;
      tally.set(number, row);
      return row;
    };
    for (const mark of this.stage.bench.store.all()) {
      if (mark.decision === "rejected") continue;
      if (mark.kind === "box") add(mark.page, isOpen(mark));
      if (mark.kind === "page") add(mark.page, isOpen(mark)).whole = !isOpen(mark);
      if (mark.kind === "text") for (const [number, count] of this.stage.counts.of(mark)) add(number, isOpen(mark), count);
    }
    return (this.#tally = tally);
  }

  #name(number, row) {
    const found = this.#counted().get(number) ?? { marks: 0, open: 0, whole: false };
    const button = row.firstChild;
    // what is seen is part of the name, so that a voice can call for it
    row.querySelector(".wbp-thumb__marks").replaceChildren(...(found.marks ? [String(found.marks), hidden(found.marks === 1 ? " mark " : " marks ")] : []));
    row.querySelector(".wbp-thumb__open").replaceChildren(...(found.open ? [`${found.open} open`, hidden(found.open === 1 ? " suggestion" : " suggestions")] : []));
    row.querySelector(".wbp-thumb__whole").textContent = found.whole ? "withheld" : "";
    row.classList.toggle("is-withheld", found.whole);
    const current = number === this.stage.sheets.current;
    if (current) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
    button.tabIndex = current ? 0 : -1;
  }

  follow() {
    const number = this.stage.sheets.current;
    const top = (number - 1) * HEIGHT;
    const { scrollTop, clientHeight } = this.list;
    if (top < scrollTop || top + HEIGHT > scrollTop + clientHeight) this.list.scrollTop = Math.max(0, top - clientHeight / 3);
    this.refresh();
    this.label();
  }

  #key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const edge = { Home: 1, End: this.stage.sheets.count }[event.key];
    if (!step && !edge) return;
    event.preventDefault();
    event.stopPropagation();
    const number = Math.max(1, Math.min(this.stage.sheets.count, edge ?? this.stage.sheets.current + step));
    this.stage.open(number, { focus: false });
    this.refresh();
    this.#rows.get(number)?.firstChild.focus();
  }
}
