// One <video> or <audio> that holds at most one part of the preview. A seek asked for while another is still
// under way waits for it; only the last one counts.

export class Screen {
  constructor(medium, { landed, presented, ended, failed }) {
    this.part = null;
    this.element = document.createElement(medium === "audio" ? "audio" : "video");
    this.element.preload = "auto";
    this.element.tabIndex = -1;
    this.element.setAttribute("aria-hidden", "true");
    if (medium !== "audio") {
      this.element.playsInline = true;
      this.element.disablePictureInPicture = true;
      this.element.disableRemotePlayback = true;
    }
    this.target = null;
    this.#listen({ landed, presented, ended, failed });
  }

  #listen({ landed, presented, ended, failed }) {
    const { element } = this;
    element.addEventListener("loadedmetadata", () => this.#apply());
    element.addEventListener("loadeddata", () => this.settled && landed(this));
    element.addEventListener("seeked", () => (this.target === null ? landed(this) : this.#apply()));
    element.addEventListener("ended", () => ended(this));
    element.addEventListener("error", () => this.part && failed(this, element.error));
    if (!element.requestVideoFrameCallback) return;
    const watch = (_, frame) => {
      if (this.part) presented(this, this.part.start + frame.mediaTime);
      element.requestVideoFrameCallback(watch);
    };
    element.requestVideoFrameCallback(watch);
  }

  /** Nothing is waiting: the picture on this screen is the one that was asked for. */
  get settled() {
    return this.target === null && !this.element.seeking && this.element.readyState >= 2;
  }

  /** Seconds of the whole film. */
  get now() {
    return this.part.start + (this.target ?? this.element.currentTime);
  }

  load(part) {
    if (this.part?.url === part.url) return;
    this.part = part;
    this.target = null;
    this.element.src = part.url;
  }

  empty() {
    if (!this.part) return;
    this.part = null;
    this.target = null;
    this.element.removeAttribute("src");
    this.element.load();
  }

  /** ``time`` in seconds of the whole film. */
  seek(time) {
    this.target = Math.max(0, time - this.part.start);
    // the next part waits at its very beginning: seeking there again would only cost a moment of silence
    if (this.target < 0.021 && this.element.currentTime === 0 && this.element.readyState >= 2) this.target = null;
    else if (this.element.readyState >= 1 && !this.element.seeking) this.#apply();
  }

  #apply() {
    if (this.target === null) return;
    const target = this.target;
    this.target = null;
    this.element.currentTime = target;
  }
}
