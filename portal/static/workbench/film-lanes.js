// The lanes below the sound: boxes, covered pictures, mutes and cuts, each kind in as many rows as overlap.

import { COLOURS } from "./film-paint.js";
import { isOpen } from "./store.js";

export const KINDS = ["region", "frame", "mute", "cut"];
export const NAMES = { region: "Boxes", frame: "Picture", mute: "Mutes", cut: "Cuts" };
const ROW = 18;
const GAP = 3;
const TOP = 4;
const EDGE = 6; // pixels at either end of a bar that take hold of it

/** Bars of all kinds: [{mark, start, end, row, places}], and how many rows each kind fills. */
export function laid(marks, placesOf, kinds = KINDS) {
  const bars = [];
  const counts = {};
  let first = 0;
  for (const kind of kinds) {
    const ends = [];
    const spans = marks.filter((mark) => mark.kind === kind).flatMap((mark) => spansOf(mark, placesOf));
    spans.sort((one, two) => one.start - two.start || one.end - two.end);
    for (const bar of spans) {
      let row = ends.findIndex((end) => end <= bar.start + 1e-6);
      if (row < 0) row = ends.length;
      ends[row] = bar.end;
      bars.push({ ...bar, row: first + row });
    }
    counts[kind] = Math.max(1, ends.length);
    first += counts[kind];
  }
  return { bars, counts, kinds, rows: first, height: TOP * 2 + first * (ROW + GAP) };
}

function spansOf(mark, placesOf) {
  if (Number.isFinite(mark.start) && Number.isFinite(mark.end)) return [{ mark, start: mark.start, end: mark.end, fixed: true }];
  return placesOf(mark).map(([start, end]) => ({ mark, start, end, fixed: false }));
}

export const topOf = (row) => TOP + row * (ROW + GAP);

/** What lies under a point: the bar, and whether its start, its end or one of its positions is meant. */
export function under(layout, scale, selected, x, y) {
  const here = layout.bars.filter((bar) => y >= topOf(bar.row) - 1 && y <= topOf(bar.row) + ROW + 1);
  const near = (time) => Math.abs(scale.x(time) - x) <= EDGE;
  const within = (bar) => x >= scale.x(bar.start) - EDGE && x <= Math.max(scale.x(bar.end), scale.x(bar.start) + 4) + EDGE;
  const bar = here.find((each) => within(each) && selected.has(each.mark.id)) ?? here.find(within);
  if (!bar) return null;
  const position = bar.mark.keyframes?.find((frame) => near(frame.t) && bar.mark.keyframes.length > 1);
  if (bar.fixed && selected.has(bar.mark.id)) {
    const wide = scale.x(bar.end) - scale.x(bar.start) > EDGE * 3;
    if (near(bar.end) && (wide || x >= scale.x(bar.end) - 1)) return { bar, edge: "end" };
    if (near(bar.start) && (wide || x <= scale.x(bar.start) + 1)) return { bar, edge: "start" };
  }
  return { bar, edge: null, position };
}

export function drawLanes(paper, layout, scale, { selected, live, width }) {
  let row = 0;
  for (const [number, kind] of layout.kinds.entries()) {
    const top = topOf(row) - GAP / 2;
    const height = layout.counts[kind] * (ROW + GAP);
    paper.fillStyle = number % 2 ? "#fff" : "#f7f9fb";
    paper.fillRect(0, top, width, height);
    row += layout.counts[kind];
  }
  for (const bar of layout.bars) {
    const held = live?.id === bar.mark.id && bar.fixed ? live : bar;
    const left = scale.x(held.start);
    const right = Math.max(scale.x(held.end), left + 3);
    if (right >= 0 && left <= width) drawBar(paper, bar, left, right, scale, selected.has(bar.mark.id));
  }
}

function drawBar(paper, bar, left, right, scale, picked) {
  const top = topOf(bar.row);
  const open = isOpen(bar.mark);
  const colour = open ? COLOURS.suggested : COLOURS[bar.mark.kind];
  paper.save();
  const shape = new Path2D();
  shape.roundRect(left, top, right - left, ROW, 3);
  paper.fillStyle = open ? "#fff5dc" : colour;
  paper.globalAlpha = open || bar.fixed ? 1 : 0.65;
  paper.fill(shape);
  paper.globalAlpha = 1;
  if (open) hatch(paper, shape, left, right, top, colour);
  paper.lineWidth = picked ? 2.5 : 1;
  paper.strokeStyle = picked ? "#12304a" : colour;
  paper.stroke(shape);
  if (picked) {
    paper.lineWidth = 1.5;
    paper.strokeStyle = COLOURS.selected;
    paper.stroke(shape);
  }
  paper.restore();
  if (bar.mark.keyframes?.length > 1) for (const frame of bar.mark.keyframes) if (frame.t >= bar.start - 1e-4 && frame.t < bar.end) diamond(paper, scale.x(frame.t), top + ROW / 2);
}

function hatch(paper, shape, left, right, top, colour) {
  paper.save();
  paper.clip(shape);
  paper.strokeStyle = colour;
  paper.globalAlpha = 0.45;
  paper.lineWidth = 1.5;
  paper.beginPath();
  for (let x = Math.max(left, -ROW) - ROW; x < Math.min(right, 6000); x += 7) {
    paper.moveTo(x, top + ROW);
    paper.lineTo(x + ROW, top);
  }
  paper.stroke();
  paper.restore();
}

function diamond(paper, x, y) {
  paper.beginPath();
  paper.moveTo(x, y - 5);
  paper.lineTo(x + 5, y);
  paper.lineTo(x, y + 5);
  paper.lineTo(x - 5, y);
  paper.closePath();
  paper.fillStyle = "#fff";
  paper.fill();
  paper.lineWidth = 1.25;
  paper.strokeStyle = "#12304a";
  paper.stroke();
}
