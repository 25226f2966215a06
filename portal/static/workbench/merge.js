// Three-way merge of two people's marks by id. No mark is ever lost: what both changed is kept twice.

import { newId, same } from "./store.js";

const ALONE = new Set(["tracks"]); // one mark alone may be of this kind
const FILLED = "seed"; // what the server fills in
const byId = (marks) => new Map(marks.map((mark) => [mark.id, mark]));

/**
 * Gives {marks, mine, theirs, both, added}: the merged list in their order, the ids only I changed, the ids
 * only they changed, and for each mark both changed {id, copy, theirs, mine, how}.
 * how: "both changed" (copy is mine under a new id), "they removed" (mine stays), "I removed" (theirs stays).
 */
export function merge(base, mine, theirs, { who = "somebody else", fresh = newId } = {}) {
  const [was, my, their] = [base, mine, theirs].map(byId);
  const merged = new Map(their);
  const found = { mine: [], theirs: [], both: [] };
  const changed = (side, id) => !same(side.get(id) ?? null, was.get(id) ?? null);
  for (const id of new Set([...was.keys(), ...their.keys(), ...my.keys()])) {
    const [mineNow, theirsNow] = [my.get(id) ?? null, their.get(id) ?? null];
    if (same(mineNow, theirsNow)) continue;
    if (!changed(my, id)) found.theirs.push(id);
    else if (!changed(their, id)) {
      found.mine.push(id);
      if (mineNow) merged.set(id, mineNow);
      else merged.delete(id);
    } else if (!mineNow) found.both.push({ id, copy: null, theirs: theirsNow, mine: null, how: "I removed" });
    else if (!theirsNow) {
      merged.set(id, mineNow);
      found.both.push({ id, copy: null, theirs: null, mine: mineNow, how: "they removed" });
    } else {
      const copy = twin(mineNow, who, fresh);
      merged.set(copy.id, copy);
      found.both.push({ id, copy: copy.id, theirs: theirsNow, mine: mineNow, how: "both changed" });
    }
  }
  return { marks: ordered([...merged.values()], mine, theirs), ...found };
}

/**
 * The base of a merge after an answer that was lost: marks that stand in theirs as they were sent count as known.
 * sent: [[id, forms]], null for a form that is gone; else one's own earlier form would be met as somebody's change.
 */
export function unanswered(base, sent, theirs) {
  const [was, their] = [base, theirs].map(byId);
  for (const [id, forms] of sent) {
    const now = their.get(id) ?? null;
    if (!forms.some((form) => same(form, now) || same(form, bare(form, now)))) continue;
    if (now) was.set(id, now);
    else was.delete(id);
  }
  return [...was.values()];
}

/** Without what the server fills in (a flight's seed) where the form had none. */
function bare(form, now) {
  if (!form || !now || FILLED in form) return now;
  const { [FILLED]: _filled, ...rest } = now;
  return rest;
}

function twin(mark, who, fresh) {
  const note = [mark.note, `A copy: ${who} changed ${mark.id} at the same time.`].filter(Boolean).join(" ");
  const copy = { ...mark, id: fresh(mark.kind), note };
  // a second one would make the whole file wrong, so it is kept for reading only
  return ALONE.has(mark.kind) ? { ...copy, suggested: true, decision: "rejected" } : copy;
}

/** Theirs as they stand, mine that they lack behind the mark they followed, so that lists do not jump. */
function ordered(marks, mine, theirs) {
  const place = new Map(theirs.map((mark, n) => [mark.id, n]));
  let last = -1;
  for (const mark of mine) {
    if (place.has(mark.id)) last = place.get(mark.id);
    else place.set(mark.id, last + 0.5);
  }
  const end = theirs.length;
  return marks
    .map((mark, n) => [place.get(mark.id) ?? end, n, mark])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1])
    .map((row) => row[2]);
}
