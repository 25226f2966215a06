// What a person has looked at, gathered and told every few seconds: {unit, from, to, speed}.

import { passes } from "./talking.js";

const PAUSE_MS = 4_000;
const AT_ONCE = 200; // the server takes no more in one message

export class Seen {
  #rows = [];
  #timer = 0;

  constructor(json, url, told = () => {}) {
    this.json = json;
    this.url = url;
    this.told = told; // called when the server has taken something in
    if (url) document.addEventListener("visibilitychange", () => document.hidden && this.send(true));
  }

  /** unit “page”, “second” or “row”; speed 1 unless played faster or slower. Ranges that touch are joined. */
  note(unit, from, to = from, speed = 1) {
    if (!this.url || !(to >= from)) return;
    const newest = this.#rows.at(-1);
    if (newest && newest.unit === unit && newest.speed === speed && from >= newest.from && from <= newest.to + (unit === "second" ? 0.5 : 1)) newest.to = Math.max(newest.to, to);
    else this.#rows.push({ unit, from, to, speed });
    this.#timer ||= setTimeout(() => this.send(), PAUSE_MS);
  }

  async send(keepalive = false) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const rows = this.#rows.splice(0, AT_ONCE);
    if (!rows.length) return;
    try {
      await this.json(this.url, { method: "POST", body: { seen: rows }, keepalive });
      if (!keepalive) this.told();
      if (this.#rows.length) this.#timer ||= setTimeout(() => this.send(), PAUSE_MS);
    } catch (error) {
      if (error.status && !passes(error)) return; // refused for good
      this.#rows.unshift(...rows);
      this.#timer ||= setTimeout(() => this.send(), PAUSE_MS * 4);
    }
  }
}
