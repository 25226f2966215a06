// The row below the picture: what can be done with the mark, or the span, that is chosen now.

import { icon, make } from "./dom.js";
import { NAMES } from "./film-edit.js";
import { isOpen } from "./store.js";
import { clock } from "./film-time.js";

export class Chosen {
  #signature = "";

  constructor({ root, words, editor, player, follower, titles }) {
    Object.assign(this, { root, words, editor, player, follower, titles });
    player.addEventListener("time", () => this.#write());
    follower.addEventListener("change", () => this.draw());
    this.draw();
  }

  draw() {
    const { mark, selection, store } = this.editor;
    const signature = [this.editor.may, mark?.id, mark?.kind, mark && isOpen(mark), Boolean(selection), store.selected.size > 1, Boolean(this.follower.running)].join();
    if (signature !== this.#signature) {
      this.#signature = signature;
      const name = document.activeElement?.dataset?.act;
      this.root.replaceChildren(...this.#parts(mark, selection));
      if (name && !this.root.contains(document.activeElement)) (this.root.querySelector(`[data-act="${name}"]`) ?? this.root.querySelector("button"))?.focus();
    }
    this.#write();
  }

  #parts(mark, selection) {
    if (mark && NAMES[mark.kind]) return mark.kind === "region" ? this.#region(mark) : this.#span(mark);
    if (this.editor.store.selected.size > 1) return [this.#group(this.#act("delete", "Delete", "delete", () => this.editor.remove()))];
    if (selection) return this.#selection();
    return [make("p", { class: "wf-quiet" }, this.editor.may ? "Draw a box on the picture, or drag over the sound to choose a span." : this.editor.bench.cites.locked)];
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
          this.#act("follow-back", "", "arrow_back", () => this.follower.start(now(), "back"), { "aria-label": "Follow back", title: "Follow back" }),
          this.#act("follow", "", "arrow_forward", () => this.follower.start(now(), "forward"), { "aria-label": "Follow", title: "Follow" }),
        ];
    const all = this.#act("all", "Move all", "", (event) => {
      this.editor.allPositions = !this.editor.allPositions;
      event.currentTarget.setAttribute("aria-pressed", String(this.editor.allPositions));
    }, { "aria-pressed": String(this.editor.allPositions), title: "Moving the box moves all its positions" });
    return [
      make("div", { class: "wf-group" }, [...jump.children], this.pinned, this.unpinned, all),
      this.#group(make("span", { class: "wf-quiet" }, running ? "Following" : "Follow"), ...follow),
      this.#ends(mark, this.#act("whole", "Whole film", "", () => this.editor.wholeFilm(now()))),
    ];
  }

  #ends(mark, more = "") {
    return this.#group(this.#act("start", "Start here", "", () => this.editor.setStart()), this.#act("end", "End here", "", () => this.editor.setEnd()), more);
  }

  #span(mark) {
    if (mark.literal != null) return [this.#group(this.#act("delete", "Delete", "delete", () => this.editor.remove()))];
    const go = this.#act("go", "Go to its start", "", () => this.player.seek(mark.start));
    const loop = this.#act("loop", "Loop it", "loop", () => this.loops?.(this.editor.store.get(mark.id)));
    return [make("div", { class: "wf-group" }, go, loop), this.#ends(mark, this.#act("delete", "Delete", "delete", () => this.editor.remove()))];
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
    let words = "Ctrl and the wheel zoom the picture and the timeline.";
    if (mark && NAMES[mark.kind]) words = `${NAMES[mark.kind]}${isOpen(mark) ? " (suggested)" : ""}: ${this.#about(mark)}`;
    else if (store.selected.size > 1) words = `${store.selected.size} marks are selected.`;
    else if (selection) words = `Span ${clock(selection[0])} to ${clock(selection[1])}, ${(selection[1] - selection[0]).toFixed(2)} s`;
    if (this.follower.note && mark?.kind === "region") words = this.follower.note;
    if (this.words.textContent !== words) this.words.textContent = words;
    if (mark?.kind === "region" && this.editor.may) this.#positions(mark);
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
    if (!this.pinned) return; // the row of this mark is drawn next
    this.pinned.disabled = here >= 0;
    this.unpinned.disabled = here < 0 || mark.keyframes.length < 2;
  }
}
