// The work page: one store of marks, one saver, one panel; the stage of the medium is mounted into them.

import { useIcons } from "./dom.js";
import { Keeping } from "./keeping.js";
import { Keys } from "./keys.js";
import { Panel } from "./panel.js";
import { Saver } from "./saving.js";
import { Seen } from "./seen.js";
import { Store } from "./store.js";
import { json, useCookie } from "./talking.js";

const config = JSON.parse(document.getElementById("workbench-config").textContent);
useIcons(config.icons);
useCookie(config.csrf_cookie);

const last = config.marks.findLast((mark) => mark.reason && mark.decision !== "rejected");
const store = new Store(config.marks, { reason: last?.reason, exemption: last?.exemption, editable: config.may_mark });
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
    panel?.refresh();
  },
};
let panel = null;
panel = new Panel(bench);

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
if (config.stage && root) await mount(config.stage, root);
for (const pane of config.panes) await mount(pane, document.querySelector(`[data-pane="${pane.name}"]`));
document.documentElement.dataset.workbench = "ready";
