// Ten seconds made by the real engine from the marks as they stand, beside the preview that only resembles it.

import { make } from "./dom.js";
import { plain } from "./film-notice.js";
import { clock, tidy } from "./film-time.js";

const SECONDS = 10;
const POLL = 1000; // milliseconds

export class Sample {
  #asked = 0;

  constructor({ root, bench, player, duration, medium }) {
    Object.assign(this, { root, bench, player, duration, medium });
    this.note = make("p", { class: "wf-sample__note" }, "The preview above resembles the release. Here the real engine makes ten seconds of it, from the playhead on, with the marks as they stand.");
    this.bar = make("progress", { max: 1, value: 0, hidden: true, "aria-label": "Making the true render" });
    this.place = make("div", { class: "wf-sample__place" });
    this.warnings = make("ul", { class: "wf-sample__warnings" });
    const again = make("button", { class: "wf-button wf-button--strong", type: "button", onclick: () => this.start() }, "Make it from the playhead");
    root.replaceChildren(this.note, again, this.bar, this.place, this.warnings);
  }

  async start() {
    const asked = (this.#asked += 1);
    const start = tidy(Math.max(0, Math.min(this.player.time, this.duration - 1)));
    const seconds = Math.max(1, Math.min(SECONDS, Math.ceil(this.duration - start)));
    const { urls } = this.bench.config.stage;
    this.#busy(true, "Saving the marks first …");
    try {
      if (this.bench.config.may_mark && (await this.bench.saver?.flush()) === false) throw new Error("The marks could not be saved, so there is nothing new to make.");
      let answer = await this.bench.json(urls.sample, { method: "POST", body: { start, seconds } });
      while (asked === this.#asked && (answer.state === "waiting" || answer.state === "running")) {
        this.bar.value = answer.progress ?? 0;
        this.note.textContent = answer.note || `The engine is making ${clock(start)} to ${clock(start + seconds)} …`;
        await new Promise((done) => setTimeout(done, POLL));
        answer = await this.bench.json(`${urls.sample_state}?start=${start}&seconds=${seconds}`);
      }
      if (asked === this.#asked) this.#show(answer, start, seconds);
    } catch (error) {
      if (asked === this.#asked) this.#fail(error.message);
    }
  }

  #show(answer, start, seconds) {
    if (answer.state !== "ready") {
      this.#fail(plain(answer.error));
      return;
    }
    const [from, to] = [answer.start ?? start, answer.end ?? start + seconds];
    const words = `Made by the engine: ${clock(from)} to ${clock(to)} as it would be released${answer.version ? `, version ${answer.version} of the marks` : ""}.`;
    this.#busy(false, words);
    const film = make(this.medium === "audio" ? "audio" : "video", { controls: true, playsinline: true, preload: "auto", src: answer.url, "aria-label": words, dataset: { render: "" } });
    this.place.replaceChildren(film);
    this.warnings.replaceChildren(...(answer.report?.warnings ?? []).map((text) => make("li", {}, text)));
    this.bench.say(words);
  }

  #fail(words) {
    const sentence = `The true render could not be made: ${words}`;
    this.#busy(false, sentence);
    this.bench.warn(sentence);
  }

  #busy(busy, words) {
    this.bar.hidden = !busy;
    this.note.textContent = words;
    if (busy) {
      this.bar.value = 0;
      this.place.replaceChildren();
      this.warnings.replaceChildren();
    }
  }
}
