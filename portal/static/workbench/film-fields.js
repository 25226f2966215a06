// The numbers of a mark for the inspector: all that a drag on the picture or on the timeline does.

import { fitted, rectAt, tidy } from "./film-time.js";

const STYLES = [["solid", "Solid (safest)"], ["mosaic", "Mosaic"], ["blur", "Blur"]];
const INSTEAD = [["silence", "Silence"], ["tone", "Tone"]];
const LISTED = 12; // positions
const SIDES = [["Left", 0], ["Top", 1], ["Width", 2], ["Height", 3]];

export function offerFields(bench, editor) {
  const { duration } = editor;
  const span = (mark) => [
    time("start", "From second", mark.start, (value) => spanned(mark.id, value, null)),
    time("end", "To second", mark.end, (value) => spanned(mark.id, null, value)),
  ];
  const time = (name, label, value, set) => ({ name, label, type: "number", min: 0, max: tidy(duration, 3), step: "any", unit: "s", value: tidy(value, 3), set: (given) => set(Number(given)) });
  const choice = (name, label, value, options, id) => ({ name, label, type: "select", value, options, set: (given) => editor.alter(id, { [name]: given }) });

  function spanned(id, start, end) {
    const mark = editor.store.get(id);
    return editor.setSpan(mark, start ?? mark.start, end ?? mark.end);
  }

  /** Of many positions those next to the playhead are listed. */
  function positions(mark) {
    const near = mark.keyframes.map((frame, number) => [Math.abs(frame.t - editor.player.time), number]).sort((one, two) => one[0] - two[0]);
    const listed = new Set(near.slice(0, LISTED).map((row) => row[1]));
    return mark.keyframes.flatMap((frame, number) => {
      if (!listed.has(number)) return [];
      const before = mark.keyframes.length > 1 ? `Position ${number + 1}: ` : "";
      const at = { ...time(`t${number}`, `${before}second`, frame.t, (value) => change(mark.id, number, { t: tidy(Math.max(0, Math.min(value, duration))) })) };
      const sides = SIDES.map(([words, axis]) => ({
        name: `r${number}-${axis}`,
        label: `${before}${before ? words.toLowerCase() : words}`,
        type: "number",
        min: axis > 1 ? 0.5 : 0,
        max: 100,
        step: "any",
        unit: "%",
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
    if (taken) return "Another position stands at that second already.";
    editor.alter(id, { keyframes: rows.sort((one, two) => one.t - two.t) });
    return "";
  }

  function resize(id, number, axis, value) {
    const rect = [...editor.store.get(id).keyframes[number].rect];
    rect[axis] = value;
    return change(id, number, { rect: fitted(rect) });
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
          value: tidy(rect[axis] * 100, 2),
          set: (given) => {
            const mine = editor.store.get(mark.id);
            const changed = rectAt(mine.keyframes, editor.player.time);
            changed[axis] = Number(given) / 100;
            editor.place(mine, changed);
          },
        }))
      : [];
  }

  /** The box at the moment on screen; its other positions behind a line that opens. */
  function placed(mark) {
    const count = mark.keyframes.length;
    if (count === 1) return [...here(mark), ...positions(mark)];
    const more = count > LISTED ? `, the ${LISTED} nearest to this moment` : "";
    return [...here(mark), { name: "positions", label: `All ${count} positions${more}`, type: "group", rows: () => positions(editor.store.get(mark.id) ?? mark) }];
  }

  bench.fields("region", (mark) => [...span(mark), choice("style", "Cover", mark.style ?? "solid", STYLES, mark.id), ...placed(mark)]);
  bench.fields("frame", (mark) => [...span(mark), choice("style", "Cover", mark.style ?? "solid", STYLES.slice(0, 2), mark.id)]);
  bench.fields("cut", span);
  bench.fields("mute", (mark) => [
    ...(mark.literal == null ? span(mark) : [{ name: "literal", label: "Wherever these words are said", type: "text", value: mark.literal, set: (given) => given.trim() && editor.alter(mark.id, { literal: given.trim() }) }]),
    choice("style", "Instead", mark.style ?? "silence", INSTEAD, mark.id),
  ]);
}
