// Which seconds were really played on a visible page, and how fast: told to the coverage ledger as it grows.

import { joined } from "./film-time.js";

const EVERY = 5; // seconds of film

export class Watch extends EventTarget {
  #run = null;

  constructor(player, tell) {
    super();
    this.player = player;
    this.tell = tell;
    this.spans = [];
    player.addEventListener("time", () => this.#moved());
    player.addEventListener("state", () => this.#moved());
    document.addEventListener("visibilitychange", () => document.hidden && this.flush());
    addEventListener("pagehide", () => this.flush());
  }

  /** What this person has watched before; without an answer the bar only begins empty. */
  async recall(asked) {
    const found = await asked.catch(() => null);
    if (found?.unit !== "second") return;
    this.spans = joined([...this.spans, ...found.ranges]);
    this.dispatchEvent(new CustomEvent("seen"));
  }

  #moved() {
    const { player } = this;
    const counts = player.playing && !player.backwards && !document.hidden;
    const now = player.now;
    if (!counts) {
      if (this.#run && now > this.#run.to && now - this.#run.to < 0.5) this.#run.to = now;
      this.flush();
      return;
    }
    // a jump (a seek, a loop, a cut left out) or another speed begins a new run
    if (this.#run && (now < this.#run.to - 0.05 || now > this.#run.to + Math.max(0.7, player.rate * 0.7) || this.#run.speed !== player.rate)) this.flush();
    this.#run ??= { from: now, to: now, speed: player.rate };
    this.#run.to = Math.max(this.#run.to, now);
    if (this.#run.to - this.#run.from >= EVERY) {
      const { to, speed } = this.#run;
      this.flush();
      this.#run = { from: to, to, speed };
    }
  }

  flush() {
    const run = this.#run;
    this.#run = null;
    if (!run || run.to - run.from < 0.05) return;
    this.tell("second", run.from, run.to, run.speed);
    this.spans = joined([...this.spans, [run.from, run.to]]);
    this.dispatchEvent(new CustomEvent("seen"));
  }
}
