// Places on pages: boxes as the marks format has them, [x0, y0, x1, y1] from the top left as displayed.

export const round = (value) => Math.round(value * 100) / 100;
const down = (value) => Math.floor(value * 100) / 100;

/** A box with its corners in order, inside the page; null when nothing is left of it. */
export function inside(rect, [width, height]) {
  const [x0, x1] = [Math.min(rect[0], rect[2]), Math.max(rect[0], rect[2])];
  const [y0, y1] = [Math.min(rect[1], rect[3]), Math.max(rect[1], rect[3])];
  const cut = [round(Math.max(0, x0)), round(Math.max(0, y0)), Math.min(round(x1), down(width)), Math.min(round(y1), down(height))];
  return cut[2] - cut[0] > 0.05 && cut[3] - cut[1] > 0.05 ? cut : null;
}

/** A box moved as far as it can go without leaving the page. */
export function moved(rect, dx, dy, [width, height]) {
  const x = Math.max(-rect[0], Math.min(dx, down(width) - rect[2]));
  const y = Math.max(-rect[1], Math.min(dy, down(height) - rect[3]));
  return [round(rect[0] + x), round(rect[1] + y), round(rect[2] + x), round(rect[3] + y)];
}

/** A box with some edges moved; name has n, s, w, e. It never gets smaller than `least`. */
export function resized(rect, name, dx, dy, [width, height], least = 2) {
  const next = [...rect];
  if (name.includes("w")) next[0] = Math.max(0, Math.min(rect[0] + dx, rect[2] - least));
  if (name.includes("e")) next[2] = Math.min(down(width), Math.max(rect[2] + dx, rect[0] + least));
  if (name.includes("n")) next[1] = Math.max(0, Math.min(rect[1] + dy, rect[3] - least));
  if (name.includes("s")) next[3] = Math.min(down(height), Math.max(rect[3] + dy, rect[1] + least));
  return next.map(round);
}

export const meets = (one, other) => one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
export const holds = (rect, x, y) => x >= rect[0] && x <= rect[2] && y >= rect[1] && y <= rect[3];
export const area = (rect) => Math.max(0, rect[2] - rect[0]) * Math.max(0, rect[3] - rect[1]);

/** How much of a box others cover, 0 to 1; what they share is counted once, near enough for a label. */
export function share(rect, others) {
  const most = area(rect) || 1;
  const parts = others.map((box) => area([Math.max(rect[0], box[0]), Math.max(rect[1], box[1]), Math.min(rect[2], box[2]), Math.min(rect[3], box[3])]));
  return Math.min(1, Math.max(0, ...parts, 0) / most);
}

/** Words as the server lists them, [text, x0, y0, x1, y1, line]. */
export const rectOf = (word) => word.slice(1, 5);
export const lineOf = (word) => word[5];
export const textOf = (words) => words.map((word) => word[0]).join(" ");

/** One box for each line that a run of words stands on. */
export function runs(words) {
  const lines = new Map();
  for (const word of words) {
    const [x0, y0, x1, y1] = rectOf(word);
    const box = lines.get(lineOf(word));
    if (!box) lines.set(lineOf(word), [x0, y0, x1, y1]);
    else lines.set(lineOf(word), [Math.min(box[0], x0), Math.min(box[1], y0), Math.max(box[2], x1), Math.max(box[3], y1)]);
  }
  return [...lines.values()];
}

/** The index of the word at a place, of several the smallest; -1 where there is none. */
export function wordAt(words, x, y, slack = 1) {
  let best = -1;
  let least = Infinity;
  words.forEach((word, index) => {
    const [x0, y0, x1, y1] = rectOf(word);
    if (!holds([x0 - slack, y0 - slack, x1 + slack, y1 + slack], x, y)) return;
    const size = area([x0, y0, x1, y1]);
    if (size < least) [best, least] = [index, size];
  });
  return best;
}

/** The word of another line that stands nearest above (-1) or below (1) a word; -1 when there is none. */
export function beside(words, index, way) {
  const [x0, y0, x1, y1] = rectOf(words[index]);
  const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
  let best = -1;
  let least = Infinity;
  words.forEach((word, n) => {
    const [a, b, c, d] = rectOf(word);
    const step = ((b + d) / 2 - y) * way;
    if (n === index || step <= (y1 - y0) * 0.4) return;
    const aside = Math.max(0, a - x, x - c);
    const far = step * 3 + aside;
    if (far < least) [best, least] = [n, far];
  });
  return best;
}

/** “4”, “4-9, 12” → [4, …]; null when it cannot be read or leaves 1 to last. */
export function pageList(text, last) {
  const found = new Set();
  for (const piece of text.split(/[,;\s]+/).filter(Boolean)) {
    const range = /^(\d+)(?:[-–](\d+))?$/.exec(piece);
    if (!range) return null;
    const [from, to] = [Number(range[1]), Number(range[2] ?? range[1])];
    if (from < 1 || to > last || from > to) return null;
    for (let number = from; number <= to; number += 1) found.add(number);
  }
  return found.size ? [...found] : null;
}
