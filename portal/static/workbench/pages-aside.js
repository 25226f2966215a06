// Beside the pages: copying one page's boxes to others, and what an office file holds that no page shows.

import { make } from "./dom.js";
import { inside, pageList } from "./pages-geometry.js";

export class Copying {
  constructor(dialog, stage) {
    Object.assign(this, { dialog, stage });
    this.field = dialog.querySelector("input[name=pages]");
    this.said = dialog.querySelector("[data-copy-said]");
    this.fault = dialog.querySelector("[data-copy-fault]");
    dialog.querySelector("form").addEventListener("submit", (event) => this.#send(event));
    dialog.querySelector("[data-copy-cancel]").addEventListener("click", () => dialog.close());
  }

  get boxes() {
    const { bench, sheets } = this.stage;
    return bench.store.all().filter((mark) => mark.kind === "box" && mark.page === sheets.current && mark.decision !== "rejected" && !(mark.suggested && !mark.decision));
  }

  open() {
    const { sheets, bench } = this.stage;
    const count = this.boxes.length;
    if (!count) return bench.say(`Page ${sheets.current} has no boxes to copy.`);
    if (sheets.count < 2) return bench.say("There is no other page.");
    this.said.textContent = `${count === 1 ? "The box" : `The ${count} boxes`} of page ${sheets.current}, at the same place with the same reason.`;
    this.field.value = String(sheets.current < sheets.count ? sheets.current + 1 : sheets.current - 1);
    this.#complain("");
    this.dialog.showModal();
    this.field.select();
  }

  #complain(words) {
    this.fault.textContent = words;
    this.fault.hidden = !words;
    this.field.setAttribute("aria-invalid", String(Boolean(words)));
  }

  #send(event) {
    event.preventDefault();
    const { sheets, bench } = this.stage;
    const pages = pageList(this.field.value, sheets.count)?.filter((number) => number !== sheets.current);
    if (!pages?.length) return this.#complain(`Name other pages from 1 to ${sheets.count}, as in 4 or 4-9, 12.`);
    const boxes = this.boxes;
    const short = new Set();
    let made = 0;
    bench.store.batch(`Copy boxes to ${pages.length} pages`, () => {
      for (const number of pages) {
        for (const { id, page, suggested, decision, ...rest } of boxes) {
          const rect = inside(rest.rect, sheets.size(number));
          if (!rect || rect.some((edge, n) => Math.abs(edge - rest.rect[n]) > 0.02)) short.add(number);
          else made += bench.store.add({ ...rest, page: number }) ? 1 : 0;
        }
      }
    });
    this.dialog.close();
    const left = short.size ? ` Page ${[...short].join(", ")} is too small for some of them; those were not copied.` : "";
    bench[short.size ? "warn" : "say"](`${made === 1 ? "1 box" : `${made} boxes`} copied to ${pages.length === 1 ? `page ${pages[0]}` : `${pages.length} pages`}.${left}`);
  }
}

/** One decision for each thing the pages do not show. */
export class Hidden {
  constructor(root, stage) {
    Object.assign(this, { root, stage });
    this.list = root.querySelector("[data-hidden-list]");
    for (const name of ["change", "editable"]) stage.bench.store.addEventListener(name, () => this.refresh());
    this.refresh();
  }

  get open() {
    return this.stage.bench.config.stage.hidden.filter(([item]) => !this.#answer(item)).length;
  }

  #mark(item) {
    return this.stage.bench.store.all().find((mark) => mark.kind === "hidden" && mark.item === item && mark.decision !== "rejected");
  }

  #answer(item) {
    const found = this.#mark(item) ?? this.#mark("*");
    return found && !(found.suggested && !found.decision) ? found.action : "";
  }

  refresh() {
    const focused = this.root.contains(document.activeElement) ? document.activeElement.id : "";
    this.list.replaceChildren(
      ...this.stage.bench.config.stage.hidden.map(([item, what], n) => {
        const answer = this.#answer(item);
        const choice = (value, words) => {
          const id = `hidden-${n}-${value}`;
          return [make("input", { class: "usa-radio__input", type: "radio", id, name: `hidden-${n}`, value, checked: answer === value, disabled: !this.stage.mayMark, onchange: () => this.decide(item, value) }), make("label", { class: "usa-radio__label", for: id }, words)];
        };
        return make("li", {}, make("fieldset", { class: "usa-fieldset" }, make("legend", {}, `${what} (${item})`), ...choice("drop", "Leave out"), ...choice("show", "Show on pages at the end")));
      }),
    );
    if (focused) document.getElementById(focused)?.focus();
  }

  decide(item, action) {
    const { store } = this.stage.bench;
    const mark = this.#mark(item);
    if (!mark) store.add({ kind: "hidden", item, action });
    else if (mark.suggested) store.change(mark.id, { action, decision: action === mark.action ? "accepted" : "adjusted" });
    else store.change(mark.id, { action });
  }
}
