// Which part of the Earth the map shows: a plain cylindrical map, true to scale at its middle latitude, as the
// drawn map of a release is (redaction/engines/flight/drawing.py).

import { EARTH, clamp, roundDown, turned } from "./flight-geometry.js";

const DEGREE = (Math.PI / 180) * EARTH;
const MARGIN = 0.1;
const SMALLEST = 60; // metres shown at least
const CLOSEST = 200; // pixels a metre
const WIDEST = 360; // degrees

export class View {
  constructor() {
    this.width = 1;
    this.height = 1;
    this.lat = 0;
    this.lon = 0;
    this.scale = 1; // pixels a metre
    this.home = null;
  }

  resize(width, height) {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
  }

  /** Shows all of some places, a margin round them; they are what “fit” goes back to. */
  fit(lats, lons) {
    let [south, north, west, east] = [90, -90, Infinity, -Infinity];
    const first = lons[0] ?? 0;
    for (let n = 0; n < lats.length; n += 1) {
      south = Math.min(south, lats[n]);
      north = Math.max(north, lats[n]);
      const away = turned(lons[n] - first); // across the date line in one piece
      west = Math.min(west, away);
      east = Math.max(east, away);
    }
    this.home = { lat: (south + north) / 2, lon: turned(first + (west + east) / 2), high: north - south, wide: east - west };
    this.reset();
  }

  reset() {
    if (!this.home) return;
    const { lat, lon, high, wide } = this.home;
    this.lat = lat;
    this.lon = lon;
    const across = Math.max(SMALLEST, wide * DEGREE * this.shrink);
    const up = Math.max(SMALLEST, high * DEGREE);
    this.scale = (1 - 2 * MARGIN) * Math.min(this.width / across, this.height / up);
  }

  get shrink() {
    return Math.max(0.01, Math.cos((this.lat * Math.PI) / 180));
  }

  xy(lat, lon) {
    const perDegree = DEGREE * this.scale;
    return [this.width / 2 + turned(lon - this.lon) * perDegree * this.shrink, this.height / 2 - (lat - this.lat) * perDegree];
  }

  place(x, y) {
    const perDegree = DEGREE * this.scale;
    return {
      lat: clamp(this.lat - (y - this.height / 2) / perDegree, -90, 90),
      lon: turned(this.lon + (x - this.width / 2) / (perDegree * this.shrink)),
    };
  }

  pan(dx, dy) {
    const { lat, lon } = this.place(this.width / 2 - dx, this.height / 2 - dy);
    this.lat = clamp(lat, -85, 85);
    this.lon = lon;
  }

  /** Zooms so that the place under (x, y) stays where it is. */
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const before = this.place(x, y);
    const least = this.width / (WIDEST * DEGREE);
    this.scale = clamp(this.scale * factor, least, CLOSEST);
    const [nowX, nowY] = this.xy(before.lat, before.lon);
    this.pan(x - nowX, y - nowY);
  }

  /** Brings a place into the frame when it has left it. */
  follow(lat, lon) {
    const [x, y] = this.xy(lat, lon);
    const edge = 30;
    if (x > edge && x < this.width - edge && y > edge && y < this.height - edge) return false;
    this.lat = lat;
    this.lon = lon;
    return true;
  }

  /** Lines of the grid: {lats, lons, places (decimals that tell them apart)}. */
  grid() {
    const perDegree = DEGREE * this.scale;
    const high = this.height / perDegree;
    const wide = this.width / (perDegree * this.shrink);
    const step = roundDown(Math.max(high, wide) / 5);
    const lines = (middle, span) => {
      const found = [];
      for (let n = Math.ceil((middle - span / 2) / step); n * step <= middle + span / 2; n += 1) found.push(n * step);
      return found;
    };
    return { lats: lines(this.lat, high), lons: lines(this.lon, wide), places: Math.max(0, -Math.floor(Math.log10(step))) };
  }
}
