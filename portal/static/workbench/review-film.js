// Films and sound side by side: two players that run as one where the staff's proxy of the original is there,
// else one picture of each at a second. A cut shortens the copy, so its clock is the report's time map.

import { button, make } from "./dom.js";
import { json } from "./talking.js";
import { spots, swap, Together } from "./review-sync.js";

const POLL = 2000; // milliseconds between two questions whether the proxy is made
const LEAD = 1; // seconds before a mark where playing starts
const NEAR = 0.02; // seconds that are the same picture
const LAG = 0.35; // seconds by which two players may differ
const END = 0.5; // seconds by which a film's own length may differ from its last picture's

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
    clearTimeout(this.asking);
    let again = true;
    try {
      const said = await json(this.config.urls.proxy, method === "POST" ? { method, body: { at: this.at, sound: null } } : {});
      const known = new Map((this.parts ?? []).map((part) => [part.url, part]));
      this.parts = (said.parts ?? []).map((part) => known.get(part.url) ?? part); // what plays is not begun anew
      again = ["waiting", "running"].includes(said.state);
      if (this.#part(this.at) || said.state === "ready") this.#players();
      if (this.original && this.part !== this.#part(this.at)) this.#load(this.eager || !this.original.paused);
      this.#tell(said.state === "failed" ? said.error : this.original ? "" : "Players come when the preview is made.");
    } catch (error) {
      again = !error.status || error.status >= 500; // a connection comes back; a refusal stays
      this.#tell(error.message);
    }
    if (again) this.asking = setTimeout(() => this.#ask("GET"), POLL);
  }

  /** What the bar says of the preview: where the reader waits for a part of it, that comes first. */
  #tell(words) {
    if (!this.state) return;
    const said = this.original && !this.part ? words || "This part of the preview is still being made." : words;
    if (this.state.textContent !== said) this.state.textContent = said;
  }

  /** The part that holds a second; its last picture belongs to the last part. */
  #part(time) {
    const parts = this.parts ?? [];
    const last = parts[parts.length - 1];
    const past = last && time >= last.end && last.end >= this.config.seconds - END ? last : undefined;
    return parts.find((part) => time >= part.start && time < part.end) ?? past;
  }

  #players() {
    if (this.original || !this.root.querySelector('[data-side="original"] .rv-sheet')) return;
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
    const title = this.original.closest("figure")?.querySelector("figcaption");
    if (title && !this.sound) title.textContent = "Original; the chosen mark is framed";
    this.result.src = this.config.urls.film;
    for (const player of [this.original, this.result]) {
      player.addEventListener("play", () => this.#both("play", player));
      player.addEventListener("pause", () => this.#both("pause", player));
    }
    this.original.addEventListener("timeupdate", () => this.#tick());
    this.original.addEventListener("ratechange", () => (this.result.playbackRate = this.original.playbackRate));
    this.original.addEventListener("ended", () => this.#goOn());
    this.original.addEventListener("error", () => this.part && this.#tell("This part of the preview could not be played."));
    this.result.addEventListener("error", () => this.#tell("The redacted copy could not be played here. Fetch it instead."));
    if (this.runs) this.runs.disabled = false;
    this.seek(this.at);
  }

  /** Puts the part in place in which the reader is by now; where none is made yet, it is asked for. */
  #load(goOn = false) {
    const part = this.#part(this.at);
    if (part === this.part) return;
    this.part = part;
    this.eager = !part && goOn; // who was watching goes on watching when it comes
    this.landed = false; // a player that gets another part says that it is at its beginning
    if (!part) {
      this.original.removeAttribute("src");
      this.original.load();
      this.result.pause();
      this.#ask("POST");
      return;
    }
    this.original.defaultPlaybackRate = this.original.playbackRate; // a new source begins at it
    this.original.src = part.url;
    this.original.addEventListener("loadedmetadata", () => {
      if (this.part !== part) return;
      this.landed = true;
      this.original.currentTime = Math.max(0, this.at - part.start); // where the reader is by now, not where she was
      this.#tell("");
      if (goOn) this.original.play().catch(() => {});
    }, { once: true });
  }

  /** From one part into the next. */
  #goOn() {
    if (!this.part || this.part.end >= this.config.seconds - END) return;
    this.at = this.part.end;
    this.#load(true);
  }

  #both(what, from) {
    if (from === this.result && (this.waits || from.ended)) return; // within a cut it stands still; it may end first
    const other = from === this.original ? this.result : this.original;
    if (what === "pause" && !other.paused) other.pause();
    if (what === "play" && other.paused && !other.ended && !this.waits) other.play().catch(() => {});
    this.runs.textContent = what === "play" ? "Pause both" : "Play both";
  }

  #toggle() {
    this.original.paused ? this.original.play().catch(() => {}) : this.original.pause();
  }

  #tick() {
    if (!this.part || !this.landed) return;
    const before = this.at;
    this.at = this.part.start + this.original.currentTime;
    const speed = this.original.playbackRate;
    if (!this.original.paused && !document.hidden && this.at > before && this.at - before < speed) this.seen.note("second", before, this.at, speed);
    if (document.activeElement !== this.clock) this.clock.value = this.at.toFixed(1);
    this.#follow(LAG);
    this.#frame();
  }

  /** The copy goes where the original is, if it is farther from there than ``lag``; within a cut it waits at the joint. */
  #follow(lag) {
    const { second, cut } = this.#mapped(this.at);
    const waited = this.waits;
    this.waits = cut;
    if (cut && !this.result.paused) this.result.pause();
    if (Math.abs(this.result.currentTime - second) > (cut ? NEAR : lag)) this.result.currentTime = second;
    if (waited && !cut && !this.original.paused) this.result.play().catch(() => {});
  }

  /** Where a second of the original is in the copy; within a cut the joint. */
  #mapped(time) {
    const spans = this.config.time_map;
    if (!spans.length) return { second: time, cut: false };
    const span = spans.find((each) => time < each.old_end) ?? spans.at(-1);
    const inside = Math.min(Math.max(time, span.old_start), span.old_end) - span.old_start;
    return { second: span.new_start + inside, cut: time < span.old_start || time > span.old_end + END };
  }

  seek(time) {
    this.at = Math.min(Math.max(time || 0, 0), this.config.seconds || 0);
    if (this.clock) this.clock.value = this.at.toFixed(1);
    if (this.original && this.result) {
      if (this.part !== this.#part(this.at)) this.#load(!this.original.paused);
      else if (this.part && this.landed) this.original.currentTime = this.at - this.part.start;
      this.#follow(NEAR);
    } else if (!this.sound) {
      const { second: there, cut } = this.#mapped(this.at);
      for (const image of this.images) {
        const side = image.closest("[data-side]").dataset.side;
        const second = Math.floor(side === "original" ? this.at : there);
        const copy = cut ? `Cut out here; the redacted copy goes on with its second ${second}` : `The redacted copy at second ${second}`;
        swap(image, this.config.urls[side].replace("{n}", String(second)), side === "original" ? `The original at second ${second}, with the marks as outlines` : copy);
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
