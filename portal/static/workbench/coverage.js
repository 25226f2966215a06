// How much of the record this person has really seen: a bar over the whole, and what is missing as ways to it.

import { make } from "./dom.js";
import { clock } from "./words.js";

const LOOK_MS = 10_000;
const MOST = 30; // buttons
const SPACE = "http://www.w3.org/2000/svg";
const number = (value) => (Math.round(value * 10) / 10).toLocaleString("en-US");

const span = (unit, [from, to]) => (unit === "second" ? `${clock(from)} to ${clock(to)}` : from === to ? `${unit} ${from}` : `${unit}s ${from} to ${to}`);

function bar(found) {
  const drawn = document.createElementNS(SPACE, "svg");
  drawn.setAttribute("class", "wb-seen");
  drawn.setAttribute("viewBox", "0 0 1000 10");
  drawn.setAttribute("preserveAspectRatio", "none");
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", `${found.per_cent} per cent seen`);
  const add = (x, width, name) => {
    const part = document.createElementNS(SPACE, "rect");
    for (const [key, value] of Object.entries({ x, y: 0, width, height: 10, class: name })) part.setAttribute(key, value);
    drawn.append(part);
  };
  add(0, 1000, "wb-seen__whole");
  const first = found.unit === "second" ? 0 : 1;
  const step = found.unit === "second" ? 0 : 1;
  for (const [from, to] of found.ranges) add(((from - first) / found.total) * 1000, Math.max(1, ((to - from + step) / found.total) * 1000), "wb-seen__part");
  return drawn;
}

class Coverage {
  #said = "";

  constructor(root, bench, config) {
    Object.assign(this, { root, bench, url: `${config.urls.seen}shown/` });
    setInterval(() => document.hidden || this.load(), LOOK_MS);
  }

  async load() {
    try {
      this.#draw(await this.bench.json(this.url));
    } catch (error) {
      if (error.status !== 0) this.root.replaceChildren(make("p", { class: "wb-note" }, error.message));
    }
  }

  #draw(found) {
    const text = JSON.stringify(found);
    if (text === this.#said) return;
    this.#said = text;
    const open = this.root.querySelector("details")?.open ?? false;
    const held = this.root.contains(document.activeElement) ? document.activeElement.dataset.way : undefined;
    const demand = found.demanded && found.people.includes(found.part);
    const speed = found.unit === "second" ? ` at up to ${found.speed} times its speed` : "";
    const rule = demand ? `${found.demanded} % are demanded${speed} before the record goes on.` : `Recommended: all of it once${speed}.`;
    if (!found.total) {
      const asked = demand ? ` ${rule}` : "";
      const rest = found.uncounted ? `${found.uncounted[0].toUpperCase()}${found.uncounted.slice(1)}.` : "There is nothing in it to be seen.";
      this.root.replaceChildren(make("p", { class: demand && found.uncounted ? "wb-short" : "" }, `${number(found.seen)} ${found.unit}s seen.${asked} ${rest}`));
      return;
    }
    const short = demand && found.per_cent < found.demanded;
    this.root.replaceChildren(
      make("p", { class: short ? "wb-short" : "" }, make("strong", {}, `${found.per_cent} %`), ` seen. ${rule}`),
      bar(found),
      found.missing.length ? make("details", { open }, make("summary", {}, `Not seen yet (${found.missing.length + found.more})`),
        make("ul", { class: "usa-list usa-list--unstyled" }, found.missing.slice(0, MOST).map((range) =>
          make("li", {}, make("button", { type: "button", class: "usa-button usa-button--unstyled", dataset: { way: span(found.unit, range) }, onclick: () => this.#go(found.unit, range[0]) }, span(found.unit, range))))),
        found.missing.length + found.more > MOST ? make("p", { class: "wb-note" }, `and ${found.missing.length + found.more - MOST} more`) : null,
      ) : make("p", {}, "Nothing is missing."),
    );
    if (held) this.root.querySelector(`[data-way="${CSS.escape(held)}"]`)?.focus();
  }

  /** The stage takes its reader there; where it does not know how, the page of forms shows the place. */
  #go(unit, at) {
    const asked = new CustomEvent("workbench:go", { cancelable: true, detail: { unit, at } });
    if (document.dispatchEvent(asked)) location.assign(`${this.bench.config.urls.marks}?at=${Math.floor(at)}`);
  }
}

export async function mount(root, bench) {
  const config = bench.config.panes.find((pane) => pane.name === "coverage");
  await new Coverage(root.querySelector("[data-coverage]") ?? root, bench, config).load();
}
