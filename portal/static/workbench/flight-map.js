// The map a person moves: by mouse, wheel, fingers and keys. It draws; it decides nothing.

import { firstDrawn } from "./first.js";
import { Fences } from "./flight-fences.js";
import { clamp } from "./flight-geometry.js";
import { Painter } from "./flight-paint.js";
import { View } from "./flight-view.js";

const STEP = 60; // pixels a key moves the map
const ZOOM = 1.5;
const SLACK = 4; // pixels a click may wander

export class FlightMap extends EventTarget {
  shown = { track: null, outcome: null, result: false, gone: [], now: undefined };
  #frame = 0;
  #moved = false; // by a person: a window of another size then leaves the view alone

  constructor(root, bench) {
    super();
    this.root = root;
    this.bench = bench;
    this.view = new View();
    this.painter = new Painter(root.querySelector("canvas"), this.view);
    this.fences = new Fences(root.querySelector("svg"), this.view, bench);
    this.fences.addEventListener("change", () => this.#marked());
    new ResizeObserver(() => this.#resized()).observe(root);
    this.#pointers();
    bench.store.addEventListener("change", () => this.draw());
    bench.store.addEventListener("select", () => {
      this.fences.corner = null;
      this.draw();
    });
  }

  show(patch) {
    Object.assign(this.shown, patch);
    if (patch.track) this.view.fit(patch.track.lat, patch.track.lon);
    this.draw();
  }

  draw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.painter.draw(this.shown);
      this.fences.render();
      if (this.shown.track) firstDrawn();
    });
  }

  fit() {
    this.#moved = false;
    this.view.reset();
    this.draw();
  }

  zoom(factor, x, y) {
    this.#moved = true;
    this.view.zoom(factor, x, y);
    this.draw();
  }

  pan(dx, dy) {
    this.#moved = true;
    this.view.pan(dx, dy);
    this.draw();
  }

  /** Shows where the aircraft was at a drawn point. */
  goTo(now) {
    const { track } = this.shown;
    this.shown.now = now;
    this.view.follow(track.lat[now], track.lon[now]);
    this.draw();
  }

  get middle() {
    return { lat: this.view.lat, lon: this.view.lon };
  }

  #resized() {
    const { clientWidth, clientHeight } = this.root;
    if (!clientWidth || !clientHeight) return;
    this.view.resize(clientWidth, clientHeight);
    this.painter.resize();
    if (!this.#moved) this.view.reset();
    this.draw();
  }

  #marked() {
    this.root.classList.toggle("wf-map--drawing", Boolean(this.fences.drawing));
    this.dispatchEvent(new Event("tool"));
    this.draw();
  }

  #at(event) {
    const box = this.root.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #pointers() {
    const { root, fences } = this;
    const held = new Map();
    let act = null; // {kind: "pan" | "corner", x, y, far}
    root.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target.closest("button")) return;
      const [x, y] = this.#at(event);
      held.set(event.pointerId, [x, y]);
      root.setPointerCapture(event.pointerId);
      const grabbed = held.size === 1 && !fences.drawing && fences.grab(event.target);
      act = { kind: grabbed ? "corner" : "pan", x, y, far: 0, target: event.target };
    });
    root.addEventListener("pointermove", (event) => {
      const [x, y] = this.#at(event);
      const before = held.get(event.pointerId);
      if (!before) {
        if (fences.drawing) {
          const spot = this.view.place(x, y);
          fences.pointer = [spot.lon, spot.lat];
          fences.render();
        }
        return;
      }
      held.set(event.pointerId, [x, y]);
      if (!act) return;
      act.far = Math.max(act.far, Math.hypot(x - act.x, y - act.y));
      if (held.size === 2) this.#pinch(held, event.pointerId, before);
      else if (act.kind === "corner") {
        const spot = this.view.place(x, y);
        if (act.far > 1) fences.drag(spot.lat, spot.lon);
      } else if (act.far > SLACK) this.pan(x - before[0], y - before[1]);
    });
    const up = (event) => {
      if (!held.delete(event.pointerId) || held.size) return;
      const done = act;
      act = null;
      if (!done) return;
      if (done.kind === "corner") fences.drop();
      else if (event.type === "pointerup" && done.far <= SLACK) this.#clicked(done);
    };
    root.addEventListener("pointerup", up);
    root.addEventListener("pointercancel", up);
    root.addEventListener("wheel", (event) => {
      event.preventDefault();
      const [x, y] = this.#at(event);
      this.zoom(Math.exp(clamp(-event.deltaY, -240, 240) / 400), x, y);
    }, { passive: false });
  }

  #pinch(held, moved, before) {
    const other = [...held].find(([id]) => id !== moved)[1];
    const now = held.get(moved);
    const far = (spot) => Math.max(1, Math.hypot(spot[0] - other[0], spot[1] - other[1]));
    this.zoom(far(now) / far(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  }

  #clicked({ x, y, target }) {
    const { fences } = this;
    const spot = this.view.place(x, y);
    if (fences.drawing) fences.put(spot.lat, spot.lon);
    else if (target.dataset.fence) this.bench.store.select([target.dataset.fence]);
    else this.dispatchEvent(new CustomEvent("spot", { detail: { ...spot, x, y } }));
  }

  /** Everything the hand does, by keys while the map has the focus. */
  keys() {
    const { bench, fences, root } = this;
    const focused = () => document.activeElement === root;
    const drawing = () => focused() && Boolean(fences.drawing);
    const shaping = () => focused() && !fences.drawing && Boolean(fences.chosen) && fences.editable;
    const cornered = () => shaping() && fences.corner !== null;
    const add = (key, words, run, when = focused) => bench.keys.add({ key, words, run, when, always: true, group: "On the map" });
    add("ArrowLeft", "Move the map left", () => this.pan(STEP, 0));
    add("ArrowRight", "Move the map right", () => this.pan(-STEP, 0));
    add("ArrowUp", "Move the map up", () => this.pan(0, STEP));
    add("ArrowDown", "Move the map down", () => this.pan(0, -STEP));
    add("+ =", "Zoom in", () => this.zoom(ZOOM));
    add("-", "Zoom out", () => this.zoom(1 / ZOOM));
    add("0 Home", "Show the whole flight", () => this.fit());
    add("Enter", "While drawing: put a corner at the cross in the middle", () => fences.put(this.middle.lat, this.middle.lon), drawing);
    add("Backspace", "While drawing: take the last corner back", () => fences.unput(), drawing);
    add("c", "While drawing: close the fence", () => fences.close(), drawing);
    add("Escape", "While drawing: give up", () => fences.giveUp(), drawing);
    add("]", "Next corner of the chosen fence", () => fences.choose((fences.corner ?? -1) + 1), shaping);
    add("[", "Corner before", () => fences.choose((fences.corner ?? 0) - 1), shaping);
    for (const [key, dx, dy] of [["ArrowLeft", -1, 0], ["ArrowRight", 1, 0], ["ArrowUp", 0, -1], ["ArrowDown", 0, 1]]) {
      const way = key.slice(5).toLowerCase();
      add(`Alt+${key}`, `Move the corner ${way} by 4 pixels`, () => fences.nudge(4 * dx, 4 * dy), cornered);
      add(`Alt+Shift+${key}`, `Move the corner ${way} by 20 pixels`, () => fences.nudge(20 * dx, 20 * dy), cornered);
    }
    add("i", "Insert a corner after the chosen one", () => fences.insert(fences.chosen, fences.corner), cornered);
    add("Delete", "Delete the chosen corner", () => fences.remove(fences.chosen, fences.corner), cornered);
  }
}
