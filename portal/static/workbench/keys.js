// Shortcuts of one key, listed under “?”, switched off by whoever's voice or hands set them off (WCAG 2.1.4).

const OFF = "daylight-shortcuts-off";
const TYPING = "input:not([type=checkbox], [type=radio], [type=range], [type=button]), textarea, select, [contenteditable=true], [role=textbox]";

export class Keys extends EventTarget {
  list = [];

  constructor(target = document) {
    super();
    target.addEventListener("keydown", (event) => this.#pressed(event));
  }

  get off() {
    return localStorage.getItem(OFF) === "1";
  }

  set off(value) {
    localStorage.setItem(OFF, value ? "1" : "0");
    this.dispatchEvent(new Event("change"));
  }

  /** key: as KeyboardEvent.key spells it, with “Ctrl+”, “Shift+”, “Alt+” before; several parted by a blank. */
  add({ key, words, run, when = () => true, group = "This stage", always = false, unlisted = false }) {
    const shortcut = { keys: key === " " ? [" "] : key.split(" "), words, run, when, group, always, unlisted };
    this.list.push(shortcut);
    this.dispatchEvent(new Event("change"));
    return () => {
      this.list = this.list.filter((row) => row !== shortcut);
      this.dispatchEvent(new Event("change"));
    };
  }

  #pressed(event) {
    if (event.defaultPrevented || event.isComposing || event.target.closest?.(TYPING)) return;
    if (document.querySelector("dialog[open]:modal")) return;
    const name = spelt(event);
    // a key with Ctrl is no single-key shortcut: it stays when those are switched off
    const found = this.list.findLast((row) => row.keys.includes(name) && (!this.off || row.always || event.ctrlKey || event.metaKey) && row.when(event));
    if (!found) return;
    // a focused button or link keeps its own Enter and blank
    if ((event.key === "Enter" || event.key === " ") && event.target.closest?.("button, a, summary, [role=button], input")) return;
    event.preventDefault();
    found.run(event);
  }
}

function spelt(event) {
  // with Alt a Mac types another sign than the digit that was struck
  const digit = event.altKey && /^Digit([0-9])$/.exec(event.code)?.[1];
  if (digit) return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}Alt+${event.shiftKey ? "Shift+" : ""}${digit}`;
  const letter = event.key.length === 1;
  return (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + (event.shiftKey && (!letter || event.ctrlKey || event.metaKey || /[a-z]/i.test(event.key)) ? "Shift+" : "") + (letter ? event.key.toLowerCase() : event.key);
}
