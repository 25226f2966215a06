// What the real engine makes of the marks as they are now: asked for when they rest, shown in counts, lists, map.

import { make } from "./dom.js";
import { clock, describe } from "./words.js";

const REST_MS = 600;
const PATIENCE_MS = 20_000; // after the server said that it was asked too often
const KINDS = new Set(["home", "fence", "generalise", "fields", "withhold"]);
const SVG = "http://www.w3.org/2000/svg";
const INK = ["fill", "stroke", "stroke-width", "stroke-linejoin", "stroke-linecap", "stroke-dasharray", "opacity"];
// what the engine draws with: by shape, the attributes that are taken over, and nothing but these
const DRAWN = {
  svg: ["viewBox"],
  rect: ["x", "y", "width", "height", ...INK],
  polyline: ["points", ...INK],
  polygon: ["points", ...INK],
  circle: ["cx", "cy", "r", ...INK],
  text: ["x", "y", "text-anchor", "font-family", "font-size", ...INK],
};
const PLAIN = /^[\w\s#.,+-]*$/; // numbers, names, colours: no address and no call can be written so

export class Outcome extends EventTarget {
  value = null;
  #timer = 0;
  #under = null; // AbortController of the question under way
  #asked = "";

  constructor(root, bench) {
    super();
    Object.assign(this, { root, bench });
    this.state = root.querySelector("[data-outcome-state]");
    this.summary = root.querySelector("[data-summary]");
    this.counts = root.querySelector("[data-counts]");
    this.warnings = root.querySelector("[data-warnings]");
    this.film = root.querySelector("[data-film]");
    this.sheet = root.querySelector("[data-sheet]");
    bench.store.addEventListener("change", () => this.ask());
  }

  /** Asks again once the marks have rested; the same marks are asked about once. */
  ask(rest = REST_MS) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run(), rest);
  }

  get marks() {
    const rows = this.bench.store.all().filter((mark) => mark.decision !== "rejected" && KINDS.has(mark.kind));
    // what a mark says of its reason changes nothing that is drawn
    return rows.map(({ reason, exemption, note, ...mark }) => mark);
  }

  async #run() {
    const marks = this.marks;
    const asked = JSON.stringify(marks);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#under?.abort();
    this.#under = new AbortController();
    this.#say("The engine is at work on the marks as they are now…");
    try {
      this.value = await this.bench.json(this.bench.config.stage.urls.outcome, { method: "POST", body: { marks: { version: 1, marks } }, signal: this.#under.signal });
      this.#show(marks);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.value = null;
      if (!error.status || error.status === 429 || error.status >= 500) this.#asked = "";
      if (error.status === 429) this.ask(PATIENCE_MS);
      this.#refused(error);
    }
    this.dispatchEvent(new Event("change"));
  }

  #say(text, fault = false) {
    this.state.textContent = text;
    this.state.classList.toggle("wf-state--fault", fault);
    this.summary.textContent = fault ? "The engine refuses: see “What is cut”" : "At work…";
    this.summary.classList.toggle("wf-summary--fault", fault);
  }

  #refused(error) {
    const mark = error.data?.mark ? this.bench.store.get(error.data.mark) : null;
    const text = `${mark ? `${describe(mark)}: ` : ""}${error.message}`;
    this.#say(text, true);
    this.bench.warn(text);
    this.counts.replaceChildren();
    this.warnings.replaceChildren();
    this.film.replaceChildren();
    this.sheet.replaceChildren(make("p", {}, "There is no map: the engine would make nothing of these marks."));
  }

  #show(marks) {
    const { details, warnings } = this.value;
    const figure = (value) => value.toLocaleString("en-US");
    this.#say(`Of ${figure(details.points_in)} points ${figure(details.points_out)} stay and ${figure(details.points_in - details.points_out)} are cut. Made by the engine just now; saved or not, these are the marks you see.`);
    this.summary.textContent = `${figure(details.points_in - details.points_out)} of ${figure(details.points_in)} points cut`;
    const rows = marks
      .filter((mark) => mark.id in details.cut_by)
      .map((mark) => [describe(mark), mark.action === "generalise" ? "made coarser" : "cut", figure(details.cut_by[mark.id])]);
    if (details.points_in_remnants) rows.push(["Remnants too short to keep", "cut", figure(details.points_in_remnants)]);
    this.counts.replaceChildren(
      rows.length
        ? make(
            "table",
            { class: "usa-table usa-table--borderless wf-table" },
            make("caption", {}, "Points, by the mark that takes them first"),
            make("thead", {}, make("tr", {}, ...["Mark", "What happens", "Points"].map((head) => make("th", { scope: "col" }, head)))),
            make("tbody", {}, ...rows.map(([what, how, count]) => make("tr", {}, make("th", { scope: "row" }, what), make("td", {}, how), make("td", { class: "wf-figure" }, count)))),
          )
        : make("p", {}, "No mark cuts anything yet."),
    );
    const facts = [
      details.places_of_take_off_and_landing ? `${details.places_of_take_off_and_landing} places of take-off, landing or rest are cut round. The circles are moved by the agency’s secret; they are shown to staff alone and never leave.` : "",
      details.fields_released.length ? `Further fields that pass: ${details.fields_released.join(", ")}.` : "",
      ...warnings,
    ].filter(Boolean);
    this.warnings.replaceChildren(...facts.map((text) => make("li", {}, text)));
    this.#seconds(details);
    this.#draw();
  }

  /** The cut seconds, by the film that shows them: where it lies in time, else counted from the log's start. */
  #seconds({ cut_spans: spans }) {
    const { films } = this.bench.config.stage;
    if (!spans.length) {
      this.film.replaceChildren(make("p", {}, "No seconds are cut, so the film needs no cut for the flight’s sake."));
      return;
    }
    const lead = films.length
      ? "The aircraft’s camera was where the flight is cut. These seconds of the film need the same cut:"
      : "If a film of this flight is released, these seconds of it need the same cut. The request has no film record yet.";
    const lists = (films.length ? films : [null]).map((film) => this.#ofFilm(film, spans));
    this.film.replaceChildren(make("p", {}, lead), ...lists);
  }

  #ofFilm(film, spans) {
    const began = this.began?.();
    const known = film?.recorded_at != null && began != null;
    const late = known ? film.recorded_at - began : 0;
    const rows = spans.map((span) => ({ ...span, start: Math.max(0, span.start - late), end: span.end - late })).filter((span) => span.end > 0);
    const items = rows.map((span) => {
      const words = `${clock(span.start)} to ${clock(span.end)}`;
      return make("li", {}, film ? make("a", { href: `${film.url}?t=${span.start.toFixed(2)}` }, words) : words);
    });
    const basis = known ? "by the moment the film was recorded" : "counted from the start of the log, for the film’s own start is not known";
    return make("div", {}, film ? make("h4", {}, film.title) : null, make("p", { class: "wf-hint" }, `In seconds of the film, ${film ? basis : "counted from the start of the log"}.`), items.length ? make("ul", { class: "wf-spans" }, ...items) : make("p", {}, "None of them lies in this film."));
  }

  /** The map as it goes out: the engine's own drawing, taken over shape by shape and nothing but shapes. */
  #draw() {
    const drawn = redrawn(new DOMParser().parseFromString(this.value.map, "image/svg+xml").documentElement);
    if (drawn?.localName !== "svg") {
      this.sheet.replaceChildren(make("p", {}, "The map cannot be shown here. It is made with the redacted copy."));
      return;
    }
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", "The map of the released path: scale bar, grid, north, and the path with its gaps");
    this.sheet.replaceChildren(drawn);
  }
}

/** The same shape made anew of what is on the list; null for one that is not. */
function redrawn(shape) {
  if (shape.namespaceURI !== SVG || !Object.hasOwn(DRAWN, shape.localName)) return null;
  const made = document.createElementNS(SVG, shape.localName);
  for (const name of DRAWN[shape.localName]) {
    const value = shape.getAttribute(name);
    if (value !== null && PLAIN.test(value)) made.setAttribute(name, value);
  }
  if (shape.localName === "text") made.textContent = shape.textContent;
  else made.append(...[...shape.children].map(redrawn).filter(Boolean));
  return made;
}
