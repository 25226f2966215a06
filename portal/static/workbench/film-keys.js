// The keys of the film stage, as editors know them; all are listed under “?”.

export function addKeys(bench, { player, editor, overlay, follower, timeline, actions }) {
  const group = "Film";
  const add = (key, words, run, when) => bench.keys.add({ key, words, run, when, group });
  const picture = () => player.medium !== "audio";
  const region = () => editor.may && editor.region !== null;
  const may = () => editor.may;

  // editors know O as the end of a span: what the panel has on it moves to U
  for (const row of bench.keys.list) if (row.keys.join() === "o") row.keys = ["u"];

  add(" ", "Play or pause", () => player.toggle());
  add("k", "Pause", () => player.pause());
  add("l", "Play; again: twice as fast", () => player.shuttle(1));
  add("j", "Play backwards; again: twice as fast", () => player.shuttle(-1));
  add(",", "One picture back", () => player.step(-1));
  add(".", "One picture forward", () => player.step(1));
  add("<", "Slower", () => actions.speed(-1));
  add(">", "Faster", () => actions.speed(1));
  add("g", "Go to a time", () => actions.goTo());
  add("q", "Loop the chosen span", () => actions.loop());
  add("b", "Before and after: original, marks, as released", () => actions.nextMode());
  add("a", "Add a box in the middle of the picture; arrows move it", () => actions.newBox(), () => may() && picture());
  add("i", "Start of the mark or span here", () => editor.setStart(), may);
  add("o", "End of the mark or span here", () => editor.setEnd(), may);
  add("m", "Mute the span", () => editor.addSpan("mute"), () => may() && bench.config.stage.has_sound);
  add("x", "Cut the span out", () => editor.addSpan("cut"), may);
  add("w", "Cover the whole picture for the span", () => editor.addSpan("frame"), () => may() && picture());
  add("v", "Add a position of the box here", () => editor.pin(editor.region), region);
  add("Shift+v", "Delete the position here", () => editor.removePosition(editor.region), region);
  add("[", "Position before", () => editor.jump(editor.region, -1), () => editor.region !== null);
  add("]", "Next position", () => editor.jump(editor.region, 1), () => editor.region !== null);
  add("r", "Follow what is in the box", () => follower.start(editor.region, "forward"), () => region() && !follower.running);
  add("Shift+r", "Follow it back", () => follower.start(editor.region, "back"), () => region() && !follower.running);
  add("s", "Stop following", () => follower.stop(), () => Boolean(follower.running));
  add("t", "True render of ten seconds from here", () => actions.sample());
  add("+ =", "Picture larger", () => actions.zoom(1.5), picture);
  add("-", "Picture smaller", () => actions.zoom(1 / 1.5), picture);
  add("z", "Timeline: show less time", () => timeline.scale.zoomBy(2, player.time));
  add("Shift+z", "Timeline: show more time", () => timeline.scale.zoomBy(0.5, player.time));
  add("Escape", "Let go of what is being drawn or chosen", () => actions.escape(), () => overlay.armed || editor.selection !== null);
}
