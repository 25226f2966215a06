// The work page: one store of marks, one saver, one panel; the stage of the medium is mounted into them.

import { Cites, guard } from "./cites.js";
import { useIcons, useZone } from "./dom.js";
import { isDrawn } from "./first.js";
import { History } from "./history.js";
import { Keeping } from "./keeping.js";
import { Keys } from "./keys.js";
import { More } from "./more.js";
import { Panel } from "./panel.js";
import { Saver } from "./saving.js";
import { Seen } from "./seen.js";
import { Store } from "./store.js";
import { isSettled, Strip } from "./strip.js";
import { Tabs } from "./tabs.js";
import { json, useCookie } from "./talking.js";
import { useMeasure } from "./words.js";

const LONGEST_WAIT = 1_000; // milliseconds

const config = JSON.parse(document.getElementById("workbench-config").textContent);
useIcons(config.icons);
useZone(config.zone);
useCookie(config.csrf_cookie);
useMeasure(config);

const last = config.marks.findLast((mark) => mark.reason && mark.decision !== "rejected");
const store = new Store(config.marks, { reason: last?.reason, exemption: last?.exemption, editable: config.may_mark && !isSettled(config.status) });
const keeping = new Keeping({ record: config.key, user: config.me.id, key: config.copy_key });
const saver = new Saver({ store, json, url: config.urls.plan, keeping, version: config.version, marks: config.marks });
const seen = new Seen(json, config.urls.seen);
const keys = new Keys();

function speaker(id) {
  const region = document.getElementById(id);
  return (text) => {
    region.textContent = "";
    requestAnimationFrame(() => (region.textContent = text));
  };
}

const bench = {
  config,
  store,
  saver,
  keys,
  json,
  say: speaker("workbench-said"),
  warn: speaker("workbench-warned"),
  seen: (unit, from, to, speed) => seen.note(unit, from, to, speed),
  fieldMakers: new Map(),
  /** fn(mark) gives [{name, label, type, min, max, step, unit, value, options, set(value)}] for the inspector. */
  fields(kind, fn) {
    bench.fieldMakers.set(kind, fn);
    bench.panel?.refresh();
  },
  undo: () => walk(store.undo(), "Taken back", "Nothing to take back"),
  redo: () => walk(store.redo(), "Done again", "Nothing to do again"),
};

function walk(step, done, none) {
  if (!step) return bench.say(none);
  const { skipped } = step;
  if (!skipped.length) return bench.say(`${done}: ${step.label}.`);
  return bench.warn(`${skipped.length === 1 ? "A mark was" : `${skipped.length} marks were`} changed by somebody else since and left as it stands.`);
}

const side = document.querySelector("[data-panel]");
bench.panel = new Panel(bench, side);
const tabs = new Tabs(side.querySelector("[role=tablist]"));
bench.tabs = tabs;
const history = new History(bench, side.querySelector("[data-history]"));
bench.more = new More(bench, side.querySelector("[data-more]"));
tabs.addEventListener("open", (event) => {
  if (event.detail.name === "history") history.load();
  if (event.detail.name === "more") bench.more.load();
});
const cites = side.querySelector("[data-cites]");
if (cites) bench.cites = new Cites(bench, cites);
document.querySelector("[data-withhold-whole]")?.addEventListener("click", () => {
  const part = side.querySelector("[data-withhold-part]");
  tabs.open("more");
  part.open = true;
  part.querySelector("summary").focus();
});
bench.strip = new Strip(bench, document.querySelector("[data-strip]"));
bench.panel.refresh();

async function mount(room, root) {
  try {
    const module = await import(room.script);
    await module.mount(root, bench);
  } catch (error) {
    console.error(error);
    root.dataset.broken = "";
    bench.warn(`The part “${room.name}” of this page could not start. Load the page again, or use the page of forms.`);
  }
}

const root = document.querySelector("[data-stage]");
if (config.stage && root) guard(bench, root);
if (config.stage && root) await mount(config.stage, root);
// what the panes ask for comes after the first picture; where none can be drawn they wait no longer
await Promise.race([isDrawn, new Promise((done) => setTimeout(done, LONGEST_WAIT))]);
await Promise.all(config.panes.map((pane) => mount(pane, document.querySelector(`[data-pane="${pane.name}"]`))));
document.documentElement.dataset.workbench = "ready";
