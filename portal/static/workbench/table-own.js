// The requester's own plate: said by the requester, proved by a paper that a person has seen, never by itself.

import { button, icon, make, moment } from "./dom.js";
import { select } from "./table-columns.js";
import { counted, isRejected, plain } from "./table-policy.js";

export class OwnPlate {
  found = null;
  #drafts = new Map(); // what somebody is about to say of a paper, by mark

  constructor(root, bench, { onRows }) {
    Object.assign(this, { root, bench, onRows });
    const { stage } = bench.config;
    this.own = stage.own;
    const off = !bench.store.editable;
    this.claim = make("p", { class: "wt-claim" });
    this.list = make("div", { class: "wt-cards" });
    this.column = select("Column of plates", stage.columns.map((row) => [row.name, row.name]), () => {}, off);
    if (stage.plates[0]) this.column.value = stage.plates[0];
    this.plate = make("input", { class: "usa-input", type: "text", maxlength: 20, autocomplete: "off", disabled: off, value: this.own.claim });
    this.said = make("p", { class: "usa-error-message", role: "alert", hidden: true });
    this.form = make("form", { class: "wt-form", "aria-labelledby": "wt-own-title", onsubmit: (event) => (event.preventDefault(), this.#add()) },
      make("h3", { id: "wt-own-title" }, "Keep the reads of one plate readable"),
      make("p", {}, "Masks, pseudonyms and coarser values do not touch rows of this plate. Columns that are left out stay out."),
      make("div", { class: "wt-form__line" },
        make("label", { class: "wt-field" }, make("span", {}, "Column of plates"), this.column),
        make("label", { class: "wt-field" }, make("span", {}, "Plate"), this.plate),
        button("Keep these rows readable", () => this.#add(), { kind: "", disabled: off })),
      this.said);
    root.append(this.claim, this.list, this.form);
    this.refresh();
  }

  marks() {
    return this.bench.store.all().filter((mark) => mark.kind === "own_plate" && !isRejected(mark));
  }

  refresh() {
    const { claim, requester } = this.own;
    const held = this.list.contains(document.activeElement) ? document.activeElement.id : "";
    const caret = held ? document.activeElement.selectionStart : null;
    this.claim.replaceChildren(icon(claim ? "person" : "info"), claim
      ? `${requester || "The requester"} says that plate ${claim} is of their own car. That alone proves nothing.`
      : "The requester does not say that a plate of this table is their own.");
    const marked = this.marks();
    const faults = marked.map((mark) => (this.faulty?.id === mark.id ? this.faulty.message : ""));
    this.list.replaceChildren(...marked.map((mark, place) => this.#card(mark, faults[place], place)));
    const field = held ? document.getElementById(held) : null;
    field?.focus();
    if (typeof caret === "number") field?.setSelectionRange(caret, caret);
  }

  inform({ found }) {
    this.found = found;
    this.refresh();
  }

  fault(id, message) {
    this.faulty = this.marks().some((mark) => mark.id === id) ? { id, message } : null;
    this.refresh();
    return Boolean(this.faulty);
  }

  #card(mark, fault, place) {
    const { store, config } = this.bench;
    const proof = this.own.proofs.find((row) => row.plate === plain(mark.plate));
    const rows = this.found?.own;
    const effect = make("p", { class: "wt-card__effect" }, rows === undefined ? "Not counted yet." : rows ? `${counted(rows, "row of an own plate goes", "rows of an own plate go")} out readable.` : "No released row is of this plate.");
    if (rows) effect.append(" ", button("Show these rows", () => this.onRows(":own"), { class: "usa-button usa-button--unstyled" }));
    const state = proof
      ? make("p", { class: "wt-proof wt-proof--seen" }, icon("check_circle"), `Proof seen by ${proof.by}, ${moment(proof.at)}: ${proof.document}.${proof.note ? ` ${proof.note}` : ""}`)
      : make("p", { class: "wt-proof wt-proof--none" }, icon("warning"), "No proof is recorded. Without one no redacted copy can be made.");
    const act = config.stage.may_prove ? (proof ? button("Take the confirmation back", () => this.#send({ plate: mark.plate, withdraw: true }), { id: `wt-unprove-${place}` }) : this.#confirm(mark, place)) : null;
    return make("article", { class: "wt-card", "aria-label": `Own plate ${mark.plate}` },
      make("p", { class: "wt-card__words" }, "Plate ", make("strong", { class: "wt-plate" }, mark.plate), ` in ${mark.column} stays readable`),
      fault ? make("p", { class: "usa-error-message", role: "alert" }, fault) : null,
      effect, state,
      make("div", { class: "wt-card__fields" }, act, button("Remove", () => store.remove(mark.id), { disabled: !store.editable, "aria-label": `Remove: own plate ${mark.plate}` })));
  }

  #confirm(mark, place) {
    const draft = this.#drafts.get(mark.id) ?? { document: "", note: "" };
    const keep = (change) => this.#drafts.set(mark.id, Object.assign(draft, change));
    const paper = select("Paper you have seen", [["", "Choose the paper you have seen"], ...this.own.documents], (value) => keep({ document: value }), false, { id: `wt-paper-${place}` });
    paper.value = draft.document;
    const note = make("input", { class: "usa-input", type: "text", maxlength: 200, autocomplete: "off", id: `wt-note-${place}`, value: draft.note, oninput: () => keep({ note: note.value }) });
    const said = make("span", { class: "usa-error-message", role: "alert", hidden: !draft.said }, draft.said ?? "");
    const send = button("I have seen it", async () => {
      keep({ said: paper.value ? "" : "Say which paper you have seen." });
      Object.assign(said, { textContent: draft.said, hidden: !draft.said });
      if (!paper.value) return paper.focus();
      await this.#send({ plate: mark.plate, document: paper.value, note: note.value }, said);
    }, { kind: "", id: `wt-prove-${place}` });
    return make("div", { class: "wt-form__line", role: "group", "aria-label": `Proof of ${mark.plate}` },
      make("label", { class: "wt-field" }, make("span", {}, "Paper"), paper),
      make("label", { class: "wt-field" }, make("span", {}, "Note (no numbers of papers)"), note), send, said);
  }

  async #send(body, said) {
    try {
      const own = await this.bench.json(this.bench.config.stage.urls.proof, { method: "POST", body });
      const there = new Set(own.proofs.map((row) => row.plate));
      const rest = this.own.proofs.filter((row) => row.plate !== plain(body.plate) && !there.has(row.plate));
      this.own = { ...own, proofs: [...own.proofs, ...rest] };
      this.bench.say(body.withdraw ? "The confirmation is taken back." : "The proof is recorded.");
      this.refresh();
    } catch (error) {
      if (said) Object.assign(said, { textContent: error.message, hidden: false });
      this.bench.warn(error.message);
    }
  }

  #add() {
    const plate = this.plate.value.trim();
    const twice = this.marks().some((mark) => mark.column === this.column.value && plain(mark.plate) === plain(plate));
    const message = !plain(plate) ? "Write the plate." : twice ? "This plate is kept readable already." : "";
    Object.assign(this.said, { textContent: message, hidden: !message });
    message ? this.plate.setAttribute("aria-invalid", "true") : this.plate.removeAttribute("aria-invalid");
    if (message) return this.plate.focus();
    this.bench.store.add({ kind: "own_plate", column: this.column.value, plate });
    this.bench.say("Added. Now confirm the proof.");
  }
}
