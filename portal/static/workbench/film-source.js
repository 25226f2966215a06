// What the server knows of the film, fetched when it is needed: times of pictures, sound, words, the preview.
// Events: "proxy", "speech", "wave", "words".

import { WINDOW } from "./film-time.js";

const POLL = 1500; // milliseconds
const OVERVIEW = 2400; // peaks over the whole film

export class Source extends EventTarget {
  #bench;
  #asking = new Map();
  #timer = 0;

  constructor(bench, frames) {
    super();
    this.#bench = bench;
    this.stage = bench.config.stage;
    this.frames = frames;
    this.sound = null;
    this.proxy = { state: "none", progress: 0, note: "", error: "", parts: [] };
    this.speech = null;
    this.overview = null;
    this.detail = null;
    this.words = null;
    this.faults = {};
  }

  pictureUrl = (time) => this.stage.urls.frame.replace("{ms}", String(Math.round(time * 1000)));

  /** Asks for the preview, the part with second ``at`` first. */
  async ask(at) {
    await this.#proxy({ method: "POST", body: { at, sound: this.sound } });
  }

  /** How far the preview is, without asking for it. */
  async look() {
    await this.#proxy({});
  }

  async setSound(number, at) {
    this.sound = number;
    await this.ask(at);
  }

  async #proxy(options) {
    clearTimeout(this.#timer);
    const { proxy_state: url } = this.stage.urls;
    try {
      const address = options.method ? url : `${url}${this.sound === null ? "" : `?sound=${this.sound}`}`;
      this.proxy = await this.#bench.json(address, options);
    } catch (error) {
      this.proxy = { ...this.proxy, state: error.status ? "failed" : "lost", error: error.message };
    }
    if (["waiting", "running", "lost"].includes(this.proxy.state)) this.#timer = setTimeout(() => this.#proxy({}), POLL);
    this.dispatchEvent(new CustomEvent("proxy"));
  }

  /** Fetches when the pictures round a time begin; true when something new came. */
  async learn(time) {
    const number = Math.floor(time / WINDOW);
    const wanted = [number, number + 1, number - 1].filter((each) => each >= 0 && each * WINDOW < this.frames.duration);
    const near = wanted.filter((each) => each === number || Math.abs(time - (each + (each < number ? 1 : 0)) * WINDOW) < 5);
    const came = await Promise.all(near.map((each) => this.#window(each)));
    return came.some(Boolean);
  }

  async #window(number) {
    if (this.frames.knows(number) || this.#asking.has(number)) return false;
    this.#asking.set(number, true);
    try {
      const to = Math.min((number + 1) * WINDOW, this.frames.duration);
      const { pts } = await this.#bench.json(`${this.stage.urls.frames}?from=${number * WINDOW}&to=${to}`);
      this.frames.learn(number, pts);
      return true;
    } catch (error) {
      this.faults.frames = error.message;
      return false; // a steady rate is taken meanwhile; the next look asks again
    } finally {
      this.#asking.delete(number);
    }
  }

  async fetchSpeech() {
    if (!this.stage.has_sound) return;
    await this.#until("speech", this.stage.urls.speech, (answer) => {
      this.speech = answer.speech;
      this.faults.speech = answer.error;
    });
  }

  async fetchOverview() {
    if (!this.stage.has_sound) return;
    const { duration } = this.stage;
    await this.#until("wave", `${this.stage.urls.wave}?from=0&to=${duration}&buckets=${OVERVIEW}`, (answer) => {
      this.overview = answer;
    });
  }

  /** Finer peaks of what the timeline shows now; the newest question wins. */
  async fetchDetail(from, to, buckets) {
    if (!this.overview) return;
    const asked = (this.asked = `${this.stage.urls.wave}?from=${from.toFixed(3)}&to=${to.toFixed(3)}&buckets=${buckets}`);
    try {
      const answer = await this.#bench.json(asked);
      if (asked !== this.asked || answer.state !== "ready") return;
      this.detail = answer;
      this.dispatchEvent(new CustomEvent("wave"));
    } catch (error) {
      this.faults.wave = error.message; // the overview stays
    }
  }

  async #until(name, url, keep) {
    for (let wait = POLL; ; wait = Math.min(wait * 1.3, 10_000)) {
      try {
        const answer = await this.#bench.json(url);
        if (answer.state === "ready") {
          keep(answer);
          this.dispatchEvent(new CustomEvent(name));
          return;
        }
        if (answer.state === "failed") throw new Error(answer.error);
      } catch (error) {
        if (error.status || error instanceof Error) this.faults[name] = error.message;
        this.dispatchEvent(new CustomEvent(name));
        return;
      }
      await new Promise((done) => setTimeout(done, wait));
    }
  }

  async fetchWords() {
    try {
      const answer = await this.#bench.json(this.stage.urls.words);
      this.words = answer.transcript ? answer.words : [];
      this.faults.words = answer.error ?? "";
      this.transcript = answer.transcript;
    } catch (error) {
      this.words = [];
      this.transcript = false;
      this.faults.words = error.message;
    }
    this.dispatchEvent(new CustomEvent("words"));
  }
}
