// What happened to the marks, sitting by sitting, and taking an old version up again.

import { ask } from "./dialogs.js";
import { button, make, moment } from "./dom.js";

export class History {
  #bench;
  #root;
  #shown = -1;

  constructor(bench, root) {
    this.#bench = bench;
    this.#root = root;
    bench.saver.addEventListener("made", () => this.visible && this.load());
    bench.saver.addEventListener("merged", () => this.visible && this.load());
  }

  get visible() {
    return !this.#root.closest("[role=tabpanel]").hidden;
  }

  async load() {
    const { config, json, saver } = this.#bench;
    if (this.#shown === saver.version) return;
    const list = make("ol", { class: "wb-history" });
    try {
      const told = await json(config.urls.history);
      this.#shown = saver.version;
      this.#root.replaceChildren(told.sittings.length ? list : make("p", { class: "wb-quiet" }, "Nothing has been saved yet."));
      this.#append(list, told);
    } catch (error) {
      this.#root.replaceChildren(make("p", { class: "wb-flag wb-flag--bad" }, error.message), button("Try again", () => this.load()));
    }
  }

  #append(list, { sittings, more }) {
    list.append(...sittings.map((row) => this.#row(row)));
    if (!more) return;
    const next = button("Older versions", async () => {
      const told = await this.#bench.json(`${this.#bench.config.urls.history}?before=${more}`).catch((error) => this.#bench.warn(error.message));
      if (!told) return;
      next.remove();
      const [before, count] = [list.children.length, told.sittings.length];
      this.#append(list, told);
      list.children[before]?.querySelector("button")?.focus();
      this.#bench.say(`${count} more`);
    });
    this.#root.append(next);
  }

  #row(row) {
    const { store, saver } = this.#bench;
    const newest = row.last === saver.version;
    const versions = row.first === row.last ? `Version ${row.last}` : `Versions ${row.first} to ${row.last}`;
    const details = row.changes.length
      ? make("details", {}, make("summary", {}, row.words), make("ul", {}, row.changes.map((change) => make("li", {}, `${change.words || change.mark} ${change.how}`)), row.further ? make("li", {}, `and ${row.further} more`) : null))
      : make("p", {}, row.words);
    return make(
      "li",
      {},
      make("p", { class: "wb-history__head" }, make("strong", {}, row.author), ` ${moment(row.until)}`, make("span", { class: "wb-quiet" }, ` ${versions}${newest ? ", the newest" : ""}`)),
      details,
      !newest && store.editable ? button(`Take version ${row.last} up again`, () => this.restore(row.last), { kind: "unstyled" }) : null,
    );
  }

  async restore(version) {
    const { config, json, saver, store, say, warn } = this.#bench;
    const sure = await ask(`Take version ${version} up again?`, make("p", {}, "It becomes the newest version. What stands now stays in the history, and one step back undoes it here."), [["yes", "Take it up", ""], [null, "Back"]]);
    if (!sure) return;
    if (!(await saver.flush())) return warn("Your newest changes are not saved yet, so nothing was taken up.");
    try {
      const made = await json(config.urls.restore, { method: "POST", body: { version: saver.version, restore: version } });
      store.batch(`Version ${version} taken up`, () => {
        const there = new Set(made.marks.map((mark) => mark.id));
        store.remove(store.all().map((mark) => mark.id).filter((id) => !there.has(id)));
        made.marks.forEach((mark) => store.put(mark));
      });
      saver.take(made);
      say(`Version ${version} is the newest again, as version ${made.version}.`);
      this.load();
    } catch (error) {
      warn(error.message);
      this.#root.prepend(make("p", { class: "wb-flag wb-flag--bad" }, error.message));
    }
  }
}
