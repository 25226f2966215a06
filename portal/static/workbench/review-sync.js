// Two boxes that scroll as one, and are drawn larger and smaller as one.

export class Together {
  constructor(root) {
    this.boxes = [...root.querySelectorAll(".rv-scroll")];
    this.leading = null;
    for (const box of this.boxes) box.addEventListener("scroll", () => this.#follow(box), { passive: true });
  }

  #follow(box) {
    if (this.leading && this.leading !== box) return;
    this.leading = box;
    for (const other of this.boxes) {
      if (other === box) continue;
      other.scrollLeft = share(box.scrollLeft, box.scrollWidth - box.clientWidth) * (other.scrollWidth - other.clientWidth);
      other.scrollTop = share(box.scrollTop, box.scrollHeight - box.clientHeight) * (other.scrollHeight - other.clientHeight);
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.leading = null), 80);
  }

  /** Draws all as ``zoom`` times the box's width; the middle of what is seen stays in the middle. */
  zoom(zoom, old) {
    for (const box of this.boxes) {
      const x = box.scrollLeft + box.clientWidth / 2;
      const y = box.scrollTop + box.clientHeight / 2;
      box.style.setProperty("--rv-zoom", String(zoom));
      box.scrollLeft = (x * zoom) / old - box.clientWidth / 2;
      box.scrollTop = (y * zoom) / old - box.clientHeight / 2;
    }
  }

  /** Brings a place (fractions of the sheet) into sight. */
  reveal([x, y, width, height]) {
    const box = this.boxes[0];
    const sheet = box?.querySelector(".rv-sheet");
    if (!sheet) return;
    box.scrollTo({ left: (x + width / 2) * sheet.clientWidth - box.clientWidth / 2, top: (y + height / 2) * sheet.clientHeight - box.clientHeight / 2 });
  }
}

const share = (part, whole) => (whole > 0 ? part / whole : 0);

/** Puts another picture in; the old one is dimmed until it is there, so that nobody judges the wrong page. */
export function swap(image, address, words) {
  if (words) image.alt = words;
  if (image.getAttribute("src") === address) return;
  image.classList.add("rv-loading");
  for (const event of ["load", "error"]) image.addEventListener(event, () => image.classList.remove("rv-loading"), { once: true });
  image.src = address;
}

/** Draws frames round places (fractions) on every sheet. */
export function spots(root, places) {
  frame(root, ".rv-sheet", "rv-spot", places);
}

/** Draws thin outlines round places (fractions) on the original alone. */
export function outlines(root, places) {
  frame(root, "[data-side=original] .rv-sheet", "rv-outline", places);
}

function frame(root, sheets, name, places) {
  for (const old of root.querySelectorAll(`.${name}`)) old.remove();
  for (const sheet of root.querySelectorAll(sheets)) {
    for (const [x, y, width, height] of places) {
      const drawn = document.createElement("span");
      drawn.className = name;
      Object.assign(drawn.style, { left: `${x * 100}%`, top: `${y * 100}%`, width: `${width * 100}%`, height: `${height * 100}%` });
      sheet.append(drawn);
    }
  }
}
