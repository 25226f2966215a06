// Over the panel, beside the tools: what the next mark will cite. Where nothing may be marked it says why the tools rest.

import { icon, make } from "./dom.js";

const NUMBERED = 9;
const SET = { reason: "Reason of the next mark", exemption: "Exemption of the next mark" };

const WHY = {
  rendered: "the redacted copy is being checked.",
  verified: "the redacted copy was made of these marks. “Change the marks” turns them on again.",
  approved: "a second person agreed to exactly these marks. “Change the marks” turns them on again.",
  withheld: "the record is withheld whole. “Change the marks” turns them on again.",
  released: "the record went out with the answer to the request.",
  not_responsive: "the record is set aside. “More” takes it back.",
  duplicate: "the record is set aside as a duplicate. “More” takes it back.",
};

/** Why the tools do nothing now, in a sentence. */
export const whyLocked = ({ status, marker }) => `The tools are off: ${marker === false ? "you may look at this record, not mark it." : (WHY[status] ?? "the marks cannot be changed now.")}`;

export class Cites {
  #bench;
  #root;
  #standing;

  constructor(bench, root) {
    this.#bench = bench;
    this.#root = root;
    this.#standing = bench.config;
    for (const [name, prefix, always] of [["reasons", "", false], ["exemptions", "Alt+", true]]) {
      bench.config[name].slice(0, NUMBERED).forEach(([code, words], n) => {
        const one = name.slice(0, -1);
        const group = one === "reason" ? "Reasons" : "Exemptions";
        const when = () => bench.store.editable && !bench.store.selected.size;
        bench.keys.add({ key: `${prefix}${n + 1}`, words, group, always, when, unlisted: true, run: () => this.#cite(one, code, words) });
      });
    }
    bench.store.addEventListener("cite", () => this.#draw());
    bench.store.addEventListener("editable", () => this.#draw());
    this.#draw();
  }

  /** Where the record stands now, as the server says. */
  stand(standing) {
    const told = this.locked;
    this.#standing = standing;
    if (told !== this.locked) this.#draw();
  }

  get locked() {
    return this.#bench.store.editable ? "" : whyLocked(this.#standing);
  }

  /** Somebody reached for a tool that is off. */
  refuse() {
    this.#bench.warn(this.locked);
    this.#root.classList.remove("is-asked");
    requestAnimationFrame(() => this.#root.classList.add("is-asked"));
  }

  #cite(name, code, words) {
    this.#bench.store.cite({ [name]: code });
    this.#bench.say(`Next mark: ${words}`);
  }

  #draw() {
    const { locked } = this;
    const held = this.#root.contains(document.activeElement) ? document.activeElement.id : "";
    this.#root.classList.toggle("wb-cites--off", Boolean(locked));
    if (locked) return this.#root.replaceChildren(icon("lock_outline"), make("p", {}, locked));
    const { config, store } = this.#bench;
    this.#root.replaceChildren(
      make("span", { class: "wb-cites__title" }, "Next mark"),
      this.#select("reason", config.reasons, store.last.reason, "No reason yet", ""),
      make("span", { class: "wb-cites__more", "aria-hidden": "true" }, "and"),
      this.#select("exemption", config.exemptions, store.last.exemption, "No exemption", "Alt+"),
    );
    if (held) document.getElementById(held)?.focus();
  }

  #select(name, rows, chosen, none, prefix) {
    const words = rows.find(([code]) => code === chosen)?.[1];
    return make(
      "select",
      { class: "usa-select wb-field__input", id: `next-${name}`, "aria-label": SET[name], title: `${SET[name]}: ${words ?? none.toLowerCase()}`, onchange: (event) => this.#bench.store.cite({ [name]: event.target.value }) },
      make("option", { value: "", selected: !words }, none),
      rows.map(([code, label], n) => make("option", { value: code, selected: code === chosen }, n < NUMBERED ? `${prefix}${n + 1}  ${label}` : label)),
    );
  }
}

/** What changes marks (data-edit) looks off and does nothing while the marks stand fast; whoever reaches for it is told why. */
export function guard(bench, root) {
  const dress = () => {
    const off = !bench.store.editable;
    root.toggleAttribute("data-locked", off);
    for (const part of root.querySelectorAll("[data-edit]")) {
      if (part.matches("select, input, textarea")) part.disabled = off;
      else if (off) part.setAttribute("aria-disabled", "true");
      else part.removeAttribute("aria-disabled");
    }
  };
  const stop = (event) => {
    const part = event.target.closest?.("[data-edit]");
    if (!part || bench.store.editable) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    bench.cites.refuse();
  };
  root.addEventListener("click", stop, true);
  bench.store.addEventListener("editable", dress);
  dress();
}
