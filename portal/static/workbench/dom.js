// Elements without markup in strings: text stays text, whatever a record says.

let sprite = "";

export const useIcons = (address) => (sprite = address);

/** make("button", {class: "x", type: "button", onclick: fn, hidden: true}, "Words", child) */
export function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const drawn = document.createElementNS(space, "svg");
  drawn.setAttribute("class", "usa-icon");
  drawn.setAttribute("aria-hidden", "true");
  drawn.setAttribute("focusable", "false");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  drawn.append(use);
  return drawn;
}

export const button = (words, onclick, { kind = "outline", sign, ...props } = {}) =>
  make("button", { type: "button", class: `usa-button wb-button${kind ? ` usa-button--${kind}` : ""}`, onclick, ...props }, sign ? icon(sign) : null, words);

const LONGEST_PRESS = 2_000; // milliseconds; a list of choices opened by a press never tells of its end

let pressed = null;
const postponed = new Map();

function released() {
  pressed = null;
  const waiting = [...postponed.values()];
  postponed.clear();
  for (const draw of waiting) draw();
}

document.addEventListener("pointerdown", (event) => {
  pressed = event.target;
  setTimeout(() => pressed === event.target && released(), LONGEST_PRESS);
}, true);
// the click itself is dispatched between the end of the press and the next task
for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, () => setTimeout(released), true);

/** Draws now, or once the press within root has become a click: on an element taken away meanwhile it would be lost. */
export function unlessPressed(root, draw) {
  if (pressed && root.contains(pressed)) postponed.set(root, draw);
  else draw();
}

let when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
/** Dates are told as the agency’s clock has them, wherever the reader sits. */
export const useZone = (timeZone) => (when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short", timeZone }));
export const moment = (iso) => when.format(new Date(iso));

/** “just now”, “4 minutes ago”, else the moment. */
export function ago(iso, now = Date.now()) {
  const minutes = Math.floor((now - new Date(iso).getTime()) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return minutes === 1 ? "a minute ago" : `${minutes} minutes ago`;
  return moment(iso);
}
