// How often the words of each text mark stand on each page: counted by the server, some pages at a time.

const CHUNK = 60; // pages in one request

export class Counts extends EventTarget {
  #found = new Map(); // needle → Map(page → count)
  #busy = false;

  constructor(stage) {
    super();
    this.stage = stage;
    stage.bench.store.addEventListener("change", () => this.look());
  }

  reset() {
    this.#found.clear();
    this.look();
  }

  of(mark) {
    const rows = this.#found.get(name(mark)) ?? new Map();
    return Array.isArray(mark.pages) ? [...rows].filter(([page]) => mark.pages.includes(page)) : [...rows];
  }

  /** Counts what has not been counted, quietly; one request at a time. */
  async look() {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let wanted = this.#missing(); wanted.length; wanted = this.#missing()) await this.#count(wanted);
    } catch {
      // the badges stay without these counts; nothing depends on them
    }
    this.#busy = false;
  }

  #missing() {
    const texts = this.stage.bench.store.all().filter((mark) => mark.kind === "text" && mark.decision !== "rejected");
    return [...new Map(texts.map((mark) => [name(mark), mark])).values()].filter((mark) => !this.#found.has(name(mark))).slice(0, 20);
  }

  async #count(marks) {
    const rows = new Map(marks.map((mark) => [name(mark), new Map()]));
    const needles = marks.map((mark, n) => ({ id: `n${n}`, ...(mark.literal != null ? { literal: mark.literal } : { pattern: mark.pattern }) }));
    const last = this.stage.sheets.count;
    for (const [key, row] of rows) this.#found.set(key, row);
    for (let first = 1; first <= last; first += CHUNK) {
      const { counts } = await this.stage.source.post("find", { needles, first, last: Math.min(last, first + CHUNK - 1) });
      marks.forEach((mark, n) => Object.entries(counts[`n${n}`] ?? {}).forEach(([page, count]) => rows.get(name(mark)).set(Number(page), count)));
      this.dispatchEvent(new Event("change"));
    }
  }
}

const name = (mark) => JSON.stringify([mark.literal ?? null, mark.pattern ?? null]);
