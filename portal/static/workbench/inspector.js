// The chosen mark's fields: why, a note, and a figure for everything a drag does.

import { button, icon, make } from "./dom.js";
import { isOpen, lacksReason, owesReason } from "./store.js";
import { kindName, place } from "./words.js";

const NUMBERED = 9;

export class Inspector {
  #bench;
  #root;
  #shown = "";
  #unfolded = new Set();
  #pointed = false;

  constructor(bench, root) {
    this.#bench = bench;
    this.#root = root;
    root.addEventListener("pointerdown", () => (this.#pointed = true));
    root.addEventListener("keydown", () => (this.#pointed = false));
    for (let n = 1; n <= NUMBERED; n += 1) {
      const [code, label] = bench.config.reasons[n - 1] ?? [];
      if (code) bench.keys.add({ key: String(n), words: label, group: "Reasons", when: () => bench.store.editable && bench.store.selected.size > 0, run: () => this.#reason(code, label) });
      const [law, words] = bench.config.exemptions[n - 1] ?? [];
      if (law) bench.keys.add({ key: `Alt+${n}`, words, group: "Exemptions", always: true, when: () => bench.store.editable && bench.store.selected.size > 0, run: () => this.#exemption(law, words) });
    }
  }

  #reason(code, label) {
    this.#each((id) => this.#bench.store.change(id, { reason: code }), owesReason);
    this.#bench.say(`Reason: ${label}`);
  }

  #exemption(code, label) {
    this.#each((id) => this.#bench.store.change(id, { exemption: code }));
    this.#bench.say(code ? `Exemption: ${label}` : "No exemption");
  }

  #each(fn, which = () => true) {
    const { store } = this.#bench;
    store.batch("Change", () => [...store.selected].filter((id) => which(store.get(id))).forEach(fn));
  }

  refresh() {
    const { store } = this.#bench;
    const ids = [...store.selected];
    const marks = ids.map((id) => store.get(id)).filter(Boolean);
    const active = document.activeElement;
    const held = this.#root.contains(active) ? active.dataset.field : null;
    const key = ids.join(" ");
    // whoever types in a field is not disturbed by the change she makes
    if (held && key === this.#shown && active.matches("input, textarea") && active.dataset.typing) return;
    this.#shown = key;
    this.#root.replaceChildren(...(marks.length === 1 ? this.#one(marks[0]) : marks.length ? this.#many(marks) : this.#none()));
    if (!held) return;
    const field = this.#root.querySelector(`[data-field="${CSS.escape(held)}"]`);
    field?.focus({ preventScroll: true });
    // whoever came by Tab types over what stands there, as in any field
    if (!this.#pointed && field?.matches("input:not([type=checkbox])")) field.select();
  }

  #none() {
    return [make("p", { class: "wb-quiet" }, this.#bench.store.size ? "Choose a mark in the list or in the record to see and change its figures." : !this.#bench.config.stage ? "Nothing can be marked in a file that cannot be shown." : "Nothing is marked yet. Mark in the record; what you mark is listed here and saved by itself.")];
  }

  #many(marks) {
    const open = marks.some(isOpen);
    return [make("h2", { class: "wb-inspector__title" }, `${marks.length} marks chosen`), ...(open ? [this.#decide()] : []), ...this.#why(marks), this.#actions(marks)];
  }

  #one(mark) {
    return [
      make("h2", { class: "wb-inspector__title" }, kindName(mark.kind), make("span", { class: "wb-quiet" }, ` ${place(mark)}`)),
      ...(isOpen(mark) ? [make("p", { class: "wb-flag wb-flag--open" }, icon("lightbulb_outline"), "A suggestion. Nothing happens before somebody decides."), this.#decide()] : []),
      ...(mark.decision === "rejected" ? [make("p", { class: "wb-flag" }, icon("do_not_disturb"), "Rejected: it is not applied.")] : []),
      ...this.#why([mark]),
      this.#figures(mark),
      this.#note(mark),
      this.#actions([mark]),
    ];
  }

  #decide() {
    if (!this.#bench.store.editable) return null;
    const set = (decision, words) => () => {
      this.#each((id) => this.#bench.store.change(id, { decision }), isOpen);
      this.#bench.say(words);
    };
    return make("div", { class: "wb-actions" }, button("Accept", set("accepted", "Accepted"), { sign: "check" }), button("Reject", set("rejected", "Rejected"), { sign: "close" }));
  }

  #why(marks) {
    const found = [];
    const { config, store } = this.#bench;
    if (marks.some(owesReason)) {
      const reasons = new Set(marks.filter(owesReason).map((mark) => mark.reason ?? ""));
      if (marks.some(lacksReason)) found.push(make("p", { class: "wb-flag wb-flag--open" }, icon("error_outline"), "Say why it is withheld."));
      found.push(this.#choice("reason", "Reason", config.reasons, reasons, "Choose a reason", (code) => this.#each((id) => store.change(id, { reason: code || null }), owesReason)));
    }
    if (marks.some(owesReason) || marks.some((mark) => mark.kind === "withhold")) {
      const cited = new Set(marks.map((mark) => mark.exemption ?? ""));
      found.push(this.#choice("exemption", "Exemption", config.exemptions, cited, "None", (code) => this.#each((id) => store.change(id, { exemption: code || null }))));
    }
    return found;
  }

  #choice(name, label, rows, values, empty, set) {
    const mixed = values.size > 1;
    const prefix = name === "reason" ? "" : "Alt+";
    const select = make(
      "select",
      { class: "usa-select wb-field__input", id: `inspect-${name}`, dataset: { field: name }, disabled: !this.#bench.store.editable, onchange: (event) => set(event.target.value) },
      mixed ? make("option", { value: "*", selected: true, disabled: true }, "Different ones") : null,
      make("option", { value: "", selected: !mixed && values.has("") }, empty),
      rows.map(([code, words], n) => make("option", { value: code, selected: !mixed && values.has(code) }, n < NUMBERED ? `${prefix}${n + 1}  ${words}` : words)),
    );
    return make("div", { class: "wb-field" }, make("label", { for: `inspect-${name}` }, label), select);
  }

  #figures(mark) {
    const rows = this.#bench.fieldMakers.get(mark.kind)?.(mark) ?? [];
    return make("div", { class: "wb-figures" }, rows.map((row) => (row.type === "group" ? this.#group(row) : this.#field(row))));
  }

  /** Fields behind a line that opens; they are made when it does. */
  #group({ name, label, rows }) {
    const inside = make("div", { class: "wb-figures" });
    const fill = (open) => inside.replaceChildren(...(open ? rows().map((row) => this.#field(row)) : []));
    const part = make("details", { class: "wb-figures__more", open: this.#unfolded.has(name), ontoggle: () => {
      if (part.open === this.#unfolded.has(name)) return;
      part.open ? this.#unfolded.add(name) : this.#unfolded.delete(name);
      fill(part.open);
    } }, make("summary", { dataset: { field: `more-${name}` } }, label), inside);
    fill(part.open);
    return part;
  }

  #field(row) {
    const id = `inspect-f-${row.name}`;
    const shared = { id, class: row.type === "select" ? "usa-select wb-field__input" : "usa-input wb-field__input", dataset: { field: `f-${row.name}` }, disabled: !this.#bench.store.editable || row.disabled };
    const fault = make("p", { class: "wb-field__fault", id: `${id}-fault`, hidden: true });
    const changed = (event) => {
      const input = event.target;
      delete input.dataset.typing;
      const value = row.type === "number" ? input.valueAsNumber : row.type === "checkbox" ? input.checked : input.value;
      const { rangeUnderflow, rangeOverflow } = input.validity; // a step is for the arrow keys: any figure may be typed
      const wrong = row.type === "number" && (Number.isNaN(value) || rangeUnderflow || rangeOverflow);
      let said = wrong ? (Number.isNaN(value) ? "A number is needed." : input.validationMessage) : "";
      if (!wrong) {
        try {
          said = row.set(value) || "";
        } catch (error) {
          said = error.message;
        }
      }
      fault.textContent = typeof said === "string" ? said : "";
      fault.hidden = !fault.textContent;
      if (fault.textContent) {
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", fault.id);
      }
    };
    let input;
    if (row.type === "select") input = make("select", { ...shared, onchange: changed }, (row.options ?? []).map(([value, words]) => make("option", { value, selected: String(value) === String(row.value ?? "") }, words)));
    else if (row.type === "checkbox") input = make("input", { ...shared, class: "wb-field__check", type: "checkbox", checked: Boolean(row.value), onchange: changed });
    else input = make("input", { ...shared, type: row.type ?? "text", min: row.min, max: row.max, step: row.step ?? (row.type === "number" ? "any" : undefined), value: row.value ?? "", onchange: changed, oninput: (event) => (event.target.dataset.typing = "1") });
    return make("div", { class: "wb-field" }, make("label", { for: id }, row.label, row.unit ? make("span", { class: "wb-quiet" }, `, ${row.unit}`) : null), input, fault);
  }

  #note(mark) {
    const input = make("input", {
      class: "usa-input wb-field__input", id: "inspect-note", type: "text", maxlength: 300, value: mark.note ?? "", dataset: { field: "note", typing: "1" }, disabled: !this.#bench.store.editable,
      onchange: (event) => this.#bench.store.change(mark.id, { note: event.target.value.trim() || null }),
    });
    return make("div", { class: "wb-field" }, make("label", { for: "inspect-note" }, "Note for colleagues"), input);
  }

  #actions(marks) {
    const { store, say } = this.#bench;
    if (!store.editable) return null;
    const ids = marks.map((mark) => mark.id);
    return make(
      "div",
      { class: "wb-actions" },
      button("Duplicate", () => this.duplicate(ids), { sign: "content_copy" }),
      button(marks.length > 1 ? `Remove ${marks.length}` : "Remove", () => (store.remove(ids), say(marks.length > 1 ? `${marks.length} marks removed` : "Mark removed")), { sign: "delete" }),
    );
  }

  /** A copy of each, a little aside where it has a place on a page or in the picture. */
  duplicate(ids) {
    const { store, say } = this.#bench;
    const made = store.batch("Duplicate", () =>
      ids.map((id) => {
        const { id: _old, suggested, decision, ...rest } = store.get(id);
        return store.add({ ...rest, ...aside(rest) });
      }),
    );
    store.select(made);
    say(made.length > 1 ? `${made.length} marks duplicated` : "Mark duplicated");
  }
}

function aside(mark) {
  if (mark.rect) return { rect: mark.rect.map((value, n) => value + (n % 2 ? 1 : 0) * Math.min(8, mark.rect[1] > 8 ? -8 : 0)) };
  if (mark.keyframes) return { keyframes: mark.keyframes.map((frame) => ({ ...frame, rect: [Math.min(1 - frame.rect[2], frame.rect[0] + 0.02), ...frame.rect.slice(1)] })) };
  return {};
}
