// Text that a camera burns into its picture stands in the same place over the whole film: one press covers it.
// Places used before are remembered on this computer by the size of the picture; a place is no part of a record.

import { make } from "./dom.js";
import { fitted } from "./film-time.js";

const KEY = "daylight-film-places";
const MOST = 6;
const USUAL = [
  ["Strip at the top", [0, 0, 1, 0.08]],
  ["Strip at the bottom", [0, 0.92, 1, 0.08]],
  ["Top left", [0, 0, 0.4, 0.1]],
  ["Top right", [0.6, 0, 0.4, 0.1]],
  ["Bottom left", [0, 0.9, 0.4, 0.1]],
  ["Bottom right", [0.6, 0.9, 0.4, 0.1]],
];

function remembered(size) {
  try {
    const rows = JSON.parse(localStorage.getItem(KEY) ?? "{}")[size];
    return Array.isArray(rows) ? rows.filter((rect) => Array.isArray(rect) && rect.length === 4 && rect.every(Number.isFinite)).slice(0, MOST) : [];
  } catch {
    return []; // what another program left there is no reason to stop
  }
}

export class Fixed {
  constructor({ root, bench, editor, size }) {
    Object.assign(this, { root, bench, editor });
    this.size = `${size.width}x${size.height}`;
    this.draw();
  }

  draw() {
    const places = remembered(this.size);
    const { region } = this.editor;
    const press = (words, rect) => make("button", { class: "wf-button", type: "button", onclick: () => this.cover(rect) }, words);
    const percent = (value) => `${Math.round(value * 100)}`;
    this.root.replaceChildren(
      make("p", { class: "wf-overlays__title" }, "Cover the same place over the whole film"),
      make(
        "div",
        { class: "wf-overlays__row" },
        region ? make("button", { class: "wf-button wf-button--strong", type: "button", onclick: () => this.whole(region) }, "The selected box") : "",
        ...USUAL.map(([words, rect]) => press(words, rect)),
      ),
      places.length
        ? make("div", { class: "wf-overlays__row" }, make("span", { class: "wf-quiet" }, "Used before on this size:"), ...places.map((rect) => press(`${percent(rect[2])} by ${percent(rect[3])} % at ${percent(rect[0])}, ${percent(rect[1])}`, rect)))
        : "",
    );
  }

  cover(rect) {
    const placed = fitted(rect);
    this.remember(placed);
    const { duration } = this.editor;
    this.editor.add({ kind: "region", start: 0, end: duration, style: "solid", keyframes: [{ t: 0, rect: placed }] }, "Covered over the whole film. Move or resize it where it does not fit.");
  }

  whole(region) {
    this.editor.wholeFilm(region);
    if (region.keyframes.length === 1) this.remember(region.keyframes[0].rect);
  }

  remember(rect) {
    const rows = [rect, ...remembered(this.size).filter((other) => other.some((value, axis) => Math.abs(value - rect[axis]) > 0.005))].slice(0, MOST);
    try {
      const all = JSON.parse(localStorage.getItem(KEY) ?? "{}");
      localStorage.setItem(KEY, JSON.stringify({ ...all, [this.size]: rows }));
    } catch {
      return; // a browser that keeps nothing only forgets the place
    }
    this.draw();
  }
}
