// Personal data in what people wrote: found by pattern, shown with examples, decided by a person.

import { button, make } from "./dom.js";
import { counted, figure, ofColumn, tagWords } from "./table-policy.js";

const PAUSE_MS = 1_000;

export class Finds {
  #shown = null;

  constructor(root, bench, { onDecide }) {
    Object.assign(this, { bench, onDecide });
    this.start = button("Look for personal data", () => this.look(true), { kind: "", sign: "search" });
    this.state = make("p", { class: "wt-quiet", role: "status" }, "Names, numbers, addresses and signs of victims or minors are looked for in every column.");
    this.list = make("div", { class: "wt-finds" });
    root.append(make("div", { class: "wt-form__line" }, this.start, this.state), this.list);
  }

  async look(again = false) {
    this.start.disabled = true;
    try {
      for (let turn = 0; ; turn += 1) {
        const answer = await this.bench.json(this.bench.config.stage.urls.finds, { method: "POST", body: { again: again && turn === 0 } });
        if (answer.state === "ready") return this.#show(answer.found);
        if (answer.state === "failed") throw new Error(answer.error);
        this.state.textContent = `Reading the table: ${answer.progress} %. ${answer.note}`;
        await new Promise((done) => setTimeout(done, PAUSE_MS));
      }
    } catch (error) {
      this.state.textContent = error.message;
      this.bench.warn(error.message);
    } finally {
      this.start.disabled = false;
    }
  }

  #show(found) {
    this.#shown = found;
    const read = found.read < found.rows ? `Looked at ${figure(found.read)} of ${counted(found.rows, "row", "rows")}` : `Looked at ${counted(found.rows, "row", "rows")}`;
    const met = found.columns.filter((column) => column.kinds.length);
    this.state.textContent = met.length ? `${read}. ${counted(met.length, "column holds", "columns hold")} something to read.` : `${read}. Nothing was found, which is no proof that nothing is there.`;
    this.bench.say(this.state.textContent);
    this.refresh();
  }

  refresh() {
    if (!this.#shown) return;
    const held = document.activeElement?.dataset?.find;
    const met = this.#shown.columns.filter((column) => column.kinds.length || column.free);
    met.sort((one, other) => Number(other.free) - Number(one.free));
    this.list.replaceChildren(...met.map((column) => this.#card(column)));
    if (held) this.list.querySelector(`[data-find="${CSS.escape(held)}"]`)?.focus();
  }

  #card(column) {
    const { mark } = ofColumn(this.bench.store.all(), column.name);
    const off = !this.bench.store.editable;
    const reason = column.kinds.map((kind) => kind.reason).find((code) => this.bench.config.reasons.some(([known]) => known === code));
    const choose = (action, words) => button(words, () => this.onDecide(column.name, action, reason), { disabled: off || mark?.action === action, dataset: { find: `${column.name}:${action}` }, "aria-label": `${words}: ${column.name}` });
    return make("article", { class: "wt-card", "aria-label": `Finds in ${column.name}` },
      make("div", { class: "wt-card__head" },
        make("p", { class: "wt-card__words" }, column.name, column.free ? make("span", { class: "wt-tag" }, "Free text") : null, make("span", { class: "wt-tag", "data-action": mark?.action ?? "none" }, tagWords(mark))),
        make("div", { class: "wt-card__fields" }, choose("drop", "Leave out"), choose("mask", "Mask"))),
      column.kinds.length ? make("dl", { class: "wt-kinds" }, column.kinds.map((kind) => this.#kind(kind, column.filled))) : make("p", {}, "Nothing was recognised. Read it before it is released."));
  }

  #kind(kind, filled) {
    return make("div", {},
      make("dt", {}, kind.label, make("span", { class: "wt-quiet" }, ` in ${figure(kind.cells)} of ${counted(filled, "cell", "cells")}, ${kind.confidence >= 0.9 ? "sure" : kind.confidence >= 0.6 ? "likely" : "weak"}`)),
      make("dd", {}, make("ul", {}, kind.examples.map((row) => make("li", {}, make("span", { class: "wt-quiet" }, `Row ${figure(row.row)}: `), row.text.slice(0, row.from), make("mark", {}, row.text.slice(row.from, row.to)), row.text.slice(row.to))))));
  }
}
