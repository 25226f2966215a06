// Signs staff out of a desk left alone (CJIS AC-11: thirty minutes), after a warning with a way to stay
// (WCAG 2.2.1). Tabs share one clock, so work in one keeps the others.

const KEY = "daylight-last-seen";
const CHECK_MS = 5_000;
const WARNING_MS = 120_000;

const dialog = document.querySelector("[data-idle-minutes]");
const limit = Number(dialog.dataset.idleMinutes) * 60_000;
const left = dialog.querySelector("[data-idle-left]");

const seen = () => localStorage.setItem(KEY, String(Date.now()));
const idle = () => Date.now() - Number(localStorage.getItem(KEY));

function check() {
  const remaining = limit - idle();
  if (remaining <= 0) {
    localStorage.removeItem(KEY);
    document.querySelector("[data-sign-out]").requestSubmit();
    return;
  }
  if (remaining <= WARNING_MS) {
    left.textContent = String(Math.ceil(remaining / 60_000));
    if (!dialog.open) dialog.showModal();
  } else if (dialog.open) {
    dialog.close();
  }
}

seen();
for (const kind of ["pointerdown", "keydown", "scroll"]) {
  document.addEventListener(kind, () => dialog.open || seen(), { passive: true });
}
dialog.addEventListener("close", seen);
setInterval(check, CHECK_MS);
