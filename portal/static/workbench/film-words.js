// The transcript: what is said around the playhead, and a search that lists every place of a name to mute.

import { make } from "./dom.js";
import { Spoken } from "./film-search.js";
import { clock } from "./film-time.js";

const SHOWN = 60; // rows of speech at once
const PAUSE = 0.8; // seconds between two rows
const LONG = 90; // letters
const CONTEXT = 4; // words on each side of a place found

export class Words {
  #rows = [];
  #first = 0;
  #found = [];
  #marked = null;

  constructor({ root, source, player, editor, bench }) {
    Object.assign(this, { root, source, player, editor, bench });
    this.spoken = null;
    source.addEventListener("words", () => this.#came());
    player.addEventListener("time", () => this.#follow());
    editor.store.addEventListener("editable", () => this.spoken && this.#lay());
    root.replaceChildren(make("p", { class: "wf-quiet" }, "The transcript is being fetched …"));
  }

  /** Where a mute by words is spoken: [[start, end], …]. */
  places(mark) {
    return mark.literal && this.spoken ? this.spoken.find(mark.literal).map(({ start, end }) => [start, end]) : [];
  }

  #came() {
    const { words, transcript, faults } = this.source;
    if (!transcript || !words.length) {
      const reason = faults.words || "This recording has no transcript yet. With one, names can be searched and muted wherever they are said.";
      const forms = this.bench.config.urls.marks;
      this.root.replaceChildren(make("p", {}, reason), forms ? make("p", {}, make("a", { href: `${forms}#transcript` }, "Attach a transcript on the page of forms")) : "");
      return;
    }
    this.spoken = new Spoken(words);
    this.#rows = rowsOf(words);
    this.#lay();
    this.changed?.();
  }

  #lay() {
    this.input = make("input", { class: "usa-input", type: "search", id: "film-search", autocomplete: "off" });
    const form = make(
      "form",
      { class: "wf-search", onsubmit: (event) => (event.preventDefault(), this.search(this.input.value)) },
      make("label", { for: "film-search" }, "Find a name or word that is said"),
      this.input,
      make("button", { class: "wf-button wf-button--strong", type: "submit" }, "Find"),
    );
    this.results = make("div", { class: "wf-results" });
    this.list = make("div", { class: "wf-transcript" });
    this.list.addEventListener("click", (event) => this.#clicked(event));
    document.addEventListener("selectionchange", () => this.#selected());
    this.chosen = make("div", { class: "wf-chosen-words", hidden: true });
    this.root.replaceChildren(form, this.results, this.chosen, this.list);
    this.#draw();
  }

  search(text) {
    const literal = text.trim();
    if (!literal) return;
    this.#found = this.spoken.find(literal);
    const count = this.#found.length;
    const said = count ? `“${literal}” is said ${count === 1 ? "once" : `${count} times`}.` : `“${literal}” is not said in this transcript.`;
    const act = this.editor.may && count;
    this.results.replaceChildren(
      make(
        "div",
        { class: "wf-results__head" },
        make("p", {}, said),
        act && make("button", { class: "wf-button wf-button--strong", type: "button", onclick: () => this.#muteAll(literal) }, count === 1 ? "Mute this place" : `Mute all ${count} places`),
        act && make("button", { class: "wf-button", type: "button", onclick: () => this.#muteWords(literal) }, "Mute by the words"),
        make("button", { class: "wf-button", type: "button", onclick: () => this.results.replaceChildren() }, "Close"),
      ),
      make("ul", { class: "wf-places" }, this.#found.map((place) => this.#place(place))),
      this.#found.some((place) => !place.exact) ? make("p", { class: "wf-quiet" }, "This transcript does not know when single words are spoken: whole captions are muted. Listen to each place.") : "",
    );
    this.bench.say(said);
  }

  #place(place) {
    const { words } = this.source;
    const around = (from, to) => words.slice(Math.max(0, from), Math.max(0, to)).map((word) => word.text).join(" ");
    return make(
      "li",
      {},
      make("button", { class: "wf-link", type: "button", onclick: () => this.#hear(place) }, make("span", { class: "usa-sr-only" }, "Listen to "), clock(place.start)),
      make("span", { class: "wf-places__words" }, `${around(place.first - CONTEXT, place.first)} `, make("mark", {}, around(place.first, place.last + 1)), ` ${around(place.last + 1, place.last + 1 + CONTEXT)}`),
      this.editor.may && make("button", { class: "wf-button", type: "button", "aria-label": `Mute at ${clock(place.start)}`, onclick: () => this.editor.muteAll([[place.start, place.end]], "Mute a word") }, "Mute"),
    );
  }

  #hear(place) {
    this.player.seek(Math.max(0, place.start - 1));
    this.player.play();
  }

  #muteAll(literal) {
    this.editor.muteAll(this.#found.map(({ start, end }) => [start, end]), `Mute “${literal}”`);
  }

  /** One mark that names the words: the engine finds the places again in the transcript that stands then. */
  #muteWords(literal) {
    this.editor.add({ kind: "mute", literal }, `Every “${literal}” will be muted.`);
  }

  #draw(first = this.#first) {
    this.#first = Math.max(0, Math.min(first, Math.max(0, this.#rows.length - SHOWN)));
    const rows = this.#rows.slice(this.#first, this.#first + SHOWN);
    const more = (words, to) => make("button", { class: "wf-button", type: "button", onclick: () => this.#draw(to) }, words);
    this.list.replaceChildren(
      this.#first > 0 ? more("Earlier", this.#first - SHOWN + 5) : "",
      ...rows.map((row) => this.#row(row)),
      this.#first + SHOWN < this.#rows.length ? more("Later", this.#first + SHOWN - 5) : "",
    );
    this.#marked = null;
    this.#follow();
  }

  #row(row) {
    const words = this.source.words.slice(row.first, row.last + 1);
    row.element = make(
      "p",
      { class: "wf-row" },
      make("button", { class: "wf-link", type: "button", dataset: { seek: row.start } }, make("span", { class: "usa-sr-only" }, "Go to "), clock(row.start, 1)),
      make("span", { class: "wf-row__words" }, words.flatMap((word, number) => [make("span", { dataset: { word: row.first + number } }, word.text), " "])),
      this.editor.may && make("button", { class: "wf-button wf-row__mute", type: "button", dataset: { from: row.start, to: row.end }, "aria-label": `Mute what is said at ${clock(row.start)}` }, "Mute"),
    );
    return row.element;
  }

  #clicked(event) {
    const { seek, from, to, word } = (event.target.closest("button") ?? event.target).dataset;
    if (seek !== undefined) this.player.seek(Number(seek));
    else if (from !== undefined) this.editor.muteAll([[Number(from), Number(to)]], "Mute a passage");
    else if (word !== undefined && getSelection().isCollapsed) this.player.seek(this.source.words[Number(word)].t0);
  }

  /** Words taken with the mouse can be muted together. */
  #selected() {
    const chosen = getSelection();
    const numbers = chosen.isCollapsed || !this.editor.may ? [] : [chosen.anchorNode, chosen.focusNode].map((node) => Number((node?.parentElement ?? node)?.closest?.("[data-word]")?.dataset.word ?? NaN));
    if (numbers.length !== 2 || numbers.some(Number.isNaN) || !this.list.contains(chosen.anchorNode)) {
      this.chosen.hidden = true;
      return;
    }
    const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
    const words = this.source.words.slice(first, last + 1);
    const span = [Math.min(...words.map((word) => word.t0)), Math.max(...words.map((word) => word.t1))];
    const mute = make("button", { class: "wf-button wf-button--strong", type: "button", onclick: () => (this.editor.muteAll([span], "Mute words"), getSelection().removeAllRanges()) }, `Mute these ${words.length === 1 ? "" : `${words.length} `}words`);
    this.chosen.replaceChildren(mute);
    this.chosen.hidden = false;
  }

  #follow() {
    const time = this.player.time;
    const row = this.#rows.findLast((each) => each.start <= time + 0.05);
    if (row === this.#marked || !this.list) return;
    this.#marked?.element?.classList.remove("wf-row--now");
    this.#marked = row ?? null;
    if (!row) return;
    const number = this.#rows.indexOf(row);
    const inView = number >= this.#first && number < this.#first + SHOWN;
    if (!inView && this.player.playing) this.#draw(number - 5);
    if (!inView) return;
    row.element.classList.add("wf-row--now");
    if (this.player.playing) this.list.scrollTop = row.element.offsetTop - this.list.offsetTop - this.list.clientHeight / 3;
  }
}

/** Words gathered to rows: parted by a pause, or when a row gets long. */
function rowsOf(words) {
  const rows = [];
  for (const [number, word] of words.entries()) {
    const row = rows[rows.length - 1];
    const fits = row && word.t0 - row.end < PAUSE && row.length + word.text.length < LONG && word.exact && row.exact;
    if (fits) Object.assign(row, { last: number, end: Math.max(row.end, word.t1), length: row.length + word.text.length + 1 });
    else rows.push({ first: number, last: number, start: word.t0, end: word.t1, length: word.text.length, exact: word.exact });
  }
  return rows;
}
