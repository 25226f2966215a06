// The points of the log as a table, a page at a time: what the map draws, for reading.

import { button, make } from "./dom.js";
import { told } from "./flight-time.js";
import { clock } from "./words.js";

export class Points {
  #start = 0;
  #asked = null;

  constructor(root, bench, { go, gone }) {
    Object.assign(this, { root, bench, go, gone });
    this.size = bench.config.stage.page;
    this.body = root.querySelector("tbody");
    this.caption = root.querySelector("[data-range]");
    root.querySelector("[data-older]").addEventListener("click", () => this.page(this.#start - this.size));
    root.querySelector("[data-newer]").addEventListener("click", () => this.page(this.#start + this.size));
    root.querySelector("[data-goto]").addEventListener("submit", (event) => {
      event.preventDefault();
      const wanted = Number(new FormData(event.target).get("number"));
      if (Number.isInteger(wanted) && wanted > 0 && wanted <= this.track.points) this.page(Math.floor((wanted - 1) / this.size) * this.size, wanted - 1);
      else this.bench.warn(`Give a number from 1 to ${this.track.points}.`);
    });
  }

  show(track) {
    this.track = track;
    this.page(0);
  }

  /** Shows the page that begins at a point; a later call wins over one still under way. */
  async page(start, chosen = null) {
    const first = Math.min(Math.max(0, start), Math.floor((this.track.points - 1) / this.size) * this.size);
    const asked = (this.#asked = Symbol("page"));
    let rows;
    try {
      rows = this.track.index ? await this.bench.json(`${this.bench.config.stage.urls.points}?from=${first}`) : this.#slice(first);
    } catch (error) {
      this.bench.warn(`The points could not be read. ${error.message}`);
      return;
    }
    if (asked !== this.#asked) return;
    this.#start = first;
    this.#fill(rows, first, chosen);
  }

  refresh() {
    if (this.track) this.page(this.#start);
  }

  #slice(first) {
    const part = (name) => this.track[name]?.slice(first, first + this.size) ?? null;
    return Object.fromEntries(["lat", "lon", "altitude", "seconds", "at"].map((name) => [name, part(name)]));
  }

  #fill(rows, first, chosen) {
    const { track } = this;
    const shown = { ...rows, aware: track.aware };
    this.body.replaceChildren(
      ...rows.lat.map((lat, n) => {
        const number = first + n;
        const cut = this.gone(number);
        return make(
          "tr",
          { class: cut ? "wf-row--cut" : undefined, "aria-selected": chosen === number ? "true" : undefined },
          make("th", { scope: "row" }, button((number + 1).toLocaleString("en-US"), () => this.go(number), { kind: "unstyled", "aria-label": `Show point ${(number + 1).toLocaleString("en-US")} on the map` })),
          make("td", {}, told(shown, n) || "–"),
          make("td", { class: "wf-figure" }, rows.seconds?.[n] == null ? "–" : clock(rows.seconds[n])),
          make("td", { class: "wf-figure" }, lat.toFixed(6)),
          make("td", { class: "wf-figure" }, rows.lon[n].toFixed(6)),
          make("td", { class: "wf-figure" }, rows.altitude?.[n] == null ? "–" : rows.altitude[n].toFixed(1)),
          make("td", {}, cut ? "cut" : "stays"),
        );
      }),
    );
    const last = first + rows.lat.length;
    this.caption.textContent = `Points ${(first + 1).toLocaleString("en-US")} to ${last.toLocaleString("en-US")} of ${track.points.toLocaleString("en-US")}`;
    this.root.querySelector("[data-older]").disabled = first === 0;
    this.root.querySelector("[data-newer]").disabled = last >= track.points;
    if (!this.root.closest("[hidden]")) this.bench.seen("row", first + 1, last, 1);
  }
}
