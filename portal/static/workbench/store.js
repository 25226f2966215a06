// The marks in front of the person: every change goes through here, one undo step a change or batch.
// Marks are plain objects of the marks format; what all() and get() give is frozen, change() makes anew.

const LONGEST_PAST = 500; // steps
const JOINED_MS = 800;
const RELEASING = new Set(["own_plate", "fields", "tracks", "withhold"]);

export function owesReason(mark) {
  if (mark.decision === "rejected" || RELEASING.has(mark.kind)) return false;
  if (mark.kind === "column") return mark.action !== "release";
  if (mark.kind === "hidden") return mark.action === "drop";
  return true;
}

export const lacksReason = (mark) => owesReason(mark) && !mark.reason;
export const isOpen = (mark) => Boolean(mark.suggested) && !mark.decision;

export function same(one, other) {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => name in other && same(one[name], other[name]));
}

export function newId(kind) {
  const letters = "23456789abcdefghjkmnpqrstvwxyz"; // none that is read as another
  const drawn = crypto.getRandomValues(new Uint8Array(8));
  return `${kind}-${Array.from(drawn, (n) => letters[n % letters.length]).join("")}`;
}

function frozen(value) {
  if (value && typeof value === "object" && !Object.isFrozen(value)) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

const copied = (value) => frozen(structuredClone(value));

export class Store extends EventTarget {
  #marks = new Map();
  #past = [];
  #future = [];
  #open = null; // the step a batch is gathering
  selected = new Set();

  constructor(marks = [], { reason = "", exemption = "", editable = true } = {}) {
    super();
    this.editable = editable;
    this.last = { reason, exemption };
    for (const mark of marks) this.#marks.set(mark.id, copied(mark));
  }

  all() {
    return [...this.#marks.values()];
  }

  get(id) {
    return this.#marks.get(id);
  }

  get size() {
    return this.#marks.size;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Adds a mark and gives its id; a mark that withholds gets the reason and exemption used last. */
  add(mark, { at } = {}) {
    const id = mark.id && !this.#marks.has(mark.id) ? mark.id : newId(mark.kind);
    const whole = { ...mark, id };
    if (owesReason(whole) && whole.reason === undefined) {
      if (this.last.reason) whole.reason = this.last.reason;
      if (this.last.exemption && whole.exemption === undefined) whole.exemption = this.last.exemption;
    }
    return this.batch("Add", () => (this.#set(id, copied(whole), at), id));
  }

  /** What the next mark will cite: {reason, exemption}, either or both. Marks that stand are left as they are. */
  cite(patch) {
    if (Object.entries(patch).every(([name, code]) => (this.last[name] ?? "") === code)) return;
    Object.assign(this.last, patch);
    this.dispatchEvent(new CustomEvent("cite", { detail: { ...this.last } }));
  }

  /** Changes fields of a mark; a field given as undefined or null is taken away. With joins, changes of one
   *  mark in quick succession (nudging by keys) are one undo step. */
  change(id, patch, { joins = false } = {}) {
    const before = this.#marks.get(id);
    if (!before) return;
    const after = { ...before, ...patch };
    for (const name of Object.keys(after)) if (after[name] === undefined || after[name] === null) delete after[name];
    after.id = id;
    if (same(before, after)) return;
    if (patch.reason) this.cite({ reason: patch.reason });
    if (patch.exemption !== undefined) this.cite({ exemption: patch.exemption ?? "" });
    const newest = this.#past.at(-1);
    const joined = joins && !this.#open && !this.#future.length && newest?.joins === id && Date.now() - newest.at < JOINED_MS;
    if (!joined) {
      this.batch("Change", () => this.#set(id, copied(after)));
      if (joins && !this.#open && this.#past.length) Object.assign(this.#past.at(-1), { joins: id, at: Date.now() });
      return;
    }
    if (!this.editable) return;
    this.#put(id, copied(after));
    newest.rows.get(id).after = this.#marks.get(id);
    newest.at = Date.now();
    this.#changed("Change", [id]);
  }

  /** Sets a mark exactly as given, under its own id, whether it is there or not. */
  put(mark) {
    if (!same(this.#marks.get(mark.id) ?? null, mark)) this.batch("Change", () => this.#set(mark.id, copied(mark)));
  }

  remove(ids) {
    const gone = [ids].flat().filter((id) => this.#marks.has(id));
    if (gone.length) this.batch("Remove", () => gone.forEach((id) => this.#set(id, null)));
  }

  /** Runs fn; everything it changes is undone and redone in one step. Batches in a batch are one. */
  batch(label, fn) {
    if (!this.editable) return undefined;
    if (this.#open) return fn();
    this.#open = { label, rows: new Map() };
    try {
      return fn();
    } finally {
      const step = this.#open;
      this.#open = null;
      for (const [id, row] of step.rows) if (same(row.before, this.#marks.get(id) ?? null)) step.rows.delete(id);
      if (step.rows.size) {
        for (const [id, row] of step.rows) row.after = this.#marks.get(id) ?? null;
        this.#past.push(step);
        if (this.#past.length > LONGEST_PAST) this.#past.shift();
        this.#future = [];
        this.#changed(label, step.rows.keys());
      }
    }
  }

  /** Takes the newest step back; gives {label, skipped}: marks somebody else changed since are left alone. */
  undo() {
    return this.#walk(this.#past, this.#future, "after", "before", "Undo");
  }

  redo() {
    return this.#walk(this.#future, this.#past, "before", "after", "Redo");
  }

  select(ids) {
    const wanted = new Set([ids ?? []].flat().filter((id) => this.#marks.has(id)));
    if (wanted.size === this.selected.size && [...wanted].every((id) => this.selected.has(id))) return;
    this.selected = wanted;
    this.dispatchEvent(new CustomEvent("select", { detail: { ids: [...wanted] } }));
  }

  /** Puts what the server has in place of the marks (a merge): no step of one's own, undo stays possible. */
  adopt(marks) {
    const before = this.#marks;
    this.#marks = new Map(marks.map((mark) => [mark.id, same(before.get(mark.id), mark) ? before.get(mark.id) : copied(mark)]));
    const ids = new Set([...before.keys(), ...this.#marks.keys()].filter((id) => before.get(id) !== this.#marks.get(id)));
    if (ids.size || before.size !== this.#marks.size) this.#changed("Adopt", ids, true);
  }

  #set(id, mark, at) {
    if (!this.#open.rows.has(id)) {
      const order = [...this.#marks.keys()].indexOf(id);
      this.#open.rows.set(id, { before: this.#marks.get(id) ?? null, order: order < 0 ? at : order });
    }
    this.#put(id, mark, at);
  }

  #put(id, mark, at) {
    if (!mark) this.#marks.delete(id);
    else if (this.#marks.has(id) || at === undefined || at >= this.#marks.size) this.#marks.set(id, mark);
    else {
      const rows = [...this.#marks];
      rows.splice(at, 0, [id, mark]);
      this.#marks = new Map(rows);
    }
  }

  #walk(from, to, held, wanted, label) {
    const step = this.editable ? from.pop() : undefined;
    if (!step) return null;
    const skipped = [];
    // backwards: what was taken out last stood first in the list as it was then
    for (const [id, row] of [...step.rows].reverse()) {
      if (same(this.#marks.get(id) ?? null, row[held])) this.#put(id, row[wanted], row.order);
      else skipped.push(id);
    }
    to.push(step);
    this.#changed(label, step.rows.keys());
    return { label: step.label, skipped };
  }

  #changed(label, ids, adopted = false) {
    const named = [...ids];
    const kept = [...this.selected].filter((id) => this.#marks.has(id));
    if (kept.length < this.selected.size) this.select(kept);
    this.dispatchEvent(new CustomEvent("change", { detail: { label, ids: named, adopted } }));
  }
}
