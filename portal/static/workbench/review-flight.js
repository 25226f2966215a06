// Flights side by side: the track as it was recorded, drawn here, and the very map that goes out.

import { button, make } from "./dom.js";
import { json } from "./talking.js";
import { Together } from "./review-sync.js";
import { clock } from "./words.js";

const WIDTH = 900;
const HEIGHT = 640;
const MARGIN = 40;
const SPEEDS = [1, 5, 20, 60]; // times faster than flown; beyond it an eye sees nothing
const PAGE = 50; // points the server lists in one answer
const DWELL = 700; // milliseconds a list of points stands before it counts as seen

export class FlightSides {
  canFlicker = false;
  canZoom = true;

  constructor({ config, root, say, seen }) {
    Object.assign(this, { config, root, say, seen });
    this.now = 0;
    this.fence = null;
    this.timer = 0;
    const box = root.querySelector("[data-sides]");
    this.canvas = make("canvas", { width: String(WIDTH), height: String(HEIGHT), role: "img", "aria-label": "The track as it was recorded" });
    const image = make("img", { src: config.urls.map, alt: "The map that goes out with the copy" });
    image.addEventListener("error", () => image.replaceWith(make("p", { class: "rv-wait" }, "No map goes out with this copy. Fetch it below.")));
    for (const [side, words, inside] of [["original", "Original: the track as recorded", this.canvas], ["result", "Redacted copy: the map that goes out", image]]) {
      box.append(make("figure", { class: "rv-side", dataset: { side } }, make("figcaption", {}, words), make("div", { class: "rv-scroll", tabindex: "0", role: "group", "aria-label": words }, make("div", { class: "rv-sheet" }, inside))));
    }
    this.list = make("table", { class: "usa-table rv-rows" });
    box.querySelector("[data-side=original]").append(make("details", { class: "rv-more rv-points", ontoggle: (event) => event.target.open && this.#points(0) }, make("summary", {}, "Points as recorded"),
      make("p", { class: "rv-group" }, button("‹", () => this.#points(this.first - PAGE), { "aria-label": "Points before" }), button("›", () => this.#points(this.first + PAGE), { "aria-label": "Next points" })),
      make("div", { class: "rv-scroll dl-table-scroll", tabindex: "0", role: "region", "aria-label": "Points as recorded" }, this.list)));
    this.sync = new Together(root);
    this.#draw();
  }

  /** The flight is looked at by playing it: a point counts when the dot has passed it no faster than an eye follows. */
  controls() {
    this.plays = button("Play the flight", () => (this.timer ? this.#stop() : this.#play()), { disabled: true });
    this.slider = make("input", { type: "range", id: "rv-point", min: "0", max: "0", value: "0", disabled: true });
    this.slider.addEventListener("input", () => {
      this.#stop();
      this.now = Number(this.slider.value);
      this.#show();
    });
    this.speed = make("select", { class: "usa-select", id: "rv-speed" }, SPEEDS.map((speed) => make("option", { value: speed }, `${speed}×`)));
    this.speed.value = "20";
    this.said = make("output", {}, "");
    return [make("span", { class: "rv-group" }, this.plays, make("label", { for: "rv-speed" }, "Speed"), this.speed, make("label", { for: "rv-point" }, "Point"), this.slider, this.said)];
  }

  #second = (n) => this.track.seconds?.[n] ?? n;
  #number = (n) => (this.track.index?.[n] ?? n) + 1;

  #show() {
    this.slider.value = String(this.now);
    const at = this.track.seconds?.[this.now] == null ? "" : `, ${clock(this.track.seconds[this.now])}`;
    this.said.textContent = `${this.#number(this.now).toLocaleString("en-US")} of ${this.track.points.toLocaleString("en-US")}${at}`;
    this.slider.setAttribute("aria-valuetext", this.said.textContent);
    this.#paint(this.fence);
  }

  #play() {
    const end = this.track.lat.length - 1;
    if (this.now >= end) this.now = 0;
    this.plays.textContent = "Stop";
    let before = performance.now();
    let second = this.#second(this.now);
    const tick = (time) => {
      const speed = Number(this.speed.value);
      second += (Math.min(time - before, 250) / 1000) * speed;
      before = time;
      let next = this.now;
      // not past a jump back: another flight of the log begins there
      while (next < end && this.#second(next + 1) <= second && this.#second(next + 1) >= this.#second(next)) next += 1;
      if (next < end && this.#second(next + 1) < this.#second(next)) second = this.#second((next += 1));
      if (next !== this.now) {
        if (!document.hidden) this.seen.note("row", this.#number(this.now), this.#number(next));
        this.now = next;
        this.#show();
      }
      if (this.now >= end) return this.#stop();
      this.timer = requestAnimationFrame(tick);
      return undefined;
    };
    this.timer = requestAnimationFrame(tick);
  }

  #stop() {
    cancelAnimationFrame(this.timer);
    this.timer = 0;
    if (this.plays) this.plays.textContent = "Play the flight";
  }

  async #points(wanted) {
    clearTimeout(this.looking);
    try {
      const found = await json(`${this.config.urls.points}?from=${Math.max(0, wanted)}`);
      if (!found.lat.length) return;
      this.first = found.start;
      const last = found.start + found.lat.length;
      const figures = (n) => [found.seconds?.[n] == null ? "–" : clock(found.seconds[n]), found.lat[n].toFixed(6), found.lon[n].toFixed(6), found.altitude?.[n] == null ? "–" : found.altitude[n].toFixed(1)];
      this.list.replaceChildren(make("caption", {}, `Points ${found.start + 1} to ${last} of ${found.points}`), make("thead", {}, make("tr", {}, ["Point", "Time", "Latitude", "Longitude", "Height, m"].map((words) => make("th", { scope: "col" }, words)))),
        make("tbody", {}, found.lat.map((_lat, n) => make("tr", {}, make("th", { scope: "row" }, String(found.start + n + 1)), figures(n).map((words) => make("td", {}, words))))));
      this.looking = setTimeout(() => {
        if (!document.hidden && this.first === found.start && this.list.closest("details").open) this.seen.note("row", found.start + 1, last);
      }, DWELL);
    } catch (error) {
      this.say(error.message);
    }
  }

  zoom(zoom, old) {
    this.sync.zoom(zoom, old);
  }

  async #draw() {
    try {
      this.track = await json(this.config.urls.track);
      this.#paint(null);
      if (!this.slider || !this.track.lat.length) return;
      this.slider.max = String(this.track.lat.length - 1);
      this.slider.disabled = this.plays.disabled = false;
      this.seen.note("row", this.#number(0));
      this.#show();
    } catch (error) {
      this.canvas.replaceWith(make("p", { class: "rv-wait" }, error.message));
    }
  }

  #paint(fence) {
    const places = this.track.lat.map((lat, index) => ({ lat, lon: this.track.lon[index] })).filter((each) => Number.isFinite(each.lat) && Number.isFinite(each.lon));
    if (!places.length) return;
    const middle = Math.cos((places[0].lat * Math.PI) / 180);
    const all = [...places, ...(fence ?? []).map(([lon, lat]) => ({ lat, lon }))].map(({ lat, lon }) => [lon * middle, -lat]);
    const low = [Math.min(...all.map(([x]) => x)), Math.min(...all.map(([, y]) => y))];
    const high = [Math.max(...all.map(([x]) => x)), Math.max(...all.map(([, y]) => y))];
    const scale = Math.min((WIDTH - 2 * MARGIN) / (high[0] - low[0] || 1e-6), (HEIGHT - 2 * MARGIN) / (high[1] - low[1] || 1e-6));
    const at = ([x, y]) => [MARGIN + (x - low[0]) * scale, MARGIN + (y - low[1]) * scale];
    const pen = this.canvas.getContext("2d");
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    const line = (points, colour, width, closed) => {
      pen.beginPath();
      for (const point of points) pen.lineTo(...at(point));
      if (closed) pen.closePath();
      Object.assign(pen, { strokeStyle: colour, lineWidth: width, lineJoin: "round" });
      pen.stroke();
    };
    line(all.slice(0, places.length), "#1a568a", 3, false);
    if (fence) line(all.slice(places.length), "#a3261b", 4, true);
    const here = { lat: this.track.lat[this.now], lon: this.track.lon[this.now] };
    if (!Number.isFinite(here.lat) || !Number.isFinite(here.lon)) return;
    pen.beginPath();
    pen.arc(...at([here.lon * middle, -here.lat]), 9, 0, 2 * Math.PI);
    Object.assign(pen, { fillStyle: "#f2b632", strokeStyle: "#1b1b1b", lineWidth: 2 });
    pen.fill();
    pen.stroke();
  }

  go(mark) {
    const fence = this.config.fences?.[mark.id] ?? null;
    this.fence = fence;
    if (this.track) this.#paint(fence);
    this.say(fence ? "The fence is drawn on the track." : "This mark is about the whole flight.");
  }
}
