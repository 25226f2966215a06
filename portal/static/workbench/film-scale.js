// Which stretch of the film the timeline shows, and where a time stands in it.

import { clamp } from "./film-time.js";

const STEPS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const CLOSEST = 0.5; // seconds across the whole width
const APART = 84; // pixels between two figures of the ruler

export class Scale {
  constructor(duration, changed) {
    this.duration = Math.max(duration, 0.1);
    this.changed = changed;
    this.from = 0;
    this.to = this.duration;
    this.width = 600;
  }

  get span() {
    return this.to - this.from;
  }

  get zoom() {
    return this.duration / this.span;
  }

  x(time) {
    return ((time - this.from) / this.span) * this.width;
  }

  time(x) {
    return clamp(this.from + (x / this.width) * this.span, 0, this.duration);
  }

  /** Zooms so that ``time`` keeps its place. */
  zoomBy(factor, time) {
    const span = clamp(this.span / factor, Math.min(CLOSEST, this.duration), this.duration);
    const share = (clamp(time, this.from, this.to) - this.from) / this.span;
    this.#set(time - share * span, span);
  }

  fit(from = 0, to = this.duration) {
    this.#set(from, clamp(to - from, Math.min(CLOSEST, this.duration), this.duration));
  }

  scrollBy(seconds) {
    this.#set(this.from + seconds, this.span);
  }

  /** Turns the page when a time has left the view; gives whether it did. */
  follow(time) {
    if (time >= this.from && time <= this.to) return false;
    this.#set(time - this.span * 0.08, this.span);
    return true;
  }

  #set(from, span) {
    this.from = clamp(from, 0, this.duration - span);
    this.to = this.from + span;
    this.changed();
  }

  get step() {
    const least = (APART / this.width) * this.span;
    return STEPS.find((step) => step >= least) ?? Math.ceil(least / 3600) * 3600;
  }
}
