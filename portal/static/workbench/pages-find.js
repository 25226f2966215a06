// Looking for words or patterns on all pages: hits in context, each or all of them marked.

import { icon, make } from "./dom.js";
import { owesReason } from "./store.js";

const CHUNK = 60; // pages in one request
const SHOWN = 400; // hits listed; a mark takes all there are
const READ = 2; // pictures read in one request

export class Find {
  hits = [];
  at = -1;
  #stop = null;

  constructor(root, stage) {
    Object.assign(this, { root, stage, bench: stage.bench });
    this.form = root.querySelector("[data-find-form]");
    this.field = root.querySelector("[data-find-words]");
    this.kind = root.querySelector("[data-find-kind]");
    this.said = root.querySelector("[data-find-said]");
    this.list = root.querySelector("[data-find-hits]");
    this.allButton = root.querySelector("[data-find-all]");
    this.readButton = root.querySelector("[data-find-read]");
    this.stopButton = root.querySelector("[data-find-stop]");
    for (const [value, words] of this.bench.config.stage.patterns) this.kind.append(make("option", { value }, words));
    this.form.addEventListener("submit", (event) => (event.preventDefault(), this.search()));
    this.kind.addEventListener("change", () => (this.#fit(), this.kind.value && this.search()));
    this.allButton.addEventListener("click", () => this.markAll());
    this.readButton.addEventListener("click", () => this.readPictures());
    this.stopButton.addEventListener("click", () => this.#stop?.abort());
    this.list.addEventListener("click", (event) => this.#clicked(event));
    this.bench.store.addEventListener("change", () => this.#state());
    stage.marks.addEventListener("areas", () => this.#state());
    stage.sheets.addEventListener("made", ({ detail }) => this.#show(detail));
    stage.sheets.addEventListener("zoom", () => [...stage.sheets.nodes.keys()].forEach((number) => this.#show(number)));
    this.#fit();
  }

  #fit() {
    this.field.hidden = Boolean(this.kind.value);
    this.field.labels[0].hidden = Boolean(this.kind.value);
  }

  get needle() {
    return this.kind.value ? { pattern: this.kind.value } : { literal: this.field.value.trim() };
  }

  get words() {
    return this.kind.value ? this.kind.selectedOptions[0].textContent : `“${this.field.value.trim()}”`;
  }

  async search() {
    const needle = this.needle;
    if (needle.literal === "") {
      this.said.textContent = "Type the words to look for.";
      this.field.focus();
      return;
    }
    this.#stop?.abort();
    const stop = (this.#stop = new AbortController());
    Object.assign(this, { hits: [], at: -1, unread: [], asked: needle, askedWords: this.words });
    this.list.replaceChildren();
    this.#busy(true);
    const last = this.stage.sheets.count;
    let through = 0;
    try {
      for (let first = 1; first <= last; first += CHUNK) {
        const end = Math.min(last, first + CHUNK - 1);
        this.said.textContent = last > CHUNK ? `Looking at pages ${first} to ${end} of ${last}… ${this.hits.length} found.` : "Looking…";
        const found = await this.stage.source.post("find", { needles: [{ id: "wanted", ...needle }], first, last: end }, stop.signal);
        through = end;
        this.unread.push(...found.unread);
        this.#take(found.hits);
      }
    } catch (error) {
      if (error.name !== "AbortError") {
        this.#busy(false);
        this.said.textContent = error.message;
        this.bench.warn(error.message);
        return;
      }
      if (this.#stop !== stop) return;
    }
    this.#busy(false);
    this.#tell(through < last ? ` Stopped after page ${through}.` : "");
    if (this.hits.length) this.go(0, { focus: false });
  }

  /** Has the pictures of pages without text read, by Tesseract; their words can only be covered by boxes. */
  async readPictures() {
    const pages = [...this.unread];
    const stop = (this.#stop = new AbortController());
    this.#busy(true);
    try {
      for (let n = 0; n < pages.length; n += 1) {
        this.said.textContent = `Reading the picture of page ${pages[n]}, ${n + 1} of ${pages.length}…`;
        const found = await this.stage.source.post("find", { needles: [{ id: "wanted", ...this.asked }], first: pages[n], last: pages[n], read: true }, stop.signal);
        this.unread = this.unread.filter((page) => page !== pages[n] || found.unread.includes(page));
        this.#take(found.hits.filter((hit) => hit.painted));
        if (n % READ === 0) this.stage.sheets.refresh();
      }
    } catch (error) {
      if (error.name !== "AbortError") this.bench.warn(error.message);
    }
    this.#busy(false);
    this.#tell(pages.length && this.unread.length ? " Some pictures could not be read." : "");
  }

  #busy(on) {
    this.stopButton.hidden = !on;
    this.root.setAttribute("aria-busy", String(on));
    this.allButton.hidden = this.readButton.hidden = true;
  }

  #tell(more) {
    const pages = new Set(this.hits.map((hit) => hit.page)).size;
    const count = this.hits.length;
    const found = count ? `${count === 1 ? "1 place" : `${count} places`} on ${pages === 1 ? "1 page" : `${pages} pages`}.` : "Found nowhere.";
    const hidden = this.unread.length ? ` ${this.unread.length === 1 ? `Page ${this.unread[0]} has` : `${this.unread.length} pages have`} no text to look in.` : "";
    this.said.textContent = found + hidden + more;
    this.bench.say(found + hidden + more);
    const written = this.hits.some((hit) => !hit.painted);
    this.allButton.hidden = !count || !this.stage.mayMark;
    this.allButton.textContent = written ? `Mark all ${this.askedWords}` : `Cover all ${count} with boxes`;
    this.readButton.hidden = !this.unread.length || !this.bench.config.stage.reads_pictures;
  }

  #take(hits) {
    this.hits.push(...hits);
    this.#draw();
    for (const page of new Set(hits.map((hit) => hit.page))) this.#show(page);
  }

  #draw() {
    const pages = Map.groupBy ? Map.groupBy(this.hits.slice(0, SHOWN), (hit) => hit.page) : grouped(this.hits.slice(0, SHOWN));
    this.list.replaceChildren(
      ...[...pages].map(([page, hits]) => make("li", { class: "wbp-found" }, make("p", { class: "wbp-found__page" }, `Page ${page}`), make("ol", { class: "wbp-found__hits" }, ...hits.map((hit) => this.#row(hit))))),
      ...(this.hits.length > SHOWN ? [make("li", { class: "wbp-found__rest" }, `${this.hits.length - SHOWN} more are not listed here. “Mark all” takes them too.`)] : []),
    );
    this.#state();
  }

  #row(hit) {
    const index = this.hits.indexOf(hit);
    const words = [hit.before, make("mark", {}, hit.text), hit.after];
    return make("li", { class: "wbp-hit", dataset: { hit: index } },
      make("button", { type: "button", class: "wbp-hit__go", dataset: { go: index } }, ...words, hit.painted ? make("span", { class: "wbp-hit__note" }, "read from the picture") : null),
      this.stage.mayMark ? make("button", { type: "button", class: "wbp-hit__mark", dataset: { mark: index } }, icon("add"), make("span", {}, "Mark"), make("span", { class: "usa-sr-only" }, ` ${hit.text}, page ${hit.page}`)) : null);
  }

  #state() {
    for (const row of this.list.querySelectorAll("[data-hit]")) {
      const hit = this.hits[Number(row.dataset.hit)];
      const done = this.isMarked(hit);
      row.classList.toggle("is-marked", done);
      const button = row.querySelector("[data-mark]");
      if (button) button.disabled = done;
      if (button) button.querySelector("span").textContent = done ? "Marked" : "Mark";
    }
  }

  isMarked(hit) {
    const marks = this.stage.marks.of(hit.page).filter((mark) => !mark.suggested || mark.decision);
    if (marks.some((mark) => mark.kind === "page")) return true;
    if (!hit.painted && marks.some((mark) => mark.kind === "text" && (mark.literal ?? null) === (this.asked.literal ?? null) && (mark.pattern ?? null) === (this.asked.pattern ?? null))) return true;
    return hit.rects.length > 0 && hit.rects.every((rect) => this.stage.words.covers(hit.page, rect) > 0.9);
  }

  #clicked(event) {
    const mark = event.target.closest("[data-mark]");
    const go = event.target.closest("[data-go]");
    if (mark) this.markOne(Number(mark.dataset.mark));
    else if (go) this.go(Number(go.dataset.go));
  }

  markOne(index) {
    const hit = this.hits[index];
    if (!hit.rects.length) return this.bench.warn("Nothing says where on the page these words stand. Mark all of them, or withhold the page.");
    const ids = this.stage.addBoxes(hit.page, hit.rects, `Mark “${hit.text}”`);
    this.go(index, { focus: false });
    this.bench.store.select(ids);
    this.bench.say(`Marked on page ${hit.page}.`);
  }

  markAll() {
    const { store } = this.bench;
    const painted = this.hits.filter((hit) => hit.painted && hit.rects.length);
    const written = this.hits.some((hit) => !hit.painted);
    store.batch("Mark all", () => {
      if (written) store.add({ kind: "text", ...this.asked, pages: "all" });
      for (const hit of painted) if (!this.isMarked(hit)) this.stage.addBoxes(hit.page, hit.rects, "Mark");
    });
    this.bench.say(`Marked wherever ${this.askedWords} stands.${owesReason({ kind: "text" }) && !store.last?.reason ? " Choose the reason in the panel." : ""}`);
  }

  /** The next or the one before, from where the person is. */
  step(way) {
    if (!this.hits.length) return this.bench.say("Nothing has been looked for yet.");
    this.go((this.at + way + this.hits.length) % this.hits.length, { focus: false });
  }

  go(index, { focus = true } = {}) {
    const before = this.at;
    this.at = index;
    const hit = this.hits[index];
    this.list.querySelector(".is-current")?.classList.remove("is-current");
    const row = this.list.querySelector(`[data-hit="${index}"]`);
    row?.classList.add("is-current");
    row?.scrollIntoView({ block: "nearest" });
    this.stage.sheets.go(hit.page, hit.rects[0]);
    for (const page of new Set([this.hits[before]?.page, hit.page])) if (page) this.#show(page);
    this.bench.say(`Place ${index + 1} of ${this.hits.length}, page ${hit.page}: ${hit.before} ${hit.text} ${hit.after}${this.isMarked(hit) ? ", marked" : ""}`);
    if (focus) this.stage.sheets.view.focus({ preventScroll: true });
  }

  #show(number) {
    const layer = this.stage.sheets.node(number)?.querySelector(".wbp-hits");
    if (!layer) return;
    const scale = this.stage.sheets.scale;
    layer.replaceChildren(
      ...this.hits.flatMap((hit, index) => (hit.page !== number ? [] : hit.rects.map((rect) => {
        const spot = make("i", { class: index === this.at ? "is-current" : "" });
        Object.assign(spot.style, { left: `${rect[0] * scale}px`, top: `${rect[1] * scale}px`, width: `${(rect[2] - rect[0]) * scale}px`, height: `${(rect[3] - rect[1]) * scale}px` });
        return spot;
      }))),
    );
  }
}

function grouped(hits) {
  const pages = new Map();
  for (const hit of hits) pages.set(hit.page, [...(pages.get(hit.page) ?? []), hit]);
  return pages;
}
