// Where the picture stands in its frame: fitted, zoomed up to 8 times, moved. One transform moves the screens;
// nothing is laid out while a film plays.

import { clamp } from "./film-time.js";

export class View {
  constructor(frame, holder, size, changed) {
    this.frame = frame;
    this.holder = holder;
    this.size = size;
    this.changed = changed;
    this.zoom = 1;
    this.x = 0;
    this.y = 0;
    new ResizeObserver(() => this.fit()).observe(frame);
    this.fit();
  }

  fit() {
    this.width = this.frame.clientWidth;
    this.height = this.frame.clientHeight;
    const scale = Math.min(this.width / this.size.width, this.height / this.size.height);
    this.base = { width: this.size.width * scale, height: this.size.height * scale };
    this.base.left = (this.width - this.base.width) / 2;
    this.base.top = (this.height - this.base.height) / 2;
    this.holder.style.width = `${this.base.width}px`;
    this.holder.style.height = `${this.base.height}px`;
    this.#place();
  }

  /** Zooms so that the point of the picture under (x, y) of the frame stays where it is. */
  zoomTo(zoom, x = this.width / 2, y = this.height / 2) {
    const [fx, fy] = this.fraction(x, y);
    this.zoom = clamp(zoom, 1, 8);
    this.x = x - this.base.left - fx * this.base.width * this.zoom;
    this.y = y - this.base.top - fy * this.base.height * this.zoom;
    this.#place();
  }

  move(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.#place();
  }

  /** A place of the frame as fractions of the picture; outside the picture below 0 or above 1. */
  fraction(x, y) {
    return [
      (x - this.base.left - this.x) / (this.base.width * this.zoom),
      (y - this.base.top - this.y) / (this.base.height * this.zoom),
    ];
  }

  /** Edges in picture pixels, or in fractions, as [x, y, width, height] of the frame. */
  placed([left, top, right, bottom], fractions = false) {
    const across = (this.base.width * this.zoom) / (fractions ? 1 : this.size.width);
    const down = (this.base.height * this.zoom) / (fractions ? 1 : this.size.height);
    const x = this.base.left + this.x + left * across;
    const y = this.base.top + this.y + top * down;
    return [x, y, (right - left) * across, (bottom - top) * down];
  }

  #place() {
    this.x = clamp(this.x, this.base.width * (1 - this.zoom), 0);
    this.y = clamp(this.y, this.base.height * (1 - this.zoom), 0);
    const left = this.base.left + this.x;
    const top = this.base.top + this.y;
    this.holder.style.transform = `translate(${left}px, ${top}px) scale(${this.zoom})`;
    this.changed();
  }
}
