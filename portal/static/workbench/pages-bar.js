// The bar of tools over the pages and the tabs beside them.

import { Tabs } from "./tabs.js";

/** The tools over the pages. */
export function useBar(stage) {
  for (const found of stage.root.querySelectorAll("[data-tool]")) found.addEventListener("click", () => stage.use(found.dataset.tool));
  stage.part("extent").addEventListener("change", (event) => stage.setExtent(event.target.value));
  stage.part("withhold").addEventListener("click", () => stage.withhold());
  stage.part("copy").addEventListener("click", () => stage.copying.open());
  stage.part("after").addEventListener("click", () => stage.toggleAfter());
  stage.part("page-back").addEventListener("click", () => stage.open(stage.sheets.current - 1, { focus: false }));
  stage.part("page-on").addEventListener("click", () => stage.open(stage.sheets.current + 1, { focus: false }));
  stage.part("page-field").addEventListener("change", (event) => stage.open(Number(event.target.value) || 1, { focus: false }));
  stage.part("zoom").addEventListener("change", ({ target }) => stage.zoom(Number(target.value) || target.value));
  stage.part("zoom-in").addEventListener("click", () => stage.zoomBy(1));
  stage.part("zoom-out").addEventListener("click", () => stage.zoomBy(-1));
  if (stage.isImage) stage.part("line-choice").hidden = true; // a picture has no lines
  stage.bench.store.addEventListener("editable", () => stage.use("words"));
  if (stage.sheets.count < 2) stage.part("copy").hidden = true;
  if (stage.isImage) stage.part("withhold").hidden = true;
  stage.use("words");
}

/** The tabs beside the pages; gives stage.showTab. */
export function useTabs(stage) {
  const tabs = new Tabs(stage.root.querySelector("[role=tablist]"));
  stage.showTab = (name) => tabs.open(`wbp-tab-${name}`);
  tabs.addEventListener("open", ({ detail }) => detail.name === "wbp-tab-pages" && stage.thumbs.follow());
}
