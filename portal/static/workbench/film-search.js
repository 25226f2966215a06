// Where a name is said: the rules of redaction/transcript.py, so that the list shows what the engine will mute.
// Any case, with or without accents, punctuation taken for nothing, spelt letters and whole words run together.

const BRIDGED = 5; // seconds of pause muted too, within a name

const folded = (text) => text.normalize("NFKD").toLowerCase().replace(/ß/g, "ss").replace(/\p{M}/gu, "");

/** The words as one text, and which word each of its letters belongs to. */
export class Spoken {
  constructor(words) {
    this.words = words;
    this.open = indexed(words, (text) => text.replace(/[^\p{L}\p{N}_\s]/gu, " ").replace(/\s+/g, " ").trim(), " ");
    this.tight = indexed(words, (text) => text.replace(/[^\p{L}\p{N}]/gu, ""), "");
  }

  /** [{start, end, first, last, exact}] in order; first and last are numbers of words. */
  find(literal) {
    const hits = new Map();
    const open = folded(literal).replace(/[^\p{L}\p{N}_\s]/gu, " ").replace(/\s+/g, " ").trim();
    const tight = folded(literal).replace(/[^\p{L}\p{N}]/gu, "");
    if (open) for (const hit of this.#search(this.open, open)) hits.set(hit.join(), hit);
    if (tight) {
      for (const hit of this.#search(this.tight, tight, true)) hits.set(hit.join(), hit);
    }
    const kept = [...hits.values()].sort((one, two) => one[0] - two[0] || two[1] - one[1]);
    return kept.filter(([first, last], at) => !kept.slice(0, at).some((other) => other[0] <= first && other[1] >= last)).flatMap((hit) => this.#hulls(hit));
  }

  *#search({ text, owners, starts }, wanted, whole = false) {
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
      const end = at + wanted.length;
      if (!whole || (starts.has(at) && (end === text.length || starts.has(end)))) yield [owners[at], owners[end - 1]];
    }
  }

  #hulls([first, last]) {
    const rows = [];
    for (let number = first; number <= last; number += 1) {
      const word = this.words[number];
      const row = rows[rows.length - 1];
      if (row && word.t0 - row.end <= BRIDGED) Object.assign(row, { end: Math.max(row.end, word.t1), start: Math.min(row.start, word.t0), last: number, exact: row.exact && word.exact });
      else rows.push({ start: word.t0, end: word.t1, first: number, last: number, exact: word.exact });
    }
    return rows;
  }
}

function indexed(words, reduce, glue) {
  const pieces = [];
  const owners = [];
  const starts = new Set();
  let length = 0;
  for (const [number, word] of words.entries()) {
    for (const piece of folded(word.text).split(/\s+/)) {
      const reduced = reduce(piece);
      if (!reduced) continue;
      const whole = length ? glue + reduced : reduced;
      for (let more = 0; more < whole.length; more += 1) owners.push(number);
      starts.add(length + whole.length - reduced.length);
      length += whole.length;
      pieces.push(whole);
    }
  }
  return { text: pieces.join(""), owners, starts };
}
