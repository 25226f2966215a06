// Plays a film whose preview comes in parts, exact to the picture: what ``time`` says is what is on screen.
// Two screens take turns, so that the next part is there before this one ends. Where no part is ready yet,
// single pictures of the film are shown. Events: "time", "state", "busy", "fault".

import { early, firstDrawn } from "./first.js";
import { Screen } from "./film-screen.js";
import { Still } from "./film-still.js";
import { clamp } from "./film-time.js";

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];
const AHEAD = 12; // seconds before the end of a part at which the next one is fetched
const GUARD = 0.05; // seconds the engine mutes on each side of a mark
const LOST = "The picture could not be fetched.";
const NEAR = 0.002; // seconds by which a picture's time may miss the list

export class Player extends EventTarget {
  #screens;
  #active;
  #still = null;
  #visible = null;
  #asked = -1;
  #reverse = null;
  #wish = false;

  constructor({ holder, medium, frames, pictureUrl }) {
    super();
    this.medium = medium;
    this.frames = frames;
    this.pictureUrl = pictureUrl;
    this.parts = [];
    this.time = 0;
    this.rate = 1;
    this.muted = false;
    this.loop = null;
    this.rules = null; // {mutes, cuts} to honour while playing
    const heard = {
      landed: (screen) => this.#landed(screen),
      presented: (screen, time) => this.#presented(screen, time),
      ended: (screen) => screen === this.#active && this.#ended(),
      failed: (screen, error) => this.#failed(screen, error),
    };
    this.#screens = [new Screen(medium, heard), new Screen(medium, heard)];
    this.#active = this.#screens[0];
    for (const screen of this.#screens) holder.append(screen.element);
    if (medium !== "audio") {
      this.#still = new Still(holder, early, { came: () => this.#pictureCame(), lost: () => this.#pictureCame(LOST) });
    }
    this.#show(early?.naturalWidth ? early : null);
  }

  get duration() {
    return this.frames.duration;
  }

  get playing() {
    return this.#wish || this.#reverse !== null;
  }

  get backwards() {
    return this.#reverse !== null;
  }

  /** What is on screen now, to draw from: a video, a picture, or null. */
  get surface() {
    const { element } = this.#active;
    if (this.#visible === element) return element.readyState >= 2 ? element : null;
    return this.#still?.isThere ? this.#still.element : null;
  }

  get canPlay() {
    return this.#partAt(this.time) !== null;
  }

  /** Seconds on screen now, between pictures too. */
  get now() {
    return this.playing && this.#active.part ? this.#active.now : this.time;
  }

  /** The pictures' exact times have come: the one on screen gets its own. */
  framesCame() {
    if (this.playing) return;
    this.#set(this.time);
    this.#tell("time");
  }

  setParts(parts) {
    const had = this.canPlay;
    this.parts = parts;
    if (!had && this.canPlay) this.seek(this.time);
  }

  seek(time) {
    this.#reverse = null;
    this.#go(time);
  }

  step(count) {
    this.pause();
    if (this.medium === "audio") this.seek(this.time + count * 0.1);
    else this.seek(count > 0 ? this.frames.next(this.time) : this.frames.previous(this.time));
  }

  play() {
    this.#reverse = null;
    if (!this.canPlay) {
      this.#tell("fault", "This part of the preview is still being made; step through its pictures meanwhile.");
      return;
    }
    if (this.frames.end(this.time) >= this.duration - 1e-4) this.#go(this.loop?.[0] ?? 0);
    this.#wish = true;
    this.#run();
    this.#tell("state");
    requestAnimationFrame(() => this.#tick());
  }

  pause() {
    const was = this.playing;
    this.#wish = false;
    this.#reverse = null;
    for (const screen of this.#screens) screen.element.pause();
    if (!was) return;
    if (this.medium === "audio" && this.#active.part) this.#set(this.#active.now);
    this.#tell("state");
    this.#tell("time");
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  setRate(rate) {
    this.rate = rate;
    for (const { element } of this.#screens) element.playbackRate = rate;
    this.#tell("state");
  }

  setMuted(muted) {
    this.muted = muted;
    this.#hush();
    this.#tell("state");
  }

  /** The editors' J and L: each press in the same direction doubles the speed up to 4. */
  shuttle(direction) {
    if (direction > 0) {
      const again = this.playing && !this.backwards;
      this.setRate(again ? Math.min(4, this.rate < 1 ? 1 : this.rate * 2) : 1);
      if (!again) this.play();
      return;
    }
    const speed = this.#reverse ? Math.min(4, this.#reverse.speed * 2) : 1;
    this.pause();
    this.#reverse = { speed, from: this.time, since: performance.now() };
    this.#tell("state");
    requestAnimationFrame(() => this.#tick());
  }

  #run() {
    const { element } = this.#active;
    element.playbackRate = this.rate;
    this.#hush();
    element.play().catch((error) => {
      if (error.name === "AbortError") return;
      this.pause();
      this.#tell("fault", "The browser would not play the preview. Press play again.");
    });
  }

  #tick() {
    if (!this.playing) return;
    if (this.#reverse) this.#rewind();
    else if (this.#active.part && this.#active.target === null) this.#advance();
    requestAnimationFrame(() => this.#tick());
  }

  #rewind() {
    const { speed, from, since } = this.#reverse;
    const time = from - ((performance.now() - since) / 1000) * speed;
    if (time <= 0) {
      this.pause();
      this.#go(0);
    } else if (this.#active.settled || this.#visible === this.#still?.element) {
      const kept = this.#reverse;
      this.#go(time);
      this.#reverse = kept;
    }
  }

  /** Passes over what is cut out, if the film has come to it. */
  #skips(now) {
    const cut = this.rules?.cuts.find(([start, end]) => now >= start - 0.01 && now < end - 0.01);
    if (!cut) return false;
    if (cut[1] >= this.duration - 0.05) this.pause();
    else this.#go(cut[1]);
    return true;
  }

  /** Goes back to where the loop begins, if the film has come to its end. */
  #returns(now) {
    if (!this.loop || now < this.loop[1] - 0.01) return false;
    this.#go(this.loop[0]);
    return true;
  }

  #advance() {
    const { now, part } = this.#active;
    if (this.#skips(now) || this.#returns(now)) return;
    this.#hush();
    if (this.medium === "audio") {
      this.#set(now);
      this.#tell("time");
    }
    const next = this.#partAfter(part);
    if (next && now > part.end - AHEAD) this.#idle.load(next);
    if (now >= part.end - 0.005) this.#ended();
  }

  #hush() {
    const now = this.#active.part ? this.#active.now : this.time;
    const silent = this.rules?.mutes.some(([start, end]) => now >= start - GUARD && now < end + GUARD) ?? false;
    for (const { element } of this.#screens) element.muted = this.muted || silent;
  }

  #ended() {
    const next = this.#active.part && this.#partAfter(this.#active.part);
    if (next && this.#wish) this.#go(next.start);
    else if (this.loop && this.#wish) this.#go(this.loop[0]);
    else this.pause();
  }

  get #idle() {
    return this.#screens.find((screen) => screen !== this.#active);
  }

  #partAt(time) {
    return this.parts.find((part) => time >= part.start - NEAR && time < part.end - NEAR) ?? this.#lastPart(time);
  }

  #lastPart(time) {
    const last = this.parts[this.parts.length - 1];
    return last && last.end >= this.duration - 0.5 && time >= last.start ? last : null;
  }

  #partAfter(part) {
    return this.parts.find((other) => Math.abs(other.start - part.end) < 0.01) ?? null;
  }

  #set(time) {
    this.time = this.medium === "audio" ? clamp(time, 0, this.duration) : this.frames.start(time);
  }

  #go(time) {
    this.#set(clamp(time, 0, this.duration));
    const part = this.#partAt(this.time);
    if (part) {
      const screen = this.#screens.find((each) => each.part?.url === part.url) ?? this.#idle;
      screen.load(part);
      screen.seek(this.medium === "audio" ? this.time : this.frames.inside(this.time));
      if (screen !== this.#active) {
        this.#active.element.pause();
        this.#active = screen;
      }
      if (screen.settled) this.#landed(screen);
      if (this.#wish) this.#run();
      this.#tell("busy");
    } else {
      if (this.#wish) this.pause();
      this.#fetch();
    }
    this.#tell("time");
  }

  #landed(screen) {
    if (screen !== this.#active || !screen.settled) return;
    this.#show(screen.element);
    this.#tell("busy");
  }

  #presented(screen, time) {
    if (screen !== this.#active || !screen.part || screen.target !== null) return;
    // a busy browser looks late, and must not tell as played what is cut out or beyond the loop
    if (this.#wish && (this.#skips(time + NEAR) || this.#returns(time + NEAR))) return;
    if (this.#wish || (screen.settled && this.#visible === screen.element)) this.#set(time + NEAR);
    this.#tell("time");
  }

  #failed(screen, error) {
    const { part } = screen;
    screen.empty();
    this.parts = this.parts.filter((other) => other.url !== part.url);
    if (screen !== this.#active) return;
    this.pause();
    this.#fetch();
    this.#tell("fault", `The preview from ${Math.round(part.start)} s on could not be played (${error?.message || "no reason given"}). Single pictures are shown instead.`);
  }

  #fetch() {
    if (!this.#still || this.#still.busy) return;
    this.#asked = this.time;
    // the very first has an address the server knows, for the page has it fetched before any script runs
    this.#still.show(this.pictureUrl(this.time === 0 ? 0 : this.frames.inside(this.time)));
    this.#tell("busy");
  }

  #pictureCame(fault) {
    if (this.canPlay) return;
    if (this.#asked !== this.time) {
      this.#fetch();
      return;
    }
    if (fault) this.#tell("fault", fault);
    else this.#show(this.#still.element);
    this.#tell("busy");
    this.#tell("time");
  }

  /** A seek or a picture is under way, so the screen lags behind ``time``. */
  get busy() {
    return this.canPlay ? !this.#active.settled : Boolean(this.#still?.busy);
  }

  #show(element) {
    this.#visible = element;
    if (element) firstDrawn();
    for (const each of [...this.#screens.map((screen) => screen.element), this.#still?.element]) {
      if (each) each.style.visibility = each === element ? "visible" : "hidden";
    }
  }

  #tell(kind, words = "") {
    this.dispatchEvent(new CustomEvent(kind, { detail: words }));
  }
}
