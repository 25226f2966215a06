// Checks a release package (ZIP) in the browser, in pieces, and sends nothing anywhere.
// The same verdicts as verify.py: intact, or each file that is altered, missing or extra.

const OWN = new Set(["MANIFEST.json", "MANIFEST.sig", "PUBLIC_KEY"]);
const SAFE_PATH = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;
const DROPPINGS = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)$/;
const KEY_PREFIX = "302a300506032b6570032100";
const PIECE = 4 * 1024 * 1024;
const LARGEST_MANIFEST = 64 * 1024 * 1024;

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function read(file, from, length) {
  return new DataView(await file.slice(from, from + length).arrayBuffer());
}

class NotAPackage extends Error {}

// ZIP: the directory at the end says where each member lies (PKWARE APPNOTE 4.3, with ZIP64)
async function directory(file) {
  const span = Math.min(file.size, 65557);
  const tail = await read(file, file.size - span, span);
  let at = span - 22;
  while (at >= 0 && tail.getUint32(at, true) !== 0x06054b50) at -= 1;
  if (at < 0) throw new NotAPackage("This is not a ZIP file.");
  let [count, size, offset] = [tail.getUint16(at + 10, true), tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  if (count === 0xffff || size === 0xffffffff || offset === 0xffffffff) {
    const end = await read(file, Number(tail.getBigUint64(at - 12, true)), 56);
    count = Number(end.getBigUint64(32, true));
    size = Number(end.getBigUint64(40, true));
    offset = Number(end.getBigUint64(48, true));
  }
  if (size > LARGEST_MANIFEST) throw new NotAPackage("This ZIP file lists far too many files.");
  const view = await read(file, offset, size);
  const members = [];
  for (let here = 0; members.length < count; ) {
    if (view.getUint32(here, true) !== 0x02014b50) throw new NotAPackage("The list of this ZIP file is damaged.");
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(here + field, true));
    const name = new TextDecoder().decode(new Uint8Array(view.buffer, here + 46, nameLength));
    const member = {
      name,
      flags: view.getUint16(here + 8, true),
      method: view.getUint16(here + 10, true),
      packed: view.getUint32(here + 20, true),
      size: view.getUint32(here + 24, true),
      offset: view.getUint32(here + 42, true),
    };
    widen(member, view, here + 46 + nameLength, extraLength);
    members.push(member);
    here += 46 + nameLength + extraLength + commentLength;
  }
  return { members, comment: tail.getUint16(at + 20, true) > 0 };
}

function widen(member, view, from, length) {
  for (let at = from; at + 4 <= from + length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let field = at + 4;
    for (const name of ["size", "packed", "offset"]) {
      if (member[name] !== 0xffffffff) continue;
      member[name] = Number(view.getBigUint64(field, true));
      field += 8;
    }
  }
}

async function* chunks(file, member) {
  const head = await read(file, member.offset, 30);
  if (head.getUint32(0, true) !== 0x04034b50) throw new Error("its place in the ZIP file is damaged");
  const from = member.offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  if (member.flags & 1) throw new Error("it is encrypted");
  if (member.method === 0) {
    for (let at = 0; at < member.packed; at += PIECE) {
      const end = Math.min(at + PIECE, member.packed);
      yield new Uint8Array(await file.slice(from + at, from + end).arrayBuffer());
    }
    return;
  }
  if (member.method !== 8) throw new Error("it is packed in an unknown way");
  const packed = file.slice(from, from + member.packed);
  const reader = packed.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

async function whole(file, member, limit) {
  const parts = [];
  let length = 0;
  for await (const chunk of chunks(file, member)) {
    length += chunk.length;
    if (length > limit) throw new Error("it is far too large");
    parts.push(chunk);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function publicKey(pem) {
  const found = /^-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(pem);
  const der = found ? Uint8Array.from(atob(found[1].replace(/\s/g, "")), (letter) => letter.charCodeAt(0)) : null;
  if (!der || der.length !== 44 || !hex(der).startsWith(KEY_PREFIX)) throw new Error("PUBLIC_KEY is not an Ed25519 key");
  return der;
}

function filesOf(manifest) {
  if (manifest.format !== "daylight-release" || manifest.version !== 1 || !Array.isArray(manifest.files)) {
    throw new Error("it is not the manifest of a release package of version 1");
  }
  const files = new Map();
  const seen = new Set();
  for (const row of manifest.files) {
    const path = String(row.path);
    if (!SAFE_PATH.test(path) || OWN.has(path) || seen.has(path.toLowerCase())) throw new Error(`it names a path that no package may hold: ${path}`);
    if (!Number.isSafeInteger(row.bytes) || row.bytes < 0 || !/^[0-9a-f]{64}$/.test(row.sha256)) throw new Error(`its row of ${path} has no length or no SHA-256`);
    seen.add(path.toLowerCase());
    files.set(path, row);
  }
  return files;
}

async function signatureFaults(tools, file, found, content, manifest, known) {
  const missing = ["MANIFEST.sig", "PUBLIC_KEY"].filter((name) => !found.has(name));
  if (missing.length) return missing.map((name) => `${name} is missing.`);
  try {
    const signature = await whole(file, found.get("MANIFEST.sig"), 4096);
    const der = publicKey(new TextDecoder().decode(await whole(file, found.get("PUBLIC_KEY"), 4096)));
    const fingerprint = tools.sha256(der);
    const faults = [];
    if (manifest.key?.fingerprint !== fingerprint) faults.push("PUBLIC_KEY is not the key that MANIFEST.json names.");
    if (!known.includes(fingerprint)) faults.push(`It is signed with a key that is not this agency’s: ${fingerprint}`);
    if (!(await tools.ed25519Holds(der.slice(12), signature, content))) faults.push("MANIFEST.json was altered: its signature does not hold.");
    return faults;
  } catch (error) {
    return [`The signature cannot be checked: ${error.message}.`];
  }
}

async function fileFault(tools, file, member, row, read) {
  if (!member) return `${row.path} is missing.`;
  const hash = new tools.Sha256();
  try {
    for await (const chunk of chunks(file, member)) {
      hash.update(chunk);
      read(chunk.length);
      if (hash.length > row.bytes) return `${row.path} was altered: it is longer than what was signed.`;
    }
  } catch (error) {
    return `${row.path} was altered: ${error.message}.`;
  }
  if (hash.length !== row.bytes || hash.hex() !== row.sha256) return `${row.path} was altered.`;
  return "";
}

// the one folder everything lies in when somebody packed the package again
function commonFolder(members) {
  if (members.some((member) => member.name === "MANIFEST.json")) return "";
  const tops = new Set(members.filter((member) => !DROPPINGS.test(member.name)).map((member) => member.name.split("/")[0] + "/"));
  const [top] = tops;
  return tops.size === 1 && members.some((member) => member.name === `${top}MANIFEST.json`) ? top : "";
}

export async function check(file, tools, known, progress = () => {}) {
  const { members, comment } = await directory(file);
  const entries = members.filter((member) => !member.name.endsWith("/"));
  const top = commonFolder(entries);
  const found = new Map();
  const faults = comment ? ["The ZIP file carries a comment that is not part of the release."] : [];
  for (const member of entries) {
    const name = member.name.slice(top.length);
    if (found.has(name)) faults.push(`${name} is in the ZIP file twice.`);
    found.set(name, member);
  }
  if (!found.has("MANIFEST.json")) throw new NotAPackage("There is no MANIFEST.json in it, so this is not a release package.");
  let manifest;
  let files;
  let content;
  try {
    content = await whole(file, found.get("MANIFEST.json"), LARGEST_MANIFEST);
    manifest = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
    files = filesOf(manifest);
  } catch (error) {
    return { manifest: {}, count: 0, faults: [`MANIFEST.json was altered: ${error.message}.`] };
  }
  faults.push(...(await signatureFaults(tools, file, found, content, manifest, known)));
  const total = [...files.values()].reduce((sum, row) => sum + row.bytes, 0) || 1;
  let done = 0;
  for (const [path, row] of files) {
    const fault = await fileFault(tools, file, found.get(path), row, (length) => progress((done += length) / total));
    if (fault) faults.push(fault);
  }
  for (const name of found.keys()) {
    if (!files.has(name) && !OWN.has(name) && !DROPPINGS.test(name)) faults.push(`${name} is not part of the release.`);
  }
  return { manifest, count: files.size, faults };
}

function show(box, kind, heading, text) {
  const alert = document.createElement("div");
  alert.className = `usa-alert usa-alert--${kind} dl-alert`;
  const body = document.createElement("div");
  body.className = "usa-alert__body";
  const title = document.createElement("h2");
  title.className = "usa-alert__heading";
  title.textContent = heading;
  const words = document.createElement("p");
  words.className = "usa-alert__text";
  words.textContent = text;
  body.append(title, words);
  alert.append(body);
  box.replaceChildren(alert);
}

async function start(root) {
  const tools = await import(root.dataset.crypto);
  const [verdict, faults, bar] = ["verdict", "faults", "progress"].map((name) => root.querySelector(`[data-check-${name}]`));
  root.hidden = false;
  root.querySelector("input").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    faults.replaceChildren();
    verdict.textContent = "Reading the package…";
    bar.hidden = false;
    try {
      const result = await check(file, tools, root.dataset.fingerprints.split(" "), (share) => { bar.value = share * 100; });
      if (result.faults.length) {
        show(verdict, "error", "Not intact", "Do not rely on this package. Download it again from this agency.");
        faults.replaceChildren(...result.faults.map((fault) => Object.assign(document.createElement("li"), { textContent: fault })));
      } else {
        show(verdict, "success", "Intact", `All ${result.count} files are as this agency signed them: request ${result.manifest.request}, release ${result.manifest.release}.`);
      }
    } catch (error) {
      show(verdict, "warning", "This cannot be checked", error instanceof NotAPackage ? error.message : `The file could not be read: ${error.message}`);
    }
    bar.hidden = true;
  });
}

if (typeof document !== "undefined") {
  for (const root of document.querySelectorAll("[data-check-package]")) start(root);
}
