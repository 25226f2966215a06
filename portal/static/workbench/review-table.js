// Tables side by side: a mark of a column shows that column on both sides.

import { Together } from "./review-sync.js";

export class TableSides {
  canFlicker = false;
  canZoom = false;

  constructor({ root, say }) {
    Object.assign(this, { root, say });
    this.sync = new Together(root);
  }

  controls = () => [];

  go(mark) {
    for (const cell of this.root.querySelectorAll(".rv-column")) cell.classList.remove("rv-column");
    if (!mark.column) return this.say("This mark is about the whole table.");
    for (const table of this.root.querySelectorAll("table")) {
      const heads = [...table.querySelectorAll("th[data-column]")];
      const place = heads.findIndex((head) => head.dataset.column === mark.column);
      if (place < 0) continue;
      for (const row of table.rows) row.cells[place]?.classList.add("rv-column");
      const box = table.closest(".rv-scroll");
      box.scrollLeft = heads[place].offsetLeft - box.clientWidth / 3;
    }
    const gone = !this.root.querySelector(`[data-side="result"] .rv-column`);
    this.say(gone ? `The column ${mark.column} is not in the copy.` : `The column ${mark.column}`);
  }
}
