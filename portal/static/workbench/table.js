// The stage of a table: its policy above, its rows before and after below, both of the same marks.

import { button, icon, make } from "./dom.js";
import { Columns, select, suggestion } from "./table-columns.js";
import { Finds } from "./table-finds.js";
import { OwnPlate } from "./table-own.js";
import { Groups, Rules } from "./table-rules.js";
import { Sample } from "./table-sample.js";
import { ACTIONS, KINDS, coarsenessFault, counted, figure, groupWords, ofColumn, renamed, ruleWords, strangers, undecided } from "./table-policy.js";
import { Tabs } from "./tabs.js";

const QUIET_MS = 800; // after the last change
const POLL_MS = 1_000;

export function mount(root, bench) {
  new Stage(root.querySelector("[data-table]"), bench);
}

class Stage {
  #timer = 0;
  #turn = 0;
  #asking = null;
  #owed = true;
  #asked = "";
  #lost = false;
  #early = true; // the page has the first rows fetched before any script runs

  constructor(root, bench) {
    Object.assign(this, { root, bench, stage: bench.config.stage });
    const onRows = (only) => this.sample.show(only);
    const pane = (name) => root.querySelector(`#wt-${name}`);
    this.columns = new Columns(pane("columns"), bench, { onShow: (name) => this.#choose(name) });
    this.rules = new Rules(pane("rules"), bench, { onRows });
    this.groups = new Groups(pane("groups"), bench, { onRows });
    this.own = new OwnPlate(pane("own"), bench, { onRows });
    this.finds = new Finds(pane("finds"), bench, { onDecide: (name, action, reason) => this.columns.decide(name, action, reason ? { reason } : {}) });
    this.sample = new Sample(root.querySelector("[data-table-sample]"), bench, { onAsk: () => this.#refresh({ counts: false }) });
    this.tabs = new Tabs(root.querySelector("[data-table-tabs]"));
    this.#profile();
    this.#fields();
    bench.store.addEventListener("change", () => this.#changed());
    bench.store.addEventListener("editable", () => this.#redraw());
    addEventListener("online", () => this.#lost && this.#refresh());
    this.#redraw();
    this.#refresh();
  }

  get marks() {
    const kept = this.bench.store.all().filter((mark) => KINDS.includes(mark.kind));
    return { version: 1, marks: kept };
  }

  #changed() {
    this.#redraw();
    const asked = JSON.stringify(this.marks.marks.map(({ reason, exemption, note, ...rest }) => rest));
    if (asked === this.#asked) return this.sample.draw(); // a reason changes no row
    this.#asked = asked;
    this.#asking?.abort(); // an answer about older marks must not pass for one about these
    this.#turn += 1;
    this.#owed = true;
    this.sample.stale();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#refresh(), QUIET_MS);
  }

  #redraw() {
    this.columns.refresh();
    this.rules.refresh();
    this.groups.refresh();
    this.own.refresh();
    this.finds.refresh();
    this.#openList();
    this.#decideAll();
  }

  async #refresh({ counts = true, once = false } = {}) {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    const turn = ++this.#turn;
    this.#owed ||= counts; // a page turned meanwhile breaks the counting off, and has it begun again
    this.sample.stale();
    if (counts) this.root.querySelector("[data-table-sums]").dataset.stale = "";
    const { urls } = this.stage;
    const marks = this.marks;
    const ask = (url, body) => this.bench.json(url, { method: "POST", body: { marks, ...body }, signal: asking.signal });
    try {
      const page = (await this.#first(urls.rows, asking.signal)) ?? (await ask(urls.rows, { start: this.sample.start, only: this.sample.only }));
      if (turn !== this.#turn) return;
      this.#lost = false;
      this.#fault("", "");
      this.sample.fresh(page);
      this.columns.inform({ page, found: this.found });
      const waits = "This table is large: all its rows are still being counted. Until then no group is suppressed here.";
      const many = "So many groups are suppressed that they are not told apart here; the counts above hold.";
      if (!page.exact) this.sample.tell(once ? many : waits, { kind: "info" });
      if (this.#owed || (!page.exact && !once)) await this.#count(ask, page, turn);
    } catch (error) {
      if (error.name === "AbortError" || turn !== this.#turn) return;
      this.#lost = error.status === 0;
      const met = error.data?.mark ? this.#fault(error.data.mark, error.message) : false;
      this.sample.tell(error.message, { retry: met ? undefined : () => this.#refresh() });
    }
  }

  /** The rows fetched early, once, if the marks on screen are still those they were made of. */
  async #first(url, signal) {
    const { config, store } = this.bench;
    const taken = this.#early && JSON.stringify(store.all()) === JSON.stringify(config.marks);
    this.#early = false;
    if (!taken) return null;
    const page = await this.bench.json(url, { signal }).catch((error) => (error.name === "AbortError" ? Promise.reject(error) : null));
    return page?.version === config.version ? page : null;
  }

  async #count(ask, page, turn) {
    for (let again = false; ; ) {
      const answer = await ask(this.stage.urls.counts, { again });
      if (turn !== this.#turn) return;
      if (answer.state === "failed") return this.sample.tell(answer.error, { retry: () => ask(this.stage.urls.counts, { again: true }).then(() => this.#refresh()) });
      if (answer.state === "ready") {
        this.#counted(answer.found);
        if (!page.exact) await this.#refresh({ counts: false, once: true });
        return;
      }
      this.sample.tell(`All rows are being counted: ${answer.progress} %. ${answer.note}`, { kind: "info" });
      await new Promise((done) => setTimeout(done, POLL_MS));
      if (turn !== this.#turn) return;
    }
  }

  #counted(found) {
    this.#owed = false;
    this.found = found;
    this.sample.counted(found);
    const told = { page: this.sample.page, found };
    for (const part of [this.columns, this.rules, this.groups, this.own]) part.inform(told);
    this.#sums(found);
  }

  #sums(found) {
    const out = this.sample.page?.released.length ?? 0;
    const removed = found.rows_in - found.rows_out;
    const groups = Object.values(found.groups).reduce((sum, count) => sum + count, 0);
    const rows = [
      ["Rows", `${figure(found.rows_in)} → ${figure(found.rows_out)}`, removed && out ? ` −${figure(removed)}` : "", `${counted(found.rows_in, "row", "rows")} in, ${figure(found.rows_out)} out`],
      ["Columns", `${this.stage.columns.length} → ${out}`, "", `${this.stage.columns.length} in, ${out} out`],
      ...(groups ? [["Groups suppressed", figure(groups), ""]] : []),
      ...Object.entries(found.plates).map(([name, [before, after]]) => [`Different in ${name}`, `${figure(before)} → ${figure(after)}`, "", `${figure(before)} in, ${figure(after)} behind what goes out`]),
    ];
    const list = this.root.querySelector("[data-table-sums]");
    delete list.dataset.stale;
    list.replaceChildren(...rows.map(([title, shown, more, spoken]) => make("div", {}, make("dt", {}, title), make("dd", {}, make("span", { "aria-hidden": spoken ? "true" : null }, shown), spoken ? make("span", { class: "usa-sr-only" }, spoken) : null, more ? make("span", { class: "wt-quiet", "aria-hidden": "true" }, more) : null))));
    this.root.querySelector("[data-table-warnings]")?.remove();
    const told = [...found.warnings, ...(this.sample.page?.notes ?? [])];
    if (!told.length) return;
    const notes = make("details", { class: "wt-warnings", "data-table-warnings": true }, make("summary", {}, counted(told.length, "note of the engine", "notes of the engine")), make("ul", {}, told.map((words) => make("li", {}, this.#named(words)))));
    this.sample.said.after(notes);
  }

  /** The engine names marks by their ids, which tell a person nothing. */
  #named(words) {
    for (const mark of this.bench.store.all()) {
      if (words.includes(`mark ${mark.id}`)) return words.replace(`mark ${mark.id}`, mark.kind === "suppress" ? `“${groupWords(mark)}”` : `“${ruleWords(mark)}”`);
    }
    return words;
  }

  #fault(id, message) {
    return [this.columns, this.rules, this.groups, this.own].map((part) => part.fault(id, message)).some(Boolean);
  }

  #choose(name) {
    const { mark } = ofColumn(this.bench.store.all(), name);
    this.bench.store.select(mark ? [mark.id] : []);
  }

  #profile() {
    const { profile, columns } = this.stage;
    const known = columns.filter((column) => column.by).length;
    const rest = `${counted(known, "column is", "columns are")} known of ${columns.length}.`;
    const box = this.root.querySelector("[data-table-profile]");
    const said = !profile
      ? ["help", "No profile is recognised", `The columns fit no export this portal knows. By their names ${rest}`]
      : profile.certain
        ? ["verified", `Recognised: ${profile.title}`, `${profile.telling === 1 ? "Its telling column is" : `All ${profile.telling} telling columns are`} there. ${rest}`]
        : ["warning", `Nearly: ${profile.title}`, `The header has changed: ${profile.there} of ${profile.telling} telling columns are there, missing ${profile.missing.join(", ")}. Nothing is suggested from this profile; by their names ${rest}`];
    this.all = make("div", { class: "wt-all" });
    box.append(icon(said[0]), make("div", {}, make("h2", {}, said[1]), make("p", {}, said[2]), this.all));
    box.dataset.sure = profile?.certain ? "yes" : profile ? "nearly" : "no";
  }

  #waiting() {
    return undecided(this.bench.store.all(), this.stage.columns).filter((column) => column.by);
  }

  #decideAll() {
    const waiting = this.#waiting();
    if (this.asking && waiting.length) return;
    this.asking = false;
    this.all.replaceChildren(waiting.length > 1 && this.bench.store.editable ? button(`Decide these ${waiting.length} as suggested…`, () => this.#askAll(), { class: "usa-button usa-button--outline wt-small" }) : "");
  }

  #askAll() {
    this.asking = true;
    const { config, store } = this.bench;
    const waiting = this.#waiting();
    const out = waiting.filter((column) => column.action !== "release");
    const reason = select("Reason for what is withheld", [["", "Choose a reason"], ...config.reasons], () => {});
    reason.value = store.last.reason ?? "";
    const exemption = select("Exemption for what is withheld", [["", "None"], ...config.exemptions], () => {});
    const note = make("input", { class: "usa-input", type: "text", maxlength: 200, autocomplete: "off" });
    const fault = make("p", { class: "usa-error-message", role: "alert", hidden: true });
    const done = () => {
      this.asking = false;
      this.#decideAll();
      this.columns.focus(this.stage.columns[0].name);
    };
    const go = () => {
      const message = !note.value.trim() ? "Say why you take all of them; it is recorded with each." : out.length && !reason.value ? "Choose a reason for what is withheld." : "";
      Object.assign(fault, { textContent: message, hidden: !message });
      if (message) return (note.value.trim() ? reason : note).focus();
      store.batch("Decide all as suggested", () => {
        for (const column of waiting) {
          const { open } = ofColumn(store.all(), column.name);
          const found = open.find((mark) => mark.action === column.action && (mark.to ?? "") === column.to);
          for (const mark of open) if (mark !== found) store.change(mark.id, { decision: "rejected" });
          const why = column.action === "release" ? {} : { reason: reason.value, ...(exemption.value ? { exemption: exemption.value } : {}) };
          const noted = { ...why, note: `${column.why}. Decided with ${waiting.length} at once: ${note.value.trim()}` };
          if (found) store.change(found.id, { ...noted, decision: "accepted" });
          else store.add(suggestion(column, noted));
        }
      });
      if (out.length) store.cite({ reason: reason.value, exemption: exemption.value });
      this.bench.say(`${counted(waiting.length, "column", "columns")} decided.`);
      done();
    };
    const list = make("ul", { class: "wt-all__list" }, waiting.map((column) => make("li", {}, make("strong", {}, column.name), `: ${ACTIONS.find(([value]) => value === column.action)[1].toLowerCase()}${column.to ? ` (${column.to})` : ""}`)));
    this.all.replaceChildren(make("form", { class: "wt-form", "aria-label": "Decide columns as suggested", onsubmit: (event) => (event.preventDefault(), go()) },
      list,
      make("div", { class: "wt-form__line" },
        make("label", { class: "wt-field wt-field--wide" }, make("span", {}, "Why all at once"), note),
        out.length ? make("label", { class: "wt-field" }, make("span", {}, "Reason for what is withheld"), reason) : null,
        out.length ? make("label", { class: "wt-field" }, make("span", {}, "Exemption"), exemption) : null),
      fault,
      make("div", { class: "wt-form__line" }, button(`Decide ${waiting.length}`, go, { kind: "" }), button("Cancel", done))));
    note.focus();
  }

  #openList() {
    const marks = this.bench.store.all();
    const open = undecided(marks, this.stage.columns);
    const strange = strangers(marks, this.stage.columns);
    const box = this.root.querySelector("[data-table-open]");
    const words = `${counted(strange.length, "mark is", "marks are")} about columns this file does not have`;
    this.bench.strip.owes("strangers", strange.length ? { words, run: () => box.querySelector("select:enabled, button:enabled")?.focus() } : null);
    const held = box.contains(document.activeElement) ? document.activeElement.textContent : "";
    box.replaceChildren(...[
      strange.length ? this.#strange(strange) : null,
      open.length ? make("div", { class: "wt-open" }, icon("warning"),
        make("div", {}, make("p", { class: "wt-open__title" }, `${counted(open.length, "column has", "columns have")} no decision and ${open.length === 1 ? "is" : "are"} left out:`),
          make("ul", {}, open.map((column) => make("li", {}, button(column.name, () => (this.tabs.open("wt-tab-columns"), this.columns.focus(column.name)), { class: "wt-chip", "data-known": column.by ? "yes" : "no" }), column.by ? null : make("span", { class: "wt-quiet" }, " unknown")))))) : null,
    ].filter(Boolean));
    if (held) [...box.querySelectorAll("button")].find((each) => each.textContent === held)?.focus();
  }

  #strange(rows) {
    const names = [...new Set(rows.flatMap((row) => row.names))];
    const { store } = this.bench;
    const taken = new Set(store.all().filter((mark) => mark.kind === "column").map((mark) => mark.name));
    return make("div", { class: "wt-open wt-open--strange" }, icon("error"),
      make("div", {}, make("p", { class: "wt-open__title" }, `These marks are about columns this file does not have. The header has changed, or they came from another file; nothing can be made until they are settled.`),
        make("ul", {}, names.map((name) => {
          const mine = rows.filter((row) => row.names.includes(name)).map((row) => row.mark);
          const free = this.stage.columns.filter((column) => !taken.has(column.name) || !mine.some((mark) => mark.kind === "column"));
          const to = select(`Column that ${name} is called now`, [["", "It is called now…"], ...free.map((column) => [column.name, column.name])], (value) => value && store.batch(`Rename ${name}`, () => mine.forEach((mark) => store.change(mark.id, renamed(mark, name, value)))), !store.editable);
          return make("li", {}, make("strong", {}, name), ` (${counted(mine.length, "mark", "marks")}) `, to, button("Remove these marks", () => store.remove(mine.map((mark) => mark.id)), { disabled: !store.editable, class: "usa-button usa-button--unstyled" }));
        }))));
  }

  #fields() {
    const { store } = this.bench;
    const names = this.stage.columns.map((column) => [column.name, column.name]);
    const pick = (mark, name, label, options) => ({ name, label, type: "select", options, value: mark[name], set: (value) => void store.change(mark.id, { [name]: value }) });
    this.bench.fields("column", (mark) => [
      { name: "action", label: "What happens", type: "select", options: ACTIONS.map(([value, words]) => [value, words]), value: mark.action, set: (value) => void this.columns.decide(mark.name, value) },
      ...(mark.action === "coarsen" ? [{ name: "to", label: "How coarse", type: "text", value: mark.to, set: (value) => coarsenessFault(value) || void this.columns.decide(mark.name, "coarsen", { to: value }) }] : []),
    ]);
    this.bench.fields("own_plate", (mark) => [pick(mark, "column", "Column of plates", names), { name: "plate", label: "Plate", type: "text", value: mark.plate, set: (value) => (value.trim() ? void store.change(mark.id, { plate: value.trim() }) : "Write the plate.") }]);
    this.bench.fields("suppress", (mark) => [
      { name: "k", label: "Smallest group that stays", type: "number", min: 2, step: 1, value: mark.k, set: (value) => (Number.isInteger(value) ? void store.change(mark.id, { k: value }) : "A whole number is needed.") },
      pick(mark, "count", "Counted by", [["rows", "rows"], ...names.map(([name]) => [`distinct:${name}`, `different values of ${name}`])]),
    ]);
    this.bench.fields("rows", (mark) => {
      const part = mark.keep ? "keep" : "remove";
      const at = (place, patch) => store.change(mark.id, { [part]: mark[part].map((row, n) => (n === place ? { ...row, ...patch } : row)) });
      return [
        { name: "part", label: "Rule", type: "select", options: [["remove", "Remove these rows"], ["keep", "Keep only these rows"]], value: part, set: (value) => void (value !== part && store.change(mark.id, { [value]: mark[part], [part]: null })) },
        ...mark[part].flatMap((row, place) => [
          { name: `column-${place}`, label: `Column, condition ${place + 1}`, type: "select", options: names, value: row.column, set: (value) => at(place, { column: value }) },
          ...(Array.isArray(row.value)
            ? row.value.map((one, n) => ({ name: `value-${place}-${n}`, label: `Value ${n + 1}, condition ${place + 1}`, type: "text", value: one, set: (value) => at(place, { value: row.value.map((old, m) => (m === n ? value : old)) }) }))
            : [{ name: `value-${place}`, label: `Value, condition ${place + 1}`, type: "text", value: row.value, set: (value) => at(place, { value }) }]),
        ]),
      ];
    });
  }
}
