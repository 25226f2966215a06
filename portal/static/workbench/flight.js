// The stage of a flight: its map, its time, its points, the engine's result, its class.

import { FlightClass } from "./flight-class.js";
import { Forms, fields } from "./flight-forms.js";
import { warnOfHome } from "./flight-home.js";
import { Corners } from "./flight-corners.js";
import { FlightMap } from "./flight-map.js";
import { Outcome } from "./flight-outcome.js";
import { Points } from "./flight-table.js";
import { Time } from "./flight-time.js";
import { Tabs } from "./tabs.js";

const ZOOM = 1.5;

export async function mount(root, bench) {
  const find = (name) => root.querySelector(`[data-${name}]`);
  const { stage } = bench.config;
  root.querySelector("[data-flight]").dataset.state = "loading";
  new Tabs(root.querySelector("[role=tablist]"));
  const map = new FlightMap(find("map"), bench);
  const time = new Time(root, bench);
  const outcome = new Outcome(root, bench);
  let track = null;
  let flags = []; // whether each drawn point is cut
  const ranges = () => outcome.value?.cut ?? [];
  const gone = (number) => ranges().some(([first, last]) => first <= number && number <= last);
  const points = new Points(find("points"), bench, { gone, go: (number) => time.goTo(drawnAt(track, number)) });
  const forms = new Forms(find("forms"), bench, { map, track: () => track, place: () => ({ lat: track.lat[time.now], lon: track.lon[time.now] }) });
  new Corners(find("corners"), bench, map.fences);
  fields(bench, map);
  warnOfHome(find("bare"), bench, () => forms.open("home"));
  if (stage.class) new FlightClass(find("class"), bench);

  const result = find("result");
  const showResult = (wanted) => {
    result.setAttribute("aria-pressed", String(wanted));
    map.show({ result: wanted });
    find("legend").dataset.legend = wanted ? "result" : "time";
  };
  const draw = () => {
    map.fences.begin();
    find("map").focus();
    bench.say("Click the corners, or move the map under the cross and press Enter. C closes the fence, Backspace takes a corner back, Escape gives up.");
  };
  result.addEventListener("click", () => showResult(result.getAttribute("aria-pressed") !== "true"));
  find("draw")?.addEventListener("click", () => (map.fences.drawing ? map.fences.giveUp() : draw()));
  find("in").addEventListener("click", () => map.zoom(ZOOM));
  find("out").addEventListener("click", () => map.zoom(1 / ZOOM));
  find("fit").addEventListener("click", () => map.fit());
  map.addEventListener("tool", () => {
    const drawing = map.fences.drawing;
    find("draw")?.setAttribute("aria-pressed", String(Boolean(drawing)));
    find("drawn").textContent = drawing ? `${drawing.length} corners. Click the first corner, or press C, to close the fence.` : "";
  });
  map.fences.addEventListener("fault", (event) => (find("drawn").textContent = event.detail));
  map.addEventListener("spot", (event) => {
    const near = nearest(map.view, track, event.detail);
    if (near !== null) time.goTo(near);
  });
  time.addEventListener("move", (event) => map.goTo(event.detail));
  outcome.began = () => (track?.at?.[0] == null ? null : track.at[0] - (track.seconds?.[0] ?? 0));
  outcome.addEventListener("change", () => {
    flags = cutFlags(track, ranges());
    map.show({ outcome: outcome.value, gone: flags });
    time.mark(flags);
    points.refresh();
  });
  keys(bench, { map, time, forms, draw, toggle: () => result.click() });
  document.addEventListener("workbench:go", (event) => {
    const { unit, at } = event.detail;
    if (!track || (unit !== "second" && unit !== "row")) return;
    event.preventDefault();
    const second = track.seconds?.findIndex((value) => value !== null && value >= at) ?? -1;
    time.goTo(unit === "row" ? drawnAt(track, at - 1) : Math.max(0, second));
  });

  try {
    track = await bench.json(stage.urls.track);
  } catch (error) {
    unreadable(root, bench, error);
    return;
  }
  root.querySelector("[data-flight]").dataset.state = "ready";
  find("map").setAttribute("aria-label", spoken(track));
  find("told").textContent = told(track);
  map.show({ track });
  time.show(track);
  points.show(track);
  outcome.ask(0);
  map.draw();
}

function keys(bench, { map, time, forms, draw, toggle }) {
  map.keys();
  const add = (key, words, run, when) => bench.keys.add({ key, words, run, when, group: "Flight" });
  const may = () => bench.store.editable;
  add("f", "Draw a fence", draw, may);
  add("o", "A fence from a circle, by numbers", () => forms.open("circle"), may);
  add("h", "Cut round take-off and landing", () => forms.open("home"), may);
  add("g", "Make the flight coarser", () => forms.open("generalise"), may);
  add("b", "Show the track, or the engine’s result over it", toggle);
  add("p", "Play or stop", () => time.toggle());
  add(",", "One point back", () => time.step(-1));
  add(".", "One point on", () => time.step(1));
  add("<", "Fifty points back", () => time.step(-50));
  add(">", "Fifty points on", () => time.step(50));
}

function unreadable(root, bench, error) {
  const stage = root.querySelector("[data-flight]");
  stage.dataset.state = "fault";
  stage.querySelector("[data-why]").textContent = error.message;
  stage.querySelector("[data-whole]").href = bench.config.urls.marks;
  bench.warn(error.message);
}

function drawnAt(track, number) {
  if (!track.index) return number;
  const found = track.index.findIndex((one) => one >= number);
  return found < 0 ? track.index.length - 1 : found;
}

function cutFlags(track, ranges) {
  const flags = new Array(track.lat.length).fill(false);
  let at = 0;
  for (const [first, last] of ranges) {
    while (at < flags.length && (track.index?.[at] ?? at) < first) at += 1;
    while (at < flags.length && (track.index?.[at] ?? at) <= last) flags[at++] = true;
  }
  return flags;
}

function nearest(view, track, { x, y }) {
  let [best, at] = [20 ** 2, null];
  for (let n = 0; n < (track?.lat.length ?? 0); n += 1) {
    const [px, py] = view.xy(track.lat[n], track.lon[n]);
    const far = (px - x) ** 2 + (py - y) ** 2;
    if (far < best) [best, at] = [far, n];
  }
  return at;
}

const many = (count, word) => `${count.toLocaleString("en-US")} ${word}${count === 1 ? "" : "s"}`;

function told(track) {
  const drawn = track.index ? ` ${track.index.length.toLocaleString("en-US")} of them are drawn; the engine works on all.` : "";
  const lost = track.without_position ? ` ${many(track.without_position, "entry")} without a position left out.`.replace("entrys", "entries") : "";
  return [`${track.dialect}: ${many(track.points, "point")} in ${many(track.flights.length, "flight")}.${drawn}${lost}`, ...track.warnings].join(" ");
}

function spoken(track) {
  const [flight] = track.flights;
  const at = (spot) => `${spot.lat.toFixed(5)}, ${spot.lon.toFixed(5)}`;
  return `Map of the flight: ${many(track.points, "point")}. Launch at ${at(flight.launch)}, landing at ${at(flight.landing)}. The points stand in the table below.`;
}
