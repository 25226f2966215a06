async () => {
  // A server whose answers get lost or cross: no mark of one's own is met as somebody's and kept twice. Gives the faults found.
  const { Saver } = await import("/static/workbench/saving.js");
  const { Store } = await import("/static/workbench/store.js");
  const faults = [];
  const wait = (pause) => new Promise((done) => setTimeout(done, pause));
  const box = (id, more = {}) => ({ id, kind: "box", page: 1, rect: [0, 0, 9, 9], reason: "MINOR", ...more });
  const home = (id) => ({ id, kind: "home", radius_m: 100, reason: "ADDRESS" });
  const filled = (mark) => (mark.kind === "home" ? { seed: "ab", ...mark } : { ...mark });

  const begun = () => {
    // lost: so many messages are kept and their answers lost; slow: milliseconds of an answer by its method
    const server = { version: 1, marks: [box("a"), box("b")], lost: 0, down: 0, slow: {}, others: [] };
    const save = (marks) => ((server.version += 1), (server.marks = structuredClone(marks).map(filled)));
    const json = async (url, { method = "GET", body } = {}) => {
      if (server.down > 0) throw ((server.down -= 1), { status: 0, message: "" });
      const older = url.includes("?version=1") && { version: 1, marks: [box("a"), box("b")] };
      const fresh = method === "POST" && body.version === server.version;
      const stale = method === "POST" && !fresh;
      if (fresh) save(body.marks);
      if (fresh && server.lost > 0) throw ((server.lost -= 1), { status: 0, message: "" });
      let said = { version: server.version, marks: structuredClone(server.marks), author: "Sam", others: [...server.others], at: "2026-11-23T00:00:00Z" };
      await wait(server.slow[method] ?? 2);
      if (method === "GET" && server.slow.GET) said = { ...said, version: server.version, marks: structuredClone(server.marks) };
      if (stale) throw { status: 409, data: said, message: "" };
      return older || said;
    };
    const held = [];
    const keeping = { keep: async (row) => held.push(structuredClone(row)) > 0, left: () => new Promise(() => {}), forget: () => {}, take: () => {}, drop: () => {} };
    const store = new Store(server.marks);
    const saver = new Saver({ store, json, url: "/plan/", keeping, version: 1, marks: server.marks });
    const [told, states] = [[], []];
    saver.addEventListener("merged", (event) => told.push(event.detail));
    saver.addEventListener("state", (event) => states.push(event.detail.state));
    const sam = (change) => ((server.others = ["Sam"]), save(server.marks.map(change)));
    return { server, store, saver, told, states, held, sam, json };
  };

  const ends = async (name, { server, store, saver, told, states }, wanted, { copies = 0 } = {}) => {
    for (let turn = 0; turn < 20 && !(await saver.flush()); turn += 1) await wait(5);
    const text = (marks) => JSON.stringify(marks.map((mark) => [mark.id, mark.note ?? mark.radius_m ?? null, mark.seed ?? null]).sort());
    if (text(server.marks) !== text(wanted)) faults.push(`${name}: the server has ${text(server.marks)}, not ${text(wanted)}`);
    if (text(store.all()) !== text(server.marks)) faults.push(`${name}: the page shows ${text(store.all())}, the server has ${text(server.marks)}`);
    if (told.flatMap((row) => row.both).length !== copies) faults.push(`${name}: told of ${JSON.stringify(told)}`);
    if (saver.state !== "saved" || states.includes("locked") || states.includes("refused")) faults.push(`${name}: went by ${states}`);
  };

  const noted = begun();
  noted.store.change("a", { note: "one" });
  noted.server.lost = 1;
  await noted.saver.flush();
  noted.store.change("a", { note: "one two" });
  await ends("changed on after a lost answer", noted, [box("a", { note: "one two" }), box("b")]);

  const added = begun();
  added.store.add(box("c"));
  added.server.lost = 1;
  await added.saver.flush();
  added.store.change("c", { note: "new" });
  added.server.down = 2; // and the line stays cut for a while
  await added.saver.flush();
  added.store.change("c", { note: "newer" });
  await added.saver.flush();
  await ends("added and changed on", added, [box("a"), box("b"), box("c", { note: "newer" })]);

  const undone = begun();
  undone.store.add(box("c"));
  undone.server.lost = 1;
  await undone.saver.flush();
  undone.store.undo();
  await ends("added and taken back", undone, [box("a"), box("b")]);

  const never = begun();
  never.store.add(box("c"));
  never.server.down = 1; // what was sent never arrived
  await never.saver.flush();
  never.store.undo();
  await ends("added, never arrived and taken back", never, [box("a"), box("b")]);
  if (never.server.version !== 1) faults.push("a version was made of nothing");

  const removed = begun();
  removed.store.remove("a");
  removed.server.lost = 1;
  await removed.saver.flush();
  removed.store.undo();
  await ends("removed and taken back", removed, [box("a"), box("b")]);

  const both = begun();
  both.store.change("a", { note: "mine" });
  both.server.lost = 1;
  await both.saver.flush();
  both.sam((mark) => (mark.id === "a" ? { ...mark, note: "his" } : mark));
  both.store.change("a", { note: "mine too" });
  for (let turn = 0; turn < 20 && !(await both.saver.flush()); turn += 1) await wait(5);
  const notes = both.server.marks.map((mark) => mark.note ?? "").sort().join("|");
  if (notes !== "|his|mine too A copy: Sam changed a at the same time.") faults.push(`somebody's change of what was sent: ${notes}`);

  const crossed = begun();
  crossed.server.slow = { GET: 20, POST: 60 };
  crossed.store.change("b", { note: "1" });
  const asked = crossed.saver.refresh();
  const saving = crossed.saver.flush();
  await wait(5);
  crossed.store.change("b", { note: "1 2" }); // the server has the first, and says so before the answer comes
  await Promise.all([asked, saving]);
  crossed.server.slow = {};
  await ends("met by a question before its answer", crossed, [box("a"), box("b", { note: "1 2" })]);

  const overtaken = begun();
  overtaken.sam((mark) => (mark.id === "a" ? { ...mark, note: "his" } : mark));
  overtaken.server.slow = { GET: 10, POST: 40 };
  overtaken.store.change("b", { note: "mine" });
  await Promise.all([overtaken.saver.refresh(), overtaken.saver.flush()]);
  overtaken.server.slow = {};
  await ends("refused as old after the newer was met", overtaken, [box("a", { note: "his" }), box("b", { note: "mine" })]);

  const circle = begun();
  circle.server.slow = { POST: 20 };
  circle.store.add(home("h"));
  const sent = circle.saver.flush();
  await wait(5);
  circle.store.change("h", { radius_m: 200 });
  await sent;
  await ends("changed while the server filled it in", circle, [box("a"), box("b"), { ...home("h"), radius_m: 200, seed: "ab" }]);

  const gone = begun();
  gone.server.slow = { POST: 20 };
  gone.store.add(home("h"));
  const going = gone.saver.flush();
  await wait(5);
  gone.store.remove("h");
  await going;
  await ends("removed while the server filled it in", gone, [box("a"), box("b")]);

  const unheard = begun();
  unheard.store.add(home("h"));
  unheard.server.lost = 1;
  await unheard.saver.flush();
  await ends("filled in by an answer that was lost", unheard, [box("a"), box("b"), { ...home("h"), seed: "ab" }]);

  // the page is closed after a lost answer; another opens with what the server had kept of it
  const closed = begun();
  closed.store.change("a", { note: "one" });
  closed.server.lost = 1;
  await closed.saver.flush();
  closed.store.change("a", { note: "one two" });
  closed.store.add(box("c"));
  const kept = { ...closed.held.at(-1), at: 1, place: "closed" };
  const next = begun();
  next.server.version = 2;
  next.server.marks = structuredClone(closed.server.marks);
  const opened = new Store(next.server.marks);
  const again = new Saver({ store: opened, json: next.json, url: "/plan/", keeping: { keep: async () => true, left: async () => kept, forget: () => {}, take: () => {}, drop: () => {} }, version: 2, marks: next.server.marks });
  const offered = await again.kept();
  if (offered?.rows.map(([id]) => id).sort().join() !== "a,c") faults.push(`offered were ${JSON.stringify(offered?.rows)}`);
  const met = again.recover(offered);
  if (met.both.length || opened.size !== 3 || opened.get("a").note !== "one two") faults.push(`taken up were ${JSON.stringify(opened.all())}`);
  return faults;
}
