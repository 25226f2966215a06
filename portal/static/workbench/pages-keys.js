// The pages by keys alone: a cursor that goes from word to word, boxes that arrow keys move.

const STEP = 1; // point or pixel
const FAR = 10;
const WAYS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function useKeys(stage) {
  const { bench, sheets, words } = stage;
  const view = sheets.view;
  const marks = () => stage.mayMark && !stage.after;
  const chosen = () => marks() && words.head >= 0;
  const many = () => sheets.count > 1;
  const add = (key, text, run, when, always = false) => bench.keys.add({ key, words: text, run, when, always, group: "Pages" });

  add("m", "Mark the chosen words", () => stage.markWords(), chosen);
  add("l", "Mark the line of the chosen words", () => stage.markLine(), chosen);
  add("e", "Mark the chosen words wherever they stand", () => stage.markEvery(), chosen);
  add("b", "Place a box in the middle of the view, and draw boxes", () => (stage.use("box"), stage.placeBox()), marks);
  add("w", "Choose words again", () => (stage.use("words"), view.focus({ preventScroll: true })));
  if (!stage.isImage) add("x", "Boxes cover the line, or exactly what is drawn", () => stage.setExtent(stage.extent === "line" ? "exact" : "line"), marks);
  if (!stage.isImage) add("h", "Withhold this page, or not", () => stage.withhold(), marks);
  add("c", "Copy this page’s boxes to other pages", () => stage.copying.open(), () => marks() && many());
  add("v", "As it will be released, and back", () => stage.toggleAfter());
  add("r", "Read the picture of this page", () => stage.readPicture());
  add("/", "Find words on all pages", () => (stage.showTab("find"), stage.find.kind.value ? stage.find.kind.focus() : stage.find.field.focus()));
  add("g", "Next place found", () => stage.find.step(1), () => stage.find.hits.length > 0);
  add("Shift+g", "Place found before", () => stage.find.step(-1), () => stage.find.hits.length > 0);
  add("t", "List of pages", () => (stage.showTab("pages"), stage.root.querySelector(".wbp-thumb[aria-current]")?.focus()));
  add("] PageDown", "Next page", () => stage.open(sheets.current + 1), many);
  add("[ PageUp", "Page before", () => stage.open(sheets.current - 1), many);
  add("+ =", "Larger", () => stage.zoomBy(1));
  add("-", "Smaller", () => stage.zoomBy(-1));
  add("z", "Fit width, fit page", () => stage.zoom(sheets.mode === "width" ? "page" : "width"));
  add("Escape", "Let the chosen words go", () => words.clear(), () => words.head >= 0);

  view.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey) return;
    const mark = event.target.closest(".wbp-mark");
    if (mark) onMark(event, bench.store.get(mark.dataset.mark));
    else if (event.target === view) onWords(event);
  });

  function onMark(event, mark) {
    const { store } = bench;
    if (!mark) return;
    const way = MOVES[event.key];
    if (way && mark.kind === "box" && marks()) {
      const step = event.shiftKey ? FAR : STEP;
      stage.nudge(mark.id, way[0] * step, way[1] * step, event.ctrlKey);
      stage.marks.element(mark.id)?.focus({ preventScroll: true });
    } else if (event.key === " ") store.select(store.selected.has(mark.id) ? [] : [mark.id]);
    else if (event.key === "Enter" || event.key === "Escape") {
      store.select(event.key === "Enter" ? [mark.id] : []);
      stage.use("words");
      view.focus({ preventScroll: true });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function onWords(event) {
    const way = WAYS[event.key] ?? { Home: event.ctrlKey ? "top" : "home", End: event.ctrlKey ? "bottom" : "end" }[event.key];
    if (way && !stage.after && !(event.ctrlKey && event.key.startsWith("Arrow"))) words.move(way, { extend: event.shiftKey });
    else if (event.key === "Enter" && chosen()) stage.markWords();
    else return;
    event.preventDefault();
  }

  // a mark reached by Tab is the chosen one, so that numbers give it a reason and Delete removes it
  view.addEventListener("focusin", (event) => {
    const id = event.target.closest?.(".wbp-mark")?.dataset.mark;
    if (id && !bench.store.selected.has(id) && event.target.matches(":focus-visible")) bench.store.select([id]);
  });
}
