// The list of marks: open work first, chosen by mouse or keys, filtered; the inspector below it.

import { icon, make, unlessPressed } from "./dom.js";
import { Inspector } from "./inspector.js";
import { isOpen, lacksReason } from "./store.js";
import { kindIcon, kindName, order, place } from "./words.js";

const DRAWN = 400; // rows; more of them are reached by the filter, so that the page stays quick

export class Panel {
  #bench;
  #side;
  #list;
  #count;
  #filter = { words: "", only: "all" };
  #rows = [];
  #waiting = 0;
  #reveal = false;

  constructor(bench, root) {
    this.#bench = bench;
    this.#side = root;
    this.#list = root.querySelector("[data-list]");
    this.#count = root.querySelector("[data-count]");
    this.reasons = new Map(bench.config.reasons);
    this.inspector = new Inspector(bench, root.querySelector("[data-inspector]"));
    root.querySelector("[data-filter]").addEventListener("input", (event) => this.#filtered({ words: event.target.value.trim().toLowerCase() }));
    root.querySelector("[data-only]").addEventListener("change", (event) => this.#filtered({ only: event.target.value }));
    this.#list.addEventListener("keydown", (event) => this.#pressed(event));
    this.#list.addEventListener("click", (event) => this.#clicked(event));
    bench.store.addEventListener("change", () => this.refresh());
    bench.store.addEventListener("select", () => {
      this.#reveal = true;
      this.refresh();
    });
    this.#shortcuts();
    this.#draw();
  }

  refresh() {
    this.#waiting ||= requestAnimationFrame(() => {
      this.#waiting = 0;
      unlessPressed(this.#side, () => this.#draw());
    });
  }

  show(only) {
    const select = document.querySelector("[data-only]");
    select.value = only;
    this.#filtered({ only });
    select.focus();
  }

  #filtered(change) {
    Object.assign(this.#filter, change);
    this.#draw();
  }

  #shortcuts() {
    const { keys, store } = this.#bench;
    const chosen = () => store.editable && store.selected.size > 0;
    const add = (key, words, run, when, always) => keys.add({ key, words, run, when, always, group: "Marks" });
    add("Ctrl+z", "Undo", () => this.#bench.undo(), undefined, true);
    add("Ctrl+Shift+z Ctrl+y", "Redo", () => this.#bench.redo(), undefined, true);
    add("Delete Backspace", "Remove the chosen marks", () => store.remove([...store.selected]), chosen);
    add("d", "Duplicate the chosen marks", () => this.inspector.duplicate([...store.selected]), chosen);
    add("n", "Next mark", () => this.#step(1));
    add("p", "Mark before", () => this.#step(-1));
    add("o", "Next mark that is still open", () => this.#step(1, (mark) => isOpen(mark) || lacksReason(mark)));
    add("Escape", "Choose nothing", () => store.select([]), () => store.selected.size > 0);
    add("f", "Filter the marks", () => document.querySelector("[data-filter]").focus());
  }

  #step(by, which = () => true) {
    const { store, say } = this.#bench;
    const rows = this.#rows.filter(which);
    if (!rows.length) return say("There is none.");
    const at = rows.findIndex((mark) => store.selected.has(mark.id));
    const next = rows[(at + by + rows.length) % rows.length];
    store.select([next.id]);
    this.#list.querySelector(`[data-mark="${CSS.escape(next.id)}"]`)?.scrollIntoView({ block: "nearest" });
    say(this.#spoken(next));
    return next;
  }

  #spoken(mark) {
    const state = isOpen(mark) ? "a suggestion, open" : lacksReason(mark) ? "needs a reason" : this.reasons.get(mark.reason) ?? "";
    return [kindName(mark.kind), place(mark), state].filter(Boolean).join(", ");
  }

  #sorted() {
    const urgency = (mark) => (isOpen(mark) ? 0 : lacksReason(mark) ? 1 : mark.decision === "rejected" ? 3 : 2);
    return this.#bench.store.all().map((mark, n) => [urgency(mark), order(mark), n, mark]).sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]).map((row) => row[3]);
  }

  #passes(mark) {
    const { words, only } = this.#filter;
    if (only === "open" && !isOpen(mark)) return false;
    if (only === "reason" && !lacksReason(mark)) return false;
    if (only === "rejected" && mark.decision !== "rejected") return false;
    return !words || `${this.#spoken(mark)} ${mark.exemption ?? ""} ${mark.note ?? ""} ${mark.id}`.toLowerCase().includes(words);
  }

  #draw() {
    const { store } = this.#bench;
    const all = this.#sorted();
    this.#rows = all.filter((mark) => this.#passes(mark));
    const held = this.#list.contains(document.activeElement);
    const scroll = this.#list.scrollTop;
    const active = this.#rows.find((mark) => store.selected.has(mark.id)) ?? this.#rows[0];
    this.#list.replaceChildren(...this.#rows.slice(0, DRAWN).map((mark) => this.#row(mark, mark === active)));
    this.#list.hidden = !this.#rows.length;
    this.#list.scrollTop = scroll;
    if (held) this.#list.querySelector("[tabindex='0']")?.focus({ preventScroll: true });
    this.#tell(all);
    this.inspector.refresh();
    if (this.#reveal) this.#show();
  }

  /** What was chosen in the record is in sight on the list too. Only the list scrolls. */
  #show() {
    this.#reveal = false;
    const row = this.#list.querySelector("[aria-selected=true]");
    if (!row) return;
    const [top, bottom] = [row.offsetTop, row.offsetTop + row.offsetHeight];
    if (top < this.#list.scrollTop) this.#list.scrollTop = top;
    else if (bottom > this.#list.scrollTop + this.#list.clientHeight) this.#list.scrollTop = bottom - this.#list.clientHeight;
  }

  #tell(all) {
    const owed = all.filter((mark) => !isOpen(mark) && lacksReason(mark)).length;
    const open = all.filter(isOpen).length;
    const more = this.#rows.length - DRAWN;
    const parts = [all.length === 1 ? "1 mark" : `${all.length} marks`];
    if (this.#rows.length !== all.length) parts.push(`${this.#rows.length} shown`);
    if (more > 0) parts.push(`the first ${DRAWN} of them; filter for the others`);
    this.#count.textContent = parts.join(", ");
    this.#count.classList.toggle("wb-count--long", parts.length > 1);
    this.#bench.strip?.owed({ owed, open });
  }

  #row(mark, active) {
    const chosen = this.#bench.store.selected.has(mark.id);
    const flag = isOpen(mark) ? ["lightbulb_outline", "suggestion, open"] : lacksReason(mark) ? ["error_outline", "needs a reason"] : null;
    const why = mark.decision === "rejected" ? "rejected" : mark.reason ? this.reasons.get(mark.reason) ?? mark.reason : "";
    return make(
      "li",
      { class: `wb-mark${flag ? " wb-mark--open" : ""}${mark.decision === "rejected" ? " wb-mark--rejected" : ""}`, role: "option", id: `mark-row-${mark.id}`, tabindex: active ? "0" : "-1", "aria-selected": chosen ? "true" : "false", dataset: { mark: mark.id } },
      icon(kindIcon(mark.kind)),
      make("span", { class: "wb-mark__what" }, make("span", { class: "wb-mark__kind" }, kindName(mark.kind)), " ", make("span", { class: "wb-mark__place" }, place(mark)), " ", flag ? make("span", { class: "wb-mark__flag" }, icon(flag[0]), flag[1]) : null, why ? make("span", { class: "wb-mark__why" }, [why, mark.exemption].filter(Boolean).join(" · ")) : null, mark.note ? make("span", { class: "wb-mark__why" }, `“${mark.note}”`) : null),
    );
  }

  #clicked(event) {
    const id = event.target.closest("[data-mark]")?.dataset.mark;
    if (!id) return;
    const { store } = this.#bench;
    if (event.ctrlKey || event.metaKey) {
      const ids = new Set(store.selected);
      if (!ids.delete(id)) ids.add(id);
      store.select([...ids]);
    } else if (event.shiftKey && store.selected.size) store.select(this.#between(id));
    else store.select([id]);
  }

  #between(id) {
    const ids = this.#rows.map((mark) => mark.id);
    const from = ids.findIndex((row) => this.#bench.store.selected.has(row));
    const to = ids.indexOf(id);
    return ids.slice(Math.min(from, to), Math.max(from, to) + 1);
  }

  #pressed(event) {
    const { store } = this.#bench;
    const rows = [...this.#list.children];
    const at = rows.indexOf(document.activeElement);
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1, PageDown: at + 10, PageUp: at - 10 };
    if (event.key in moves && !event.altKey) {
      event.preventDefault();
      const next = rows[Math.max(0, Math.min(rows.length - 1, moves[event.key]))];
      next?.focus();
      const id = next?.dataset.mark;
      if (id && !event.ctrlKey) store.select(event.shiftKey ? this.#between(id) : [id]);
      this.#list.querySelector(`[data-mark="${CSS.escape(id ?? "")}"]`)?.focus();
    } else if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      const id = rows[at]?.dataset.mark;
      if (!id) return;
      if (event.key === "Enter") document.querySelector("[data-inspector] :is(select, input, button):not([disabled])")?.focus();
      else {
        const ids = new Set(store.selected);
        if (!ids.delete(id)) ids.add(id);
        store.select([...ids]);
      }
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      store.select(this.#rows.map((mark) => mark.id));
    }
  }
}

