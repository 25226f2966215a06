// What can be done to the marks of a film, whoever asks: a drag, a key, a field, a list.

import { isDropped } from "./film-paint.js";
import { isOpen } from "./store.js";
import { clock, fitted, rectAt, tidy } from "./film-time.js";

export const NAMES = { region: "Box", frame: "Whole picture", mute: "Mute", cut: "Cut" };
const SPAN = 5; // seconds a new box lasts until its end is set

export class Editor {
  constructor(bench, player, frames) {
    this.bench = bench;
    this.store = bench.store;
    this.player = player;
    this.frames = frames;
    this.selection = null; // a span of time that is no mark yet
    this.allPositions = false;
    this.changed = () => {};
  }

  get may() {
    return this.bench.config.may_mark && this.store.editable;
  }

  get duration() {
    return this.frames.duration;
  }

  /** The one mark that is selected, or null. */
  get mark() {
    return this.store.selected.size === 1 ? (this.store.get([...this.store.selected][0]) ?? null) : null;
  }

  get region() {
    return this.mark?.kind === "region" ? this.mark : null;
  }

  get timed() {
    return this.mark && Number.isFinite(this.mark.start) ? this.mark : null;
  }

  marks(...kinds) {
    return this.store.all().filter((mark) => kinds.includes(mark.kind) && !isDropped(mark));
  }

  /** ``joins``: quick repeats, such as of an arrow key, are one step to undo. */
  alter(id, patch, joins = false) {
    const mark = this.store.get(id);
    if (!mark || !this.may) return;
    this.store.change(id, isOpen(mark) ? { ...patch, decision: "adjusted" } : patch, { joins });
  }

  add(mark, said) {
    if (!this.may) return null;
    const id = this.store.add(mark);
    this.store.select([id]);
    if (said) this.bench.say(said);
    return id;
  }

  /** A new box at the picture on screen; it ends after five seconds or with the film, until its end is set. */
  addRegion(rect, style = "solid") {
    const start = tidy(this.frames.start(this.player.time));
    const end = tidy(Math.min(start + SPAN, this.duration));
    const frame = { t: start, rect: fitted(rect) };
    return this.add(
      { kind: "region", start, end: Math.max(end, tidy(this.frames.end(start))), style, keyframes: [frame] },
      `Box added from ${clock(start)} to ${clock(end)}. Move it at another time to add a position.`,
    );
  }

  /** The number of the position that belongs to the picture on screen, or -1. */
  positionAt(mark, time = this.player.time) {
    const [start, end] = [this.frames.start(time), this.frames.end(time)];
    return mark.keyframes.findIndex((frame) => frame.t >= start - 1e-4 && frame.t < end - 1e-4);
  }

  rect(mark) {
    return rectAt(mark.keyframes, this.player.time);
  }

  /** Puts the box there at the picture on screen: a position of its own, the span stretched to hold it. */
  place(mark, rect, joins = false) {
    const placed = fitted(rect);
    if (this.allPositions) {
      const now = this.rect(mark);
      const change = placed.map((value, axis) => value - now[axis]);
      const keyframes = mark.keyframes.map((frame) => ({ t: frame.t, rect: fitted(frame.rect.map((value, axis) => value + change[axis])) }));
      this.alter(mark.id, { keyframes });
      this.bench.say("All positions moved.");
      return;
    }
    const time = tidy(this.frames.start(this.player.time));
    const number = this.positionAt(mark);
    const kept = mark.keyframes.filter((_, each) => each !== number);
    const keyframes = [...kept, { t: number < 0 ? time : mark.keyframes[number].t, rect: placed }].sort((one, two) => one.t - two.t);
    const patch = { keyframes };
    if (time < mark.start) patch.start = time;
    if (time >= mark.end - 1e-6) patch.end = tidy(Math.min(this.frames.end(time), this.duration));
    this.alter(mark.id, patch, joins);
    this.bench.say(number < 0 ? `Position added at ${clock(time)}.` : `Position at ${clock(time)} changed.`);
  }

  /** Keeps the box where it is now, as a position of its own. */
  pin(mark) {
    this.place(mark, this.rect(mark));
  }

  removePosition(mark) {
    const number = this.positionAt(mark);
    if (number < 0) return this.bench.say("There is no position at this picture.");
    if (mark.keyframes.length === 1) return this.bench.say("The only position stays; delete the box instead.");
    this.alter(mark.id, { keyframes: mark.keyframes.filter((_, each) => each !== number) });
    return this.bench.say("Position deleted.");
  }

  jump(mark, direction) {
    const here = this.frames.start(this.player.time);
    const times = mark.keyframes.map((frame) => this.frames.start(frame.t));
    const to = direction > 0 ? times.find((time) => time > here + 1e-4) : times.findLast((time) => time < here - 1e-4);
    if (to === undefined) return this.bench.say(direction > 0 ? "This is the last position." : "This is the first position.");
    this.player.seek(to);
    return this.bench.say(`Position ${times.indexOf(to) + 1} of ${times.length}, ${clock(to)}.`);
  }

  /** Gives a sentence when it cannot be done. */
  setSpan(mark, start, end) {
    const from = tidy(Math.max(0, start));
    const to = tidy(Math.min(end, this.duration));
    if (!(from < to)) return "A mark has to end after it begins.";
    this.alter(mark.id, { start: from, end: to });
    return "";
  }

  /** The picture on screen becomes the first of the mark, or of the span that is being chosen. */
  setStart() {
    const time = this.frames.start(this.player.time);
    if (this.timed) {
      this.setSpan(this.timed, time, this.timed.end > time ? this.timed.end : this.frames.end(time));
      this.bench.say(`${NAMES[this.mark.kind]} starts at ${clock(time)}.`);
      return;
    }
    const end = this.selection && this.selection[1] > time ? this.selection[1] : Math.min(time + SPAN, this.duration);
    this.select([time, end], `Span from ${clock(time)} to ${clock(end)}.`);
  }

  /** The picture on screen becomes the last: a mark's end is not part of it, so the end of this picture. */
  setEnd() {
    const time = this.player.medium === "audio" ? this.player.time : this.frames.end(this.player.time);
    if (this.timed) {
      this.setSpan(this.timed, this.timed.start < time ? this.timed.start : this.frames.start(this.player.time), time);
      this.bench.say(`${NAMES[this.mark.kind]} ends at ${clock(time)}.`);
      return;
    }
    const start = this.selection && this.selection[0] < time ? this.selection[0] : Math.max(0, time - SPAN);
    this.select([start, time], `Span from ${clock(start)} to ${clock(time)}.`);
  }

  /** A span of time to work on next; a mark that was chosen is let go, so that what is offered is for the span. */
  select(span, said) {
    if (span) this.store.select([]);
    this.selection = span && [tidy(Math.max(0, span[0])), tidy(Math.min(span[1], this.duration))];
    this.changed();
    if (said) this.bench.say(said);
  }

  /** A mute, a cut or a covered picture over the chosen span; without one, five seconds from here. */
  addSpan(kind, fields = {}) {
    const time = this.frames.start(this.player.time);
    const [start, end] = this.selection ?? [time, Math.min(time + SPAN, this.duration)];
    if (end - start < 1e-3) return this.bench.warn("Choose a span first: there is nothing left of the film here.");
    this.selection = null;
    const what = { mute: "Sound muted", cut: "Cut out", frame: "Whole picture covered" }[kind];
    return this.add({ kind, start: tidy(start), end: tidy(end), ...fields }, `${what} from ${clock(start)} to ${clock(end)}.`);
  }

  /** Many spans in one step to undo; those already muted whole are left out. */
  muteAll(spans, label) {
    const had = this.marks("mute").filter((mark) => Number.isFinite(mark.start) && !isOpen(mark));
    const open = spans.filter(([start, end]) => !had.some((mark) => mark.start <= start + 1e-3 && mark.end >= end - 1e-3));
    if (!this.may || !open.length) return this.bench.say("Every place is muted already.");
    const ids = [];
    this.store.batch(label, () => {
      for (const [start, end] of open) ids.push(this.store.add({ kind: "mute", start: tidy(start), end: tidy(Math.min(end, this.duration)) }));
    });
    this.store.select(ids);
    return this.bench.say(`${ids.length} ${ids.length === 1 ? "place" : "places"} muted.`);
  }

  wholeFilm(mark) {
    this.setSpan(mark, 0, this.duration);
    this.bench.say("The box now covers this place over the whole film.");
  }

  remove() {
    const ids = [...this.store.selected];
    if (!ids.length || !this.may) return;
    this.store.remove(ids);
    this.bench.say(`${ids.length === 1 ? "Mark" : `${ids.length} marks`} deleted.`);
  }
}
