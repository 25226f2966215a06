async () => {
  // A saver between a store and a server made up here. Gives the faults found: who is told what, and what is kept.
  const { Saver } = await import("/static/workbench/saving.js");
  const { Store } = await import("/static/workbench/store.js");
  const faults = [];
  const open = (id, more = {}) => ({ id, kind: "box", page: 1, rect: [0, 0, 9, 9], suggested: true, ...more });
  const keeping = { keep: async () => true, left: () => new Promise(() => {}), forget: () => {} };

  const begun = async (others) => {
    const server = { version: 1, marks: [open("a"), open("b")], asked: [] };
    const json = async (url, { method = "GET", body } = {}) => {
      server.asked.push(`${method} ${url}`);
      await new Promise((done) => setTimeout(done, 5));
      const stale = method === "POST" && body.version !== server.version;
      if (method === "POST" && !stale) {
        server.version += 1;
        server.marks = structuredClone(body.marks);
        return { version: server.version, marks: server.marks };
      }
      const found = { version: server.version, marks: structuredClone(server.marks), author: "Sam", others, at: "2026-11-23T00:00:00Z" };
      if (stale) throw { status: 409, data: found, message: "" };
      return found;
    };
    const store = new Store(server.marks);
    const saver = new Saver({ store, json, url: "/plan/", keeping, version: 1, marks: server.marks });
    const told = [];
    saver.addEventListener("merged", (event) => told.push(event.detail));
    return { server, store, saver, told, json };
  };
  const decide = (server) => async () => {
    await new Promise((done) => setTimeout(done, 20));
    server.version += 1;
    server.marks = server.marks.map((mark) => (mark.id === "a" ? { ...mark, decision: "accepted" } : mark));
    return { version: server.version };
  };

  const own = await begun([]);
  const answer = own.saver.answered(decide(own.server));
  own.store.change("b", { note: "mine, meanwhile" });
  const early = own.saver.flush(); // while the answer is on its way
  await own.saver.refresh(); // and a beat comes in between
  await answer;
  await early;
  await own.saver.flush();
  if (own.told.length !== 1 || !own.told[0].asked || own.told[0].others.length) faults.push(`an own answer was told as ${JSON.stringify(own.told)}`);
  if (own.store.get("a").decision !== "accepted") faults.push("the answer did not arrive");
  if (own.server.marks.find((mark) => mark.id === "b").note !== "mine, meanwhile") faults.push("a change made meanwhile was lost");
  if (own.server.marks.find((mark) => mark.id === "a").decision !== "accepted") faults.push("the answer was written over");
  if (!own.server.asked.includes("GET /plan/?since=1")) faults.push(`asked without since: ${own.server.asked}`);

  const elsewhere = await begun([]); // by the same person in another window
  await decide(elsewhere.server)();
  await elsewhere.saver.refresh();
  if (elsewhere.told[0].asked || elsewhere.told[0].author !== "you") faults.push("another window was told as somebody, or not at all");

  const somebody = await begun(["Sam"]);
  somebody.store.change("a", { note: "mine" });
  await decide(somebody.server)();
  await somebody.saver.refresh();
  await somebody.saver.flush();
  if (somebody.told[0].author !== "Sam" || somebody.told[0].both.length !== 1) faults.push("somebody else was not told");
  if (somebody.server.marks.length !== 3) faults.push("one of two people's marks was lost");

  // an answer and the question after it meet a server that is away, with nothing unsaved in front
  const away = await begun([]);
  let down = 2;
  const cut = async (ask) => {
    if (down > 0) throw ((down -= 1), { status: 0, message: "" });
    return ask();
  };
  const returning = new Saver({ store: away.store, json: (url, more) => cut(() => away.json(url, more)), url: "/plan/", keeping, version: 1, marks: away.server.marks });
  await returning.answered(() => cut(async () => ({ version: 2 }))).catch(() => {});
  away.store.change("b", { note: "after the server was away" });
  for (let turn = 0; turn < 200 && returning.state !== "saved"; turn += 1) await new Promise((done) => setTimeout(done, 50));
  if (away.server.marks.find((mark) => mark.id === "b").note !== "after the server was away") faults.push("nothing is saved by itself after an answer was lost");

  const refused = await begun([]);
  await refused.saver.answered(() => Promise.reject(new Error("no"))).then(() => faults.push("a refusal was swallowed"), () => {});
  refused.store.change("a", { note: "after" });
  if (!(await refused.saver.flush())) faults.push("nothing is saved after a refused answer");

  // kept by this browser for version 1; somebody saved since, and the connection comes and goes
  const left = { kept: [], gone: [], taken: [], held: { version: 1, at: 1, place: "old", rows: [["a", open("a", { note: "kept" })]] }, down: true };
  const shelf = {
    keep: async (rows) => left.kept.push(rows) > 0,
    left: async () => left.held,
    take: ({ place }) => left.taken.push(place),
    drop: ({ place }) => left.gone.push(place),
    forget: () => left.gone.push(...left.taken.splice(0)),
  };
  const answers = async (url, { method = "GET", body } = {}) => {
    if (method === "POST") return { version: 3, marks: structuredClone(body.marks) };
    if (!left.down) return { version: 1, marks: [open("a"), open("b")], author: "Sam", others: [], at: "2026-11-23T00:00:00Z" };
    left.down = false;
    throw { status: 0, message: "" };
  };
  const now = [open("a"), open("b", { note: "since" })];
  const back = new Store(now);
  const saver = new Saver({ store: back, json: answers, url: "/plan/", keeping: shelf, version: 2, marks: now });
  const asked = saver.kept();
  back.change("b", { note: "typed at once" });
  if (left.kept.length !== 1) faults.push("a change is not kept while what was kept before is still to be offered");
  const offered = await asked.catch(() => null);
  if (offered?.rows.length !== 1) faults.push("what was kept is offered no more once the connection was lost");
  if (offered) saver.recover(offered);
  if (left.gone.length) faults.push("what was kept is thrown away before it is saved");
  if (!(await saver.flush())) faults.push("what was kept is not saved");
  if (left.gone.join() !== "old") faults.push("what was saved is kept still");
  if (back.get("a").note !== "kept" || back.get("b").note !== "typed at once") faults.push("one of two changes was lost");

  // what another window kept and could save after all is not offered
  left.held = { version: 3, at: 1, place: "saved", rows: [["a", back.get("a")]] };
  if (await saver.kept()) faults.push("what is saved already is offered");
  if (left.gone.at(-1) !== "saved") faults.push("what was saved already is kept still");

  // a version the server knows nothing of any more: over the marks in front of the person, not thrown away
  left.held = { version: 7, at: 1, place: "older", rows: [["b", open("b", { note: "of a version that is gone" })]] };
  const gone = new Saver({ store: new Store(now), json: () => Promise.reject({ status: 422, message: "no such version" }), url: "/plan/", keeping: shelf, version: 2, marks: now });
  const found = await gone.kept().catch(() => null);
  if (found?.marks.find((mark) => mark.id === "b").note !== "of a version that is gone") faults.push("what was kept of a version that is gone is lost");

  const { Seen } = await import("/static/workbench/seen.js");
  const posts = [];
  const told = async (_url, { body }) => {
    posts.push(body.seen.length);
    if (posts.length === 1) throw { status: 429, message: "too often" };
  };
  const seen = new Seen(told, "/seen/");
  for (let page = 1; page < 500; page += 2) seen.note("page", page);
  await seen.send();
  await seen.send();
  await seen.send();
  if (posts.join() !== "200,200,50") faults.push(`what was seen was told in parts of ${posts}`);
  return faults;
}
