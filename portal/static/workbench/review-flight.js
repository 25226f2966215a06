// Flights side by side: the track as it was recorded, drawn here, and the very map that goes out.

import { make } from "./dom.js";
import { json } from "./talking.js";
import { Together } from "./review-sync.js";

const WIDTH = 900;
const HEIGHT = 640;
const MARGIN = 40;

export class FlightSides {
  canFlicker = false;
  canZoom = true;

  constructor({ config, root, say }) {
    Object.assign(this, { config, root, say });
    const box = root.querySelector("[data-sides]");
    this.canvas = make("canvas", { width: String(WIDTH), height: String(HEIGHT), role: "img", "aria-label": "The track as it was recorded" });
    const image = make("img", { src: config.urls.map, alt: "The map as it will stand in the letter" });
    image.addEventListener("error", () => image.replaceWith(make("p", { class: "rv-wait" }, "No map goes out with this copy. Fetch it below.")));
    for (const [side, words, inside] of [["original", "Original: the track as recorded", this.canvas], ["result", "Redacted copy: the map that goes out", image]]) {
      box.append(make("figure", { class: "rv-side", dataset: { side } }, make("figcaption", {}, words), make("div", { class: "rv-scroll", tabindex: "0", role: "group", "aria-label": words }, make("div", { class: "rv-sheet" }, inside))));
    }
    this.sync = new Together(root);
    this.#draw();
  }

  controls = () => [];

  zoom(zoom, old) {
    this.sync.zoom(zoom, old);
  }

  async #draw() {
    try {
      this.track = await json(this.config.urls.track);
      this.#paint(null);
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
  }

  go(mark) {
    const fence = this.config.fences?.[mark.id] ?? null;
    if (this.track) this.#paint(fence);
    this.say(fence ? "The fence is drawn on the track." : "This mark is about the whole flight.");
  }
}
