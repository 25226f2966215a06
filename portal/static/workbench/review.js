// The second person's page: both sides move together, and each mark leads to its place on them.
// Without this script the page shows one place at a time by its form; nothing is decided here.

import { button, make, useIcons } from "./dom.js";
import { FilmSides } from "./review-film.js";
import { FlightSides } from "./review-flight.js";
import { Keys } from "./keys.js";
import { PageSides } from "./review-pages.js";
import { TableSides } from "./review-table.js";
import { Seen } from "./seen.js";
import { json } from "./talking.js";

const config = JSON.parse(document.getElementById("review-config").textContent);
const root = document.querySelector("[data-review]");
const region = root.querySelector("[data-said]");
const list = [...document.querySelectorAll("[data-mark]")];
const say = (text) => {
  region.textContent = "";
  requestAnimationFrame(() => (region.textContent = text));
};
useIcons("");

const KINDS = { page: PageSides, second: FilmSides };
const Kind = config.medium === "table" ? TableSides : config.medium === "flight" ? FlightSides : KINDS[config.unit];
const seen = new Seen(json, config.urls.seen, () => counting());
const sides = Kind ? new Kind({ config, root, say, seen }) : null;
const keys = new Keys();
let current = -1;

function show(index) {
  if (!list.length) return;
  current = (index + list.length) % list.length;
  for (const [at, row] of list.entries()) at === current ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current");
  const row = list[current];
  row.scrollIntoView({ block: "nearest" });
  const mark = config.marks.find((each) => each.id === row.dataset.mark);
  say(`Mark ${current + 1} of ${list.length}: ${row.querySelector("[data-go]").textContent}`);
  if (mark) sides?.go(mark);
}

for (const [index, row] of list.entries()) {
  row.querySelector("[data-go]").addEventListener("click", (event) => {
    if (!sides || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show(index);
  });
  const box = make("input", { type: "checkbox", "aria-label": `Looked at: ${row.querySelector("[data-go]").textContent}` });
  box.addEventListener("change", tally);
  row.querySelector(".rv-mark__head").append(make("label", { class: "rv-seen" }, box, "Seen"));
}

const counted = document.querySelector("[data-count]");
const total = counted?.textContent;
function tally() {
  const seen = list.filter((row) => row.querySelector(".rv-seen input").checked).length;
  if (counted) counted.textContent = seen ? `${total}, ${seen} looked at` : total;
}

/* the bar over both sides */
const bar = root.querySelector("[data-bar]");
if (bar && sides) {
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Comparing");
  const before = button("Mark before", () => show(current < 0 ? list.length - 1 : current - 1), { "aria-keyshortcuts": "p" });
  const after = button("Next mark", () => show(current + 1), { "aria-keyshortcuts": "n" });
  if (list.length) bar.append(make("span", { class: "rv-group" }, before, after));
  bar.append(...sides.controls());
  if (sides.canFlicker) bar.append(flickering());
  if (sides.canZoom) bar.append(zooming());
  bar.hidden = false;
  keys.add({ key: "n", words: "Next mark", run: () => show(current + 1) });
  keys.add({ key: "p", words: "Mark before", run: () => show(current < 0 ? list.length - 1 : current - 1) });
  keys.add({ key: "s", words: "Tick the mark as looked at", run: () => list[current]?.querySelector(".rv-seen input").click() });
}

function flickering() {
  const box = root.querySelector("[data-sides]");
  let shown = "result";
  const both = button("Side by side", () => set(false), { "aria-pressed": "true" });
  const one = button("Flicker", () => (box.classList.contains("rv-sides--flicker") ? swap() : set(true)), { "aria-pressed": "false", "aria-keyshortcuts": "f" });
  const paint = () => {
    const on = box.classList.contains("rv-sides--flicker");
    for (const side of box.querySelectorAll("[data-side]")) {
      on && side.dataset.side !== shown ? side.setAttribute("data-hidden", "") : side.removeAttribute("data-hidden");
    }
    both.setAttribute("aria-pressed", String(!on));
    one.setAttribute("aria-pressed", String(on));
    say(on ? (shown === "result" ? "The redacted copy" : "The original") : "Side by side");
  };
  const set = (on) => {
    box.classList.toggle("rv-sides--flicker", on);
    paint();
  };
  const swap = () => {
    shown = shown === "result" ? "original" : "result";
    paint();
  };
  keys.add({ key: "f", words: "Flicker between original and copy", run: () => one.click() });
  keys.add({ key: "b", words: "Both side by side", run: () => set(false) });
  return make("span", { class: "rv-group" }, both, one);
}

function zooming() {
  const said = make("output", {}, "100 %");
  let zoom = 1;
  const set = (wanted) => {
    const old = zoom;
    zoom = Math.min(Math.max(wanted, 0.5), 6);
    said.textContent = `${Math.round(zoom * 100)} %`;
    sides.zoom(zoom, old);
  };
  keys.add({ key: "+ =", words: "Closer", run: () => set(zoom * 1.25) });
  keys.add({ key: "-", words: "Farther", run: () => set(zoom / 1.25) });
  keys.add({ key: "0", words: "Whole width", run: () => set(1) });
  return make("span", { class: "rv-group" }, button("−", () => set(zoom / 1.25), { "aria-label": "Farther" }), said, button("+", () => set(zoom * 1.25), { "aria-label": "Closer" }));
}

/* how much of the record this person has seen, as the server believes it, and whether it is enough */
const share = document.querySelector("[data-seen]");
const unseen = document.querySelector("[data-unseen]");
async function counting() {
  if (!share || document.hidden) return;
  try {
    const found = await json(config.urls.seen_shown);
    const asked = found.demanded && found.people.includes(found.part) ? ` ${found.demanded} % are asked for.` : "";
    const speed = found.unit === "second" ? ` at up to ${found.speed} times their speed` : "";
    const units = config.medium === "flight" ? "points" : `${found.unit}s`;
    const part = found.per_cent === null ? `${found.seen.toLocaleString("en-US")} ${units}` : `${found.per_cent} % of the ${units}`;
    share.hidden = false;
    share.textContent = `You have seen ${part}${speed}.${asked}`;
    if (unseen) {
      unseen.hidden = !found.obstacle;
      const words = unseen.querySelector(".usa-alert__text");
      if (words && found.obstacle) words.textContent = found.obstacle;
    }
  } catch {
    share.hidden = true; // it is told again when the page is loaded
  }
}
setInterval(counting, 10_000);
counting();

document.documentElement.dataset.review = "ready";
