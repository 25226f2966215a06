// Over the map while no mark cuts round take-off and landing: the pilot's place would go out.

import { button, icon, make } from "./dom.js";
import { isOpen } from "./store.js";

export function warnOfHome(root, bench, open) {
  const { store } = bench;
  let told = null;
  const show = () => {
    const marks = store.all().filter((mark) => mark.decision !== "rejected");
    const homes = marks.filter((mark) => mark.kind === "home");
    const covered = homes.some((mark) => !isOpen(mark)) || marks.some((mark) => mark.kind === "withhold" && !isOpen(mark));
    const words = covered ? "" : homes.length ? "The launch point is in the open until the suggestion about it is decided." : "The launch point is in the open: no mark cuts round take-off and landing, where the pilot stood.";
    const way = covered || !store.editable ? "" : homes.length ? homes[0].id : "form";
    if (told === words + way) return;
    told = words + way;
    root.hidden = !words;
    root.replaceChildren(...(words ? [icon("warning"), make("span", {}, words)] : []));
    if (way) root.append(way === "form" ? button("Hide the launch point…", open) : button("Show the suggestion", () => store.select([way])));
  };
  store.addEventListener("change", show);
  store.addEventListener("editable", show);
  show();
}
