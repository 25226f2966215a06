// The column policy: a row for each column of the file, its decision, and why.

import { button, icon, make } from "./dom.js";
import { lacksReason } from "./store.js";
import { ACTIONS, COARSENESS, actionWords, coarsenessFault, counted, ofColumn } from "./table-policy.js";

export class Columns {
  #rows = new Map();

  constructor(root, bench, { onShow }) {
    this.bench = bench;
    this.columns = bench.config.stage.columns;
    this.root = root;
    this.onShow = onShow;
    root.append(this.#build());
    this.#addKeys();
    this.refresh();
  }

  #build() {
    const heads = ["Column", "Taken for", "What happens", "Reason", "Exemption"];
    const body = make("tbody");
    for (const column of this.columns) {
      const row = new Row(this, column);
      this.#rows.set(column.name, row);
      body.append(row.element);
    }
    return make("table", { class: "wt-policy" },
      make("caption", { class: "usa-sr-only" }, "What happens to each column"),
      make("thead", {}, make("tr", {}, heads.map((words) => make("th", { scope: "col" }, words)))),
      body);
  }

  refresh() {
    const marks = this.bench.store.all();
    for (const row of this.#rows.values()) row.refresh(marks);
  }

  /** First values and lost cells, from the newest sample and count. */
  inform({ page, found }) {
    const example = page?.rows.find((row) => row.before.some(Boolean));
    page?.header.forEach((name, place) => this.#rows.get(name)?.example(page.rows.map((row) => row.before[place]).find(Boolean) ?? example?.before[place] ?? ""));
    for (const [name, row] of this.#rows) row.lost(found?.lost?.[name] ?? 0);
  }

  fault(markId, message) {
    let met = false;
    for (const row of this.#rows.values()) met = row.fault(markId, message) || met;
    return met;
  }

  focus(name) {
    this.#rows.get(name)?.name.focus();
  }

  /** Sets what happens to one column, from whatever is there now. */
  decide(name, action, more = {}) {
    const { store } = this.bench;
    const { mark, open } = ofColumn(store.all(), name);
    const row = this.#rows.get(name);
    row.wanted = "";
    if (action === "coarsen" && !(more.to ?? mark?.to)) {
      const advised = row.column.action === "coarsen" ? row.column.to : "";
      if (!advised) return row.ask();
      more.to = advised;
    }
    const fields = { action, to: action === "coarsen" ? (more.to ?? mark?.to) : null };
    if (action === "release") Object.assign(fields, { reason: null, exemption: null });
    store.batch(`Decide ${name}`, () => {
      for (const rest of open) if (rest !== (mark ?? open[0])) store.change(rest.id, { decision: "rejected" });
      const target = mark ?? open[0];
      if (!action) {
        if (mark) store.remove(mark.id);
        return;
      }
      if (target) {
        const same = target.action === action && (target.to ?? null) === fields.to;
        const said = target.suggested ? { decision: same ? (target.decision ?? "accepted") : "adjusted" } : {};
        const why = action !== "release" && !target.reason ? { reason: more.reason ?? store.last.reason } : {};
        store.change(target.id, { ...fields, ...why, ...said });
      } else {
        const fresh = { kind: "column", name, action, ...(fields.to ? { to: fields.to } : {}), ...(more.reason ? { reason: more.reason } : {}) };
        store.add(fresh);
      }
    });
    this.bench.say(action ? `${name}: ${actionWords(action, fields.to)}.` : `${name}: no decision, left out.`);
    this.#select(name);
  }

  /** Takes the suggestion for a column; it is written down as one that a person accepted. */
  take(name) {
    const { store } = this.bench;
    const column = this.columns.find((row) => row.name === name);
    const { mark, open } = ofColumn(store.all(), name);
    if (open.length) return store.batch(`Accept ${name}`, () => {
      open.forEach((row, place) => {
        if (place || mark) return store.change(row.id, { decision: "rejected" });
        const why = row.action !== "release" && !row.reason && store.last.reason ? { reason: store.last.reason } : {};
        return store.change(row.id, { ...why, decision: "accepted" });
      });
    });
    if (!column?.by || mark) return;
    store.add(suggestion(column));
    this.bench.say(`${name}: ${actionWords(column.action, column.to)}, as suggested.`);
    this.#select(name);
  }

  #select(name) {
    const { mark } = ofColumn(this.bench.store.all(), name);
    this.bench.store.select(mark ? [mark.id] : []);
  }

  get current() {
    return document.activeElement?.closest?.("[data-column-name]")?.dataset.columnName ?? "";
  }

  #addKeys() {
    const { keys, config } = this.bench;
    const when = () => Boolean(this.current) && this.bench.store.editable;
    const group = "Columns, on a column's name";
    keys.add({ key: "ArrowDown ArrowUp", words: "Next or last column", group, when: () => Boolean(this.current), run: (event) => this.#walk(event.key === "ArrowDown" ? 1 : -1) });
    for (const [action, words, key] of ACTIONS) keys.add({ key, words, group, when, run: () => this.decide(this.current, action) });
    keys.add({ key: "t", words: "Take the suggestion", group, when, run: () => this.take(this.current) });
    keys.add({ key: "Backspace Delete", words: "Take the decision back", group, when, run: () => this.decide(this.current, "") });
    const digits = config.reasons.slice(0, 9).map((_, place) => String(place + 1)).join(" ");
    if (digits) keys.add({ key: digits, words: "Reason by its number", group, when, run: (event) => this.#reason(Number(event.key) - 1) });
  }

  #walk(step) {
    const names = this.columns.map((row) => row.name);
    this.focus(names[Math.min(names.length - 1, Math.max(0, names.indexOf(this.current) + step))]);
  }

  #reason(place) {
    const [code, label] = this.bench.config.reasons[place];
    const { mark } = ofColumn(this.bench.store.all(), this.current);
    if (!mark || mark.action === "release") return this.bench.say("First say what happens to the column.");
    this.bench.store.change(mark.id, { reason: code });
    this.bench.say(`Reason: ${label}.`);
  }
}

/** The mark a person makes by taking the advice for a column. */
export function suggestion(column, more = {}) {
  return {
    kind: "column", name: column.name, action: column.action, ...(column.to ? { to: column.to } : {}),
    note: column.why, suggested: true, decision: "accepted", ...more,
  };
}

class Row {
  wanted = ""; // an action that still lacks its measure
  #fault = "";

  constructor(owner, column) {
    const { config, store } = owner.bench;
    const off = !store.editable;
    const label = (words) => `${words} ${column.name}`;
    this.owner = owner;
    this.column = column;
    this.shown = make("span", { class: "wt-policy__example" });
    this.name = make("button", {
      type: "button", class: "wt-policy__name", dataset: { columnName: column.name },
      onclick: () => owner.onShow(column.name),
    }, column.name);
    this.take = button("Take", () => owner.take(column.name), { class: "usa-button usa-button--outline wt-small", disabled: off });
    this.advice = make("span", { class: "wt-policy__advice" });
    this.action = select(label("What happens to"), [["", "No decision: left out"], ...ACTIONS], (value) => owner.decide(column.name, value), off);
    this.to = select(label("How coarse:"), [["", "Choose how coarse"], ...COARSENESS, ["other", "Another measure…"]], (value) => this.#measure(value), off);
    this.other = make("input", { class: "usa-input", type: "text", "aria-label": label("Measure of"), placeholder: "grid:0.02", disabled: off, onchange: () => this.#measure(this.other.value.trim()) });
    this.reason = select(label("Reason for"), [["", "Choose a reason"], ...config.reasons.map(([code, words], place) => [code, place < 9 ? `${place + 1} ${words}` : words])], (value) => this.#set({ reason: value || null }), off);
    this.exemption = select(label("Exemption for"), [["", "None"], ...config.exemptions], (value) => this.#set({ exemption: value || null }), off);
    this.said = make("p", { class: "usa-error-message wt-policy__fault", id: `wt-fault-${owner.columns.indexOf(column)}`, hidden: true });
    this.missed = make("p", { class: "wt-policy__lost", hidden: true });
    this.reasonFault = make("span", { class: "usa-error-message", hidden: true }, "Say why.");
    this.element = make("tr", {},
      make("th", { scope: "row" }, this.name, this.shown),
      make("td", {}, this.#meaning(), make("div", { class: "wt-policy__take" }, this.advice, this.take)),
      make("td", { "data-label": "What happens" }, this.action, this.to, this.other, this.missed, this.said),
      make("td", { "data-label": "Reason" }, this.reason, this.reasonFault),
      make("td", { "data-label": "Exemption" }, this.exemption));
  }

  #meaning() {
    const { by, why } = this.column;
    if (!by) return make("span", { class: "wt-unknown" }, icon("help"), "Nobody knows this column. Nothing is suggested.");
    const byName = by === "name" && this.owner.columns.some((column) => column.by === "profile");
    return make("span", { class: "wt-policy__why" }, why.charAt(0).toUpperCase() + why.slice(1), byName ? make("span", { class: "wt-policy__by" }, " (by its name)") : null);
  }

  refresh(marks) {
    const { mark, open } = ofColumn(marks, this.column.name);
    this.mark = mark;
    const action = this.wanted || (mark?.action ?? "");
    this.element.dataset.action = mark?.action ?? "none";
    put(this.action, action);
    this.to.hidden = action !== "coarsen";
    const to = mark?.to ?? "";
    const usual = COARSENESS.some(([value]) => value === to);
    if (!this.to.hidden) put(this.to, to && !usual ? "other" : this.typing ? "other" : to);
    this.other.hidden = this.to.hidden || this.to.value !== "other";
    if (!this.other.hidden && document.activeElement !== this.other) this.other.value = to;
    put(this.reason, mark?.reason ?? "");
    put(this.exemption, mark?.exemption ?? "");
    const owes = Boolean(mark) && mark.action !== "release";
    this.reason.disabled = this.exemption.disabled = !owes || !this.owner.bench.store.editable;
    const lacks = owes && lacksReason(mark);
    this.reasonFault.hidden = !lacks;
    if (lacks) this.reason.setAttribute("aria-invalid", "true");
    else this.reason.removeAttribute("aria-invalid");
    this.#advise(mark, open);
    if (this.#fault && this.#fault !== mark?.id) this.fault("", "");
  }

  #advise(mark, open) {
    const { action, to, by } = this.column;
    const found = open[0];
    const words = found ? actionWords(found.action, found.to) : by ? actionWords(action, to) : "";
    const taken = mark && mark.action === (found?.action ?? action) && (mark.to ?? "") === (found?.to ?? to ?? "");
    this.advice.textContent = !words ? "" : taken && !found ? `As suggested: ${words}` : `Suggested: ${words}`;
    if (found?.note) this.advice.textContent += ` (${found.note})`;
    this.take.hidden = !words || (Boolean(mark) && !found);
    this.take.setAttribute("aria-label", `Take the suggestion for ${this.column.name}: ${words}`);
  }

  ask() {
    this.wanted = "coarsen";
    this.refresh(this.owner.bench.store.all());
    this.say("Say how coarse the column becomes.");
    // whoever goes through the choices by arrow keys is not taken away from them (WCAG 3.2.2)
    if (document.activeElement !== this.action) this.to.focus();
  }

  #measure(value) {
    this.typing = value === "other";
    if (this.typing) {
      this.other.hidden = false;
      this.other.value = "";
      return this.other.focus();
    }
    const fault = coarsenessFault(value);
    if (fault) return this.say(fault);
    this.say("");
    this.owner.decide(this.column.name, "coarsen", { to: value });
  }

  #set(patch) {
    if (this.mark) this.owner.bench.store.change(this.mark.id, patch);
  }

  example(value) {
    this.shown.textContent = value.length > 44 ? `${value.slice(0, 43)}…` : value;
  }

  lost(count) {
    this.missed.hidden = !count;
    this.missed.textContent = count ? `${counted(count, "cell cannot be read and becomes", "cells cannot be read and become")} REDACTED.` : "";
  }

  fault(id, message) {
    const mine = Boolean(id) && id === this.mark?.id;
    this.#fault = mine ? id : "";
    this.say(mine ? message : "");
    return mine;
  }

  say(message) {
    this.said.textContent = message;
    this.said.hidden = !message;
    const field = this.to.hidden ? this.action : this.other.hidden ? this.to : this.other;
    for (const each of [this.action, this.to, this.other]) {
      each.removeAttribute("aria-invalid");
      each.removeAttribute("aria-describedby");
    }
    if (message) {
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", this.said.id);
    }
  }
}

function put(field, value) {
  if (document.activeElement !== field || field.value !== value) field.value = value;
}

export function select(label, choices, set, disabled = false, props = {}) {
  return make("select", { class: "usa-select", "aria-label": label, disabled, onchange: (event) => set(event.target.value), ...props },
    choices.map(([value, words]) => make("option", { value }, words)));
}
