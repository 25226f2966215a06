// Marks by numbers: a fence from a circle or from corners, take-off and landing, coarser, further fields.

import { make } from "./dom.js";
import { fenceFault, readCorners, roundFence, tidy } from "./flight-geometry.js";

/** “41.6, -93.6” → {lat, lon}; throws a sentence. */
function readPlace(text) {
  const [first, ...more] = readCorners(text);
  if (!first || more.length) throw new Error("Give one place as latitude, longitude, such as 41.60000, -93.60000.");
  return { lat: first[1], lon: first[0] };
}

export class Forms {
  constructor(root, bench, { map, place, track }) {
    Object.assign(this, { root, bench, map, place, track });
    for (const form of root.querySelectorAll("form[data-make]")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.#make(form);
      });
    }
    for (const opener of document.querySelectorAll("[data-open]")) opener.addEventListener("click", () => this.open(opener.dataset.open, opener));
    for (const closer of root.querySelectorAll("[data-close]")) closer.addEventListener("click", () => this.close());
    for (const filler of root.querySelectorAll("[data-here]")) {
      filler.addEventListener("click", () => {
        const { lat, lon } = filler.dataset.here === "middle" ? map.middle : place();
        filler.form.elements.place.value = `${lat.toFixed(6)}, ${lon.toFixed(6)}`;
      });
    }
  }

  open(name, opener = null) {
    const again = !this.root.hidden && this.root.dataset.shown === name;
    this.close();
    if (again) return;
    this.opener = opener;
    opener?.setAttribute("aria-expanded", "true");
    this.root.hidden = false;
    this.root.dataset.shown = name;
    for (const form of this.root.querySelectorAll("form[data-make]")) form.hidden = form.dataset.make !== name;
    const form = this.root.querySelector(`form[data-make="${name}"]`);
    this.#fault(form, "");
    if (name === "generalise" || name === "home") this.#recall(form, name);
    if (name === "fields") this.#offer(form);
    const first = form.querySelector("input:not(:disabled), textarea, select");
    first?.focus();
    if (first?.type === "number") first.select();
  }

  close() {
    if (this.root.contains(document.activeElement)) this.opener?.focus();
    this.opener?.setAttribute("aria-expanded", "false");
    this.opener = null;
    this.root.hidden = true;
  }

  #one(kind) {
    return this.bench.store.all().find((mark) => mark.kind === kind && mark.decision !== "rejected");
  }

  /** A form of a mark that is there once shows what it says. */
  #recall(form, kind) {
    const mark = this.#one(kind);
    if (!mark) return;
    for (const field of form.elements) if (field.name && mark[field.name] !== undefined) field.value = mark[field.name];
  }

  #offer(form) {
    const chosen = new Set(this.#one("fields")?.release ?? []);
    const names = [...(this.track()?.fields ?? [])];
    for (const name of ["speed", "heading"]) if (!names.some((row) => row.name.toLowerCase() === name)) names.push({ name, fault: null, made: true });
    names.sort((one, other) => Boolean(one.fault) - Boolean(other.fault)); // what may pass comes first
    const list = form.querySelector("[data-names]");
    list.replaceChildren(
      ...names.map(({ name, fault, made }, n) => {
        const again = made || /^(speed|heading)$/i.test(name.trim());
        const barred = fault && !again;
        const box = make("input", { class: "usa-checkbox__input", type: "checkbox", id: `flight-field-${n}`, name: "release", value: name, disabled: barred });
        box.checked = chosen.has(name) && !barred;
        const why = barred ? ` ${fault}` : again ? " worked out anew from what is released" : "";
        return make("div", { class: "usa-checkbox" }, box, make("label", { class: "usa-checkbox__label", for: box.id }, name, why ? make("span", { class: "usa-checkbox__label-description" }, why.trim()) : null));
      }),
    );
  }

  #fault(form, text) {
    const shown = form.querySelector("[data-fault]");
    shown.textContent = text;
    shown.hidden = !text;
    if (text) this.bench.warn(text);
  }

  #make(form) {
    const sent = new FormData(form);
    try {
      this[`_${form.dataset.make}`](sent);
    } catch (error) {
      this.#fault(form, error.message);
      return;
    }
    this.close();
  }

  _circle(sent) {
    const { lat, lon } = readPlace(sent.get("place"));
    const radius = Number(sent.get("radius"));
    if (!(radius >= 1 && radius <= 50_000)) throw new Error("Give a radius from 1 to 50,000 metres.");
    this.#fence(roundFence(lat, lon, radius), sent.get("action"));
  }

  _corners(sent) {
    this.#fence(readCorners(sent.get("corners")).map(([lon, lat]) => [tidy(lon), tidy(lat)]), sent.get("action"));
  }

  #fence(polygon, action) {
    const fault = fenceFault(polygon);
    if (fault) throw new Error(fault);
    this.map.fences.add(polygon, action);
  }

  _home(sent) {
    const radius = Number(sent.get("radius_m"));
    if (!(radius >= 1 && radius <= 50_000)) throw new Error("Give a radius from 1 to 50,000 metres.");
    this.#put("home", { radius_m: radius }, `Take-off and landing are cut within ${radius} metres, the centre moved.`);
  }

  _generalise(sent) {
    const grid = sent.get("grid_deg").trim();
    const patch = { grid_deg: grid ? Number(grid) : undefined, altitude: sent.get("altitude") || undefined, time: sent.get("time") || undefined };
    if (grid && !(patch.grid_deg > 0 && patch.grid_deg <= 1)) throw new Error("Give a grid above 0 and up to 1 degree; 0.001 is about 100 metres.");
    if (!grid && !patch.altitude && !patch.time) throw new Error("Say what is to be made coarser.");
    this.#put("generalise", patch, "The flight is made coarser.");
  }

  _fields(sent) {
    this.#put("fields", { release: sent.getAll("release") }, "Further fields set.");
  }

  /** These marks are there once: a second form of the same kind changes the first. */
  #put(kind, patch, words) {
    const mark = this.#one(kind);
    const plain = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    if (mark) this.bench.store.change(mark.id, patch);
    const id = mark?.id ?? this.bench.store.add({ kind, ...plain });
    this.bench.store.select([id]);
    this.bench.say(words);
  }
}

/** Numbers for the inspector: everything a hand does on the map. */
export function fields(bench, map) {
  const change = (mark, patch) => bench.store.change(mark.id, patch);
  bench.fields("home", (mark) => [
    { name: "radius_m", label: "Radius", type: "number", min: 1, max: 50_000, step: 10, unit: "m", value: mark.radius_m, set: (value) => Number(value) >= 1 && change(mark, { radius_m: Number(value) }) },
  ]);
  bench.fields("generalise", (mark) => [
    { name: "grid_deg", label: "Grid", type: "number", min: 0, max: 1, step: 0.001, unit: "°", value: mark.grid_deg ?? "", set: (value) => change(mark, { grid_deg: Number(value) > 0 ? Number(value) : undefined }) },
    { name: "altitude", label: "Height", type: "select", options: [["", "As it is"], ["metre", "To the metre"], ["drop", "Leave out"]], value: mark.altitude ?? "", set: (value) => change(mark, { altitude: value || undefined }) },
    { name: "time", label: "Time", type: "select", options: [["", "As it is"], ["relative", "Seconds since the start"]], value: mark.time === "relative" ? "relative" : "", set: (value) => change(mark, { time: value || undefined }) },
  ]);
  bench.fields("fields", (mark) => [
    { name: "release", label: "Fields that pass, by commas", type: "text", value: mark.release.join(", "), set: (value) => change(mark, { release: [...new Set(value.split(",").map((part) => part.trim()).filter(Boolean))] }) },
  ]);
  bench.fields("fence", (mark) => [
    { name: "action", label: "Inside it", type: "select", options: [["cut", "Cut the flight out"], ["generalise", "Make positions coarser"]], value: mark.action, set: (value) => change(mark, { action: value }) },
    ...mark.polygon.flatMap(([lon, lat], n) => [
      { name: `lat-${n}`, label: `Corner ${n + 1}, latitude`, type: "number", min: -90, max: 90, step: 0.00001, unit: "°", value: lat, set: (value) => map.fences.moveCorner(bench.store.get(mark.id), n, { lat: Number(value), lon }) },
      { name: `lon-${n}`, label: `Corner ${n + 1}, longitude`, type: "number", min: -180, max: 180, step: 0.00001, unit: "°", value: lon, set: (value) => map.fences.moveCorner(bench.store.get(mark.id), n, { lat, lon: Number(value) }) },
    ]),
  ]);
}
