// Rows of the table before and after, by the engine of a release, fifty at a time.

import { button, icon, make } from "./dom.js";
import { firstDrawn } from "./first.js";
import { counted, figure, groupWords, isRejected, ofColumn, ruleWords, tagWords } from "./table-policy.js";

const PAGE = 50;
const LONG = 34; // characters of a cell that may break into lines
const DWELL_MS = 700; // a row that only flew by was not seen
const STEPS = Array.from({ length: 51 }, (_, n) => n / 50); // of a row far wider than its frame only a part is ever in it
const VIEWS = [["both", "Both", "Before and after"], ["before", "Before", "Before"], ["after", "After", "After, as it goes out"]];

export class Sample {
  page = null;
  found = null;
  start = 0;
  only = "";
  view = "both";
  #timers = new Map();

  constructor(root, bench, { onAsk }) {
    Object.assign(this, { root, bench, onAsk });
    this.said = root.querySelector("[data-table-said]");
    this.frame = root.querySelector("[data-table-frame]");
    this.watch = new IntersectionObserver((entries) => this.#met(entries), { root: this.frame, threshold: STEPS });
    this.#tools(root.querySelector("[data-table-tools]"));
    const when = () => Boolean(this.page);
    bench.keys.add({ key: "[", words: "The 50 rows before", when, run: () => this.#go(this.start - PAGE) });
    bench.keys.add({ key: "]", words: "The next 50 rows", when, run: () => this.page.more && this.#go(this.start + PAGE) });
    bench.keys.add({ key: "w", words: "More room for the rows", when, run: () => this.#enlarge() });
    bench.keys.add({ key: "v", words: "Before and after, before, after", when, run: () => this.#turn() });
  }

  #tools(root) {
    this.views = make("fieldset", { class: "wt-views" }, make("legend", { class: "usa-sr-only" }, "Show"),
      VIEWS.flatMap(([value, words, spoken]) => {
        const field = make("input", { type: "radio", name: "wt-view", id: `wt-view-${value}`, value, "aria-label": spoken, onchange: () => this.#look(value) });
        field.checked = value === this.view;
        return [field, make("label", { for: `wt-view-${value}`, title: spoken }, words)];
      }));
    this.filter = make("select", { class: "usa-select", "aria-label": "Rows shown", onchange: () => this.show(this.filter.value) });
    this.back = button("Back", () => this.#go(this.start - PAGE), { sign: "navigate_before", title: "The 50 rows before" });
    this.on = button("Next", () => this.#go(this.start + PAGE), { sign: "navigate_next", title: "The next 50 rows" });
    this.place = make("span", { class: "wt-place", role: "status" });
    this.larger = button("Larger", () => this.#enlarge(), { sign: "expand_less", "aria-pressed": "false" });
    root.append(this.views, this.filter, make("span", { class: "wt-steps" }, this.back, this.place, this.on), this.larger);
    this.#choices();
  }

  #choices() {
    const removed = this.found?.removed ?? {};
    const marks = this.bench.store.all().filter((mark) => ["rows", "suppress"].includes(mark.kind) && !isRejected(mark));
    const rows = [
      ["", this.found ? `All ${counted(this.found.rows_in, "row", "rows")}` : "All rows"],
      [":released", this.found ? `What goes out: ${figure(this.found.rows_out)}` : "What goes out"],
      ...(this.bench.store.all().some((mark) => mark.kind === "own_plate") ? [[":own", `Own plate${this.found ? `: ${figure(this.found.own)}` : ""}`]] : []),
      ...marks.map((mark) => [mark.id, `Taken out: ${mark.kind === "rows" ? ruleWords(mark) : groupWords(mark)}${removed[mark.id] === undefined ? "" : `: ${figure(removed[mark.id])}`}`]),
    ];
    this.filter.replaceChildren(...rows.map(([value, words]) => make("option", { value }, words.length > 70 ? `${words.slice(0, 69)}…` : words)));
    if (!rows.some(([value]) => value === this.only)) this.only = "";
    this.filter.value = this.only;
  }

  /** Shows the rows of one fate from the first on. */
  show(only) {
    this.only = only;
    this.start = 0;
    this.filter.value = only;
    this.onAsk();
  }

  /** All the room for the rows, or half of it. */
  #enlarge() {
    const large = this.root.parentElement.toggleAttribute("data-large");
    this.larger.setAttribute("aria-pressed", String(large));
    this.bench.say(large ? "The rows have all the room." : "The policy is shown again.");
  }

  #go(start) {
    this.start = Math.max(0, start);
    this.onAsk();
  }

  #look(view) {
    this.view = view;
    this.draw();
  }

  #turn() {
    const names = VIEWS.map(([value]) => value);
    const next = names[(names.indexOf(this.view) + 1) % names.length];
    this.views.querySelector(`[value=${next}]`).checked = true;
    this.#look(next);
    this.bench.say(VIEWS.find(([value]) => value === next)[2]);
  }

  /** Grey until the next answer: what is shown is of the marks before. */
  stale() {
    this.root.dataset.stale = "";
    this.frame.setAttribute("aria-busy", "true");
    if (this.page) return;
    this.back.disabled = this.on.disabled = true;
    this.frame.replaceChildren(make("p", { class: "wt-quiet" }, "Reading the first rows…"));
  }

  fresh(page) {
    this.page = page;
    delete this.root.dataset.stale;
    this.frame.removeAttribute("aria-busy");
    this.tell("");
    this.draw();
    firstDrawn();
  }

  counted(found) {
    this.found = found;
    this.#choices();
    this.#where();
  }

  /** A sentence over the rows; what they show then is older than the marks. */
  tell(message, { kind = "error", retry } = {}) {
    this.frame.removeAttribute("aria-busy");
    if (!message) return this.said.replaceChildren();
    const old = this.page ? " The rows below are of the marks before." : "";
    this.said.replaceChildren(make("div", { class: `wt-note wt-note--${kind}`, role: kind === "error" ? "alert" : null }, icon(kind === "error" ? "error" : "info"), make("p", {}, message + (kind === "error" ? old : "")), retry ? button("Try again", retry) : null));
    if (!this.page) this.frame.replaceChildren(make("p", { class: "wt-quiet" }, kind === "error" ? "No rows can be shown. What can still be done: withhold the record whole under “More”, or ask whoever keeps it for another export." : "No rows yet."));
  }

  #where() {
    const { page } = this;
    if (!page) return;
    const last = page.start + page.rows.length;
    const all = this.only ? (this.only === ":released" ? this.found?.rows_out : this.only === ":own" ? this.found?.own : this.found?.removed?.[this.only]) : this.found?.rows_in;
    this.place.textContent = page.rows.length ? `${figure(page.start + 1)}–${figure(last)}${all === undefined ? "" : ` of ${figure(all)}`}` : "No rows";
    this.back.disabled = page.start === 0;
    this.on.disabled = !page.more;
  }

  draw() {
    const { page } = this;
    if (!page) return;
    this.watch.disconnect();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#where();
    const marks = this.bench.store.all();
    const places = new Map(page.released.map((place, at) => [place, at]));
    const columns = page.header.map((name, place) => ({ name, place, at: places.get(place), mark: ofColumn(marks, name).mark }));
    const shown = this.view === "after" ? columns.filter((column) => column.at !== undefined) : columns;
    const rows = this.view === "after" ? page.rows.filter((row) => row.after) : page.rows;
    if (this.view === "after" && !shown.length) return this.frame.replaceChildren(make("p", { class: "wt-quiet" }, "No column is released yet, so nothing goes out."));
    const scroll = [this.frame.scrollLeft, this.frame.scrollTop];
    const table = make("table", { class: "wt-rows", dataset: { view: this.view } },
      make("caption", { class: "usa-sr-only" }, "Rows of the table before and after the marks"),
      make("thead", {}, make("tr", {},
        make("th", { scope: "col" }, "Row"),
        shown.map((column) => this.#head(column)))),
      make("tbody", {}, rows.map((row) => this.#row(row, shown))));
    this.frame.replaceChildren(table);
    if (!rows.length) this.frame.append(make("p", { class: "wt-quiet" }, "No row of this kind."));
    [this.frame.scrollLeft, this.frame.scrollTop] = scroll;
    if (this.view !== "after") for (const row of table.tBodies[0].rows) this.watch.observe(row);
  }

  #head(column) {
    const action = column.mark?.action ?? "none";
    return make("th", { scope: "col", "data-action": action }, make("span", {}, this.view === "after" ? this.page.names[column.at] : column.name),
      this.view === "before" ? null : make("span", { class: "wt-tag", "data-action": action }, tagWords(column.mark)));
  }

  #row(row, shown) {
    const gone = row.after === null;
    const fate = gone ? this.#fate(row.fate) : row.own ? "Own plate" : "";
    const element = make("tr", { dataset: { row: row.number, ...(gone && this.view === "both" ? { gone: "" } : {}), ...(row.own ? { own: "" } : {}) } },
      make("th", { scope: "row" }, figure(row.number), fate && this.view !== "before" ? make("span", { class: "wt-tag wt-tag--row", title: fate }, fate) : null),
      shown.map((column) => this.#cell(row, column, gone)));
    return element;
  }

  #cell(row, column, gone) {
    const before = row.before[column.place];
    const long = before.length > LONG ? { class: "is-long" } : {};
    if (this.view === "before") return make("td", long, before);
    const after = gone || column.at === undefined ? null : row.after[column.at];
    if (this.view === "after") return make("td", after?.length > LONG ? { class: "is-long" } : {}, after);
    if (after === before) return make("td", long, before);
    if (after === null) return make("td", { ...long, "data-cell": "gone" }, before ? make("del", {}, before) : make("span", { class: "usa-sr-only" }, "left out"));
    return make("td", { ...long, "data-cell": "changed" }, before ? make("del", {}, before) : null, make("ins", {}, after || "(blank)"));
  }

  #fate(id) {
    const mark = this.bench.store.get(id);
    return mark?.kind === "suppress" ? "Small group" : "Taken out";
  }

  #met(entries) {
    for (const { target, boundingClientRect: whole, intersectionRect: inside } of entries) {
      const high = inside.width > 0 && inside.height >= 0.6 * whole.height;
      if (high && this.#timers.has(target)) continue;
      clearTimeout(this.#timers.get(target));
      this.#timers.delete(target);
      const number = Number(target.dataset.row);
      if (high) this.#timers.set(target, setTimeout(() => this.#seen(target, number), DWELL_MS));
    }
  }

  #seen(target, number) {
    this.#timers.delete(target);
    if (document.hidden || !target.isConnected || this.root.closest("[hidden]")) return;
    this.watch.unobserve(target);
    this.bench.seen("row", number, number, 1);
  }
}
