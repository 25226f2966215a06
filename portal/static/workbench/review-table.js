// Tables side by side: fifty rows of the original, each beside the very row of the copy that came of it.
// A mark of a column shows that column on both sides. A row counts as seen once it stood in view for a moment.

import { button, make } from "./dom.js";
import { json } from "./talking.js";
import { Together } from "./review-sync.js";

const STEP = 50; // rows the server gives in one answer
const DWELL = 700; // milliseconds
const POLL = 1500;
const STEPS = Array.from({ length: 51 }, (_, n) => n / 50); // a row wider than the box is never in it as a whole

export class TableSides {
  canFlicker = false;
  canZoom = false;
  #timers = new Map();
  #turn = 0;

  constructor({ config, root, say, seen }) {
    Object.assign(this, { config, root, say, seen });
    this.start = 0;
    this.column = "";
    this.watch = null;
    this.#lay();
    this.load(0);
  }

  #lay() {
    const box = this.root.querySelector("[data-sides]");
    box.classList.add("rv-sides--tables");
    this.tables = {};
    const sides = [["original", "Original"], ["result", "Redacted copy, as it was made"]].map(([side, words]) => {
      this.tables[side] = make("table", { class: "usa-table rv-rows" });
      const scroll = make("div", { class: "rv-scroll dl-table-scroll", tabindex: "0", role: "region", "aria-label": words }, this.tables[side]);
      return make("div", { class: "rv-side", dataset: { side } }, scroll);
    });
    box.replaceChildren(...sides);
    this.sync = new Together(this.root);
  }

  controls() {
    this.before = button("‹", () => this.load(this.start - STEP), { "aria-label": "Rows before" });
    this.after = button("›", () => this.load(this.start + STEP), { "aria-label": "Next rows" });
    this.field = make("input", { class: "usa-input", id: "rv-row", type: "number", min: "1", value: "1" });
    this.field.addEventListener("change", () => this.load((Number(this.field.value) || 1) - 1));
    this.state = make("span", { role: "status" });
    return [make("span", { class: "rv-group" }, this.before, make("label", { for: "rv-row" }, "Row"), this.field, this.after, this.state)];
  }

  async load(wanted) {
    const turn = (this.#turn += 1);
    const start = Math.max(0, wanted);
    this.#tell("");
    try {
      const found = await json(this.config.urls.rows, { method: "POST", body: { start } });
      if (turn !== this.#turn) return;
      if (found.state === "waiting") {
        this.#tell(`All rows are being counted: ${found.progress} %. ${found.note}`);
        setTimeout(() => turn === this.#turn && this.load(start), POLL);
        return;
      }
      if (!found.rows.length && start) return this.#tell(`There is no row ${start + 1}.`);
      this.start = start;
      this.#draw(found);
    } catch (error) {
      if (turn === this.#turn) this.#tell(error.message);
    }
  }

  #tell(words) {
    this.state?.replaceChildren(words);
    if (words) this.say(words);
  }

  #draw(found) {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.watch?.disconnect();
    const scroll = this.tables.original.closest(".rv-scroll");
    this.watch = new IntersectionObserver((entries) => this.#met(entries), { root: scroll, threshold: STEPS });
    const numbered = (row) => make("th", { scope: "row" }, row.number.toLocaleString("en-US"));
    const cells = (values) => values.map((value) => make("td", {}, value));
    const head = (names) => make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Row"), names.map((name) => make("th", { scope: "col", dataset: { column: name } }, name))));
    const last = found.start + found.rows.length;
    const words = found.rows.length ? `rows ${(found.start + 1).toLocaleString("en-US")} to ${last.toLocaleString("en-US")}` : "no rows";
    this.tables.original.replaceChildren(make("caption", {}, `Original: ${words}`), head(found.header), make("tbody", {}, found.rows.map((row) => make("tr", { dataset: { row: row.number }, class: row.gone ? "rv-gone" : undefined }, numbered(row), cells(row.before)))));
    const gone = (row) => make("td", { colspan: String(Math.max(1, found.names.length)), class: "rv-hint" }, row.gone ? "taken out" : "not found in the copy");
    const copied = found.in_copy
      ? [head(found.names), make("tbody", {}, found.rows.map((row) => make("tr", {}, numbered(row), row.after ? cells(row.after) : gone(row))))]
      : [make("tbody", {}, make("tr", {}, make("td", {}, "The copy is no table. Fetch it below.")))];
    this.tables.result.replaceChildren(make("caption", {}, `Redacted copy: what became of ${words}`), ...copied);
    for (const row of this.tables.original.querySelectorAll("[data-row]")) this.watch.observe(row);
    if (this.field) {
      this.field.value = String(found.start + 1);
      this.before.disabled = found.start === 0;
      this.after.disabled = !found.more;
    }
    if (this.column) this.#show(this.column);
    this.root.dataset.rows = `${found.start}`;
  }

  #met(entries) {
    for (const { target, boundingClientRect: whole, intersectionRect: inside } of entries) {
      const high = inside.height >= whole.height - 1 && inside.width > 0;
      if (high && this.#timers.has(target)) continue;
      clearTimeout(this.#timers.get(target));
      this.#timers.delete(target);
      if (high) this.#timers.set(target, setTimeout(() => this.#looked(target), DWELL));
    }
  }

  #looked(target) {
    this.#timers.delete(target);
    if (document.hidden || !target.isConnected) return;
    this.watch.unobserve(target);
    this.seen.note("row", Number(target.dataset.row));
  }

  go(mark) {
    this.column = mark.column ?? "";
    if (!this.column) {
      for (const cell of this.root.querySelectorAll(".rv-column")) cell.classList.remove("rv-column");
      return this.say("This mark is about the whole table.");
    }
    const there = this.#show(this.column);
    this.say(there ? `The column ${this.column}` : `The column ${this.column} is not in the copy.`);
  }

  /** Marks a column on both sides; says whether the copy has it. */
  #show(name) {
    for (const cell of this.root.querySelectorAll(".rv-column")) cell.classList.remove("rv-column");
    for (const table of Object.values(this.tables)) {
      const place = [...table.querySelectorAll("thead th")].findIndex((head) => head.dataset.column === name);
      if (place < 0) continue;
      for (const row of table.rows) if (row.cells.length > place) row.cells[place].classList.add("rv-column");
      const box = table.closest(".rv-scroll");
      box.scrollLeft = table.querySelectorAll("thead th")[place].offsetLeft - box.clientWidth / 3;
    }
    return Boolean(this.root.querySelector("[data-side=result] .rv-column"));
  }
}
