// When the record is first to be seen. What can wait does not compete with that; `make bench` reads the mark.

let drawn = false;
let tell;

/** Kept once the record is first to be seen. */
export const isDrawn = new Promise((done) => (tell = done));

/** Sets the browser's own mark when the record is first to be seen (docs/benchmarks.md). */
export function firstDrawn() {
  if (drawn) return;
  drawn = true;
  requestAnimationFrame(() => setTimeout(() => tell(performance.mark("workbench:first"))));
}

/** The picture the page came with, on screen before other scripts run; whoever draws the record takes it over. */
export const early = document.querySelector("img[data-early]");

/** Kept once that picture is there, with whether it can be drawn. */
export const earlyCame = (early?.decode() ?? Promise.reject()).then(() => true, () => false);

earlyCame.then((came) => came && early.checkVisibility({ visibilityProperty: true }) && firstDrawn());
