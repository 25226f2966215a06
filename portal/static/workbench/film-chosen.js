// The row below the picture: what can be done with the mark, or the span, that is chosen now.

import { icon, make } from "./dom.js";
import { isOpen } from "./film-paint.js";
import { clock } from "./film-time.js";

const NAMES = { region: "Box", frame: "Whole picture", mute: "Mute", cut: "Cut" };
const STYLES = {
  region: [["solid", "Solid"], ["mosaic", "Mosaic"], ["blur", "Blur"]],
  frame: [["solid", "Solid"], ["mosaic", "Mosaic"]],
  mute: [["silence", "Silence"], ["tone", "Tone"]],
};

export class Chosen {
  #signature = "";

  constructor({ root, editor, player, follower, titles }) {
    Object.assign(this, { root, editor, player, follower, titles });
    player.addEventListener("time", () => this.#write());
    follower.addEventListener("change", () => this.draw());
    this.draw();
  }

  draw() {
    const { mark, selection, store } = this.editor;
    const signature = [mark?.id, mark?.kind, mark && isOpen(mark), Boolean(selection), store.selected.size > 1, Boolean(this.follower.running)].join();
    if (signature !== this.#signature) {
      this.#signature = signature;
      const name = document.activeElement?.dataset?.act;
      this.root.replaceChildren(...this.#parts(mark, selection));
      if (name && !this.root.contains(document.activeElement)) (this.root.querySelector(`[data-act="${name}"]`) ?? this.root.querySelector("button"))?.focus();
    }
    this.#write();
  }

  #parts(mark, selection) {
    this.words = make("p", { class: "wf-chosen__words" });
    if (mark && NAMES[mark.kind]) return [this.words, ...(mark.kind === "region" ? this.#region(mark) : this.#span(mark))];
    if (this.editor.store.selected.size > 1) return [this.words, this.#group(this.#act("delete", "Delete", "delete", () => this.editor.remove()))];
    if (selection) return [this.words, ...this.#selection()];
    return [this.words];
  }

  #act(name, words, sign, run, more = {}) {
    return make("button", { class: "wf-button", type: "button", dataset: { act: name }, onclick: run, ...more }, sign ? icon(sign) : "", words);
  }

  #group(...buttons) {
    return this.editor.may ? make("div", { class: "wf-group" }, buttons) : "";
  }

  #region(mark) {
    const now = () => this.editor.store.get(mark.id);
    const jump = make(
      "div",
      { class: "wf-group" },
      this.#act("before", "", "navigate_before", () => this.editor.jump(now(), -1), { "aria-label": "Position before" }),
      this.#act("after", "", "navigate_next", () => this.editor.jump(now(), 1), { "aria-label": "Next position" }),
    );
    if (!this.editor.may) return [jump];
    const running = this.follower.running?.id === mark.id;
    this.pinned = this.#act("pin", "Add position", "", () => this.editor.pin(now()));
    this.unpinned = this.#act("unpin", "Delete position", "", () => this.editor.removePosition(now()));
    const follow = running
      ? [this.#act("stop", "Stop", "close", () => this.follower.stop())]
      : [
          this.#act("follow-back", "Follow back", "arrow_back", () => this.follower.start(now(), "back")),
          this.#act("follow", "Follow", "arrow_forward", () => this.follower.start(now(), "forward")),
        ];
    const all = make("input", { type: "checkbox", onchange: (event) => (this.editor.allPositions = event.target.checked) });
    all.checked = this.editor.allPositions;
    return [
      make("div", { class: "wf-group wf-chosen__more" }, this.#style(mark), make("label", { class: "wf-field wf-check" }, all, "Move all positions"), this.#act("delete", "Delete", "delete", () => this.editor.remove())),
      make("div", { class: "wf-group wf-chosen__row" }, [...jump.children], this.pinned, this.unpinned, ...follow, ...this.#ends(mark, this.#act("whole", "Whole film", "", () => this.editor.wholeFilm(now()))).children),
    ];
  }

  #ends(mark, more = "") {
    return this.#group(this.#act("start", "Start here", "first_page", () => this.editor.setStart()), this.#act("end", "End here", "last_page", () => this.editor.setEnd()), more);
  }

  #style(mark) {
    const options = STYLES[mark.kind];
    if (!options || !this.editor.may) return "";
    const chosen = make("select", { dataset: { act: "style" }, onchange: (event) => this.editor.alter(mark.id, { style: event.target.value }) }, options.map(([value, words]) => make("option", { value }, words)));
    this.style = chosen;
    return make("label", { class: "wf-field" }, mark.kind === "mute" ? "Instead" : "Cover", chosen);
  }

  #span(mark) {
    this.style = null;
    const go = make("div", { class: "wf-group" }, this.#act("go", "Go to its start", "", () => this.player.seek(mark.start ?? 0)), this.#act("loop", "Loop it", "loop", () => this.loops?.(this.editor.store.get(mark.id))));
    const more = make("div", { class: "wf-group wf-chosen__more" }, this.#style(mark), this.editor.may ? this.#act("delete", "Delete", "delete", () => this.editor.remove()) : "");
    return mark.literal == null ? [more, make("div", { class: "wf-group wf-chosen__row" }, [...go.children], ...(this.editor.may ? this.#ends(mark).children : []))] : [more];
  }

  #selection() {
    const { editor } = this;
    const pictures = this.player.medium !== "audio";
    return [
      this.#group(
        editor.bench.config.stage.has_sound ? this.#act("mute", "Mute", "volume_off", () => editor.addSpan("mute")) : "",
        this.#act("cut", "Cut out", "remove_circle", () => editor.addSpan("cut")),
        pictures ? this.#act("frame", "Cover the picture", "visibility_off", () => editor.addSpan("frame")) : "",
      ),
      make("div", { class: "wf-group" }, this.#act("loop", "Loop it", "loop", () => this.loops?.({ start: editor.selection[0], end: editor.selection[1] })), this.#act("clear", "Let go", "close", () => editor.select(null, "Span let go."))),
    ];
  }

  #write() {
    const { mark, selection, store } = this.editor;
    let words = this.editor.may ? "Draw a box on the picture, or drag over the sound to choose a span." : "You may look at this record, not mark it.";
    if (mark && NAMES[mark.kind]) words = `${NAMES[mark.kind]}${isOpen(mark) ? " (suggested)" : ""}: ${this.#about(mark)}`;
    else if (store.selected.size > 1) words = `${store.selected.size} marks are selected.`;
    else if (selection) words = `Span ${clock(selection[0])} to ${clock(selection[1])}, ${(selection[1] - selection[0]).toFixed(2)} s`;
    if (this.follower.note && mark?.kind === "region") words = this.follower.note;
    if (this.words.textContent !== words) this.words.textContent = words;
    if (mark?.kind === "region" && this.editor.may) this.#positions(mark);
    const style = mark?.style ?? STYLES[mark?.kind]?.[0][0];
    if (this.style && style && this.style.value !== style) this.style.value = style;
  }

  #about(mark) {
    if (mark.literal != null) return `every “${mark.literal}” that is said`;
    const when = `${clock(mark.start)} to ${clock(mark.end)}`;
    if (mark.kind !== "region") return when;
    const count = mark.keyframes.length;
    const here = this.editor.positionAt(mark);
    return `${when}, ${here >= 0 ? `at position ${here + 1} of ${count}` : `${count} ${count === 1 ? "position" : "positions"}`}`;
  }

  #positions(mark) {
    const here = this.editor.positionAt(mark);
    this.pinned.disabled = here >= 0;
    this.unpinned.disabled = here < 0 || mark.keyframes.length < 2;
  }
}
