// The upper part of the timeline: figures, what has been watched, the sound and where somebody speaks.

import { COLOURS } from "./film-paint.js";
import { clock } from "./film-time.js";

export const HEIGHTS = { figures: 22, seen: 7, wave: 44, speech: 8 };
export const HEIGHT = HEIGHTS.figures + HEIGHTS.seen + HEIGHTS.wave + HEIGHTS.speech;
const WAVE = HEIGHTS.figures + HEIGHTS.seen;

export function drawRuler(paper, scale, source, { seen, selection, cuts, mutes }) {
  const { width } = scale;
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, width, HEIGHT);
  figures(paper, scale);
  spans(paper, scale, [[0, scale.duration]], HEIGHTS.figures, HEIGHTS.seen, "#e3e8ed");
  spans(paper, scale, seen, HEIGHTS.figures, HEIGHTS.seen, "#1f7a4d");
  paper.fillStyle = "#f4f6f8";
  paper.fillRect(0, WAVE, width, HEIGHTS.wave);
  if (source.overview) wave(paper, scale, source);
  spans(paper, scale, mutes, WAVE, HEIGHTS.wave, "rgb(31 122 77 / 26%)");
  spans(paper, scale, cuts, WAVE, HEIGHTS.wave, "rgb(180 55 43 / 26%)");
  spans(paper, scale, source.speech ?? [], WAVE + HEIGHTS.wave, HEIGHTS.speech - 2, "#6a86a3");
  if (selection) {
    spans(paper, scale, [selection], HEIGHTS.figures, HEIGHT, "rgb(255 200 87 / 38%)");
    for (const time of selection) spans(paper, scale, [[time, time]], HEIGHTS.figures, HEIGHT, "#b47b00");
  }
}

function figures(paper, scale) {
  const { step } = scale;
  paper.font = '12px "Source Sans Pro Web", sans-serif';
  paper.fillStyle = "#4b5a6c";
  paper.strokeStyle = "#c3ccd5";
  paper.lineWidth = 1;
  paper.beginPath();
  for (let number = Math.floor(scale.from / step); number * step <= scale.to; number += 1) {
    const x = Math.round(scale.x(number * step)) + 0.5;
    paper.moveTo(x, 4);
    paper.lineTo(x, HEIGHTS.figures);
    paper.fillText(clock(number * step, step < 1 ? 2 : 0), x + 4, 14);
    for (const share of [0.25, 0.5, 0.75]) {
      const small = Math.round(scale.x((number + share) * step)) + 0.5;
      paper.moveTo(small, HEIGHTS.figures - 5);
      paper.lineTo(small, HEIGHTS.figures);
    }
  }
  paper.stroke();
}

function spans(paper, scale, rows, top, height, colour) {
  paper.fillStyle = colour;
  for (const [start, end] of rows) {
    if (end < scale.from || start > scale.to) continue;
    const left = Math.max(scale.x(start), -2);
    paper.fillRect(left, top, Math.max(Math.min(scale.x(end), scale.width + 2) - left, 1.5), height);
  }
}

function wave(paper, scale, source) {
  const fine = source.detail && source.detail.from <= scale.from + 1e-3 && source.detail.to >= scale.to - 1e-3 && scale.zoom > 1.5;
  const { peaks, from, to } = fine ? source.detail : source.overview;
  if (!peaks?.length) return;
  const middle = WAVE + HEIGHTS.wave / 2;
  const half = HEIGHTS.wave / 2 - 2;
  const bucket = (to - from) / peaks.length;
  paper.fillStyle = COLOURS.region;
  for (let x = 0; x < scale.width; x += 1) {
    const first = Math.max(0, Math.floor((scale.from + (x / scale.width) * scale.span - from) / bucket));
    const last = Math.min(peaks.length - 1, Math.floor((scale.from + ((x + 1) / scale.width) * scale.span - from) / bucket));
    let [low, high] = [0, 0];
    for (let number = first; number <= last; number += 1) {
      low = Math.min(low, peaks[number][0]);
      high = Math.max(high, peaks[number][1]);
    }
    paper.fillRect(x, middle - high * half, 1, Math.max(1, (high - low) * half));
  }
}
