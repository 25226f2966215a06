// Tabs over the panel's parts: arrow keys between them, one of them in the tab order (ARIA practices, tabs).

export class Tabs extends EventTarget {
  #tabs;

  constructor(list) {
    super();
    this.#tabs = [...list.querySelectorAll("[role=tab]:not([hidden])")];
    list.addEventListener("click", (event) => {
      const tab = event.target.closest("[role=tab]");
      if (tab) this.open(tab.dataset.tab);
    });
    list.addEventListener("keydown", (event) => {
      const at = this.#tabs.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: this.#tabs.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      const tab = this.#tabs[(to + this.#tabs.length) % this.#tabs.length];
      this.open(tab.dataset.tab);
      tab.focus();
    });
  }

  get names() {
    return this.#tabs.map((tab) => tab.dataset.tab);
  }

  open(name) {
    for (const tab of this.#tabs) {
      const here = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", String(here));
      tab.tabIndex = here ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !here;
    }
    this.current = name;
    this.dispatchEvent(new CustomEvent("open", { detail: { name } }));
  }
}
