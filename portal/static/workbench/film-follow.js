// “Follow”: the server looks where the thing in the box goes, a few seconds at a time, so that what it found is
// seen as it comes, and stopping keeps what is there.

import { clock, tidy } from "./film-time.js";

const STRIDE = 4; // seconds an answer covers

export class Follower extends EventTarget {
  constructor(bench, editor, player) {
    super();
    Object.assign(this, { bench, editor, player });
    this.running = null;
    this.note = "";
  }

  stop() {
    if (!this.running) return;
    this.running.stopped = true;
    this.running.control.abort();
  }

  async start(mark, direction) {
    if (this.running || !mark) return;
    const { frames } = this.editor;
    const run = { id: mark.id, direction, stopped: false, control: new AbortController() };
    this.running = run;
    this.player.pause();
    let at = frames.start(this.player.time);
    let rect = this.editor.rect(mark);
    const far = direction === "forward" ? this.editor.duration : 0;
    let message = "";
    this.#say(`Following from ${clock(at)} …`);
    try {
      while (Math.abs(far - at) > 0.02) {
        const until = direction === "forward" ? Math.min(at + STRIDE, far) : Math.max(at - STRIDE, far);
        const answer = await this.#ask(run, { t: tidy(at), rect: rect.map((value) => tidy(value)), direction, until: tidy(until), picture: this.bench.config.stage.picture });
        const found = this.#take(run, answer.keyframes);
        if (!found) break;
        const moved = Math.abs(found.t - at) > 1e-3;
        ({ t: at, rect } = found);
        this.#say(`Followed to ${clock(at)}`);
        const { why } = answer.stopped ?? {};
        const goesOn = moved && (why === "until" || why === "limit") && Math.abs(far - at) > 0.02;
        if (!goesOn) {
          message = why && why !== "until" && why !== "limit" ? answer.stopped.message : "";
          break;
        }
      }
      const words = message ? `Followed to ${clock(at)}. ${message}` : `Followed to ${clock(at)}.`;
      this.#end(`${words} Check the box and move it where it is wrong.`);
    } catch (error) {
      if (run.stopped) this.#end(`Stopped at ${clock(at)}. What was found so far is kept.`);
      else this.#end(`Following stopped at ${clock(at)}: ${error.message} Set positions by hand instead.`, true);
    }
  }

  #ask(run, body) {
    return this.bench.json(this.bench.config.stage.urls.follow, { method: "POST", body, signal: run.control.signal });
  }

  /** Puts the positions found in place of those between them; gives the outermost one. */
  #take(run, keyframes) {
    const mark = this.editor.store.get(run.id);
    if (!mark || run.stopped || !keyframes.length) return null;
    const [first, last] = [keyframes[0], keyframes[keyframes.length - 1]];
    const outermost = run.direction === "forward" ? last : first;
    const kept = mark.keyframes.filter((frame) => frame.t < first.t - 1e-4 || frame.t > last.t + 1e-4);
    const merged = [...kept, ...keyframes.map((frame) => ({ t: tidy(frame.t), rect: frame.rect.map((value) => tidy(value)) }))];
    merged.sort((one, two) => one.t - two.t);
    const { frames, duration } = this.editor;
    const patch = { keyframes: merged };
    if (run.direction === "forward") patch.end = tidy(Math.min(Math.max(mark.end, frames.end(last.t)), duration));
    else patch.start = tidy(Math.min(mark.start, frames.start(first.t)));
    this.editor.alter(run.id, patch);
    this.player.seek(outermost.t);
    return outermost;
  }

  #say(note) {
    this.note = note;
    this.dispatchEvent(new CustomEvent("change"));
  }

  #end(words, warned = false) {
    this.running = null;
    this.note = words;
    if (warned) this.bench.warn(words);
    else this.bench.say(words);
    this.dispatchEvent(new CustomEvent("change"));
  }
}
