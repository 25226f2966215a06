// Places on the Earth and polygons of them: arithmetic only. Polygons are the marks format's [[lon, lat], …].

export const EARTH = 6_371_008.8; // metres, mean radius
const DEGREE = (Math.PI / 180) * EARTH; // metres of a degree of latitude
const CORNERS = 36; // of a polygon round a circle

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
export const tidy = (value, digits = 7) => Number(value.toFixed(digits));
export const turned = (degrees) => ((((degrees + 180) % 360) + 360) % 360) - 180;

const shrink = (lat) => Math.max(0.01, Math.cos((lat * Math.PI) / 180));

export function metres(lat1, lon1, lat2, lon2) {
  const half = (degrees) => Math.sin((degrees * Math.PI) / 360) ** 2;
  const part = half(lat2 - lat1) + shrink(lat1) * shrink(lat2) * half(lon2 - lon1);
  return 2 * EARTH * Math.asin(Math.sqrt(Math.min(1, part)));
}

/** The place so many metres north and east of another. */
export function moved(lat, lon, north, east) {
  return { lat: lat + north / DEGREE, lon: turned(lon + east / (DEGREE * shrink(lat))) };
}

/** A polygon that holds the whole circle: its sides touch the circle, its corners lie outside. */
export function roundFence(lat, lon, radius, corners = CORNERS) {
  const far = radius / Math.cos(Math.PI / corners);
  return Array.from({ length: corners }, (_, n) => {
    const turn = (2 * Math.PI * n) / corners;
    const spot = moved(lat, lon, far * Math.cos(turn), far * Math.sin(turn));
    return [tidy(spot.lon), tidy(spot.lat)];
  });
}

const side = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
const within = (a, b, c) =>
  Math.min(a[0], b[0]) <= c[0] && c[0] <= Math.max(a[0], b[0]) && Math.min(a[1], b[1]) <= c[1] && c[1] <= Math.max(a[1], b[1]);

function meet(a, b, c, d) {
  const [one, two, three, four] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
  if (one !== two && three !== four) return true;
  return (one === 0 && within(a, b, c)) || (two === 0 && within(a, b, d)) || (three === 0 && within(c, d, a)) || (four === 0 && within(c, d, b));
}

/** The numbers (from 1) of two corners after which the sides cross or touch; null for a plain polygon. */
export function crossing(polygon) {
  const count = polygon.length;
  for (let one = 0; one < count; one += 1) {
    for (let two = one + 1; two < count; two += 1) {
      const [a, b] = [polygon[one], polygon[(one + 1) % count]];
      const [c, d] = [polygon[two], polygon[(two + 1) % count]];
      const after = two === one + 1;
      if (after || (one === 0 && two === count - 1)) {
        // neighbours share a corner; they may not lie on each other
        const [shared, far, other] = after ? [b, a, d] : [a, b, c];
        if (side(far, shared, other) === 0 && (within(shared, far, other) || within(shared, other, far))) return [one + 1, two + 1];
      } else if (meet(a, b, c, d)) return [one + 1, two + 1];
    }
  }
  return null;
}

/** Why a polygon is no fence yet, in words; empty for one that can be saved. */
export function fenceFault(polygon) {
  if (new Set(polygon.map(String)).size < 3) return "A fence needs at least three different corners.";
  if (polygon.some(([lon, lat]) => !Number.isFinite(lon) || !Number.isFinite(lat) || Math.abs(lon) > 180 || Math.abs(lat) > 90)) {
    return "A corner is not on Earth: latitude is −90 to 90 and longitude −180 to 180 degrees.";
  }
  const crossed = crossing(polygon);
  if (!crossed) return "";
  return `The fence crosses itself: the side after corner ${crossed[0]} meets the side after corner ${crossed[1]}, so it is not clear what lies inside. Move or delete a corner, or draw two fences.`;
}

/** Whether a place lies in a polygon (even-odd; the polygon is taken to be plain). */
export function holds(polygon, lat, lon) {
  let inside = false;
  for (let n = 0, last = polygon.length - 1; n < polygon.length; last = n, n += 1) {
    const [x1, y1] = polygon[n];
    const [x2, y2] = polygon[last];
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}

/** Reads “latitude, longitude” a line into a polygon. Throws a sentence for a line that is none. */
export function readCorners(text) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  return lines.map((line, n) => {
    const parts = line.split(/[\s,;]+/).map(Number);
    if (parts.length !== 2 || parts.some((part) => !Number.isFinite(part))) throw new Error(`Line ${n + 1} is not a latitude and a longitude: “${line}”.`);
    return [parts[1], parts[0]];
  });
}

/** The largest of 1, 2, 5 × 10ⁿ that is not above a value. */
export function roundDown(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return Math.max(...[1, 2, 5].filter((step) => step * power <= value * 1.0000001)) * power;
}
