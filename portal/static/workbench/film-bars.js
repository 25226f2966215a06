// The timeline as lists: marks in order of time and stretches of speech, one stop of the tab key each list.

import { make } from "./dom.js";
import { NAMES } from "./film-edit.js";
import { isOpen } from "./store.js";
import { clock } from "./film-time.js";
import { KINDS } from "./film-lanes.js";

const SHOWN = 300;

/** Arrow keys walk the rows; ``run(number, event)`` answers a key by true when it was for a row. */
function roving(list, run) {
  list.addEventListener("keydown", (event) => {
    const rows = [...list.querySelectorAll("[data-stop]")];
    const at = rows.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined && rows.length) {
      event.preventDefault();
      const row = rows[Math.max(0, Math.min(to, rows.length - 1))];
      rows.forEach((each) => (each.tabIndex = each === row ? 0 : -1));
      row.focus();
    } else if (at >= 0 && run?.(rows[at], event)) event.preventDefault();
  });
}

export class Bars {
  constructor({ root, player, editor, placesOf, titles }) {
    Object.assign(this, { player, editor, placesOf, titles });
    this.list = make("ul", { class: "wf-list", "aria-label": "Marks in order of time" });
    this.note = make("p", { class: "wf-quiet" });
    root.replaceChildren(this.note, this.list);
    roving(this.list, (row, event) => this.#key(row, event));
    this.draw();
  }

  draw() {
    const held = document.activeElement?.closest?.("[data-stop]")?.dataset.mark;
    const rows = this.editor.marks(...KINDS).flatMap((mark) => (Number.isFinite(mark.start) ? [[mark, mark.start, mark.end]] : [[mark, this.placesOf(mark)[0]?.[0] ?? 0, null]]));
    rows.sort((one, two) => one[1] - two[1]);
    const { selected } = this.editor.store;
    const stop = held ?? rows.find(([mark]) => selected.has(mark.id))?.[0].id ?? rows[0]?.[0].id;
    this.note.textContent = rows.length ? `${rows.length} ${rows.length === 1 ? "mark" : "marks"}. Enter goes there, Delete takes it out.${rows.length > SHOWN ? ` The first ${SHOWN} are listed.` : ""}` : "Nothing is marked yet.";
    this.list.replaceChildren(...rows.slice(0, SHOWN).map(([mark, start, end]) => make("li", {}, this.#row(mark, start, end, mark.id === stop, selected.has(mark.id)))));
    if (held) this.list.querySelector(`[data-mark="${CSS.escape(held)}"]`)?.focus();
  }

  #row(mark, start, end, stop, picked) {
    const when = end === null ? `every “${mark.literal}”, ${this.placesOf(mark).length} places` : `${clock(start)} to ${clock(end)}`;
    return make(
      "button",
      { class: `wf-item wf-item--${mark.kind}${isOpen(mark) ? " wf-item--open" : ""}`, type: "button", tabindex: stop ? 0 : -1, "aria-pressed": String(picked), dataset: { stop: "", mark: mark.id }, onclick: () => this.#go(mark, start) },
      make("span", { class: "wf-item__kind" }, isOpen(mark) ? `${NAMES[mark.kind]}, suggested` : NAMES[mark.kind]),
      make("span", { class: "wf-item__when" }, when),
      make("span", { class: "wf-item__what" }, this.titles(mark)),
    );
  }

  #go(mark, start) {
    this.editor.store.select([mark.id]);
    this.player.seek(start);
  }

  #key(row, event) {
    if (event.key !== "Delete" && event.key !== "Backspace") return false;
    this.editor.store.select([row.dataset.mark]);
    this.editor.remove();
    return true;
  }
}

export class Speech {
  constructor({ root, source, player, editor }) {
    Object.assign(this, { root, source, player, editor });
    root.replaceChildren(make("p", { class: "wf-quiet" }, "Looking for speech …"));
    source.addEventListener("speech", () => this.#draw());
    editor.store.addEventListener("editable", () => source.speech && this.#draw());
  }

  #draw() {
    const { speech, faults } = this.source;
    if (!speech) {
      this.root.replaceChildren(make("p", {}, `Speech could not be looked for: ${faults.speech || "no reason was given."} Choose spans on the timeline instead.`));
      return;
    }
    if (!speech.length) {
      this.root.replaceChildren(make("p", {}, "No speech was found. That is a machine's opinion: listen before you rely on it."));
      return;
    }
    const list = make("ul", { class: "wf-list wf-list--speech", "aria-label": "Stretches of speech" });
    list.append(...speech.slice(0, SHOWN).map(([start, end], number) => make("li", {}, this.#row(start, end, number))));
    roving(list, (row, event) => event.key === "m" && this.#mute(row));
    const all = this.editor.may && make("button", { class: "wf-button", type: "button", onclick: () => this.editor.muteAll(speech, "Mute all speech") }, "Mute all speech");
    const more = speech.length > SHOWN ? ` The first ${SHOWN} are listed.` : "";
    this.root.replaceChildren(make("div", { class: "wf-results__head" }, make("p", {}, `Somebody speaks ${speech.length === 1 ? "once" : `${speech.length} times`}.${more} M mutes the row.`), all || ""), list);
  }

  #row(start, end, number) {
    return [
      make("button", { class: "wf-item wf-item--speech", type: "button", tabindex: number ? -1 : 0, dataset: { stop: "", from: start, to: end }, onclick: () => this.player.seek(start) }, make("span", { class: "wf-item__when" }, `${clock(start)} to ${clock(end)}`), make("span", { class: "wf-item__what" }, `${(end - start).toFixed(1)} s`)),
      this.editor.may ? make("button", { class: "wf-button", type: "button", tabindex: -1, "aria-label": `Mute ${clock(start)} to ${clock(end)}`, onclick: () => this.editor.muteAll([[start, end]], "Mute speech") }, "Mute") : "",
    ];
  }

  #mute(row) {
    if (this.editor.may) this.editor.muteAll([[Number(row.dataset.from), Number(row.dataset.to)]], "Mute speech");
    return true;
  }
}
