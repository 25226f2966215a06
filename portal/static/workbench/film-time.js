// Times, pictures and boxes of a film: arithmetic only. What is computed here must be what the engine
// computes (redaction/engines/media/painting.py), or the preview would lie; a test compares the two.

const SAME_TIME = 1e-6;
const CELLS = 5;
const SMALLEST_BLOCK = 8;
const SMALLEST_BLACK = 16;

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
export const tidy = (value, digits = 6) => Number(value.toFixed(digits));

/** 3723.456 → "1:02:03.46"; without hours below an hour. */
export function clock(seconds, digits = 2) {
  const whole = Math.max(0, seconds) + 0.5 / 10 ** digits;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = Math.floor((whole % 60) * 10 ** digits) / 10 ** digits;
  const [full, part] = rest.toFixed(digits).split(".");
  const pad = (text) => text.padStart(2, "0");
  const tail = `${pad(full)}${part ? `.${part}` : ""}`;
  return hours ? `${hours}:${pad(String(minutes))}:${tail}` : `${pad(String(minutes))}:${tail}`;
}

/** "1:02:03.5", "62:03", "83.25" or "1h 2m 3s" → seconds; null when it is no time. */
export function seconds(text) {
  const plain = text.trim().toLowerCase().replace(",", ".");
  const named = /^(?:(\d+)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?\s*(?:(\d+(?:\.\d+)?)\s*s?)?$/.exec(plain);
  if (plain && named && /[hms]/.test(plain)) {
    return Number(named[1] ?? 0) * 3600 + Number(named[2] ?? 0) * 60 + Number(named[3] ?? 0);
  }
  if (!/^(\d+:){0,2}\d+(\.\d+)?$/.test(plain)) return null;
  return plain.split(":").reduce((total, piece) => total * 60 + Number(piece), 0);
}

export const WINDOW = 30; // seconds of film whose pictures' times are fetched at once

/** When pictures begin. A window whose times have not come yet counts as one of a steady rate. */
export class Frames {
  #windows = new Map();

  constructor(duration, fps) {
    this.duration = duration;
    this.fps = fps > 0 ? fps : 30;
  }

  knows(number) {
    return this.#windows.has(number);
  }

  /** ``starts``: of every picture of a window, the one on screen at its beginning first. */
  learn(number, starts) {
    this.#windows.set(number, starts);
  }

  /** When the picture on screen at a time began. */
  start(time) {
    const sought = clamp(time, 0, this.duration) + 1e-5;
    const starts = this.#windows.get(Math.floor(sought / WINDOW));
    if (!starts?.length) return Math.min(Math.floor(sought * this.fps), Math.max(0, Math.ceil(this.duration * this.fps - 0.01) - 1)) / this.fps;
    return starts[before(starts, sought)];
  }

  /** When the picture on screen at a time gives way to the next; the film's end for the last one. */
  end(time) {
    const number = Math.floor((clamp(time, 0, this.duration) + 1e-5) / WINDOW);
    const starts = this.#windows.get(number);
    const start = this.start(time);
    const steady = Math.min(start + 1 / this.fps, this.duration);
    if (!starts?.length) return steady;
    const later = starts[before(starts, start + 1e-5) + 1] ?? this.#windows.get(number + 1)?.find((each) => each > start + 1e-5);
    if (later !== undefined) return later;
    const last = (number + 1) * WINDOW >= this.duration || this.#windows.has(number + 1);
    return last ? Math.max(this.duration, start) : steady;
  }

  next(time) {
    const end = this.end(time);
    return end >= this.duration - 1e-4 ? this.start(time) : end;
  }

  previous(time) {
    return this.start(Math.max(0, this.start(time) - 1e-3));
  }

  /** The time to seek to: well inside the picture, for browsers round times down. */
  inside(time) {
    const start = this.start(time);
    return start + Math.min((this.end(time) - start) / 2, 0.02);
  }
}

function before(starts, sought) {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= sought) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** x, y, width, height as fractions: linear between keyframes, held before the first and after the last. */
export function rectAt(keyframes, time) {
  const after = keyframes.findIndex((frame) => frame.t >= time);
  if (after === 0) return [...keyframes[0].rect];
  if (after < 0) return [...keyframes[keyframes.length - 1].rect];
  const [from, to] = [keyframes[after - 1], keyframes[after]];
  const share = (time - from.t) / (to.t - from.t);
  return from.rect.map((value, axis) => value + share * (to.rect[axis] - value));
}

export const isShown = (mark, start, end) => start < mark.end - SAME_TIME && end > mark.start + SAME_TIME;

function outward(low, high, size) {
  const even = size + (size % 2);
  const first = clamp(Math.floor(tidy(low, 4) / 2) * 2, 0, even - 2);
  return [first, Math.min(Math.max(Math.ceil(tidy(high, 4) / 2) * 2, first + 2), even)];
}

function grown([low, high], size) {
  const even = size + (size % 2);
  const missing = Math.max(0, Math.min(SMALLEST_BLACK, even) - (high - low));
  const first = Math.max(0, Math.min(low - Math.floor(missing / 4) * 2, even - (high - low) - missing));
  return [first, first + (high - low) + missing];
}

/** The pixels [left, top, right, bottom] the engine paints for a mark on the picture that begins at a time. */
export function boxAt(mark, time, width, height) {
  if (mark.kind === "frame") return [0, 0, width + (width % 2), height + (height % 2)];
  const [x, y, w, h] = rectAt(mark.keyframes, time);
  let across = outward(x * width, (x + w) * width, width);
  let down = outward(y * height, (y + h) * height, height);
  if ((mark.style ?? "solid") === "solid") [across, down] = [grown(across, width), grown(down, height)];
  return [across[0], down[0], across[1], down[1]];
}

/** The side in pixels of a mosaic's blocks: a fifth of the longer side or more. */
export function blockOf([left, top, right, bottom]) {
  return Math.max(Math.ceil(Math.max(right - left, bottom - top) / CELLS / 2) * 2, SMALLEST_BLOCK);
}

/** A rectangle brought wholly inside the picture, at least half a per cent wide and high. */
export function fitted([x, y, w, h]) {
  const width = tidy(clamp(w, 0.005, 1));
  const height = tidy(clamp(h, 0.005, 1));
  return [tidy(clamp(x, 0, 1 - width)), tidy(clamp(y, 0, 1 - height)), width, height];
}

/** Spans sorted and joined where they meet. */
export function joined(spans) {
  const rows = [];
  for (const [start, end] of [...spans].sort((one, two) => one[0] - two[0])) {
    const last = rows[rows.length - 1];
    if (last && start <= last[1] + SAME_TIME) last[1] = Math.max(last[1], end);
    else rows.push([start, end]);
  }
  return rows;
}
