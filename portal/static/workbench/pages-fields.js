// What the inspector offers for marks on pages.

import { inside } from "./pages-geometry.js";

/** Everything a drag does, as numbers in the inspector. */
export function useFields(stage) {
  const { bench } = stage;
  const unit = stage.isImage ? "pixels" : "points";
  const rectField = (mark, label, name, value, put) => ({ name, label, type: "number", min: 0, step: stage.isImage ? 1 : 0.5, unit, value: Math.round(value * 100) / 100, set: (given) => {
    if (!Number.isFinite(Number(given))) return;
    const size = stage.sheets.size(bench.store.get(mark.id).page);
    const rect = inside(put([...bench.store.get(mark.id).rect], Number(given)), size);
    if (rect) bench.store.change(mark.id, { rect, ...stage.adjusted(mark.id) });
  } });
  const pageField = (mark) => ({ name: "page", label: "Page", type: "number", min: 1, max: stage.sheets.count, step: 1, value: mark.page, set: (given) => {
    const page = Math.max(1, Math.min(stage.sheets.count, Math.round(Number(given)) || 1));
    const rect = mark.rect && inside(bench.store.get(mark.id).rect, stage.sheets.size(page));
    bench.store.change(mark.id, { page, ...(rect ? { rect } : {}) });
  } });
  bench.fields("box", (mark) => [
    ...(stage.isImage ? [] : [pageField(mark)]),
    rectField(mark, "From the left", "x", mark.rect[0], ([x0, y0, x1, y1], to) => [to, y0, to + x1 - x0, y1]),
    rectField(mark, "From the top", "y", mark.rect[1], ([x0, y0, x1, y1], to) => [x0, to, x1, to + y1 - y0]),
    rectField(mark, "Width", "width", mark.rect[2] - mark.rect[0], ([x0, y0, , y1], to) => [x0, y0, x0 + to, y1]),
    rectField(mark, "Height", "height", mark.rect[3] - mark.rect[1], ([x0, y0, x1], to) => [x0, y0, x1, y0 + to]),
    ...(stage.isImage ? [] : [{ name: "extent", label: "Covers", type: "select", value: mark.extent ?? "line", options: [["line", "to the end of the line"], ["exact", "exactly this"]], set: (extent) => bench.store.change(mark.id, { extent, ...stage.adjusted(mark.id) }) }]),
  ]);
  bench.fields("text", (mark) => [
    mark.literal != null
      ? { name: "literal", label: "Words", type: "text", value: mark.literal, set: (literal) => literal.trim() && bench.store.change(mark.id, { literal: literal.trim(), ...stage.adjusted(mark.id) }) }
      : { name: "pattern", label: "What", type: "select", value: mark.pattern, options: bench.config.stage.patterns, set: (pattern) => bench.store.change(mark.id, { pattern, ...stage.adjusted(mark.id) }) },
    { name: "pages", label: "Pages, or “all”", type: "text", value: Array.isArray(mark.pages) ? mark.pages.join(", ") : "all", set: (given) => setPages(stage, mark, given) },
  ]);
  bench.fields("page", (mark) => [pageField(mark)]);
}

function setPages(stage, mark, given) {
  const pages = given.trim().toLowerCase() === "all" ? "all" : given.split(/[,;\s]+/).map(Number);
  const good = pages === "all" || (pages.length && pages.every((page) => Number.isInteger(page) && page >= 1 && page <= stage.sheets.count));
  if (!good) return stage.bench.warn(`Pages are “all” or numbers from 1 to ${stage.sheets.count}.`);
  stage.bench.store.change(mark.id, { pages: pages === "all" ? "all" : [...new Set(pages)], ...stage.adjusted(mark.id) });
}
