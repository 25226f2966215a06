// What is still to be done about a record, each thing with a way to its place; the same counted on the tabs.

import { button, make } from "./dom.js";

const PANE = { detection_open: "suggestions", not_seen: "coverage" };
const COUNTED = ["undecided", "reason_owed"]; // told by this page's own marks, which are newer than the server's

const many = (count, one, more) => (count === 1 ? `1 ${one}` : `${count.toLocaleString("en-US")} ${more}`);

function open(bench, name) {
  bench.tabs.open(name);
  document.getElementById(`tab-${name}`)?.focus();
}

/** Where a hurdle is settled: a pane, a part of the stage (data-leads), or the marks it is about. */
function wayOf(bench, { code, marks }) {
  const part = document.querySelector(`[data-leads~="${code}"]`);
  if (PANE[code]) return () => open(bench, PANE[code]);
  if (part) return () => (part.click(), part.focus());
  if (marks.some((id) => bench.store.get(id))) return () => bench.store.select(marks);
  return null;
}

const link = (words, run, spoken) => button(words, run, { kind: "unstyled", "aria-label": spoken });

/** The same sentence about other marks makes another button: the strip keeps what it has of the same text. */
function shown({ words, marks }, way) {
  const element = link("Show where", way, `Show where: ${words}`);
  element.dataset.about = marks.join(" ");
  return element;
}

/** {now, later}: rows [{words, element}] before the copy can be made, and before anybody can approve it. */
export function toDo(bench, standing, { open: undecided, owed, stage }) {
  const [now, later] = [[], []];
  const add = (rows, words, run) => rows.push({ words, element: run ? link(words, run) : make("span", {}, words) });
  if (undecided) add(now, many(undecided, "suggestion to decide", "suggestions to decide"), () => bench.panel.show("open"));
  if (owed) add(now, many(owed, "mark needs a reason", "marks need a reason"), () => bench.panel.show("reason"));
  for (const { words, run } of stage) add(now, words, run);
  for (const hurdle of standing.hurdles.filter(({ code }) => !COUNTED.includes(code))) {
    const way = wayOf(bench, hurdle);
    now.push({ words: hurdle.words, long: true, element: make("span", {}, hurdle.words, way ? [" ", shown(hurdle, way)] : null) });
  }
  const pins = bench.tabs.names.includes("pins") || document.querySelector("[data-pane=pins]");
  if (standing.comments && pins) add(later, many(standing.comments, "comment to answer", "comments to answer"), () => document.querySelector("[data-pane=pins] :is(button, input)")?.focus());
  if (standing.elsewhere) add(later, many(standing.elsewhere, "place elsewhere to decide", "places elsewhere to decide"), () => open(bench, "consistency"));
  return { now, later };
}

export const listed = (rows, label) => (rows.length ? make("ul", { class: "wb-hurdles", "aria-label": label }, rows.map((row) => make("li", {}, row.element))) : null);

/** What waits behind a tab is counted on it. */
export function countTabs(standing, { open: undecided, owed }) {
  const unseen = standing.hurdles.some(({ code }) => code === "not_seen");
  badge("marks", owed, "without a reason");
  badge("suggestions", undecided, "open");
  badge("coverage", unseen ? "!" : 0, "not enough yet");
  badge("consistency", standing.elsewhere, "to decide");
}

function badge(name, count, words) {
  const tab = document.getElementById(`tab-${name}`);
  if (!tab) return;
  const told = count ? `${count} ${words}` : "";
  const there = tab.querySelector(".wb-tab__count");
  if ((there?.dataset.told ?? "") === told) return;
  there?.remove();
  if (told) tab.append(make("span", { class: "wb-tab__count", dataset: { told } }, make("span", { "aria-hidden": "true" }, count > 99 ? "99+" : count), make("span", { class: "usa-sr-only" }, ` ${told}`)));
}
