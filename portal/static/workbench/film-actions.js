// What the stage can be told to do as a whole, by a button or by a key.

import { isOpen } from "./store.js";
import { SPEEDS } from "./film-player.js";
import { clock, joined } from "./film-time.js";

const MODES = ["original", "marks", "released"];

export function actionsOf({ find, root, player, editor, overlay, view, bench, sample, placesOf }) {
  const mode = (name) => {
    overlay.setMode(name);
    root.querySelector(`[name=film-mode][value=${name}]`).checked = true;
    find("film").dataset.mode = name;
    rules();
    if (name !== "marks") bench.say(name === "released" ? "As it will be released: mutes are silent and cuts are left out. Mosaic and blur are approximate." : "The original, without marks.");
    else bench.say("With marks to work on.");
  };
  const rules = () => {
    const spans = (kind) => editor.marks(kind).filter((mark) => !isOpen(mark)).flatMap((mark) => (mark.literal == null ? [[mark.start, mark.end]] : placesOf(mark)));
    player.rules = overlay.mode === "released" ? { mutes: joined(spans("mute")), cuts: joined(spans("cut")) } : null;
  };
  const zoomed = () => (find("zoom").textContent = `${Math.round(view.zoom * 100)}%`);
  overlay.zoomed = zoomed;
  const arm = (armed) => {
    overlay.arm(armed);
    root.querySelector("[data-do=box]").setAttribute("aria-pressed", String(armed));
  };
  overlay.disarmed = () => arm(false);
  const actions = {
    /** Back to where the single keys work: the picture, or the stage where there is none. */
    focus: () => (find("canvas").hidden ? root : find("canvas")).focus(),
    mode,
    rules,
    arm,
    nextMode: () => mode(MODES[(MODES.indexOf(overlay.mode) + 1) % MODES.length]),
    zoom: (factor) => (view.zoomTo(view.zoom * factor), zoomed()),
    zoomFit: () => (view.zoomTo(1), zoomed()),
    goTo: () => (find("time").focus(), find("time").select()),
    newBox() {
      if (overlay.mode !== "marks") mode("marks");
      player.pause();
      const [x, y] = view.fraction(view.width / 2, view.height / 2);
      const side = 0.2 / view.zoom;
      editor.addRegion([x - side / 2, y - side / 2, side, side]);
      find("canvas").focus();
    },
    speed(direction) {
      const at = SPEEDS.findIndex((speed) => speed >= player.rate);
      player.setRate(SPEEDS[Math.min(Math.max(at + direction, 0), SPEEDS.length - 1)]);
      bench.say(`Speed ${player.rate}`);
    },
    loop(span = null) {
      const wanted = span ?? editor.timed ?? (editor.selection && { start: editor.selection[0], end: editor.selection[1] });
      if (player.loop && !span) player.loop = null;
      else if (!wanted) bench.say("Choose a span or a mark to loop.");
      else player.loop = [wanted.start, wanted.end];
      if (player.loop) player.seek(player.loop[0]);
      const button = root.querySelector("[data-do=loop]");
      button.setAttribute("aria-pressed", String(Boolean(player.loop)));
      if (wanted) bench.say(player.loop ? `Looping ${clock(player.loop[0])} to ${clock(player.loop[1])}.` : "No loop.");
    },
    sample() {
      root.querySelector("#film-tab-sample").click();
      sample.start();
    },
    escape() {
      if (overlay.cancel()) return;
      editor.select(null, "Span let go.");
    },
  };
  return actions;
}
