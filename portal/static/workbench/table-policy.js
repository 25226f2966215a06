// What a table's marks say, in words and in choices; nothing here touches the page.

import { isOpen } from "./store.js";

export const ACTIONS = [
  ["release", "Release as it is", "r"],
  ["drop", "Leave out", "d"],
  ["mask", "Mask every value", "m"],
  ["pseudonym", "Pseudonyms", "p"],
  ["coarsen", "Make coarser", "c"],
];
export const COARSENESS = [
  ["hour", "to the hour"],
  ["day", "to the day"],
  ["month", "to the month"],
  ["grid:0.001", "grid of 0.001° (about 100 m)"],
  ["grid:0.01", "grid of 0.01° (about 1 km)"],
  ["grid:0.1", "grid of 0.1° (about 10 km)"],
  ["prefix:3", "first 3 characters"],
];
export const OPERATORS = [
  ["eq", "equals"],
  ["ne", "differs from"],
  ["in", "is one of"],
  ["between", "lies between"],
  ["matches", "matches (RE2)"],
];
export const KINDS = ["column", "rows", "own_plate", "suppress", "withhold"];

const number = new Intl.NumberFormat("en-US");
export const figure = (value) => number.format(value);
export const counted = (count, one, many) => `${figure(count)} ${count === 1 ? one : many}`;
export const isRejected = (mark) => mark.decision === "rejected";
export const plain = (plate) => plate.normalize("NFKC").toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");

/** The mark that decides a column, and the open suggestions for it. */
export function ofColumn(marks, name) {
  const mine = marks.filter((mark) => mark.kind === "column" && mark.name === name && !isRejected(mark));
  return { mark: mine.find((mark) => !isOpen(mark)) ?? null, open: mine.filter(isOpen) };
}

export const undecided = (marks, columns) => columns.filter((column) => !ofColumn(marks, column.name).mark);

/** Marks that name columns the file does not have: it changed, or they came from another file. */
export function strangers(marks, columns) {
  const names = new Set(columns.map((column) => column.name));
  return marks
    .filter((mark) => !isRejected(mark))
    .map((mark) => ({ mark, names: namesIn(mark).filter((name) => !names.has(name)) }))
    .filter((row) => row.names.length);
}

export function namesIn(mark) {
  if (mark.kind === "column") return [mark.name];
  if (mark.kind === "rows") return (mark.keep ?? mark.remove ?? []).map((row) => row.column);
  if (mark.kind === "own_plate") return [mark.column];
  if (mark.kind !== "suppress") return [];
  const [, of] = String(mark.count).split(/^distinct:/s);
  return [...(mark.by ?? []), ...(of ? [of] : [])];
}

/** The same mark with one column's name in place of another, after an export renamed it. */
export function renamed(mark, from, to) {
  const other = (name) => (name === from ? to : name);
  if (mark.kind === "column") return { name: to };
  if (mark.kind === "own_plate") return { column: to };
  if (mark.kind === "suppress") {
    const count = mark.count === `distinct:${from}` ? `distinct:${to}` : mark.count;
    return { by: mark.by.map(other), count };
  }
  const part = mark.keep ? "keep" : "remove";
  return { [part]: mark[part].map((row) => ({ ...row, column: other(row.column) })) };
}

export function actionWords(action, to) {
  if (action === "coarsen") return `make coarser ${COARSENESS.find(([value]) => value === to)?.[1] ?? `to ${to}`}`;
  return { release: "release", drop: "leave out", mask: "mask", pseudonym: "pseudonyms" }[action] ?? action;
}

export function tagWords(mark) {
  if (!mark) return "No decision: left out";
  return { release: "As it is", drop: "Left out", mask: "Masked", pseudonym: "Pseudonym", coarsen: `Coarser: ${mark.to}` }[mark.action];
}

export function conditionWords({ column, op, value }) {
  const said = OPERATORS.find(([name]) => name === op)?.[1] ?? op;
  const of = op === "between" ? `${value[0]} and ${value[1]}` : op === "in" ? value.join(", ") : value;
  return `${column} ${said.replace(" (RE2)", "")} ${of}`;
}

export function ruleWords(mark) {
  const rows = (mark.keep ?? mark.remove ?? []).map(conditionWords).join(" and ");
  return mark.keep ? `Keep only rows where ${rows}` : `Remove rows where ${rows}`;
}

export function groupWords(mark) {
  const [, of] = String(mark.count).split(/^distinct:/s);
  return `Groups by ${mark.by.join(", ")} of fewer than ${mark.k} ${of ? `different values of ${of}` : "rows"}`;
}

/** What a person typed as the value of a condition, or a sentence about what is wrong with it. */
export function operand(op, typed) {
  const values = typed.map((text) => text.trim());
  if (op === "between") {
    if (!values[0] || !values[1]) return { fault: "Write both ends." };
    return { value: values.slice(0, 2) };
  }
  if (op === "in") {
    const found = values[0].split("\n").map((text) => text.trim()).filter(Boolean);
    return found.length ? { value: found } : { fault: "Write at least one value, one a line." };
  }
  if (op === "matches" && !values[0]) return { fault: "Write an expression." };
  return { value: typed[0] };
}

export const coarsenessFault = (to) => (/^(hour|day|month|grid:\d{1,9}(\.\d{1,9})?|prefix:[1-9]\d{0,3})$/.test(to) ? "" : "Write hour, day, month, grid:0.01 or prefix:3, with your own number.");
