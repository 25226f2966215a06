// Says a long piece of work's progress aloud at each quarter only; the bar itself is polled by htmx.

const QUARTER = 25;

for (const box of document.querySelectorAll("[data-progress]")) {
  const said = box.querySelector("[data-progress-said]");
  let last = -1;
  const say = () => {
    const bar = box.querySelector("progress");
    const quarter = Math.floor(bar.value / QUARTER);
    if (quarter === last) return;
    last = quarter;
    said.textContent = `${bar.getAttribute("aria-label")}: ${quarter * QUARTER}%`;
  };
  say();
  box.addEventListener("htmx:afterSettle", say);
}
