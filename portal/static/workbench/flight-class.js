// What the flight was for: asked where the law asks it, answered by a person, kept for good.

import { button, make, moment } from "./dom.js";

export class FlightClass {
  constructor(root, bench) {
    Object.assign(this, { root, bench });
    this.panel = bench.config.stage.class;
    this.render();
    bench.store.addEventListener("change", () => this.#remind());
    this.#remind();
  }

  /** Marks that cite a ground which the recorded class does not bear. */
  get unborne() {
    const { bound, standing } = this.panel;
    return this.bench.store.all().filter((mark) => mark.decision !== "rejected" && bound[mark.exemption] && !bound[mark.exemption].includes(standing?.value));
  }

  #remind() {
    const wanting = this.unborne;
    this.note.hidden = !wanting.length;
    if (!wanting.length) return;
    const codes = [...new Set(wanting.map((mark) => mark.exemption))].join(", ");
    this.note.textContent = this.panel.standing
      ? `Marks cite ${codes}, which does not cover a flight recorded as “${this.panel.standing.label.toLowerCase()}”. Cite another ground or record the class anew: the record cannot be made like this.`
      : `Marks cite ${codes}, which holds for some flights only. Record first what this flight was for.`;
  }

  render() {
    const { panel } = this;
    this.note = make("p", { class: "wf-state wf-state--fault", role: "status", hidden: true });
    const rows = panel.classes.map((one) => {
      const id = `flight-class-${one.value}`;
      const meaning = [one.meaning, one.grounds.length ? `May be cited: ${one.grounds.join("; ")}.` : ""].filter(Boolean).join(" ");
      const radio = make("input", { class: "usa-radio__input", type: "radio", name: "flight_class", id, value: one.value, required: true });
      radio.checked = panel.standing?.value === one.value;
      return make("div", { class: "usa-radio" }, radio, make("label", { class: "usa-radio__label", for: id }, one.label, make("span", { class: "usa-radio__label-description" }, meaning)));
    });
    const form = make(
      "form",
      { class: "wf-form", onsubmit: (event) => this.#send(event) },
      make("fieldset", { class: "usa-fieldset" }, make("legend", { class: "usa-legend" }, "This flight was"), ...rows),
      make("label", { class: "usa-label", for: "flight-class-reason" }, "Why, from the call"),
      make("textarea", { class: "usa-textarea wf-reason", id: "flight-class-reason", name: "reason", rows: 3, maxlength: 2000, required: true }),
      make("p", { class: "usa-error-message", "data-fault": "", hidden: true }),
      button("Record what it was for", undefined, { kind: "", type: "submit" }),
    );
    this.root.replaceChildren(
      make("p", {}, `No flight is withheld for being a drone’s. Grounds that protect investigations hold for some flights only, so each is sorted by its own call (${panel.citation}).`),
      this.note,
      panel.standing ? this.#said(panel.standing, "strong") : make("p", {}, make("strong", {}, "Nobody has recorded it yet.")),
      panel.history.length > 1 ? make("details", {}, make("summary", {}, "Said before"), ...panel.history.slice(1).map((row) => this.#said(row, "span"))) : null,
      ...(this.bench.config.stage.may_mark ? [form] : []),
    );
    for (const empty of [...this.root.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)) empty.remove();
  }

  #said(row, tag) {
    return make("p", {}, make(tag, {}, `${row.label}.`), ` ${row.reason} `, make("span", { class: "wf-hint" }, `${row.by}, ${moment(row.at)}, under ${row.law}.`));
  }

  async #send(event) {
    event.preventDefault();
    const form = event.target;
    const sent = Object.fromEntries(new FormData(form));
    const fault = form.querySelector("[data-fault]");
    try {
      this.panel = await this.bench.json(this.bench.config.stage.urls.class, { method: "POST", body: sent });
    } catch (error) {
      fault.textContent = error.message;
      fault.hidden = false;
      this.bench.warn(error.message);
      return;
    }
    this.render();
    this.#remind();
    this.bench.say(`Recorded: ${this.panel.standing.label}.`);
  }
}
