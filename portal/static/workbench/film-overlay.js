// The canvas over the picture: shows the marks as they will be, or as boxes to draw, move and resize.
// Everything a drag does here, the arrow keys and the numbers in the panel do too.

import { cover, handles, outline, painted, styleOf } from "./film-paint.js";
import { isOpen } from "./store.js";
import { fitted, isShown, rectAt } from "./film-time.js";

const REACH = 9; // pixels round a handle
const SMALLEST = 5; // pixels: less is a click, not a box
const EDGES = [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1], [0.5, 1], [0, 1], [0, 0.5]];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const CURSORS = ["nwse-resize", "ns-resize", "nesw-resize", "ew-resize", "nwse-resize", "ns-resize", "nesw-resize", "ew-resize"];

export class Overlay {
  #drag = null;
  #live = null; // {id, rect}: not yet in the store
  #asked = 0;

  constructor({ canvas, view, player, editor, titles }) {
    Object.assign(this, { canvas, view, player, editor, titles });
    this.paper = canvas.getContext("2d");
    this.mode = "marks";
    this.armed = false;
    this.hand = false;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    // a finger that carries a box or the picture scrolls nothing meanwhile; the pointer's event comes first
    canvas.addEventListener("touchstart", (event) => this.#drag && event.cancelable && event.preventDefault(), { passive: false });
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", () => this.cancel());
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("keyup", (event) => event.key in ARROWS && this.#commit(true));
    canvas.addEventListener("blur", () => this.#commit());
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    player.addEventListener("time", () => this.draw());
    player.addEventListener("busy", () => this.draw());
  }

  setMode(mode) {
    this.mode = mode;
    this.draw();
  }

  arm(armed) {
    this.armed = armed;
    this.canvas.style.cursor = armed ? "crosshair" : "";
    this.canvas.toggleAttribute("data-armed", armed);
  }

  /** Asks for one drawing at the next picture of the screen, however often it is called. */
  draw() {
    if (!this.#asked) this.#asked = requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    this.#asked = 0;
    const { paper, canvas, view } = this;
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    paper.setTransform(ratio, 0, 0, ratio, 0, 0);
    paper.clearRect(0, 0, view.width, view.height);
    const time = this.player.time;
    const end = this.editor.frames.end(time);
    const shown = painted(this.editor.marks("region", "frame"), time, end);
    if (this.mode === "released") this.#released(shown, time);
    if (this.mode === "marks") this.#outlines(shown, time);
    if (this.#drag?.kind === "draw") this.#band();
  }

  #released(shown, time) {
    const { surface } = this.player;
    // what nobody has decided is not applied, so it is not shown as if it were
    for (const mark of shown.filter((each) => !isOpen(each))) cover(this.paper, surface, this.#current(mark), time, this.view.size, (box) => this.view.placed(box));
  }

  #outlines(shown, time) {
    const { selected } = this.editor.store;
    const place = (edges) => this.view.placed(edges, true);
    const rest = [...shown].sort((one, two) => selected.has(one.id) - selected.has(two.id));
    const { region } = this.editor;
    if (region && !shown.includes(region)) rest.push(region);
    for (const mark of rest) {
      const picked = selected.has(mark.id);
      const active = isShown(mark, time, this.editor.frames.end(time));
      outline(this.paper, this.#current(mark), time, place, { selected: picked, active, title: this.titles(mark) });
    }
    if (region && this.editor.may) handles(this.paper, this.#points(region));
  }

  #band() {
    const [x, y, w, h] = this.#drag.rect;
    const [left, top, width, height] = this.view.placed([x, y, x + w, y + h], true);
    this.paper.fillStyle = "rgb(9 20 32 / 40%)";
    this.paper.fillRect(left, top, width, height);
    this.paper.setLineDash([5, 4]);
    this.paper.lineWidth = 2;
    this.paper.strokeStyle = "#ffc857";
    this.paper.strokeRect(left, top, width, height);
    this.paper.setLineDash([]);
  }

  #current(mark) {
    if (this.#live?.id !== mark.id) return mark;
    return { ...mark, keyframes: [{ t: 0, rect: this.#live.rect }] };
  }

  #rect(mark) {
    return this.#live?.id === mark.id ? this.#live.rect : rectAt(mark.keyframes, this.player.time);
  }

  #points(mark) {
    const [x, y, w, h] = this.#rect(mark);
    const [left, top, width, height] = this.view.placed([x, y, x + w, y + h], true);
    return EDGES.map(([across, down]) => [left + across * width, top + down * height]);
  }

  #point(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #hit(x, y) {
    const time = this.player.time;
    const shown = painted(this.editor.marks("region"), time, this.editor.frames.end(time)).reverse();
    const { region } = this.editor;
    const [fx, fy] = this.view.fraction(x, y);
    const inside = (mark) => {
      const [left, top, width, height] = this.#rect(mark);
      return fx >= left && fx <= left + width && fy >= top && fy <= top + height;
    };
    return [...(region ? [region] : []), ...shown].find(inside) ?? null;
  }

  #handle(x, y) {
    const { region } = this.editor;
    if (!region || !this.editor.may) return -1;
    return this.#points(region).findIndex(([px, py]) => Math.abs(px - x) <= REACH && Math.abs(py - y) <= REACH);
  }

  #down(event) {
    const [x, y] = this.#point(event);
    if (event.button === 1 || this.hand) this.#drag = { kind: "pan", x, y };
    else if (event.button !== 0 || this.mode !== "marks") return;
    else this.#begin(event, x, y);
    if (!this.#drag) return;
    this.canvas.setPointerCapture(event.pointerId);
  }

  #begin(event, x, y) {
    this.#commit();
    const handle = this.armed ? -1 : this.#handle(x, y);
    const mark = handle >= 0 ? this.editor.region : this.armed ? null : this.#hit(x, y);
    if (mark) {
      const chosen = this.editor.store.selected.has(mark.id);
      this.player.pause();
      this.editor.store.select([mark.id]);
      // a finger that only scrolls past must not carry a box away: the first touch chooses it
      if (this.editor.may && (chosen || event.pointerType !== "touch")) this.#drag = { kind: handle >= 0 ? "size" : "shift", handle, x, y, mark, from: this.#rect(mark) };
      return;
    }
    const draws = this.editor.may && (this.armed || event.pointerType !== "touch");
    if (!draws) {
      this.editor.store.select([]);
      return;
    }
    this.player.pause();
    const at = this.#inside(x, y);
    this.#drag = { kind: "draw", x, y, at, rect: [...at, 0, 0] };
  }

  #inside(x, y) {
    return this.view.fraction(x, y).map((value) => Math.min(Math.max(value, 0), 1));
  }

  #move(event) {
    const [x, y] = this.#point(event);
    const drag = this.#drag;
    if (!drag) {
      this.#hover(x, y);
      return;
    }
    if (drag.kind === "pan") {
      this.view.move(x - drag.x, y - drag.y);
      [drag.x, drag.y] = [x, y];
      return;
    }
    if (drag.kind === "draw") {
      const [fx, fy] = this.#inside(x, y);
      drag.rect = [Math.min(fx, drag.at[0]), Math.min(fy, drag.at[1]), Math.abs(fx - drag.at[0]), Math.abs(fy - drag.at[1])];
    } else {
      const [ax, ay] = this.view.fraction(drag.x, drag.y);
      const [bx, by] = this.view.fraction(x, y);
      const rect = drag.kind === "shift" ? shifted(drag.from, bx - ax, by - ay) : stretched(drag.from, EDGES[drag.handle], bx - ax, by - ay);
      this.#live = { id: drag.mark.id, rect };
    }
    this.draw();
  }

  #hover(x, y) {
    if (this.mode !== "marks" || this.armed) return;
    const handle = this.#handle(x, y);
    const cursor = this.hand ? "grab" : handle >= 0 ? CURSORS[handle] : this.#hit(x, y) ? "move" : this.editor.may ? "crosshair" : "";
    if (this.canvas.style.cursor !== cursor) this.canvas.style.cursor = cursor;
  }

  #up(event) {
    const drag = this.#drag;
    this.#drag = null;
    if (!drag || drag.kind === "pan") return;
    if (drag.kind === "draw") {
      const [x, y] = this.#point(event);
      const real = Math.abs(x - drag.x) >= SMALLEST && Math.abs(y - drag.y) >= SMALLEST;
      if (real) this.editor.addRegion(drag.rect);
      else this.editor.store.select([]);
      this.disarmed?.();
    }
    this.#commit();
    this.draw();
  }

  cancel() {
    const was = Boolean(this.#drag || this.#live || this.armed);
    this.#drag = null;
    this.#live = null;
    this.disarmed?.();
    this.draw();
    return was;
  }

  #commit(joins = false) {
    if (!this.#live) return;
    const { id, rect } = this.#live;
    this.#live = null;
    const mark = this.editor.store.get(id);
    if (mark) this.editor.place(mark, rect, joins);
    this.draw();
  }

  #key(event) {
    const arrow = ARROWS[event.key];
    if (!arrow || event.ctrlKey || event.metaKey) return;
    const { region } = this.editor;
    event.preventDefault();
    if (!region || !this.editor.may || this.mode !== "marks") {
      if (arrow[0] && !event.shiftKey) this.player.step(arrow[0]);
      else this.view.move(-arrow[0] * 40, -arrow[1] * 40);
      return;
    }
    this.player.pause();
    const step = event.altKey ? 0.001 : 0.01;
    const [dx, dy] = [arrow[0] * step, arrow[1] * step];
    const rect = this.#rect(region);
    this.#live = { id: region.id, rect: event.shiftKey ? stretched(rect, [1, 1], dx, dy) : shifted(rect, dx, dy) };
    this.draw();
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const [x, y] = this.#point(event);
    this.view.zoomTo(this.view.zoom * Math.exp(-event.deltaY / 300), x, y);
    this.zoomed?.();
  }

  /** What the picture as released cannot say by itself. */
  get hints() {
    const shown = painted(this.editor.marks("region", "frame"), this.player.time, this.editor.frames.end(this.player.time));
    const rough = shown.some((mark) => styleOf(mark) !== "solid" && !isOpen(mark));
    return [rough && "Mosaic and blur are approximate", shown.some(isOpen) && "Suggestions not decided yet"].filter(Boolean);
  }
}

function shifted([x, y, w, h], dx, dy) {
  return [Math.min(Math.max(x + dx, 0), 1 - w), Math.min(Math.max(y + dy, 0), 1 - h), w, h];
}

function stretched([x, y, w, h], [across, down], dx, dy) {
  let [left, top, right, bottom] = [x, y, x + w, y + h];
  if (across === 0) left += dx;
  if (across === 1) right += dx;
  if (down === 0) top += dy;
  if (down === 1) bottom += dy;
  [left, right] = [Math.max(0, Math.min(left, right)), Math.min(1, Math.max(left, right))];
  [top, bottom] = [Math.max(0, Math.min(top, bottom)), Math.min(1, Math.max(top, bottom))];
  return fitted([left, top, right - left, bottom - top]);
}
