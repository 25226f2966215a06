// Tabs over parts of a page: arrow keys between them, one of them in the tab order (ARIA practices, tabs).
// A hidden tab is none, from whenever it is hidden to whenever it is shown.

export class Tabs extends EventTarget {
  #list;

  constructor(list) {
    super();
    this.#list = list;
    list.addEventListener("click", (event) => {
      const tab = event.target.closest("[role=tab]");
      if (tab) this.open(nameOf(tab));
    });
    list.addEventListener("keydown", (event) => {
      const tabs = this.#shown;
      const at = tabs.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      const tab = tabs[(to + tabs.length) % tabs.length];
      this.open(nameOf(tab));
      tab.focus();
    });
  }

  get #shown() {
    return [...this.#list.querySelectorAll("[role=tab]:not([hidden])")];
  }

  get names() {
    return this.#shown.map(nameOf);
  }

  open(name) {
    for (const tab of this.#shown) {
      const here = nameOf(tab) === name;
      tab.setAttribute("aria-selected", String(here));
      tab.tabIndex = here ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !here;
    }
    this.current = name;
    this.dispatchEvent(new CustomEvent("open", { detail: { name } }));
  }
}

const nameOf = (tab) => tab.dataset.tab ?? tab.id;
