// The pointer on the pages: choosing words, drawing a box, moving and resizing one. A pen or finger scrolls
// unless the box tool is on.

import { make } from "./dom.js";
import { inside, moved, resized, wordAt } from "./pages-geometry.js";

const STILL = 4; // pixels; less is a click

export class Pointer {
  #held = null;

  constructor(stage) {
    this.stage = stage;
    const { view } = stage.sheets;
    view.addEventListener("pointerdown", (event) => this.#down(event));
    view.addEventListener("pointermove", (event) => this.#move(event));
    view.addEventListener("pointerup", (event) => this.#up(event));
    view.addEventListener("pointercancel", () => this.#drop());
    view.addEventListener("dblclick", (event) => this.#twice(event));
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.#held && this.#drop());
  }

  #down(event) {
    const { sheets, words, bench, after } = this.stage;
    if (event.button !== 0 || event.target.closest(".wbp-chosen, .wbp-fault, button, a") || after) return;
    const place = sheets.locate(event.clientX, event.clientY);
    if (!place) return words.clear();
    const mark = event.target.closest(".wbp-mark");
    const touch = event.pointerType === "touch";
    if (mark) {
      const found = bench.store.get(mark.dataset.mark);
      bench.store.select(event.shiftKey || event.ctrlKey ? [...bench.store.selected, found.id] : bench.store.selected.has(found.id) ? [...bench.store.selected] : [found.id]);
      mark.focus({ preventScroll: true });
      event.preventDefault();
      if (found.kind === "box" && this.stage.mayMark && !(touch && !bench.store.selected.has(found.id))) {
        const handle = event.target.closest(".wbp-handle")?.dataset.handle;
        this.#hold(event, { how: handle ? "resize" : "move", handle, id: found.id, rect: found.rect, place, number: found.page });
      }
      return;
    }
    if (touch && this.stage.tool !== "box") return;
    event.preventDefault();
    sheets.view.focus({ preventScroll: true });
    bench.store.select([]);
    const list = this.stage.source.wordsHere(place.number)?.words ?? [];
    const at = this.stage.tool === "words" && !event.altKey ? wordAt(list, place.x, place.y) : -1;
    if (at >= 0) {
      const extend = event.shiftKey && words.page === place.number && words.head >= 0;
      words.choose(place.number, extend ? words.anchor : at, at);
      this.#hold(event, { how: "words", number: place.number, place });
      return;
    }
    words.clear();
    if (this.stage.mayMark) this.#hold(event, { how: "draw", number: place.number, place });
  }

  #hold(event, held) {
    this.#held = { ...held, x: event.clientX, y: event.clientY, went: false };
    this.stage.sheets.view.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const held = this.#held;
    const { sheets, words, source } = this.stage;
    if (!held) return;
    const [dx, dy] = [(event.clientX - held.x) / sheets.scale, (event.clientY - held.y) / sheets.scale];
    if (!held.went && Math.hypot(event.clientX - held.x, event.clientY - held.y) < STILL) return;
    held.went = true;
    const size = sheets.size(held.number);
    if (held.how === "words") {
      const here = this.#on(held.number, event);
      const at = wordAt(source.wordsHere(held.number).words, here.x, here.y, 3);
      if (at >= 0 && at !== words.head) words.choose(held.number, words.anchor, at);
      return;
    }
    if (held.how === "draw") held.now = inside([held.place.x, held.place.y, held.place.x + dx, held.place.y + dy], size);
    if (held.how === "move") held.now = moved(held.rect, dx, dy, size);
    if (held.how === "resize") held.now = resized(held.rect, held.handle, dx, dy, size);
    this.#ghost(held);
  }

  #on(number, event) {
    const { sheets } = this.stage;
    const page = sheets.node(number).getBoundingClientRect();
    return { x: (event.clientX - page.left) / sheets.scale, y: (event.clientY - page.top) / sheets.scale };
  }

  #ghost({ number, now, id }) {
    const { sheets, marks } = this.stage;
    const node = sheets.node(number);
    if (!node || !now) return;
    const shown = id ? marks.element(id) : (this.ghost ??= node.querySelector(".wbp-words").appendChild(make("i", { class: "wbp-ghost" })));
    const scale = sheets.scale;
    if (shown) Object.assign(shown.style, { left: `${now[0] * scale}px`, top: `${now[1] * scale}px`, width: `${(now[2] - now[0]) * scale}px`, height: `${(now[3] - now[1]) * scale}px` });
  }

  #up(event) {
    const held = this.#held;
    this.#drop(true);
    if (!held) return;
    if (held.how === "words") return void this.stage.words.show();
    if (!held.went || !held.now) return;
    if (held.how === "draw") {
      const small = (held.now[2] - held.now[0]) * this.stage.sheets.scale < STILL || (held.now[3] - held.now[1]) * this.stage.sheets.scale < STILL;
      if (!small) this.stage.addBox(held.number, held.now);
    } else this.stage.bench.store.change(held.id, { rect: held.now, ...this.stage.adjusted(held.id) });
    event.preventDefault();
  }

  #drop(kept = false) {
    const held = this.#held;
    this.#held = null;
    this.ghost?.remove();
    this.ghost = null;
    if (held?.id && !kept) this.stage.marks.page(held.number);
  }

  #twice(event) {
    const { words, sheets } = this.stage;
    const place = sheets.locate(event.clientX, event.clientY);
    if (place && words.page === place.number && words.head >= 0 && this.stage.mayMark && !event.target.closest(".wbp-mark, .wbp-chosen")) this.stage.markWords();
  }
}
