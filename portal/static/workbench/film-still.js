// One picture of the film on screen. A browser keeps what an <img> has shown, decoded, by the hundred megabytes;
// here only what is on screen is kept. The <img> the page came with is used until another picture is asked for.

export class Still {
  /** The element it is on; ``isThere`` says whether there is a picture on it. */
  element;
  #address;
  #asked = null;

  constructor(holder, early, { came, lost }) {
    Object.assign(this, { holder, came, lost });
    this.element = early ?? this.#canvas();
    this.#address = early?.getAttribute("src") ?? "";
    holder.append(this.element);
    if (!early || early.complete) return;
    early.addEventListener("load", () => this.#asked === this.#address && this.#end(came));
    early.addEventListener("error", () => this.#asked === this.#address && this.#end(lost));
  }

  get isThere() {
    const { element } = this;
    return element.localName === "canvas" ? "shown" in element.dataset : element.naturalWidth > 0;
  }

  get busy() {
    return this.#asked !== null;
  }

  /** Shows the picture at an address and tells that it came, or that it was lost; one that was lost is asked for again. */
  show(address) {
    this.#asked = address;
    const same = address === this.#address;
    if (same && this.isThere) return queueMicrotask(() => this.#end(this.came));
    if (same && this.element.localName === "img" && !this.element.complete) return; // its own events tell
    this.#fetch(address);
  }

  async #fetch(address) {
    try {
      const answer = await fetch(address, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      this.#draw(await createImageBitmap(await answer.blob()));
      this.#address = address;
    } catch {
      return this.#end(this.lost);
    }
    this.#end(this.came);
  }

  #draw(bitmap) {
    if (this.element.localName === "img") {
      const canvas = this.#canvas();
      canvas.style.cssText = this.element.style.cssText;
      this.element.replaceWith(canvas);
      this.element = canvas;
    }
    const { element } = this;
    if (element.width !== bitmap.width || element.height !== bitmap.height) Object.assign(element, { width: bitmap.width, height: bitmap.height });
    element.getContext("bitmaprenderer").transferFromImageBitmap(bitmap); // the one before is given up
    element.dataset.shown = "";
  }

  #canvas() {
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    return canvas;
  }

  #end(tell) {
    this.#asked = null;
    tell();
  }
}
