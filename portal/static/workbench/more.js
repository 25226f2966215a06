// Marks to and from elsewhere, and what concerns the record as a whole.

import { make } from "./dom.js";

const chosenOrAll = (store) => (store.selected.size ? [...store.selected] : store.all().map((mark) => mark.id));
const howMany = (store) => (store.selected.size ? `the ${store.selected.size} chosen` : `all ${store.size}`);

export class More {
  #bench;
  #root;
  #said;

  constructor(bench, root) {
    this.#bench = bench;
    this.#root = root;
    this.#said = root.querySelector("[data-more-said]");
    root.querySelector("[data-copy]")?.addEventListener("submit", (event) => this.#do(event, (form) => this.#copy(form)));
    root.querySelector("[data-keep-template]")?.addEventListener("submit", (event) => this.#do(event, (form) => this.#keep(form)));
    root.querySelector("[data-apply-template]")?.addEventListener("submit", (event) => this.#do(event, (form) => this.#apply(form, event.submitter?.value)));
    root.querySelector("[data-keep-back]")?.addEventListener("submit", (event) => this.#do(event, (form) => this.#keepBack(form)));
    for (const part of root.querySelectorAll("[data-aside]")) part.addEventListener("click", (event) => this.#do(event, () => this.#aside(part.dataset.aside)));
    const told = () => root.querySelectorAll("[data-which]").forEach((part) => (part.textContent = howMany(bench.store)));
    bench.store.addEventListener("select", told);
    bench.store.addEventListener("change", told);
    told();
  }

  async load() {
    const { config, json } = this.#bench;
    try {
      const [{ records }, { templates }] = await Promise.all([json(config.urls.copy), json(config.urls.templates)]);
      this.#options("[data-copy]", records.map((row) => [row.key, `${row.position}. ${row.title}`]));
      this.#templates(templates);
    } catch (error) {
      this.#tell(error.message, true);
    }
  }

  #templates(rows) {
    this.#options("[data-apply-template]", rows.map((row) => [row.id, `${row.name} (${row.marks === 1 ? "1 mark" : `${row.marks} marks`}, by ${row.by})`]));
  }

  #options(form, rows) {
    const part = this.#root.querySelector(form);
    if (!part) return;
    const select = part.querySelector("select");
    const was = select.value;
    select.replaceChildren(...rows.map(([value, words]) => make("option", { value, selected: String(value) === was }, words)));
    part.hidden = !rows.length;
    const none = part.parentElement.querySelector("[data-none]");
    if (none) none.hidden = rows.length > 0;
  }

  async #do(event, fn) {
    event.preventDefault();
    const form = event.currentTarget;
    try {
      await fn(form);
    } catch (error) {
      this.#tell(error.message, true);
    }
  }

  #tell(words, bad = false) {
    this.#said.className = `wb-flag${bad ? " wb-flag--bad" : ""}`;
    this.#said.textContent = words;
    this.#said.hidden = false;
    (bad ? this.#bench.warn : this.#bench.say)(words);
  }

  async #saved() {
    if (!(await this.#bench.saver.flush())) throw new Error("Your newest changes are not saved yet. Wait until they are.");
  }

  #left(rows) {
    return rows.length ? ` Left out: ${rows.map((row) => row.why).join("; ")}.` : "";
  }

  async #copy(form) {
    const { config, json, store } = this.#bench;
    const data = new FormData(form);
    await this.#saved();
    const made = await json(config.urls.copy, {
      method: "POST",
      body: { marks: chosenOrAll(store), to: data.get("to"), as_suggestions: data.get("as") !== "marks", shift_seconds: Number(data.get("shift") || 0) },
    });
    this.#tell(`${made.brought === 1 ? "1 mark" : `${made.brought} marks`} copied to “${made.to}”.${this.#left(made.left_out)}`);
  }

  async #keep(form) {
    const { config, json, store } = this.#bench;
    await this.#saved();
    const made = await json(config.urls.templates, { method: "POST", body: { do: "keep", marks: chosenOrAll(store), name: new FormData(form).get("name") } });
    form.reset();
    this.#templates(made.templates);
    this.#tell("Kept. It is offered for every record of this kind.");
  }

  async #apply(form, act) {
    const { config, json, saver, store } = this.#bench;
    const data = new FormData(form);
    const template = Number(data.get("template"));
    if (act === "retire") {
      const made = await json(config.urls.templates, { method: "POST", body: { do: "retire", template } });
      this.#templates(made.templates);
      return this.#tell("It is not offered any more.");
    }
    await this.#saved();
    const made = await json(config.urls.templates, { method: "POST", body: { do: "apply", template, as_suggestions: data.get("as") !== "marks" } });
    store.batch("Template", () => made.marks.forEach((mark) => store.put(mark)));
    saver.take(made);
    return this.#tell(`${made.brought === 1 ? "1 mark" : `${made.brought} marks`} brought here.${this.#left(made.left_out)}`);
  }

  async #keepBack(form) {
    const { config, json, saver } = this.#bench;
    const data = new FormData(form);
    await this.#saved();
    await json(config.urls["keep-back"], { method: "POST", body: { version: saver.version, exemptions: data.getAll("codes"), note: data.get("note") } });
    await saver.refresh();
    this.#tell("Withholding is proposed. A second person decides.");
    this.#bench.strip.beat();
  }

  async #aside(action) {
    const { config, json } = this.#bench;
    await this.#saved();
    const standing = await json(config.urls.aside, { method: "POST", body: { action } });
    this.stand(standing);
    this.#tell({ not_responsive: "Set aside as not responsive.", duplicate: "Set aside as a duplicate.", reconsider: "Taken back into review." }[action]);
    this.#bench.strip.beat();
  }

  stand({ may_set_aside: may, may_reconsider: back }) {
    for (const part of this.#root.querySelectorAll("[data-aside]")) part.hidden = part.dataset.aside === "reconsider" ? !back : !may;
  }
}

