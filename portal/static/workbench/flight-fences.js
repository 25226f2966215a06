// The fences over the map: their shapes, corners to drag, and the one being drawn.

import { fenceFault, tidy } from "./flight-geometry.js";

const SPACE = "http://www.w3.org/2000/svg";
const NEAR = 12; // pixels within which a click on the first corner closes a fence

function shape(tag, attributes) {
  const made = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

export class Fences extends EventTarget {
  corner = null; // number of the chosen corner of the selected fence
  drawing = null; // [[lon, lat], …] while one is drawn
  #dragged = null; // {id, polygon, corner} until the hand lets go
  pointer = null;

  constructor(layer, view, bench) {
    super();
    Object.assign(this, { layer, view, bench });
  }

  get chosen() {
    const ids = [...this.bench.store.selected];
    const mark = ids.length === 1 ? this.bench.store.get(ids[0]) : null;
    return mark?.kind === "fence" ? mark : null;
  }

  get editable() {
    return this.bench.store.editable;
  }

  render() {
    const rows = [];
    for (const mark of this.bench.store.all()) {
      if (mark.kind !== "fence" || mark.decision === "rejected") continue;
      const polygon = this.#dragged?.id === mark.id ? this.#dragged.polygon : mark.polygon;
      const chosen = this.bench.store.selected.has(mark.id);
      rows.push(shape("polygon", { points: this.#points(polygon), class: `wf-fence wf-fence--${mark.action}${chosen ? " wf-fence--chosen" : ""}`, "data-fence": mark.id }));
      if (chosen && this.editable) rows.push(...this.#handles(polygon));
    }
    if (this.drawing) rows.push(...this.#draft());
    this.layer.replaceChildren(...rows);
  }

  #points(polygon) {
    return polygon.map(([lon, lat]) => this.view.xy(lat, lon).map((part) => part.toFixed(1)).join(",")).join(" ");
  }

  #handles(polygon) {
    const rows = [];
    polygon.forEach(([lon, lat], n) => {
      const [nextLon, nextLat] = polygon[(n + 1) % polygon.length];
      const [x1, y1] = this.view.xy(lat, lon);
      const [x2, y2] = this.view.xy(nextLat, nextLon);
      if (Math.hypot(x2 - x1, y2 - y1) > 36) rows.push(shape("circle", { cx: (x1 + x2) / 2, cy: (y1 + y2) / 2, r: 5, class: "wf-between", "data-after": n }));
    });
    polygon.forEach(([lon, lat], n) => {
      const [cx, cy] = this.view.xy(lat, lon);
      rows.push(shape("circle", { cx, cy, r: n === this.corner ? 9 : 7, class: `wf-corner${n === this.corner ? " wf-corner--chosen" : ""}`, "data-corner": n }));
    });
    return rows;
  }

  #draft() {
    const spots = this.pointer ? [...this.drawing, this.pointer] : this.drawing;
    const rows = [shape("polyline", { points: this.#points(spots), class: "wf-draft" })];
    this.drawing.forEach(([lon, lat], n) => {
      const [cx, cy] = this.view.xy(lat, lon);
      rows.push(shape("circle", { cx, cy, r: n ? 5 : 8, class: n ? "wf-corner" : "wf-corner wf-corner--first" }));
    });
    return rows;
  }

  begin() {
    if (!this.editable) return;
    this.drawing = [];
    this.pointer = null;
    this.bench.store.select([]);
    this.#told();
  }

  giveUp() {
    this.drawing = null;
    this.pointer = null;
    this.#told();
  }

  /** Puts a corner of the fence being drawn; a click on the first one closes it. */
  put(lat, lon) {
    if (this.drawing.length > 2) {
      const [x, y] = this.view.xy(lat, lon);
      const [x0, y0] = this.view.xy(this.drawing[0][1], this.drawing[0][0]);
      if (Math.hypot(x - x0, y - y0) < NEAR) return this.close();
    }
    const spot = [tidy(lon), tidy(lat)];
    if (String(this.drawing.at(-1)) !== String(spot)) this.drawing = [...this.drawing, spot];
    this.bench.say(`Corner ${this.drawing.length} at ${spot[1].toFixed(5)}, ${spot[0].toFixed(5)}.`);
    this.#told();
    return null;
  }

  unput() {
    this.drawing = this.drawing.slice(0, -1);
    this.bench.say(`${this.drawing.length} corners.`);
    this.#told();
  }

  close() {
    const fault = fenceFault(this.drawing);
    if (fault) {
      this.bench.warn(fault);
      this.dispatchEvent(new CustomEvent("fault", { detail: fault }));
      return null;
    }
    const polygon = this.drawing;
    this.giveUp();
    return this.add(polygon);
  }

  add(polygon, action = "cut") {
    const id = this.bench.store.add({ kind: "fence", polygon, action });
    this.corner = null;
    this.bench.store.select([id]);
    this.bench.say(`Fence of ${polygon.length} corners added. What lies inside is cut.`);
    return id;
  }

  /** Saves a changed polygon of a fence if it is one; else says why not and gives false. */
  save(id, polygon) {
    const fault = fenceFault(polygon);
    if (fault) {
      this.bench.warn(fault);
      this.dispatchEvent(new CustomEvent("fault", { detail: fault }));
      this.render();
      return false;
    }
    this.dispatchEvent(new CustomEvent("fault", { detail: "" }));
    this.bench.store.change(id, { polygon });
    return true;
  }

  choose(corner) {
    const mark = this.chosen;
    if (!mark) return;
    const count = mark.polygon.length;
    this.corner = ((corner % count) + count) % count;
    const [lon, lat] = mark.polygon[this.corner];
    this.bench.say(`Corner ${this.corner + 1} of ${count}: ${lat.toFixed(6)}, ${lon.toFixed(6)}.`);
    this.#told();
  }

  /** Moves the chosen corner by pixels of the map. */
  nudge(dx, dy) {
    const mark = this.chosen;
    if (!mark || this.corner === null) return;
    const [lon, lat] = mark.polygon[this.corner];
    const [x, y] = this.view.xy(lat, lon);
    this.moveCorner(mark, this.corner, this.view.place(x + dx, y + dy));
  }

  moveCorner(mark, corner, spot) {
    const polygon = mark.polygon.map((row, n) => (n === corner ? [tidy(spot.lon), tidy(spot.lat)] : row));
    return this.save(mark.id, polygon);
  }

  insert(mark, after) {
    const [lon, lat] = mark.polygon[after];
    const [nextLon, nextLat] = mark.polygon[(after + 1) % mark.polygon.length];
    const middle = [tidy((lon + nextLon) / 2), tidy((lat + nextLat) / 2)];
    if (this.save(mark.id, mark.polygon.toSpliced(after + 1, 0, middle))) this.choose(after + 1);
  }

  remove(mark, corner) {
    if (mark.polygon.length <= 3) {
      this.bench.warn("A fence needs three corners. Remove the whole fence instead.");
      return;
    }
    if (this.save(mark.id, mark.polygon.toSpliced(corner, 1))) this.choose(Math.min(corner, mark.polygon.length - 2));
  }

  /** Begins to drag what was pressed: a corner, or the middle of a side, which becomes a corner. */
  grab(element) {
    const mark = this.chosen;
    if (!mark || !this.editable) return false;
    const { corner, after } = element.dataset;
    if (corner === undefined && after === undefined) return false;
    const between = after !== undefined;
    const place = between ? Number(after) + 1 : Number(corner);
    const polygon = between ? mark.polygon.toSpliced(place, 0, mark.polygon[place - 1]) : [...mark.polygon];
    this.corner = place;
    this.#dragged = { id: mark.id, polygon, corner: place, before: mark.polygon, moved: false };
    return true;
  }

  drag(lat, lon) {
    const { polygon, corner } = this.#dragged;
    this.#dragged.polygon = polygon.map((row, n) => (n === corner ? [tidy(lon), tidy(lat)] : row));
    this.#dragged.moved = true;
    this.render();
  }

  drop() {
    const { id, polygon, moved } = this.#dragged;
    this.#dragged = null;
    if (moved) this.save(id, polygon);
    this.#told();
  }

  #told() {
    this.render();
    this.dispatchEvent(new Event("change"));
  }
}
