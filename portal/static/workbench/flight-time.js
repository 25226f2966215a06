// The time of the flight: a slider that moves the aircraft, play, and the profile of its height.

import { clock } from "./words.js";
import { ramp } from "./flight-paint.js";

const SPEEDS = [1, 5, 20, 60];
const STEADY = 60; // times faster than flown: a jump beyond it shows nothing to an eye
const LEAP = 50; // points
const HIGH = 96; // pixels
const PAD = { left: 46, right: 10, top: 8, bottom: 8 };

const date = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });

/** The moment of a point as the log tells it; its zone only where the log names one. */
export const told = (track, n) => (track.at?.[n] == null ? "" : `${date.format(new Date(track.at[n] * 1000))}${track.aware ? " UTC" : ""}`);

export class Time extends EventTarget {
  now = 0;
  #timer = 0;
  #last = null; // {row, second, at} of the newest look
  track = null;
  gone = [];

  constructor(root, bench) {
    super();
    this.bench = bench;
    this.slider = root.querySelector("[data-time]");
    this.button = root.querySelector("[data-play]");
    this.speed = root.querySelector("[data-speed]");
    this.readout = root.querySelector("[data-readout]");
    this.profile = root.querySelector("[data-profile]");
    for (const speed of SPEEDS) this.speed.append(new Option(`${speed}×`, speed, speed === 20, speed === 20));
    this.slider.addEventListener("input", () => this.goTo(Number(this.slider.value)));
    this.button.addEventListener("click", () => this.toggle());
    this.profile.addEventListener("pointerdown", (event) => this.#pressed(event));
    new ResizeObserver(() => this.draw()).observe(this.profile);
  }

  show(track) {
    this.track = track;
    this.slider.max = String(track.lat.length - 1);
    this.slider.disabled = this.button.disabled = false;
    this.goTo(0);
  }

  mark(gone) {
    this.gone = gone;
    this.draw();
    this.#tell();
  }

  goTo(n) {
    this.now = Math.min(Math.max(0, n), this.track.lat.length - 1);
    this.slider.value = String(this.now);
    this.#look();
    this.#tell();
    this.draw();
    this.dispatchEvent(new CustomEvent("move", { detail: this.now }));
  }

  step(by) {
    if (this.track) this.goTo(this.now + by);
  }

  toggle() {
    if (this.#timer) return this.stop();
    if (!this.track) return;
    if (this.now === this.track.lat.length - 1) this.goTo(0);
    this.button.dataset.playing = "";
    this.button.querySelector("span").textContent = "Stop";
    let before = performance.now();
    let second = this.#second(this.now);
    const tick = (time) => {
      second += ((time - before) / 1000) * Number(this.speed.value);
      before = time;
      let next = this.now;
      // not past a jump back: another flight of the log begins there
      while (next < this.track.lat.length - 1 && this.#second(next + 1) <= second && this.#second(next + 1) >= this.#second(next)) next += 1;
      if (next < this.track.lat.length - 1 && this.#second(next + 1) < this.#second(next)) second = this.#second((next += 1));
      if (next !== this.now) this.goTo(next);
      if (this.now === this.track.lat.length - 1) return this.stop();
      this.#timer = requestAnimationFrame(tick);
      return undefined;
    };
    this.#timer = requestAnimationFrame(tick);
  }

  stop() {
    cancelAnimationFrame(this.#timer);
    this.#timer = 0;
    delete this.button.dataset.playing;
    this.button.querySelector("span").textContent = "Play";
  }

  #second(n) {
    return this.track.seconds?.[n] ?? n;
  }

  /** Writes down the points that passed before an eye: on from the last one, no faster than it can follow. */
  #look() {
    const row = (this.track.index?.[this.now] ?? this.now) + 1;
    const second = this.#second(this.now);
    const at = performance.now();
    const last = this.#last;
    this.#last = { row, second, at };
    if (!last || row <= last.row) return;
    const speed = (second - last.second) / Math.max((at - last.at) / 1000, 0.001);
    if (this.#timer ? Number(this.speed.value) <= STEADY : row - last.row <= LEAP && speed <= STEADY) this.bench.seen("row", last.row, row, 1);
  }

  #tell() {
    const { track, now } = this;
    if (!track) return;
    const number = (track.index?.[now] ?? now) + 1;
    const parts = [
      `Point ${number.toLocaleString("en-US")} of ${track.points.toLocaleString("en-US")}`,
      track.seconds?.[now] == null ? "" : clock(track.seconds[now]),
      told(track, now),
      `${track.lat[now].toFixed(6)}, ${track.lon[now].toFixed(6)}`,
      track.altitude?.[now] == null ? "" : `${track.altitude[now].toFixed(1)} m ${track.reference}`,
      this.gone[now] ? "cut" : "",
    ].filter(Boolean);
    this.readout.textContent = parts.join(" · ");
    this.slider.setAttribute("aria-valuetext", parts.join(", "));
  }

  #pressed(event) {
    if (!this.track) return;
    const move = (to) => {
      const box = this.profile.getBoundingClientRect();
      const share = (to.clientX - box.left - PAD.left) / Math.max(1, box.width - PAD.left - PAD.right);
      this.goTo(Math.round(Math.min(Math.max(share, 0), 1) * (this.track.lat.length - 1)));
    };
    this.profile.setPointerCapture(event.pointerId);
    this.profile.onpointermove = move;
    this.profile.onpointerup = this.profile.onpointercancel = () => (this.profile.onpointermove = null);
    move(event);
  }

  draw() {
    const width = this.profile.clientWidth;
    if (!width || !this.track) return;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    if (this.profile.width !== Math.round(width * ratio)) {
      this.profile.width = Math.round(width * ratio);
      this.profile.height = Math.round(HIGH * ratio);
    }
    const brush = this.profile.getContext("2d");
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    brush.clearRect(0, 0, width, HIGH);
    const { altitude } = this.track;
    const count = this.track.lat.length;
    const x = (n) => PAD.left + ((width - PAD.left - PAD.right) * n) / Math.max(1, count - 1);
    this.#shade(brush, x, count);
    brush.font = "12px 'Source Sans Pro Web', sans-serif";
    if (altitude) this.#heights(brush, altitude, x, count);
    else {
      brush.fillStyle = "#4b5a6c";
      brush.fillText("This log tells no heights.", PAD.left, HIGH / 2);
    }
    brush.fillStyle = "#17263a";
    brush.fillRect(x(this.now) - 1, 0, 2, HIGH);
  }

  #shade(brush, x, count) {
    brush.fillStyle = "rgb(163 38 27 / 16%)";
    for (let n = 0; n < count; n += 1) {
      if (!this.gone[n]) continue;
      let end = n;
      while (end < count - 1 && this.gone[end + 1]) end += 1;
      brush.fillRect(x(n), 0, Math.max(1.5, x(end) - x(n)), HIGH);
      n = end;
    }
  }

  #heights(brush, altitude, x, count) {
    let [low, high] = [Infinity, -Infinity];
    for (const value of altitude) if (value !== null) [low, high] = [Math.min(low, value), Math.max(high, value)];
    const y = (value) => PAD.top + (HIGH - PAD.top - PAD.bottom) * (1 - (value - low) / Math.max(1, high - low));
    brush.fillStyle = "#4b5a6c";
    brush.textAlign = "right";
    brush.fillText(`${Math.round(high)} m`, PAD.left - 6, PAD.top + 9);
    brush.fillText(`${Math.round(low)} m`, PAD.left - 6, HIGH - PAD.bottom);
    brush.textAlign = "left";
    brush.lineWidth = 2;
    const stride = Math.max(1, Math.floor(count / 2000));
    for (let n = stride; n < count; n += stride) {
      if (altitude[n] === null || altitude[n - stride] === null) continue;
      brush.beginPath();
      brush.moveTo(x(n - stride), y(altitude[n - stride]));
      brush.lineTo(x(n), y(altitude[n]));
      brush.strokeStyle = ramp(n / count);
      brush.stroke();
    }
  }
}
