// The film's stage: builds its parts, ties them together, and holds nothing itself.

import { actionsOf } from "./film-actions.js";
import { Bars, Speech } from "./film-bars.js";
import { Chosen } from "./film-chosen.js";
import { Editor } from "./film-edit.js";
import { offerFields } from "./film-fields.js";
import { Fixed } from "./film-fixed.js";
import { Follower } from "./film-follow.js";
import { addKeys } from "./film-keys.js";
import { notice } from "./film-notice.js";
import { Overlay } from "./film-overlay.js";
import { Player, SPEEDS } from "./film-player.js";
import { Sample } from "./film-sample.js";
import { Source } from "./film-source.js";
import { clock, Frames, seconds } from "./film-time.js";
import { Timeline } from "./film-timeline.js";
import { View } from "./film-view.js";
import { FlightClass } from "./flight-class.js";
import { Watch } from "./film-watch.js";
import { Words } from "./film-words.js";
import { make } from "./dom.js";
import { isOpen } from "./store.js";
import { Tabs } from "./tabs.js";

const LATE = 2_000; // milliseconds

export function mount(root, bench) {
  const { stage } = bench.config;
  const find = (name) => root.querySelector(`[data-${name}]`);
  const size = { width: stage.width || 640, height: stage.height || 360 };
  const frames = new Frames(stage.duration, stage.fps);
  const source = new Source(bench, frames);
  const player = new Player({ holder: find("holder"), medium: stage.medium, frames, pictureUrl: source.pictureUrl });
  const editor = new Editor(bench, player, frames);
  const labels = new Map(bench.config.reasons);
  const titles = (mark) => `${labels.get(mark.reason) ?? mark.reason ?? "No reason yet"}${isOpen(mark) ? " ?" : ""}`;

  let overlay = null;
  const view = new View(find("frame"), find("holder"), size, () => overlay?.draw());
  overlay = new Overlay({ canvas: find("canvas"), view, player, editor, titles });
  const watch = new Watch(player, bench.seen);
  if (bench.config.urls.seen) watch.recall(bench.json(`${bench.config.urls.seen}shown/`));
  const words = new Words({ root: find("words"), source, player, editor, bench });
  const placesOf = (mark) => words.places(mark);
  const timeline = new Timeline({ root: find("timeline"), player, editor, source, watch, placesOf });
  const follower = new Follower(bench, editor, player);
  const chosen = new Chosen({ root: find("chosen"), words: find("chosen-words"), editor, player, follower, titles });
  const bars = new Bars({ root: find("bars"), player, editor, placesOf, titles });
  new Speech({ root: find("speech"), source, player, editor });
  const fixed = stage.medium === "audio" ? null : new Fixed({ root: find("overlays"), bench, editor, size });
  const sample = new Sample({ root: find("sample"), bench, player, duration: stage.duration, medium: stage.medium });
  if (stage.class) new FlightClass(find("class"), bench);
  const shown = firstPicture(player);
  const parts = { shown, bench, stage, root, find, source, player, editor, overlay, view, watch, timeline, follower, chosen, bars, fixed, sample, words, placesOf };

  const actions = actionsOf(parts);
  fit(parts);
  buttons(parts, actions);
  transport(parts, actions);
  marksChange(parts, actions);
  preview(parts);
  new Tabs(root.querySelector("[role=tablist]"));
  addKeys(bench, { player, editor, overlay, follower, timeline, actions });
  offerFields(bench, editor);
  player.seek(Number(new URLSearchParams(window.location.search).get("t")) || 0); // a flight's cut leads here
  document.addEventListener("workbench:go", (event) => {
    if (event.detail.unit !== "second") return;
    event.preventDefault();
    player.seek(event.detail.at);
  });
  root.querySelector("[data-film]").dataset.state = "mounted";
}

/** What this recording lacks is not offered. */
function fit({ root, find, stage, source, player }) {
  if (stage.medium === "audio") {
    root.querySelectorAll("[data-picture]").forEach((element) => (element.hidden = true));
    find("film").dataset.medium = "audio";
    find("sound-only").hidden = false;
    find("canvas").hidden = true;
  }
  if (!stage.has_sound) {
    root.querySelectorAll("[data-sound]").forEach((element) => (element.hidden = true));
    for (const name of ["words", "speech"]) find(name).hidden = true;
    const tab = root.querySelector("#film-tab-bars");
    tab.setAttribute("aria-selected", "true");
    tab.tabIndex = 0;
    find("bars").hidden = false;
  }
  if (stage.sounds?.length > 1) {
    find("microphones").hidden = false;
    find("microphone").append(make("option", { value: "" }, "All together"), ...stage.sounds.map((sound) => make("option", { value: sound.number }, sound.label)));
    find("microphone").addEventListener("change", (event) => {
      player.pause();
      player.setParts([]);
      source.setSound(event.target.value === "" ? null : Number(event.target.value), player.time);
    });
  }
}

function buttons({ root, find, player, editor, overlay, timeline, fixed }, actions) {
  const run = {
    // a press by key has no place to draw from: the box is put in the middle
    box: (event) => (event.detail === 0 ? actions.newBox() : (overlay.mode !== "marks" && actions.mode("marks"), actions.arm(!overlay.armed))),
    frame: () => editor.addSpan("frame"),
    mute: () => editor.addSpan("mute"),
    cut: () => editor.addSpan("cut"),
    overlays(event) {
      const panel = find("overlays");
      panel.hidden = !panel.hidden;
      event.currentTarget.setAttribute("aria-expanded", String(!panel.hidden));
      fixed.draw();
    },
    "zoom-in": () => actions.zoom(1.5),
    "zoom-out": () => actions.zoom(1 / 1.5),
    "zoom-fit": actions.zoomFit,
    hand(event) {
      overlay.hand = !overlay.hand;
      event.currentTarget.setAttribute("aria-pressed", String(overlay.hand));
    },
    back: () => player.step(-1),
    forward: () => player.step(1),
    play: () => player.toggle(),
    loop: () => actions.loop(),
    silence: () => player.setMuted(!player.muted),
    sample: actions.sample,
    "time-in": () => timeline.scale.zoomBy(2, player.time),
    "time-out": () => timeline.scale.zoomBy(0.5, player.time),
    "time-fit": () => timeline.scale.fit(),
  };
  for (const button of root.querySelectorAll("[data-do]")) button.addEventListener("click", run[button.dataset.do]);
  find("modes").addEventListener("change", (event) => actions.mode(event.target.value));
}

function transport({ root, find, player, stage, source, chosen, bench, overlay, editor, timeline, shown }, actions) {
  const [time, speed, play] = [find("time"), find("speed"), root.querySelector("[data-do=play]")];
  find("length").textContent = `/ ${clock(stage.duration)}`;
  speed.append(...SPEEDS.map((value) => make("option", { value }, `${value}×`)));
  speed.value = "1";
  speed.addEventListener("change", () => player.setRate(Number(speed.value)));
  const go = () => {
    const wanted = seconds(time.value);
    if (wanted === null) bench.warn("Write a time as minutes and seconds, such as 1:23.5.");
    else if (Math.abs(wanted - player.time) > 0.004) player.seek(wanted);
    time.value = clock(player.time);
  };
  time.addEventListener("change", go);
  time.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    go();
    actions.focus();
  });
  chosen.loops = (span) => actions.loop(span);
  let asked = -1;
  player.addEventListener("time", () => {
    if (document.activeElement !== time) time.value = clock(player.time);
    flags(find("flags"), editor, overlay, player);
    const near = Math.floor(player.time / 5);
    if (near !== asked && stage.medium !== "audio") shown.then(() => source.learn(player.time)).then((came) => came && player.framesCame());
    asked = near;
  });
  player.addEventListener("state", () => {
    play.setAttribute("aria-label", player.playing ? "Pause" : "Play");
    play.dataset.playing = player.playing ? "" : "no";
    if (speed.value !== String(player.rate)) speed.value = String(player.rate);
    root.querySelector("[data-do=silence]").setAttribute("aria-pressed", String(player.muted));
  });
  let rest = 0;
  player.addEventListener("time", () => {
    clearTimeout(rest);
    if (editor.region && !player.playing) rest = setTimeout(() => bench.panel?.refresh(), 120);
  });
  player.addEventListener("busy", () => (find("frame").dataset.busy = player.busy ? "yes" : "no"));
  player.addEventListener("fault", (event) => bench.warn(event.detail));
  const scroll = find("scroll");
  scroll.addEventListener("input", () => {
    const { scale } = timeline;
    scale.scrollBy((Number(scroll.value) / 1000) * (scale.duration - scale.span) - scale.from);
  });
  timeline.changed = () => {
    const { scale } = timeline;
    const free = scale.duration - scale.span;
    scroll.disabled = free < 1e-6;
    scroll.value = String(free < 1e-6 ? 0 : Math.round((scale.from / free) * 1000));
    scroll.setAttribute("aria-valuetext", `${clock(scale.from, 0)} to ${clock(scale.to, 0)}`);
  };
}

/** Words over the picture's corner: what happens to this moment in the release. */
function flags(list, editor, overlay, player) {
  const time = player.time;
  const here = (kind) => editor.marks(kind).some((mark) => !isOpen(mark) && time >= mark.start - 1e-6 && time < mark.end);
  const words = [];
  if (overlay.mode !== "original") {
    if (here("cut")) words.push("Cut: not in the release");
    if (here("mute")) words.push("Muted");
    if (overlay.mode === "released") words.push(...overlay.hints);
  }
  if (list.dataset.words === words.join()) return;
  list.dataset.words = words.join();
  list.replaceChildren(...words.map((text) => make("li", {}, text)));
}

function marksChange({ bench, editor, overlay, timeline, chosen, bars, fixed, words, player, find, follower }, actions) {
  const redraw = () => {
    timeline.relay();
    overlay.draw();
    chosen.draw();
    bars.draw();
    fixed?.draw();
    actions.rules();
    flags(find("flags"), editor, overlay, player);
  };
  bench.store.addEventListener("change", redraw);
  bench.store.addEventListener("editable", redraw);
  bench.store.addEventListener("select", (event) => {
    const ids = event.detail?.ids ?? [...bench.store.selected];
    const mark = ids.length === 1 ? bench.store.get(ids[0]) : null;
    if (follower.note && !follower.running && mark?.id !== follower.last) follower.note = "";
    follower.last = mark?.id;
    if (mark) timeline.reveal(mark.id);
    // chosen in a list: the playhead goes where it can be seen or heard
    const away = mark && Number.isFinite(mark.start) && (player.time < mark.start - 1e-4 || player.time >= mark.end);
    if (away && !player.playing && document.activeElement?.closest("[data-panel]")) player.seek(mark.start);
    redraw();
  });
  editor.changed = () => {
    timeline.draw();
    chosen.draw();
  };
  words.changed = redraw;
}

function preview({ source, player, stage, find, overlay, shown }) {
  const box = find("notice");
  const show = () => {
    find("film").dataset.preview = source.proxy.state;
    player.setParts(source.proxy.parts ?? []);
    const found = notice(source.proxy, { fault: stage.fault, medium: stage.medium, covered: player.canPlay });
    if (!found || box.dataset.words !== found.words) box.hidden = !found;
    box.dataset.kind = found?.kind ?? "";
    const again = found?.again ? make("button", { class: "wf-button", type: "button", onclick: () => source.ask(player.time) }, "Try again") : "";
    if (box.dataset.words !== (found?.words ?? "")) box.replaceChildren(found?.words ?? "", " ", again, found?.kind === "error" ? make("button", { class: "wf-button", type: "button", onclick: () => (box.hidden = true) }, "Hide") : "");
    box.dataset.words = found?.words ?? "";
    overlay.draw();
  };
  if (stage.fault) {
    show();
    return;
  }
  source.addEventListener("proxy", show);
  let asked = 0;
  player.addEventListener("time", () => {
    // somebody waits at a place that is not made yet: that part goes first
    if (player.canPlay || !["waiting", "running"].includes(source.proxy.state) || Math.abs(player.time - asked) < 20) return;
    asked = player.time;
    source.ask(asked);
  });
  // making the preview takes every core: the picture a person waits for comes before
  Promise.all([source.look(), shown]).then(() => {
    asked = player.time;
    if (source.proxy.state !== "ready") source.ask(asked);
    source.fetchOverview();
    source.fetchSpeech();
    if (stage.has_sound) source.fetchWords();
  });
}

/** Settled once a picture is on screen, has failed to come, or is late. */
function firstPicture(player) {
  if (player.medium === "audio") return Promise.resolve();
  return new Promise((done) => {
    player.addEventListener("busy", () => player.busy || done());
    setTimeout(done, LATE);
  });
}
