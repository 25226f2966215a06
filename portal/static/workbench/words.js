// A mark in words: the same on the list, in the inspector, in what is read aloud.

export const KINDS = {
  box: ["Box", "check_box_outline_blank"],
  text: ["Words", "search"],
  page: ["Page", "file_present"],
  hidden: ["Hidden part", "visibility_off"],
  region: ["Box", "my_location"],
  frame: ["Whole picture", "visibility_off"],
  mute: ["Mute", "volume_off"],
  cut: ["Cut", "remove_circle"],
  tracks: ["Tracks", "settings"],
  column: ["Column", "list"],
  rows: ["Rows", "list"],
  own_plate: ["Own plate", "verified"],
  suppress: ["Small groups", "groups"],
  home: ["Take-off and landing", "home"],
  fence: ["Fence", "map"],
  generalise: ["Coarser", "zoom_out"],
  fields: ["Further fields", "list"],
  withhold: ["Whole record", "lock"],
};

export const kindName = (kind) => KINDS[kind]?.[0] ?? kind;
export const kindIcon = (kind) => KINDS[kind]?.[1] ?? "label";

const POINTS = 72; // in an inch
let picture = null; // its [width, height] in pixels, where the record is one

/** A picture has no inches: its boxes are told as shares of it. */
export const useMeasure = ({ medium, facts }) => (picture = medium === "image" ? (facts.pages?.[0] ?? [facts.width, facts.height]) : null);

const amount = (value, axis, digits) => (picture ? `${(100 * value / (picture[axis] || 1)).toFixed(digits > 1 ? 1 : 0)} %` : `${Number((value / POINTS).toFixed(digits))} in`);

/** Where a box stands, as a ruler on the page has it: “1 in across, 1.7 in down”, from the top left. */
export const spot = ([x, y], digits = 1) => `${amount(x, 0, digits)} across, ${amount(y, 1, digits)} down`;
export const extentOf = ([x0, y0, x1, y1], digits = 1) => `${amount(x1 - x0, 0, digits)} wide, ${amount(y1 - y0, 1, digits)} high`;

const figure = (value) => String(Math.round(value * 100) / 100);

export function clock(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const hundredths = Math.round((seconds - whole) * 100) % 100;
  const padded = parts.slice(parts[0] ? 0 : 1).map((part, n) => (n ? String(part).padStart(2, "0") : String(part)));
  return padded.join(":") + (hundredths ? `.${String(hundredths).padStart(2, "0")}` : "");
}

const span = (mark) => (mark.literal != null ? `every “${mark.literal}” spoken` : `${clock(mark.start)} to ${clock(mark.end)}`);
const conditions = (mark) => (mark.keep ?? mark.remove ?? []).map((row) => `${row.column} ${row.op} ${row.value}`).join(" and ");

const WORDS = {
  box: (mark) => `${picture ? "" : `page ${mark.page}, `}${spot(mark.rect)}`,
  text: (mark) => (mark.literal != null ? `every “${mark.literal}”` : `every ${mark.pattern}`) + (Array.isArray(mark.pages) ? ` on page ${mark.pages.join(", ")}` : ""),
  page: (mark) => `the whole of page ${mark.page}`,
  hidden: (mark) => `${mark.item}: ${mark.action}`,
  region: (mark) => span(mark) + (mark.keyframes.length > 1 ? `, ${mark.keyframes.length} positions` : ""),
  frame: span,
  mute: span,
  cut: span,
  tracks: (mark) => `picture ${mark.picture ?? 0}, sound ${mark.sound ?? 0}`,
  column: (mark) => `${mark.name}: ${mark.action}${mark.to ? ` to ${mark.to}` : ""}`,
  rows: (mark) => `${mark.keep ? "keep" : "remove"} where ${conditions(mark)}`,
  own_plate: (mark) => `${mark.column} stays readable`,
  suppress: (mark) => `groups below ${mark.k} by ${(mark.by ?? []).join(", ")}`,
  home: (mark) => `${figure(mark.radius_m)} m`,
  fence: (mark) => `${mark.polygon.length} corners, ${mark.action}`,
  generalise: (mark) => ["grid_deg", "altitude", "time"].filter((name) => mark[name]).map((name) => `${name.replace("_", " ")} ${mark[name]}`).join(", "),
  fields: (mark) => (mark.release ?? []).join(", ") || "none",
  withhold: () => "the whole record",
};

/** Where and what, without the kind: “page 3, 1 in across, 1.1 in down”. */
export function place(mark) {
  try {
    return WORDS[mark.kind]?.(mark) ?? "";
  } catch {
    return ""; // a mark half made has no place yet
  }
}

export const describe = (mark) => [kindName(mark.kind), place(mark)].filter(Boolean).join(": ");

/** Where a mark comes in the record: pages and seconds in order, what holds everywhere first. */
export function order(mark) {
  if (Number.isFinite(mark.page)) return mark.page + (mark.rect?.[1] ?? 0) / 1e5;
  if (Number.isFinite(mark.start)) return mark.start;
  return -1;
}
