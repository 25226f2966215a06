// The stage of pages: PDF, office files and images. See pages-*.js for its parts.

import { button, make } from "./dom.js";
import { After } from "./pages-after.js";
import { Copying, Hidden } from "./pages-aside.js";
import { useBar, useTabs } from "./pages-bar.js";
import { Counts } from "./pages-counts.js";
import { useFields } from "./pages-fields.js";
import { Find } from "./pages-find.js";
import { inside, moved, resized, runs, textOf } from "./pages-geometry.js";
import { useKeys } from "./pages-keys.js";
import { Marks } from "./pages-marks.js";
import { Pointer } from "./pages-pointer.js";
import { Sheets } from "./pages-sheets.js";
import { Source } from "./pages-source.js";
import { Thumbs } from "./pages-thumbs.js";
import { Words } from "./pages-words.js";
import { isOpen } from "./store.js";
import { extentOf, spot } from "./words.js";

const ZOOMS = [0.25, 0.33, 0.5, 0.67, 0.75, 1, 1.25, 1.5, 2, 3, 4];
const NEW_BOX = [120, 18]; // points

class Stage {
  tool = "words";
  extent = "line";

  constructor(root, bench) {
    Object.assign(this, { root, bench });
    this.isImage = bench.config.medium === "image";
    this.source = new Source(bench);
    this.part = (name) => root.querySelector(`[data-${name}]`);
  }

  async start() {
    const { facts, medium } = this.bench.config;
    let sizes = facts.pages;
    if (medium === "office" || !sizes.length) sizes = await this.#measure();
    if (!sizes) return;
    const view = this.part("view");
    this.sheets = new Sheets(view, this.bench, this.source, sizes.map((size) => [...size]), this.isImage ? 1 : 96 / 72);
    this.marks = new Marks(this.bench, this.sheets, this.source);
    this.words = new Words(this.bench, this.sheets, this.source, this.marks);
    this.counts = new Counts(this);
    this.afterwards = new After(this);
    this.pointer = new Pointer(this);
    this.find = new Find(this.part("find"), this);
    this.thumbs = new Thumbs(this.part("thumbs"), this);
    this.copying = new Copying(this.part("copying"), this);
    if (this.bench.config.stage.hidden.length) this.#showHidden();
    useBar(this);
    useTabs(this);
    this.#chosenBar();
    useFields(this);
    useKeys(this);
    this.sheets.addEventListener("fault", ({ detail }) => this.#fault(detail));
    this.sheets.addEventListener("page", () => this.#where());
    this.marks.addEventListener("fault", ({ detail }) => this.notice(detail));
    this.bench.store.addEventListener("select", () => this.#follow());
    this.bench.store.addEventListener("change", () => this.#where());
    if (this.isImage) this.sheets.mode = "page";
    this.sheets.layout();
    this.#where();
    this.counts.look();
    this.marks.ask();
  }

  get mayMark() {
    return this.bench.store.editable;
  }

  get after() {
    return this.afterwards.on;
  }

  notice(words) {
    const place = this.part("notice");
    place.textContent = words;
    place.hidden = !words;
  }

  async #measure() {
    this.notice(this.bench.config.medium === "office" ? "The pages of this file are being made, which takes some seconds…" : "The pages are being measured…");
    try {
      const sizes = await this.source.sizes();
      this.notice("");
      return sizes;
    } catch (error) {
      this.notice("");
      this.part("view").replaceChildren(this.#card(`The pages of this file cannot be shown. ${error.message}`, () => location.reload()));
      this.bench.warn(error.message);
      return null;
    }
  }

  /** Pages of an office file are others once it is decided what is shown; the server makes them anew. */
  #showHidden() {
    const tab = this.root.querySelector("#wbp-tab-hidden");
    tab.hidden = false;
    this.hidden = new Hidden(this.part("hidden"), this);
    const stamp = () => JSON.stringify(this.bench.store.all().filter((mark) => mark.kind === "hidden").map(({ item, action, decision }) => [item, action, decision]));
    let shown = stamp();
    const tell = () => {
      const { open } = this.hidden;
      tab.textContent = open ? `Not shown (${open} open)` : "Not shown";
      const words = open === 1 ? "1 hidden part to decide" : `${open} hidden parts to decide`;
      this.bench.strip.owes("hidden", open ? { words, run: () => (this.showTab("hidden"), tab.focus()) } : null);
    };
    tell();
    this.bench.store.addEventListener("change", tell);
    this.bench.saver?.addEventListener("state", async () => {
      if (this.bench.saver.state !== "saved" || stamp() === shown) return;
      shown = stamp();
      const sizes = await this.#measure();
      if (sizes) this.#again(sizes);
    });
  }

  #again(sizes) {
    this.source.reset();
    this.marks.forget();
    this.sheets.setSizes(sizes);
    this.thumbs.reset();
    this.counts.reset();
    this.marks.ask();
    this.#where();
  }

  #card(words, again) {
    const { whole } = this.bench.config.stage;
    return make("div", { class: "wbp-fault" }, make("p", { class: "wbp-fault__words" }, words),
      make("p", {}, "What can still be done: withhold it, ask whoever made the file for another export, or withhold the whole record."),
      make("div", { class: "wbp-fault__do" }, again ? button("Try again", again) : null, make("a", { class: "usa-button usa-button--outline wb-button", href: whole }, "Withhold the whole record")));
  }

  #fault({ number, fault, again }) {
    const node = this.sheets.node(number);
    if (!node) return;
    node.querySelector(".wbp-fault")?.remove();
    const card = this.#card(`Page ${number} cannot be shown: ${fault}`, again ? () => (card.remove(), this.sheets.refresh()) : null);
    if (this.mayMark) card.querySelector(".wbp-fault__do").prepend(button("Withhold this page", () => this.withhold(number), { kind: "" }));
    node.append(card);
    this.bench.say(`Page ${number} cannot be shown: ${fault}`);
  }

  #chosenBar() {
    const { bar } = this.words;
    const fit = () => (bar.hidden = !this.mayMark);
    this.bench.store.addEventListener("editable", fit);
    fit();
    const act = (words, key, run) => make("button", { type: "button", tabindex: -1, onclick: run }, words, make("kbd", {}, key));
    bar.append(act("Mark", "M", () => this.markWords()), act("Line", "L", () => this.markLine()), act("Every one", "E", () => this.markEvery()));
  }

  /** A suggestion a person moves is decided by that. */
  adjusted(id) {
    return isOpen(this.bench.store.get(id)) ? { decision: "adjusted" } : {};
  }

  #where() {
    const { sheets } = this;
    const field = this.part("page-field");
    if (document.activeElement !== field) field.value = String(sheets.current);
    field.max = String(sheets.count);
    this.part("page-count").textContent = `of ${sheets.count.toLocaleString()}`;
    this.part("page-back").disabled = sheets.current <= 1;
    this.part("page-on").disabled = sheets.current >= sheets.count;
    this.part("withhold").setAttribute("aria-pressed", String(Boolean(this.#withheld(sheets.current))));
  }

  #withheld(number) {
    return this.bench.store.all().find((mark) => mark.kind === "page" && mark.page === number && mark.decision !== "rejected" && !isOpen(mark));
  }

  /** The panel chose a mark: it is brought into view. */
  #follow() {
    const ids = [...this.bench.store.selected];
    if (ids.length !== 1) return;
    const mark = this.bench.store.get(ids[0]);
    if (mark.kind === "box" || mark.kind === "page") {
      if (mark.page > this.sheets.count) return;
      if (mark.kind === "box") this.setExtent(mark.extent ?? "line", { only: true });
      this.sheets.go(mark.page, mark.rect ?? [0, 0, 10, 10]);
    }
  }

  use(tool) {
    this.tool = tool;
    for (const found of this.root.querySelectorAll("[data-tool]")) found.setAttribute("aria-pressed", String(found.dataset.tool === tool));
    this.part("view").classList.toggle("is-drawing", tool === "box");
  }

  setExtent(extent, { only = false } = {}) {
    this.extent = extent;
    this.part("extent").value = extent;
    if (only || !this.mayMark) return;
    const { store } = this.bench;
    const boxes = [...store.selected].map((id) => store.get(id)).filter((mark) => mark.kind === "box");
    if (boxes.length) store.batch("Change", () => boxes.forEach((mark) => store.change(mark.id, { extent, ...this.adjusted(mark.id) })));
    this.bench.say(extent === "line" ? "Boxes cover to the end of the line." : "Boxes cover exactly what is drawn, which tells how wide the words are.");
  }

  addBox(page, rect, { focus = true } = {}) {
    const id = this.bench.store.add({ kind: "box", page, rect, ...(this.isImage ? {} : { extent: this.extent }) });
    this.bench.store.select([id]);
    if (focus) this.marks.element(id)?.focus({ preventScroll: true });
    return id;
  }

  addBoxes(page, rects, label) {
    const size = this.sheets.size(page);
    return this.bench.store.batch(label, () => rects.map((rect) => inside(rect, size)).filter(Boolean).map((rect) => this.bench.store.add({ kind: "box", page, rect, ...(this.isImage ? {} : { extent: this.extent }) })));
  }

  /** A box in the middle of what is in view, to be moved by keys. */
  placeBox() {
    const { sheets } = this;
    const frame = sheets.view.getBoundingClientRect();
    const place = sheets.locate(frame.left + frame.width / 2, frame.top + frame.height * 0.4) ?? { number: sheets.current, x: 0, y: 0 };
    const [width, height] = sheets.size(place.number);
    const unit = this.isImage ? Math.max(width, height) / 800 : 1;
    const box = [Math.min(NEW_BOX[0] * unit, width), Math.min(NEW_BOX[1] * unit, height)];
    const x = Math.max(0, Math.min(place.x - box[0] / 2, width - box[0]));
    const y = Math.max(0, Math.min(place.y - box[1] / 2, height - box[1]));
    this.addBox(place.number, inside([x, y, x + box[0], y + box[1]], [width, height]));
    this.bench.say(`A box stands on page ${place.number}. Arrow keys move it, with Control they resize it, with Shift by larger steps. Enter when it is right.`);
  }

  nudge(id, dx, dy, resize) {
    const mark = this.bench.store.get(id);
    const size = this.sheets.size(mark.page);
    const rect = resize ? resized(mark.rect, "se", dx, dy, size) : moved(mark.rect, dx, dy, size);
    this.bench.store.change(id, { rect, ...this.adjusted(id) }, { joins: true });
    this.sheets.go(mark.page, rect);
    this.bench.say(resize ? extentOf(rect, 2) : spot(rect, 2));
  }

  #made(ids, words) {
    this.words.clear();
    this.bench.store.select(ids);
    this.bench.say(words);
  }

  markWords(words = this.words.chosen) {
    if (!words.length) return this.bench.say("Choose words first.");
    const text = textOf(words);
    this.#made(this.addBoxes(this.words.page, runs(words), "Mark words"), `Marked: ${text.slice(0, 200)}`);
  }

  markLine() {
    this.markWords(this.words.line);
  }

  markEvery() {
    const text = textOf(this.words.chosen);
    if (!text) return this.bench.say("Choose words first.");
    if (this.source.wordsHere(this.words.page).painted) return this.bench.warn("These words were read from a picture, into which no search looks at the release. Mark each place with a box.");
    this.#made([this.bench.store.add({ kind: "text", literal: text, pages: "all" })], `Every “${text}” is marked.`);
  }

  withhold(number = this.sheets.current) {
    const { store } = this.bench;
    const found = this.#withheld(number);
    if (found) store.remove([found.id]);
    else store.select([store.add({ kind: "page", page: number })]);
    this.bench.say(found ? `Page ${number} is released again, with its marks.` : `Page ${number} is withheld whole.`);
  }

  toggleAfter() {
    this.afterwards.toggle();
    this.part("after").setAttribute("aria-pressed", String(this.after));
  }

  async readPicture() {
    const number = this.sheets.current;
    if (!this.bench.config.stage.reads_pictures) return this.bench.say("Reading pictures is not installed here.");
    this.bench.say(`Reading the picture of page ${number}.`);
    this.notice(`Reading the picture of page ${number}…`);
    try {
      const page = await this.source.words(number, { read: true });
      this.bench.say(page.words.length ? `${page.words.length} words were read. Arrow keys go through them.` : "No words could be read.");
    } catch (error) {
      this.bench.warn(error.message);
    }
    this.notice("");
  }

  open(number, { focus = true } = {}) {
    this.sheets.go(number);
    const page = this.sheets.current;
    const count = this.marks.of(page).length;
    this.bench.say(`Page ${page} of ${this.sheets.count}${count ? `, ${count === 1 ? "1 mark" : `${count} marks`}` : ""}`);
    if (focus) this.sheets.view.focus({ preventScroll: true });
  }

  zoom(mode) {
    this.sheets.zoom(mode);
    const times = Math.round((this.sheets.scale / this.sheets.perUnit) * 100);
    const select = this.part("zoom");
    const other = this.part("zoom-other");
    select.value = String(mode);
    other.textContent = `${times} %`;
    if (select.selectedIndex < 0 || select.value !== String(mode)) select.value = "";
    this.bench.say(`${times} percent`);
  }

  zoomBy(way) {
    const now = this.sheets.scale / this.sheets.perUnit;
    const next = way > 0 ? ZOOMS.find((step) => step > now * 1.02) : ZOOMS.findLast((step) => step < now * 0.98);
    if (next) this.zoom(next);
  }
}

export async function mount(root, bench) {
  const stage = new Stage(root, bench);
  await stage.start();
  document.addEventListener("workbench:go", (event) => {
    if (event.detail.unit !== "page" || !stage.sheets) return;
    event.preventDefault();
    stage.open(event.detail.at);
  });
}
