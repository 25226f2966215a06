// The numbers of a mark for the inspector: all that a drag on the picture or on the timeline does.

import { fitted, rectAt, tidy } from "./film-time.js";

const STYLES = [["solid", "Solid (safest)"], ["mosaic", "Mosaic"], ["blur", "Blur"]];
const INSTEAD = [["silence", "Silence"], ["tone", "Tone"]];
const SIDES = [["Left", 0], ["Top", 1], ["Width", 2], ["Height", 3]];

export function offerFields(bench, editor) {
  const { duration } = editor;
  const span = (mark) => [
    time("start", "From second", mark.start, (value) => editor.setSpan(editor.store.get(mark.id), value, editor.store.get(mark.id).end)),
    time("end", "To second", mark.end, (value) => editor.setSpan(editor.store.get(mark.id), editor.store.get(mark.id).start, value)),
  ];
  const time = (name, label, value, set) => ({ name, label, type: "number", min: 0, max: tidy(duration, 3), step: "any", unit: "s", value: tidy(value, 3), set: (given) => set(Number(given)) });
  const choice = (name, label, value, options, id) => ({ name, label, type: "select", value, options, set: (given) => editor.alter(id, { [name]: given }) });

  function positions(mark) {
    return mark.keyframes.flatMap((frame, number) => {
      const before = mark.keyframes.length > 1 ? `Position ${number + 1}: ` : "";
      const at = { ...time(`t${number}`, `${before}second`, frame.t, (value) => change(mark.id, number, { t: tidy(Math.max(0, Math.min(value, duration))) })), group: `Position ${number + 1}` };
      const sides = SIDES.map(([words, axis]) => ({
        name: `r${number}-${axis}`,
        label: `${before}${before ? words.toLowerCase() : words}`,
        type: "number",
        min: axis > 1 ? 0.5 : 0,
        max: 100,
        step: "any",
        unit: "%",
        group: `Position ${number + 1}`,
        value: tidy(frame.rect[axis] * 100, 2),
        set: (given) => resize(mark.id, number, axis, Number(given) / 100),
      }));
      return mark.keyframes.length > 1 ? [at, ...sides] : sides;
    });
  }

  function change(id, number, patch) {
    const mark = editor.store.get(id);
    const rows = mark.keyframes.map((frame, each) => (each === number ? { ...frame, ...patch } : frame));
    const taken = rows.some((frame, each) => each !== number && Math.abs(frame.t - rows[number].t) < 1e-4);
    if (taken) return bench.warn("Another position stands at that second already.");
    return editor.alter(id, { keyframes: rows.sort((one, two) => one.t - two.t) });
  }

  function resize(id, number, axis, value) {
    if (!Number.isFinite(value)) return;
    const rect = [...editor.store.get(id).keyframes[number].rect];
    rect[axis] = value;
    change(id, number, { rect: fitted(rect) });
  }

  /** Where the box is at the picture on screen; setting one makes a position of it. */
  function here(mark) {
    const rect = rectAt(mark.keyframes, editor.player.time);
    return mark.keyframes.length > 1 || editor.positionAt(mark) < 0
      ? SIDES.map(([words, axis]) => ({
          name: `here-${axis}`,
          label: `Here: ${words.toLowerCase()}`,
          type: "number",
          min: axis > 1 ? 0.5 : 0,
          max: 100,
          step: "any",
          unit: "%",
          group: "At this picture",
          value: tidy(rect[axis] * 100, 2),
          set: (given) => {
            const mine = editor.store.get(mark.id);
            const changed = rectAt(mine.keyframes, editor.player.time);
            changed[axis] = Number(given) / 100;
            if (Number.isFinite(changed[axis])) editor.place(mine, changed);
          },
        }))
      : [];
  }

  bench.fields("region", (mark) => [...span(mark), choice("style", "Cover", mark.style ?? "solid", STYLES, mark.id), ...here(mark), ...positions(mark)]);
  bench.fields("frame", (mark) => [...span(mark), choice("style", "Cover", mark.style ?? "solid", STYLES.slice(0, 2), mark.id)]);
  bench.fields("cut", span);
  bench.fields("mute", (mark) => [
    ...(mark.literal == null ? span(mark) : [{ name: "literal", label: "Wherever these words are said", type: "text", value: mark.literal, set: (given) => given.trim() && editor.alter(mark.id, { literal: given.trim() }) }]),
    choice("style", "Instead", mark.style ?? "silence", INSTEAD, mark.id),
  ]);
}
