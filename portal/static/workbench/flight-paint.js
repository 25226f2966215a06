// Drawing the map on a canvas: grid, track by its time, what is cut, the result, scale bar and north.

import { roundDown } from "./flight-geometry.js";

const PAPER = "#fbfcfd";
const GRID = "#e1e7ed";
const INK = "#17263a";
const SOFT = "#4b5a6c";
const GREY = "#9aa7b5";
const GONE = "#a3261b";
const LEFT = "#0b5394";
const HOME = "#59407f";
const BANDS = 24;
const FINE = 1; // pixels
const RAMP = [[33, 44, 130], [112, 32, 142], [181, 48, 106], [214, 98, 52]]; // early to late

export function ramp(share) {
  const place = Math.min(Math.max(share, 0), 1) * (RAMP.length - 1);
  const low = Math.min(Math.floor(place), RAMP.length - 2);
  const [from, to] = [RAMP[low], RAMP[low + 1]];
  return `rgb(${from.map((part, n) => Math.round(part + (to[n] - part) * (place - low))).join(" ")})`;
}

export class Painter {
  #parts = new WeakMap(); // track → numbers of the points that begin a part

  constructor(canvas, view) {
    this.canvas = canvas;
    this.view = view;
    this.brush = canvas.getContext("2d");
  }

  resize() {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.canvas.width = Math.round(this.view.width * ratio);
    this.canvas.height = Math.round(this.view.height * ratio);
    this.brush.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  /** shown: {track, outcome, result (draw it), gone (flags a drawn point), now (number of a drawn point)} */
  draw(shown) {
    const { brush, view } = this;
    brush.fillStyle = PAPER;
    brush.fillRect(0, 0, view.width, view.height);
    this.#grid();
    if (shown.track) {
      if (shown.result && shown.outcome) this.#result(shown);
      else this.#byTime(shown.track);
      this.#circles(shown.outcome?.circles ?? []);
      this.#ends(shown.track);
      this.#drone(shown.track, shown.now);
    }
    this.#scaleBar();
    this.#north();
  }

  #grid() {
    const { brush, view } = this;
    const { lats, lons, places } = view.grid();
    brush.strokeStyle = GRID;
    brush.lineWidth = 1;
    brush.font = "12px 'Source Sans Pro Web', sans-serif";
    const label = (text, x, y, align) => {
      brush.textAlign = align;
      brush.lineWidth = 3;
      brush.strokeStyle = PAPER;
      brush.strokeText(text, x, y);
      brush.fillStyle = SOFT;
      brush.fillText(text, x, y);
      brush.lineWidth = 1;
      brush.strokeStyle = GRID;
    };
    const lines = [...lats.map((lat) => ["lat", lat]), ...lons.map((lon) => ["lon", lon])];
    for (const [kind, value] of lines) {
      const [x, y] = kind === "lat" ? view.xy(value, view.lon) : view.xy(view.lat, value);
      brush.beginPath();
      if (kind === "lat") {
        brush.moveTo(0, Math.round(y) + 0.5);
        brush.lineTo(view.width, Math.round(y) + 0.5);
      } else {
        brush.moveTo(Math.round(x) + 0.5, 0);
        brush.lineTo(Math.round(x) + 0.5, view.height);
      }
      brush.stroke();
    }
    for (const lat of lats) {
      const y = view.xy(lat, view.lon)[1];
      if (y > 44 && y < view.height - 60) label(`${Math.abs(lat).toFixed(places)}° ${lat < 0 ? "S" : "N"}`, 6, y - 4, "left");
    }
    for (const lon of lons) {
      const x = view.xy(view.lat, lon)[0];
      const told = ((((lon + 180) % 360) + 360) % 360) - 180;
      if (x > 90 && x < view.width - 60) label(`${Math.abs(told).toFixed(places)}° ${told < 0 ? "W" : "E"}`, x + 4, 14, "left");
    }
  }

  #line(track, from, to, ink, width, dash = []) {
    const { brush, view } = this;
    const parts = this.#parts.get(track) ?? new Set(track.parts);
    this.#parts.set(track, parts);
    let [lastX, lastY] = [NaN, NaN];
    brush.beginPath();
    for (let n = from; n <= to; n += 1) {
      const [x, y] = view.xy(track.lat[n], track.lon[n]);
      const begins = n === from || parts.has(n);
      // nobody sees a bend within a pixel, and thousands of them make the map lag under the hand
      if (!begins && n < to && !parts.has(n + 1) && Math.abs(x - lastX) < FINE && Math.abs(y - lastY) < FINE) continue;
      [lastX, lastY] = [x, y];
      if (begins) brush.moveTo(x, y);
      else brush.lineTo(x, y);
      if (from === to || (parts.has(n) && (n === track.lat.length - 1 || parts.has(n + 1)))) brush.lineTo(x + 0.1, y);
    }
    brush.setLineDash(dash);
    brush.strokeStyle = ink;
    brush.lineWidth = width;
    brush.lineJoin = brush.lineCap = "round";
    brush.stroke();
    brush.setLineDash([]);
  }

  #byTime(track) {
    const last = track.lat.length - 1;
    for (let band = 0; band < BANDS; band += 1) {
      const from = Math.floor((band * last) / BANDS);
      const to = Math.floor(((band + 1) * last) / BANDS);
      if (to > from || last === 0) this.#line(track, from, to, ramp((band + 0.5) / BANDS), 3);
      if (last === 0) break;
    }
  }

  #result({ track, gone, outcome }) {
    const last = track.lat.length - 1;
    this.#line(track, 0, last, GREY, 2);
    for (let n = 0; n <= last; n += 1) {
      if (!gone[n]) continue;
      let end = n;
      while (end < last && gone[end + 1]) end += 1;
      this.#line(track, Math.max(0, n - 1), Math.min(last, end + 1), GONE, 2.5, [5, 5]);
      n = end;
    }
    if (outcome.left.lat) this.#line(outcome.left, 0, outcome.left.lat.length - 1, LEFT, 3.5);
  }

  #circles(circles) {
    const { brush, view } = this;
    for (const one of circles) {
      const [x, y] = view.xy(one.lat, one.lon);
      brush.beginPath();
      brush.arc(x, y, Math.max(1, one.radius * view.scale), 0, 2 * Math.PI);
      brush.fillStyle = "rgb(89 64 127 / 10%)";
      brush.fill();
      brush.setLineDash([8, 5]);
      brush.strokeStyle = HOME;
      brush.lineWidth = 2;
      brush.stroke();
      brush.setLineDash([]);
    }
  }

  #ends(track) {
    track.flights.slice(0, 50).forEach((flight, n) => {
      const number = track.flights.length > 1 ? ` ${n + 1}` : "";
      this.#pin(flight.landing, `Landing${number}`, "#1c6841", "square");
      this.#pin(flight.launch, `Launch${number}`, INK, "triangle");
    });
  }

  #pin(spot, text, ink, shape) {
    const { brush, view } = this;
    const [x, y] = view.xy(spot.lat, spot.lon);
    brush.beginPath();
    if (shape === "square") brush.rect(x - 6, y - 6, 12, 12);
    else {
      brush.moveTo(x, y - 9);
      brush.lineTo(x + 8, y + 6);
      brush.lineTo(x - 8, y + 6);
      brush.closePath();
    }
    brush.fillStyle = ink;
    brush.strokeStyle = "#ffffff";
    brush.lineWidth = 2;
    brush.fill();
    brush.stroke();
    brush.font = "600 13px 'Source Sans Pro Web', sans-serif";
    brush.textAlign = shape === "square" ? "right" : "left";
    const at = shape === "square" ? x - 11 : x + 12;
    brush.lineWidth = 4;
    brush.strokeText(text, at, y + 5);
    brush.fillText(text, at, y + 5);
  }

  #drone(track, now) {
    if (now === undefined || track.lat[now] === undefined) return;
    const { brush, view } = this;
    const [x, y] = view.xy(track.lat[now], track.lon[now]);
    brush.beginPath();
    brush.arc(x, y, 8, 0, 2 * Math.PI);
    brush.fillStyle = "#ffc857";
    brush.fill();
    brush.strokeStyle = INK;
    brush.lineWidth = 2.5;
    brush.stroke();
    brush.beginPath();
    brush.arc(x, y, 2.5, 0, 2 * Math.PI);
    brush.fillStyle = INK;
    brush.fill();
  }

  #scaleBar() {
    const { brush, view } = this;
    const lengths = [
      [roundDown(130 / view.scale), 1, (value) => (value >= 1000 ? `${value / 1000} km` : `${value} m`)],
      [roundDown(130 / view.scale / 0.3048), 0.3048, (value) => (value < 20_000 ? `${value.toLocaleString("en-US")} ft` : `${(value / 5280).toFixed(1)} miles`)],
    ];
    brush.fillStyle = "rgb(255 255 255 / 86%)";
    brush.fillRect(8, view.height - 58, 218, 50);
    lengths.forEach(([length, unit, told], n) => {
      const y = view.height - 38 + n * 22;
      const wide = length * unit * view.scale;
      brush.beginPath();
      brush.moveTo(16, y - 6);
      brush.lineTo(16, y);
      brush.lineTo(16 + wide, y);
      brush.lineTo(16 + wide, y - 6);
      brush.strokeStyle = INK;
      brush.lineWidth = 1.5;
      brush.stroke();
      brush.font = "13px 'Source Sans Pro Web', sans-serif";
      brush.textAlign = "left";
      brush.fillStyle = INK;
      brush.fillText(told(length), 22 + wide, y + 2);
    });
  }

  #north() {
    const { brush, view } = this;
    const [x, y] = [view.width - 26, 18];
    brush.beginPath();
    brush.moveTo(x, y);
    brush.lineTo(x + 9, y + 28);
    brush.lineTo(x, y + 22);
    brush.lineTo(x - 9, y + 28);
    brush.closePath();
    brush.fillStyle = INK;
    brush.fill();
    brush.font = "600 14px 'Source Sans Pro Web', sans-serif";
    brush.textAlign = "center";
    brush.fillText("N", x, y + 44);
  }
}
