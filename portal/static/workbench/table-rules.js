// Which rows stay: conditions on their values, and groups too small to be shown.

import { button, make, unlessPressed } from "./dom.js";
import { OPERATORS, counted, groupWords, isRejected, ofColumn, operand, ruleWords } from "./table-policy.js";
import { select } from "./table-columns.js";

/** What rules and groups have in common: a list of cards of their marks, a form that makes one more. */
class Cards {
  counts = null;

  constructor(root, bench, kind, { onRows }) {
    Object.assign(this, { root, bench, kind, onRows });
    this.list = make("div", { class: "wt-cards" });
    this.form = this.makeForm();
    root.append(this.list, this.form);
    this.refresh();
  }

  get columns() {
    return this.bench.config.stage.columns.map((row) => row.name);
  }

  marks() {
    return this.bench.store.all().filter((mark) => mark.kind === this.kind && !isRejected(mark));
  }

  refresh() {
    unlessPressed(this.list, () => this.#draw());
  }

  #draw() {
    const held = document.activeElement?.closest?.("[data-card]")?.dataset;
    const field = document.activeElement?.dataset?.field;
    this.list.replaceChildren(...this.marks().map((mark) => this.card(mark)));
    if (held && field) this.list.querySelector(`[data-card="${CSS.escape(held.card)}"] [data-field="${field}"]`)?.focus();
  }

  inform({ found }) {
    this.counts = found;
    this.refresh();
  }

  card(mark) {
    const { store } = this.bench;
    const off = !store.editable;
    const removed = this.counts?.removed?.[mark.id];
    const effect = make("p", { class: "wt-card__effect" }, removed === undefined ? "Not counted yet." : this.effect(mark, removed));
    if (removed) effect.append(" ", button("Show these rows", () => this.onRows(mark.id), { class: "usa-button usa-button--unstyled" }));
    const fault = make("p", { class: "usa-error-message", role: "alert", hidden: this.faulty?.id !== mark.id }, this.faulty?.id === mark.id ? this.faulty.message : "");
    return make("article", { class: "wt-card", dataset: { card: mark.id }, "aria-label": this.words(mark) },
      make("p", { class: "wt-card__words" }, this.words(mark)),
      fault,
      effect,
      make("div", { class: "wt-card__fields" }, ...reasonFields(this.bench, mark), ...this.more(mark),
        button("Change", () => this.edit(mark), { disabled: off, dataset: { field: "change" }, "aria-label": `Change: ${this.words(mark)}` }),
        button("Remove", () => store.remove(mark.id), { disabled: off, dataset: { field: "remove" }, "aria-label": `Remove: ${this.words(mark)}` })));
  }

  more() {
    return [];
  }

  fault(id, message) {
    this.faulty = id && this.marks().some((mark) => mark.id === id) ? { id, message } : null;
    this.refresh();
    return Boolean(this.faulty);
  }

  finish(fields) {
    const { store } = this.bench;
    if (this.editing && store.get(this.editing)) store.change(this.editing, fields);
    else store.add({ kind: this.kind, ...fields });
    this.bench.say(this.editing ? "Changed." : "Added.");
    this.clear();
  }
}

/** Why, for a mark that withholds. */
export function reasonFields(bench, mark) {
  const { config, store } = bench;
  const off = !store.editable;
  const reason = select("Reason", [["", "Choose a reason"], ...config.reasons], (value) => store.change(mark.id, { reason: value || null }), off, { "data-field": "reason" });
  const exemption = select("Exemption", [["", "None"], ...config.exemptions], (value) => store.change(mark.id, { exemption: value || null }), off, { "data-field": "exemption" });
  reason.value = mark.reason ?? "";
  exemption.value = mark.exemption ?? "";
  if (!mark.reason) reason.setAttribute("aria-invalid", "true");
  return [
    make("label", { class: "wt-field" }, make("span", {}, "Reason"), reason, mark.reason ? null : make("span", { class: "usa-error-message" }, "Say why.")),
    make("label", { class: "wt-field" }, make("span", {}, "Exemption"), exemption),
  ];
}

export class Rules extends Cards {
  constructor(root, bench, more) {
    super(root, bench, "rows", more);
  }

  words(mark) {
    return ruleWords(mark);
  }

  effect(mark, removed) {
    const all = this.counts.rows_in;
    return removed ? `Takes out ${counted(removed, "row", "rows")} of ${counted(all, "row", "rows")}.` : "Takes out no row.";
  }

  makeForm() {
    const off = !this.bench.store.editable;
    this.verb = select("What the rule does", [["remove", "Remove rows where"], ["keep", "Keep only rows where"]], () => {}, off);
    this.lines = make("div", { class: "wt-lines" });
    this.send = button("Add the rule", () => this.save(), { kind: "", disabled: off });
    this.cancel = button("Cancel", () => this.clear(), { hidden: true });
    const form = make("form", { class: "wt-form", "aria-labelledby": "wt-rule-title", onsubmit: (event) => (event.preventDefault(), this.save()) },
      make("h3", { id: "wt-rule-title" }, "A rule for rows"),
      make("div", { class: "wt-form__line" }, this.verb),
      this.lines,
      make("div", { class: "wt-form__line" }, button("And another condition", () => this.add().focus(), { disabled: off }), this.send, this.cancel));
    this.add();
    return form;
  }

  add(given = {}) {
    const line = new Line(this.columns, given, !this.bench.store.editable, () => {
      if (this.lines.children.length > 1) line.element.remove();
      this.label();
    });
    this.lines.append(line.element);
    this.label();
    return line;
  }

  label() {
    [...this.lines.children].forEach((element, place) => element.line.name(place, this.lines.children.length));
  }

  edit(mark) {
    this.editing = mark.id;
    this.verb.value = mark.keep ? "keep" : "remove";
    this.lines.replaceChildren();
    for (const row of mark.keep ?? mark.remove) this.add(row);
    this.send.lastChild.textContent = "Change the rule";
    this.cancel.hidden = false;
    this.verb.focus();
  }

  clear() {
    this.editing = null;
    this.lines.replaceChildren();
    this.add();
    this.send.lastChild.textContent = "Add the rule";
    this.cancel.hidden = true;
    this.send.focus();
  }

  save() {
    const rows = [...this.lines.children].map((element) => element.line.read());
    const wrong = rows.find((row) => row.fault);
    if (wrong) return wrong.line.say(wrong.fault);
    const part = this.verb.value;
    const other = part === "keep" ? "remove" : "keep";
    this.finish({ [part]: rows.map(({ column, op, value }) => ({ column, op, value })), ...(this.editing ? { [other]: null } : {}) });
  }
}

class Line {
  constructor(columns, { column = "", op = "eq", value = "" }, off, onRemove) {
    this.column = select("Column", columns.map((name) => [name, name]), () => {}, off);
    if (column) this.column.value = column;
    this.op = select("Test", OPERATORS, () => this.#shape([]), off);
    this.op.value = op;
    this.values = make("span", { class: "wt-lines__values" });
    this.gone = button("Remove", onRemove, { disabled: off });
    this.fault = make("span", { class: "usa-error-message", role: "alert", hidden: true });
    this.off = off;
    this.element = make("div", { class: "wt-lines__line", role: "group" }, this.column, this.op, this.values, this.gone, this.fault);
    this.element.line = this;
    this.#shape(op === "between" ? value : [op === "in" ? value.join("\n") : value]);
  }

  #shape(values) {
    const field = (label, tag = "input") => make(tag, { class: tag === "input" ? "usa-input" : "usa-textarea", "aria-label": label, type: tag === "input" ? "text" : null, rows: tag === "input" ? null : 3, disabled: this.off });
    const made = { between: () => [field("From"), field("To")], in: () => [field("Values, one a line", "textarea")] }[this.op.value]?.() ?? [field(this.op.value === "matches" ? "Expression" : "Value")];
    made.forEach((each, place) => (each.value = String(values[place] ?? "")));
    this.values.replaceChildren(...made);
  }

  name(place, of) {
    this.element.setAttribute("aria-label", `Condition ${place + 1} of ${of}`);
    this.gone.hidden = of < 2;
    this.gone.setAttribute("aria-label", `Remove condition ${place + 1}`);
  }

  read() {
    const typed = [...this.values.children].map((field) => field.value);
    this.say("");
    return { line: this, column: this.column.value, op: this.op.value, ...operand(this.op.value, typed) };
  }

  say(message) {
    this.fault.textContent = message;
    this.fault.hidden = !message;
    for (const field of this.values.children) message ? field.setAttribute("aria-invalid", "true") : field.removeAttribute("aria-invalid");
    if (message) this.focus();
  }

  focus() {
    this.values.firstChild.focus();
  }
}

export class Groups extends Cards {
  constructor(root, bench, more) {
    super(root, bench, "suppress", more);
  }

  words(mark) {
    return groupWords(mark);
  }

  effect(mark, removed) {
    const groups = this.counts.groups?.[mark.id] ?? 0;
    return groups ? `Takes out ${counted(groups, "group", "groups")}, ${counted(removed, "row", "rows")} in all. A published total would give them back, so totals stay inside.` : "No group is too small.";
  }

  refresh() {
    super.refresh();
    const out = this.released().join("\n");
    if (!this.boxes || out === this.offered) return; // a rebuilt box would lose the focus
    this.offered = out;
    this.boxes.replaceChildren(...this.choices());
  }

  released() {
    const marks = this.bench.store.all();
    return this.columns.filter((name) => (ofColumn(marks, name).mark?.action ?? "drop") !== "drop");
  }

  choices() {
    const out = this.released();
    if (!out.length) return [make("p", {}, "Release a column first: groups are formed of what goes out.")];
    return out.map((name, place) => {
      const box = make("input", { class: "usa-checkbox__input", type: "checkbox", id: `wt-by-${place}`, value: name, disabled: !this.bench.store.editable, onchange: () => (box.checked ? this.chosen.add(name) : this.chosen.delete(name)) });
      box.checked = this.chosen.has(name);
      return make("div", { class: "usa-checkbox" }, box, make("label", { class: "usa-checkbox__label", for: `wt-by-${place}` }, name));
    });
  }

  makeForm() {
    const off = !this.bench.store.editable;
    this.chosen = new Set();
    this.boxes = make("div", { class: "wt-boxes" }, ...this.choices());
    this.k = make("input", { class: "usa-input wt-number", type: "number", min: 2, step: 1, value: "5", disabled: off });
    this.of = select("Counted by", [["", "rows"], ...this.columns.map((name) => [name, `different values of ${name}`])], () => {}, off);
    this.said = make("p", { class: "usa-error-message", role: "alert", hidden: true });
    this.send = button("Add", () => this.save(), { kind: "", disabled: off });
    this.cancel = button("Cancel", () => this.clear(), { hidden: true });
    return make("form", { class: "wt-form", "aria-labelledby": "wt-group-title", onsubmit: (event) => (event.preventDefault(), this.save()) },
      make("h3", { id: "wt-group-title" }, "Take out groups that are too small"),
      make("fieldset", { class: "usa-fieldset" }, make("legend", {}, "Groups are rows that agree in"), this.boxes),
      make("div", { class: "wt-form__line" },
        make("label", { class: "wt-field" }, make("span", {}, "Smallest group that stays"), this.k),
        make("label", { class: "wt-field" }, make("span", {}, "Counted by"), this.of),
        this.send, this.cancel),
      this.said);
  }

  edit(mark) {
    this.editing = mark.id;
    this.chosen = new Set(mark.by);
    this.k.value = mark.k;
    this.of.value = String(mark.count).split(/^distinct:/s)[1] ?? "";
    this.boxes.replaceChildren(...this.choices());
    this.send.lastChild.textContent = "Change";
    this.cancel.hidden = false;
    this.k.focus();
  }

  clear() {
    this.editing = null;
    this.chosen = new Set();
    this.boxes.replaceChildren(...this.choices());
    this.k.value = "5";
    this.of.value = "";
    this.send.lastChild.textContent = "Add";
    this.cancel.hidden = true;
    this.complain("");
    this.send.focus();
  }

  complain(message) {
    this.said.textContent = message;
    this.said.hidden = !message;
  }

  save() {
    const k = Number(this.k.value);
    if (!this.chosen.size) return this.complain("Choose at least one column.");
    if (!Number.isInteger(k) || k < 2) return this.complain("The smallest group that stays is a whole number of at least 2.");
    this.complain("");
    this.finish({ by: this.columns.filter((name) => this.chosen.has(name)), k, count: this.of.value ? `distinct:${this.of.value}` : "rows" });
  }
}
