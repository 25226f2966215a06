// Dialogs of the work page: shortcuts, what two people changed at once, what this browser kept, a plain question.

import { button, make, moment } from "./dom.js";
import { describe } from "./words.js";

function open(title, id, ...content) {
  const before = document.activeElement;
  const dialog = make("dialog", { class: "dl-dialog wb-dialog", "aria-labelledby": id }, make("h2", { class: "dl-dialog__title", id }, title), content);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

const NAMES = { " ": "Space", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" };
const spelt = (key) => key.split("+").map((part) => NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(" + ") || "+";

const HEADS = { Reasons: "Reason of the chosen marks, or of the next one", Exemptions: "Exemption of the chosen marks, or of the next one" };

export function shortcuts(keys) {
  // what belongs to the record in front first, what is the same everywhere last
  const groups = new Map([["This stage", []]]);
  const later = ["Marks", "Page", "Reasons", "Exemptions"];
  for (const row of keys.list.filter((each) => !each.unlisted).sort((a, b) => later.indexOf(a.group) - later.indexOf(b.group))) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  const off = make("input", { class: "usa-checkbox__input", type: "checkbox", id: "shortcuts-off", checked: keys.off, onchange: (event) => (keys.off = event.target.checked) });
  const dialog = open(
    "Keyboard shortcuts",
    "shortcuts-title",
    make("p", {}, "They work wherever no text is typed. In the list of marks: arrow keys choose, Space adds to the choice, Enter goes to the fields, Ctrl + A chooses all."),
    make("div", { class: "wb-keys", tabindex: "0", role: "region", "aria-label": "All shortcuts" }, make("div", { class: "wb-keys__columns" }, [...groups].filter(([, rows]) => rows.length).map(([name, rows]) => make("section", {}, make("h3", {}, HEADS[name] ?? name), make("dl", {}, rows.map((row) => make("div", {}, make("dt", {}, row.keys.flatMap((key, n) => [n ? " or " : null, make("kbd", {}, spelt(key))])), make("dd", {}, row.words)))))))),
    make("div", { class: "usa-checkbox" }, off, make("label", { class: "usa-checkbox__label", for: "shortcuts-off" }, "Switch single-key shortcuts off in this browser")),
    make("form", { method: "dialog", class: "wb-actions" }, make("button", { class: "usa-button", type: "submit" }, "Close")),
  );
  return dialog;
}

/** Asks; resolves to the chosen value, null when closed. answers: [[value, words, kind]]. */
export function ask(title, content, answers) {
  return new Promise((resolve) => {
    let chosen = null;
    const dialog = open(
      title,
      "question-title",
      content,
      make("div", { class: "wb-actions" }, answers.map(([value, words, kind = "outline"]) => button(words, () => ((chosen = value), dialog.close()), { kind }))),
    );
    dialog.addEventListener("close", () => resolve(chosen));
  });
}

/** Before one answer decides many suggestions: how many, which, and with what reason. */
export function askForAll(words, total, decision, rows) {
  const all = `${words} all ${total.toLocaleString("en-US")}`;
  const what = decision === "accepted" ? "Each becomes a mark, and what it covers is withheld." : "Nothing is withheld for any of them.";
  const said = make("div", {}, make("p", {}, `${what} You can take it back: “Open them again” under Decisions.`), make("dl", { class: "wb-asked" }, rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)))));
  return ask(`${all} suggestions?`, said, [["yes", all, ""], [null, "Back"]]);
}

export const recovered = (held) =>
  ask("Unsaved changes were kept in this browser", [make("p", {}, `They are from ${moment(held.at)} and could not be saved then.`), make("ul", {}, held.rows.slice(0, 12).map(([id, mark]) => make("li", {}, mark ? describe(mark) : `${id} removed`)), held.rows.length > 12 ? make("li", {}, `and ${held.rows.length - 12} more`) : null)], [
    ["merge", "Take them up", ""],
    ["drop", "Throw them away"],
  ]);

/** Shows what both changed; each can be settled at once or left: nothing is lost either way. */
export function conflicts(bench, { both, author, at }) {
  const rows = make("div", { class: "wb-conflicts" });
  const dialog = open(
    "You and somebody else changed the same marks",
    "conflict-title",
    make("p", {}, `${author} saved at ${moment(at)}, while you were marking. Nothing was lost: where both of you changed a mark, both are in the record now, and both hold. Choose which stays, or close this and go on: you can remove one of them later.`),
    rows,
    make("form", { method: "dialog", class: "wb-actions" }, make("button", { class: "usa-button", type: "submit" }, "Close")),
  );
  for (const row of both) rows.append(conflict(bench, row, author));
  return dialog;
}

function conflict({ config, store, say }, { id, copy, theirs, mine, how }, author) {
  const said = { "both changed": "Both are kept, yours as a copy.", "they removed": `${author} removed it; yours is kept.`, "I removed": `You removed it; ${author}’s change is kept.` }[how];
  const mineId = copy ?? id;
  const reasons = new Map(config.reasons);
  const told = (mark) => [describe(mark), reasons.get(mark.reason) ?? mark.reason, mark.exemption, mark.note, mark.decision].filter(Boolean).join(", ");
  const choices = [
    ["Keep theirs", how === "both changed" ? () => store.remove(copy) : how === "they removed" ? () => store.remove(id) : null],
    ["Keep mine", how === "both changed" ? () => store.batch("Change", () => (store.remove(copy), store.put({ ...mine, id }))) : how === "I removed" ? () => store.remove(id) : null],
  ].filter(([, fn]) => fn && store.editable);
  const section = make(
    "section",
    { class: "wb-conflict" },
    make("h3", {}, describe(mine ?? theirs)),
    make("p", {}, said),
    make("dl", {}, theirs ? make("div", {}, make("dt", {}, author), make("dd", {}, told(theirs))) : null, mine ? make("div", {}, make("dt", {}, "You"), make("dd", {}, told(mine))) : null),
    make("div", { class: "wb-actions" }, choices.map(([words, fn]) => button(words, () => (fn(), section.replaceChildren(make("p", {}, `${words}: done.`)), say(`${words}: done.`), store.select([mineId].filter((name) => store.get(name))))))),
  );
  return section;
}
