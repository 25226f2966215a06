// The timeline: two canvases drawn only when something changes, and a playhead that is moved by a transform.
// It is for the pointer; each thing on it has a button, a field or a row in a list below it.

import { drawLanes, KINDS, laid, NAMES, topOf, under } from "./film-lanes.js";
import { drawRuler, HEIGHT, HEIGHTS } from "./film-ruler.js";
import { make } from "./dom.js";
import { Scale } from "./film-scale.js";
import { isOpen } from "./store.js";
import { joined } from "./film-time.js";

const CLICK = 4; // pixels

export class Timeline {
  #drag = null;
  #live = null;
  #asked = 0;
  #detail = 0;

  constructor({ root, player, editor, source, watch, placesOf }) {
    Object.assign(this, { player, editor, source, watch, placesOf });
    this.ruler = root.querySelector("[data-ruler]");
    this.lanes = root.querySelector("[data-lanes]");
    this.names = root.querySelector("[data-lane-names]");
    this.head = root.querySelector("[data-playhead]");
    this.scroller = root.querySelector("[data-lane-scroll]");
    this.scroller.addEventListener("scroll", () => (this.names.scrollTop = this.scroller.scrollTop));
    this.area = root.querySelector("[data-timeline-area]");
    this.scale = new Scale(editor.duration, () => this.#changed());
    this.relay();
    for (const canvas of [this.ruler, this.lanes]) {
      canvas.addEventListener("pointerdown", (event) => this.#down(event));
      canvas.addEventListener("pointermove", (event) => this.#move(event));
      canvas.addEventListener("pointerup", (event) => this.#up(event));
      canvas.addEventListener("pointercancel", () => this.#stop());
      canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    }
    this.area.addEventListener("dblclick", (event) => this.#zoomToBar(event));
    new ResizeObserver(() => this.#resize()).observe(this.ruler.parentElement);
    player.addEventListener("time", () => this.#moveHead());
    for (const name of ["wave", "speech"]) source.addEventListener(name, () => this.draw());
    watch.addEventListener("seen", () => this.draw());
  }

  /** The marks have changed. */
  relay() {
    const kinds = this.player.medium === "audio" ? ["mute", "cut"] : KINDS;
    this.layout = laid(this.editor.marks(...kinds), this.placesOf, kinds);
    this.names.replaceChildren(
      ...kinds.map((kind) => {
        const name = make("span", {}, NAMES[kind]);
        name.style.height = `${topOf(this.layout.counts[kind]) - topOf(0)}px`;
        return name;
      }),
    );
    this.draw();
  }

  /** Brings the row of a mark that was chosen elsewhere into view. */
  reveal(id) {
    const bar = this.layout.bars.find((each) => each.mark.id === id);
    if (!bar) return;
    const [top, height] = [topOf(bar.row), this.scroller.clientHeight];
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top - 4;
    else if (top + 24 > this.scroller.scrollTop + height) this.scroller.scrollTop = top + 28 - height;
  }

  draw() {
    if (!this.#asked) this.#asked = requestAnimationFrame(() => this.#paint());
  }

  #resize() {
    this.scale.width = Math.max(50, this.ruler.parentElement.clientWidth);
    this.#changed();
  }

  #changed() {
    this.draw();
    this.changed?.();
    clearTimeout(this.#detail);
    if (this.scale.zoom > 1.5) {
      const margin = this.scale.span * 0.5;
      const [from, to] = [Math.max(0, this.scale.from - margin), Math.min(this.scale.duration, this.scale.to + margin)];
      this.#detail = setTimeout(() => this.source.fetchDetail(from, to, 2000), 150);
    }
  }

  #paint() {
    this.#asked = 0;
    const { width } = this.scale;
    const live = this.editor.marks("mute", "cut").filter((mark) => !isOpen(mark));
    const spans = (kind) => live.filter((mark) => mark.kind === kind).flatMap((mark) => (mark.literal == null ? [[mark.start, mark.end]] : this.placesOf(mark)));
    drawRuler(sized(this.ruler, width, HEIGHT), this.scale, this.source, {
      seen: this.watch.spans,
      selection: this.editor.selection,
      cuts: joined(spans("cut")),
      mutes: joined(spans("mute")),
    });
    const height = Math.max(this.layout.height, this.lanes.parentElement.clientHeight);
    drawLanes(sized(this.lanes, width, height), this.layout, this.scale, { selected: this.editor.store.selected, live: this.#live, width });
    this.#moveHead();
  }

  #moveHead() {
    const { now, playing } = this.player;
    if (playing && !this.#drag && this.scale.follow(now)) return;
    const x = this.scale.x(now);
    this.head.style.transform = `translateX(${x.toFixed(1)}px)`;
    this.head.style.visibility = x >= -1 && x <= this.scale.width + 1 ? "visible" : "hidden";
  }

  #point(event) {
    const box = event.currentTarget.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #down(event) {
    if (event.button !== 0) return;
    const [x, y] = this.#point(event);
    const scrubs = event.currentTarget === this.ruler && y < HEIGHTS.figures + HEIGHTS.seen;
    const found = event.currentTarget === this.lanes ? under(this.layout, this.scale, this.editor.store.selected, x, y) : null;
    this.#drag = { x, found, kind: scrubs ? "scrub" : found?.edge && this.editor.may ? "edge" : found ? "bar" : "span", from: this.scale.time(x) };
    event.currentTarget.setPointerCapture(event.pointerId);
    if (scrubs) this.player.seek(this.scale.time(x));
  }

  #move(event) {
    const drag = this.#drag;
    const [x, y] = this.#point(event);
    if (!drag) {
      this.#hover(event.currentTarget, x, y);
      return;
    }
    const time = this.scale.time(x);
    if (drag.kind === "scrub") this.player.seek(time);
    if (drag.kind === "edge") {
      const { mark } = drag.found.bar;
      const shown = drag.found.edge === "start" ? Math.min(this.#exact(time), mark.end - 0.001) : Math.max(this.#exact(time), mark.start + 0.001);
      this.#live = { id: mark.id, start: mark.start, end: mark.end, [drag.found.edge]: shown };
      this.draw();
    }
    if (drag.kind === "span" && Math.abs(x - drag.x) > CLICK) this.editor.select([Math.min(drag.from, time), Math.max(drag.from, time)]);
  }

  /** Edges of marks that cover pictures stand between two pictures. */
  #exact(time) {
    return this.player.medium === "audio" ? time : this.editor.frames.start(time);
  }

  #hover(canvas, x, y) {
    const found = canvas === this.lanes ? under(this.layout, this.scale, this.editor.store.selected, x, y) : null;
    const cursor = canvas === this.ruler ? (y < HEIGHTS.figures + HEIGHTS.seen ? "col-resize" : "text") : found?.edge && this.editor.may ? "ew-resize" : found ? "pointer" : "text";
    if (canvas.style.cursor !== cursor) canvas.style.cursor = cursor;
  }

  #up(event) {
    const drag = this.#drag;
    this.#drag = null;
    if (!drag) return;
    const [x] = this.#point(event);
    const still = Math.abs(x - drag.x) <= CLICK;
    if (drag.kind === "edge" && this.#live) {
      const { start, end } = this.#live;
      const fault = this.editor.setSpan(drag.found.bar.mark, start, end);
      if (fault) this.editor.bench.warn(fault);
      this.player.seek(drag.found.edge === "start" ? start : Math.max(start, end - 1e-3));
    }
    if (drag.kind === "bar") {
      this.editor.store.select([drag.found.bar.mark.id]);
      if (still && drag.found.position) this.player.seek(drag.found.position.t);
      else if (still) this.player.seek(drag.from);
    }
    if (drag.kind === "span" && still) {
      if (this.editor.selection) this.editor.select(null);
      this.player.seek(drag.from);
    }
    this.#stop();
  }

  #stop() {
    this.#drag = null;
    this.#live = null;
    this.draw();
  }

  #wheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.scale.zoomBy(Math.exp(-event.deltaY / 250), this.scale.time(this.#point(event)[0]));
    } else if (event.deltaX || event.shiftKey) {
      event.preventDefault();
      this.scale.scrollBy(((event.deltaX || event.deltaY) / this.scale.width) * this.scale.span);
    }
  }

  #zoomToBar(event) {
    if (event.target !== this.lanes) return;
    const box = this.lanes.getBoundingClientRect();
    const found = under(this.layout, this.scale, this.editor.store.selected, event.clientX - box.left, event.clientY - box.top);
    if (!found) return;
    const margin = (found.bar.end - found.bar.start) * 0.15 + 0.2;
    this.scale.fit(Math.max(0, found.bar.start - margin), Math.min(this.scale.duration, found.bar.end + margin));
  }
}

function sized(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) {
    [canvas.width, canvas.height] = [across, down];
    canvas.style.height = `${height}px`;
  }
  const paper = canvas.getContext("2d");
  paper.setTransform(ratio, 0, 0, ratio, 0, 0);
  paper.clearRect(0, 0, width, height);
  return paper;
}
