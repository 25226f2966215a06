// One picture of the film on screen. A browser keeps what an <img> has shown, decoded, by the hundred megabytes;
// here only what is on screen is kept. The <img> the page came with is used until another picture is asked for.

export class Still {
  /** The element it is on; ``isThere`` says whether there is a picture on it. */
  element;
  busy = false;
  #address;

  constructor(holder, early, { came, lost }) {
    Object.assign(this, { came, lost });
    this.element = early ?? this.#canvas();
    this.#address = early?.getAttribute("src") ?? "";
    holder.append(this.element);
  }

  get isThere() {
    const { element } = this;
    return element.localName === "canvas" ? "shown" in element.dataset : element.naturalWidth > 0;
  }

  /** Shows the picture at an address and tells once that it came, or that it was lost; one that was lost is asked for again. */
  show(address) {
    this.busy = true;
    const same = address === this.#address;
    // one that is still coming in has its size already, and tells by its own events
    if (same && this.element.localName === "img" && !this.element.complete) this.#await();
    else if (same && this.isThere) queueMicrotask(() => this.#end(this.came));
    else this.#fetch(address);
  }

  #await() {
    this.element.addEventListener("load", () => this.#end(this.came), { once: true });
    this.element.addEventListener("error", () => this.#lose(), { once: true });
  }

  async #fetch(address) {
    try {
      const answer = await fetch(address, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      this.#draw(await createImageBitmap(await answer.blob()));
      this.#address = address;
    } catch {
      return this.#lose();
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

  /** Nothing is shown then: what was there is of another moment, and would be marked as if it were of this one. */
  #lose() {
    const { element } = this;
    if (element.localName === "img") element.removeAttribute("src");
    else if (this.isThere) element.getContext("bitmaprenderer").transferFromImageBitmap(null);
    delete element.dataset.shown;
    this.#address = "";
    this.#end(this.lost);
  }

  #end(tell) {
    this.busy = false;
    tell();
  }
}
