// What a mark looks like on the picture: as it will be released, or as an outline to work with.

import { blockOf, boxAt, isShown, rectAt } from "./film-time.js";
import { isOpen } from "./store.js";

export const COLOURS = { region: "#2f80c2", frame: "#7a5bb0", mute: "#1f7a4d", cut: "#b4372b", suggested: "#8a5a00", selected: "#ffc857" };
const ORDER = { blur: 0, mosaic: 1, solid: 2 };

export const styleOf = (mark) => mark.style ?? "solid";
export const isDropped = (mark) => mark.decision === "rejected";

/** The marks that cover something of the picture on screen from ``start`` to ``end``, black last as the engine does. */
export function painted(marks, start, end) {
  return marks
    .filter((mark) => (mark.kind === "region" || mark.kind === "frame") && !isDropped(mark) && isShown(mark, start, end))
    .sort((one, two) => ORDER[styleOf(one)] - ORDER[styleOf(two)]);
}

/** Covers one box as the engine would: black exactly, mosaic and blur nearly. ``place`` maps picture pixels to the screen. */
export function cover(paper, surface, mark, time, size, place) {
  const box = boxAt(mark, time, size.width, size.height);
  const [x, y, w, h] = place(box);
  if (styleOf(mark) === "solid" || !surface) {
    paper.fillStyle = "#000";
    paper.fillRect(x, y, w, h);
    return;
  }
  blend(paper, surface, box, size, [x, y, w, h], styleOf(mark) === "blur");
}

const scrap = document.createElement("canvas");

function blend(paper, surface, box, size, [x, y, w, h], smooth) {
  const [left, top, right, bottom] = box;
  const block = blockOf(box);
  scrap.width = Math.max(1, Math.ceil((right - left) / block));
  scrap.height = Math.max(1, Math.ceil((bottom - top) / block));
  const wide = surface.videoWidth || surface.naturalWidth || surface.width;
  const high = surface.videoHeight || surface.naturalHeight || surface.height;
  const small = scrap.getContext("2d");
  small.imageSmoothingEnabled = true;
  small.imageSmoothingQuality = "high";
  small.drawImage(
    surface,
    (left / size.width) * wide, (top / size.height) * high, ((right - left) / size.width) * wide, ((bottom - top) / size.height) * high,
    0, 0, scrap.width, scrap.height,
  );
  paper.imageSmoothingEnabled = smooth;
  paper.drawImage(scrap, x, y, w, h);
  paper.imageSmoothingEnabled = true;
}

/** The outline of a mark while working: dashed when a program proposed it, faint when it does not hold now. */
export function outline(paper, mark, time, place, { selected, active, title }) {
  const [fx, fy, fw, fh] = mark.kind === "frame" ? [0, 0, 1, 1] : rectAt(mark.keyframes, time);
  const [x, y, w, h] = place([fx, fy, fx + fw, fy + fh], true);
  const colour = isOpen(mark) ? COLOURS.suggested : COLOURS[mark.kind];
  paper.save();
  paper.globalAlpha = active ? 1 : 0.55;
  if (active) {
    paper.fillStyle = isOpen(mark) ? "rgb(138 90 0 / 22%)" : "rgb(9 20 32 / 46%)";
    paper.fillRect(x, y, w, h);
  }
  paper.setLineDash(isOpen(mark) || !active ? [6, 4] : []);
  paper.lineWidth = 4;
  paper.strokeStyle = "rgb(255 255 255 / 85%)";
  paper.strokeRect(x, y, w, h);
  paper.lineWidth = 2;
  paper.strokeStyle = selected ? COLOURS.selected : colour;
  if (selected) {
    paper.strokeStyle = "#12304a";
    paper.strokeRect(x, y, w, h);
    paper.setLineDash([6, 4]);
    paper.strokeStyle = COLOURS.selected;
  }
  paper.strokeRect(x, y, w, h);
  paper.restore();
  if (mark.kind === "region") label(paper, title, colour, x, y, active);
}

function label(paper, words, colour, x, y, active) {
  paper.font = '600 12px "Source Sans Pro Web", sans-serif';
  const width = paper.measureText(words).width + 10;
  const top = y >= 19 ? y - 19 : y + 1;
  paper.globalAlpha = active ? 1 : 0.6;
  paper.fillStyle = colour;
  paper.fillRect(x - 1, top, width, 18);
  paper.fillStyle = "#fff";
  paper.fillText(words, x + 4, top + 13);
  paper.globalAlpha = 1;
}

export function handles(paper, points) {
  for (const [x, y] of points) {
    paper.fillStyle = "#fff";
    paper.fillRect(x - 4.5, y - 4.5, 9, 9);
    paper.lineWidth = 1.5;
    paper.strokeStyle = "#12304a";
    paper.strokeRect(x - 4.5, y - 4.5, 9, 9);
  }
}
