// Films and sound side by side: two players that run as one where the staff's proxy of the original is there,
// else one picture of each at a second. A cut shortens the copy, so its clock is the report's time map.

import { button, make } from "./dom.js";
import { json } from "./talking.js";
import { spots, swap, Together } from "./review-sync.js";

const POLL = 2000; // milliseconds between two questions whether the proxy is made
const LEAD = 1; // seconds before a mark where playing starts

export class FilmSides {
  canFlicker = true;
  canZoom = true;

  constructor({ config, root, say, seen }) {
    Object.assign(this, { config, root, say, seen });
    this.sound = config.medium === "audio";
    this.canZoom = this.canFlicker = !this.sound;
    this.images = [...root.querySelectorAll("[data-side] img")];
    const form = root.querySelector("[data-jump]");
    if (form) form.hidden = true;
    if (this.sound) this.#lay();
    this.sync = new Together(root);
    this.at = Number(form?.querySelector("input")?.value ?? 0);
    this.mark = null;
    this.#ask("POST");
  }

  /** Sound alone has no pictures, so its sides are made here. */
  #lay() {
    const box = this.root.querySelector("[data-sides]");
    for (const [side, words] of [["original", "Original"], ["result", "Redacted copy"]]) {
      box.append(make("figure", { class: "rv-side", dataset: { side } }, make("figcaption", {}, words), make("div", { class: "rv-scroll" }, make("div", { class: "rv-sheet" }, make("p", { class: "rv-wait" }, "Being made for listening …")))));
    }
  }

  controls() {
    this.clock = make("input", { class: "usa-input", id: "rv-second", type: "number", min: "0", max: String(Math.ceil(this.config.seconds)), step: "0.1", value: String(this.at) });
    this.clock.addEventListener("change", () => this.seek(Number(this.clock.value)));
    this.runs = button("Play both", () => this.#toggle(), { disabled: true });
    this.state = make("span", {}, "");
    return [make("span", { class: "rv-group" }, this.runs, make("label", { for: "rv-second" }, "Second"), this.clock, this.state)];
  }

  zoom(zoom, old) {
    this.sync.zoom(zoom, old);
  }

  async #ask(method) {
    if (!this.config.urls.film) return;
    try {
      const said = await json(this.config.urls.proxy, method === "POST" ? { method, body: { at: this.at, sound: null } } : {});
      this.parts = said.parts ?? [];
      if (this.#part(this.at) || said.state === "ready") this.#players();
      if (["waiting", "running"].includes(said.state)) setTimeout(() => this.#ask("GET"), POLL);
      if (this.state && !this.original) this.state.textContent = said.state === "failed" ? said.error : "Players come when the preview is made.";
    } catch (error) {
      if (this.state) this.state.textContent = error.message;
    }
  }

  #part = (time) => (this.parts ?? []).find((part) => time >= part.start && time < part.end);

  #players() {
    if (this.original) return;
    const kind = this.sound ? "audio" : "video";
    const made = (side, muted) => {
      const player = make(kind, { preload: "metadata", playsinline: true, controls: true, "aria-label": side === "original" ? "The original" : "The redacted copy" });
      player.muted = muted;
      const sheet = this.root.querySelector(`[data-side="${side}"] .rv-sheet`);
      if (!sheet) return null;
      sheet.replaceChildren(player);
      return player;
    };
    this.original = made("original", true); // one of two is heard: what will be released
    this.result = made("result", false);
    if (!this.original || !this.result) return;
    this.result.src = this.config.urls.film;
    this.#load(this.at);
    for (const player of [this.original, this.result]) {
      player.addEventListener("play", () => this.#both("play", player));
      player.addEventListener("pause", () => this.#both("pause", player));
    }
    this.original.addEventListener("timeupdate", () => this.#tick());
    this.original.addEventListener("ended", () => this.part && this.#part(this.part.end) && this.#load(this.part.end, true));
    if (this.runs) this.runs.disabled = false;
    if (this.state) this.state.textContent = "";
    this.seek(this.at);
  }

  #load(time, goOn = false) {
    const part = this.#part(time) ?? this.parts?.[0];
    if (!part || part === this.part) return;
    this.part = part;
    this.original.src = part.url;
    this.original.addEventListener("loadedmetadata", () => {
      if (this.part !== part) return;
      this.original.currentTime = Math.max(0, this.at - part.start); // where the reader is by now, not where she was
      if (goOn) this.original.play().catch(() => {});
    }, { once: true });
  }

  #both(what, from) {
    const other = from === this.original ? this.result : this.original;
    if (what === "pause" && !other.paused) other.pause();
    if (what === "play" && other.paused && !other.ended) other.play().catch(() => {});
    this.runs.textContent = what === "play" ? "Pause both" : "Play both";
  }

  #toggle() {
    this.original.paused ? this.original.play().catch(() => {}) : this.original.pause();
  }

  #tick() {
    if (!this.part) return;
    const before = this.at;
    this.at = this.part.start + this.original.currentTime;
    const speed = this.original.playbackRate;
    if (!this.original.paused && !document.hidden && this.at > before && this.at - before < speed) this.seen.note("second", before, this.at, speed);
    if (document.activeElement !== this.clock) this.clock.value = this.at.toFixed(1);
    const wanted = this.#mapped(this.at);
    if (wanted !== null && Math.abs(this.result.currentTime - wanted) > 0.35) this.result.currentTime = wanted;
    this.#frame();
  }

  /** Where a second of the original is in the copy; null within a cut. */
  #mapped(time) {
    const spans = this.config.time_map;
    if (!spans.length) return time;
    const span = spans.find((each) => time >= each.old_start && time < each.old_end);
    return span ? time - span.old_start + span.new_start : null;
  }

  seek(time) {
    this.at = Math.min(Math.max(time || 0, 0), this.config.seconds || 0);
    if (this.clock) this.clock.value = this.at.toFixed(1);
    if (this.original && this.result) {
      if (this.part !== this.#part(this.at)) this.#load(this.at);
      if (this.part && this.original.readyState) this.original.currentTime = this.at - this.part.start;
      const wanted = this.#mapped(this.at);
      if (wanted !== null) this.result.currentTime = wanted;
    } else if (!this.sound) {
      const wanted = this.#mapped(this.at);
      for (const image of this.images) {
        const side = image.closest("[data-side]").dataset.side;
        const second = Math.floor(side === "original" ? this.at : wanted ?? this.at);
        swap(image, this.config.urls[side].replace("{n}", String(second)), side === "original" ? `The original at second ${second}, with the marks as outlines` : `The redacted copy at second ${second}`);
      }
    }
    this.#frame();
  }

  go(mark) {
    this.mark = mark;
    if (mark.at === undefined) return this.say("This mark holds wherever its words are spoken.");
    this.seek(this.original ? Math.max(mark.at - LEAD, 0) : mark.at);
    this.say(`From second ${mark.at} to ${mark.until}`);
  }

  #frame() {
    if (this.sound) return;
    const here = this.mark?.keyframes?.length && this.at >= this.mark.at && this.at < this.mark.until;
    spots(this.root, here ? [between(this.mark.keyframes, this.at)] : []);
  }
}

/** The box of a moving region at a time, as the engine moves it: straight between two keyframes. */
export function between(frames, time) {
  const after = frames.findIndex((frame) => frame.t > time);
  if (after === 0) return frames[0].rect;
  if (after < 0) return frames.at(-1).rect;
  const [from, to] = [frames[after - 1], frames[after]];
  const share = (time - from.t) / (to.t - from.t);
  return from.rect.map((value, index) => value + (to.rect[index] - value) * share);
}
