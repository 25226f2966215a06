// The corners of the chosen fence as a table of numbers: all that can be dragged can be typed.

import { button, make } from "./dom.js";

export class Corners {
  constructor(root, bench, fences) {
    Object.assign(this, { root, bench, fences });
    bench.store.addEventListener("change", () => this.render());
    bench.store.addEventListener("select", () => this.render());
    fences.addEventListener("change", () => this.#choose());
    this.render();
  }

  render() {
    const mark = this.fences.chosen;
    this.root.hidden = !mark;
    if (!mark) return this.root.replaceChildren();
    const kept = this.root.contains(document.activeElement) ? document.activeElement.dataset.cell : null;
    this.root.replaceChildren(
      make(
        "table",
        { class: "usa-table usa-table--borderless wf-table" },
        make("caption", {}, `Corners of the chosen fence (${mark.polygon.length})`),
        make("thead", {}, make("tr", {}, ...["Corner", "Latitude", "Longitude", "Change"].map((head) => make("th", { scope: "col" }, head)))),
        make("tbody", {}, ...mark.polygon.map((spot, n) => this.#row(mark, spot, n))),
      ),
    );
    if (kept) this.root.querySelector(`[data-cell="${kept}"]`)?.focus();
    return this.#choose();
  }

  #row(mark, [lon, lat], n) {
    const cell = (name, value, most, spot) => {
      const field = make("input", { class: "usa-input wf-degrees", type: "number", step: "0.00001", min: -most, max: most, value, "aria-label": `Corner ${n + 1}, ${name}`, dataset: { cell: `${name}-${n}` }, disabled: !this.fences.editable });
      field.addEventListener("change", () => {
        if (field.value.trim() === "" || !this.fences.moveCorner(this.bench.store.get(mark.id), n, spot(Number(field.value)))) field.value = value;
      });
      field.addEventListener("focus", () => {
        this.fences.corner = n;
        this.fences.render();
        this.#choose();
      });
      return make("td", {}, field);
    };
    return make(
      "tr",
      { dataset: { row: n } },
      make("th", { scope: "row" }, String(n + 1)),
      cell("latitude", lat, 90, (value) => ({ lat: value, lon })),
      cell("longitude", lon, 180, (value) => ({ lat, lon: value })),
      make(
        "td",
        { class: "wf-row-actions" },
        button("Insert after", () => this.fences.insert(this.bench.store.get(mark.id), n), { kind: "unstyled", "aria-label": `Insert after corner ${n + 1}`, disabled: !this.fences.editable }),
        button("Delete", () => this.fences.remove(this.bench.store.get(mark.id), n), { kind: "unstyled", "aria-label": `Delete corner ${n + 1}`, disabled: !this.fences.editable }),
      ),
    );
  }

  #choose() {
    for (const row of this.root.querySelectorAll("[data-row]")) row.classList.toggle("wf-row--chosen", Number(row.dataset.row) === this.fences.corner);
  }
}
