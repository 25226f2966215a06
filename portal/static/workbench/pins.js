// What a second person pinned to the marks: shown beside each, answered here, marked on the list of marks.

import { ago, button, make } from "./dom.js";

export async function mount(root, bench) {
  const pane = bench.config.panes.find((each) => each.name === "pins");
  const list = root.querySelector("[data-pins]");
  let pins = pane.pins;

  function paint() {
    const open = pins.filter((pin) => !pin.resolved_at);
    root.hidden = !open.length;
    list.replaceChildren(...open.map(row));
    const per = {};
    for (const pin of open) (per[pin.mark] ??= []).push(pin);
    bench.pins = per; // for a panel that shows them beside each mark
    bench.store.dispatchEvent(new CustomEvent("pins", { detail: per }));
  }

  function row(pin) {
    const mark = bench.store.get(pin.mark);
    const field = make("input", { class: "usa-input", type: "text", maxlength: "500", placeholder: "Your answer", id: `pin-answer-${pin.id}` });
    const go = mark ? button("Go to the mark", () => bench.store.select([pin.mark]), { kind: "unstyled" }) : make("span", {}, "The mark is gone.");
    const done = bench.config.may_mark ? button("Answered", () => answer(pin, field.value)) : null;
    const said = bench.config.may_mark ? [make("label", { class: "usa-sr-only", for: field.id }, "What you did about it (optional)"), field] : null;
    return make("li", { class: "rv-pin" }, make("p", {}, make("strong", {}, pin.by), `, ${ago(pin.at)}: ${pin.text}`), make("div", { class: "wb-pins__do" }, go, said, done));
  }

  async function answer(pin, words) {
    try {
      const said = await bench.json(pane.resolve.replace("{pin}", String(pin.id)), { method: "POST", body: { answer: words } });
      pins = said.pins;
      paint();
      bench.say("The comment is answered.");
    } catch (error) {
      bench.warn(error.message);
    }
  }

  paint();
}
