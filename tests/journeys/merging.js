async () => {
  // Merges drawn at random: whatever two people did, every mark of both is still there. Gives the faults found.
  const { merge } = await import("/static/workbench/merge.js");
  const { difference, applied } = await import("/static/workbench/keeping.js");
  let seed = 7;
  const draw = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  const some = () => Object.fromEntries("abcde".split("").filter(() => draw(2)).map((id) => [id, { id, kind: draw(4) ? "box" : "tracks", note: `n${draw(3)}` }]));
  const list = (side) => Object.values(side);
  const key = (mark) => JSON.stringify(mark ?? null);
  const faults = [];
  for (let turn = 0; turn < 3000; turn += 1) {
    const [base, mine, theirs] = [some(), some(), some()];
    let fresh = 0;
    const met = merge(list(base), list(mine), list(theirs), { who: "Sam", fresh: (kind) => `${kind}-new-${(fresh += 1)}` });
    const now = Object.fromEntries(met.marks.map((mark) => [mark.id, mark]));
    if (Object.keys(now).length !== met.marks.length) faults.push("an id twice");
    for (const id of "abcde") {
      const [b, m, t] = [base[id], mine[id], theirs[id]].map(key);
      const copy = met.both.find((row) => row.id === id);
      if (m === t ? key(now[id]) !== m : m === b ? key(now[id]) !== t : t === b ? key(now[id]) !== m : !copy) faults.push(`${id}: ${b} ${m} ${t} ${key(now[id])}`);
      if (m !== t && m !== b && t !== b) {
        if (t !== "null" && key(now[id]) !== t) faults.push("theirs lost");
        if (m !== "null" && t !== "null" && !now[copy.copy]?.note.startsWith(mine[id].note)) faults.push("mine lost");
        if (m !== "null" && t === "null" && key(now[id]) !== m) faults.push("mine lost where they removed");
      }
    }
    const back = applied(list(base), difference(list(base), list(mine)));
    if (back.map(key).sort().join() !== list(mine).map(key).sort().join()) faults.push("what is kept does not give back what was there");
  }
  return faults.slice(0, 5);
}
