// The page as it will be: of the finished copy when there is one of these marks, else made by the engine now.

import { make } from "./dom.js";
import { unpacked, widthFor } from "./pages-source.js";

const PAUSE_MS = 500;
const WAYS = { raster: "The page becomes a picture with a text layer", vector: "", picture: "", withheld: "" };

export class After {
  on = false;
  #made = new Map(); // page → stamp of the marks it was made with
  #timer = 0;
  #busy = false;

  constructor(stage) {
    this.stage = stage;
    stage.bench.store.addEventListener("change", () => this.on && this.#later());
    stage.sheets.addEventListener("made", () => this.on && this.#later());
    stage.sheets.addEventListener("gone", ({ detail }) => this.#made.delete(detail));
    stage.sheets.addEventListener("zoom", () => this.on && this.#later());
  }

  toggle(on = !this.on) {
    this.on = on;
    this.stage.sheets.view.classList.toggle("is-after", on);
    if (on) {
      this.stage.bench.say("The page as it will be. Press V for the page as it is.");
      this.#next();
      return;
    }
    clearTimeout(this.#timer);
    this.#made.clear();
    for (const node of this.stage.sheets.nodes.values()) node.querySelectorAll(".wbp-after, .wbp-after__note").forEach((old) => old.remove());
    this.stage.bench.say("The page as it is, with the marks.");
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#next(), PAUSE_MS);
  }

  #stamp(number) {
    return JSON.stringify([this.#width(number), this.stage.marks.of(number)]);
  }

  #width(number) {
    const wanted = widthFor(this.stage.sheets.size(number)[0] * this.stage.sheets.scale * Math.min(2, window.devicePixelRatio || 1));
    return Math.min(2200, Math.max(1100, wanted));
  }

  async #next() {
    if (this.#busy || !this.on) return;
    const { sheets } = this.stage;
    const number = sheets.visible().find((page) => !sheets.node(page)?.fault && this.#made.get(page) !== this.#stamp(page));
    if (!number) return;
    this.#busy = true;
    const stamp = this.#stamp(number);
    const began = performance.now();
    this.#note(number, "Making the page…", true);
    try {
      const page = await this.stage.source.post("after", { number, width: this.#width(number), marks: this.stage.bench.store.all() });
      if (page.fault) throw new Error(page.fault);
      await this.#draw(number, page, Math.round(performance.now() - began));
    } catch (error) {
      this.#note(number, `The engine does not make this page: ${error.message}`, false, true);
    }
    this.#made.set(number, stamp);
    this.#busy = false;
    this.#next();
  }

  async #draw(number, page, took) {
    const node = this.stage.sheets.node(number);
    if (!node || !this.on) return;
    const bitmap = await unpacked(page);
    const canvas = node.querySelector(".wbp-after") ?? node.insertBefore(make("canvas", { class: "wbp-after", role: "img", "aria-label": `Page ${number} as it will be released` }), node.querySelector(".wbp-areas"));
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    const time = new Date(page.at).toLocaleTimeString(undefined, { hour: "numeric", minute: "2-digit", second: "2-digit" });
    const made = page.of === "copy" ? `From the redacted copy made at ${time}` : `Made by the engine from the marks on screen, ${time} (${(took / 1000).toFixed(1)} s)`;
    const open = this.stage.marks.of(number).some((mark) => mark.suggested && !mark.decision) ? "Open suggestions are left out" : "";
    this.#note(number, [made, WAYS[page.way], open].filter(Boolean).join(". "));
  }

  #note(number, words, busy = false, fault = false) {
    const node = this.stage.sheets.node(number);
    if (!node || !this.on) return;
    node.querySelector(".wbp-after__note")?.remove();
    node.append(make("p", { class: `wbp-after__note${busy ? " is-busy" : ""}${fault ? " is-fault" : ""}` }, words));
    if (!busy) this.stage.bench.say(words);
  }
}
