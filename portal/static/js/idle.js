// Signs staff out of a desk left alone (CJIS AC-11: thirty minutes), after a warning with a way to stay
// (WCAG 2.2.1). Tabs share one clock, so work in one keeps the others. Watching a film is work, without a
// hand on anything, yet for an hour at most: a film also plays on before an empty chair.

const KEY = "daylight-last-seen";
const HAND = "daylight-last-hand";
const WATCHING_MS = 60 * 60_000;
const CHECK_MS = 5_000;
const WARNING_MS = 120_000;

const dialog = document.querySelector("[data-idle-minutes]");
const limit = Number(dialog.dataset.idleMinutes) * 60_000;
const left = dialog.querySelector("[data-idle-left]");

const since = (key) => Date.now() - Number(localStorage.getItem(key));
const seen = () => localStorage.setItem(KEY, String(Date.now()));
const idle = () => since(KEY);

function touched() {
  localStorage.setItem(HAND, String(Date.now()));
  seen();
}

/** A film or sound that plays on this page, in front of somebody. */
function watched({ target }) {
  if (dialog.open || document.hidden || target.paused || idle() < CHECK_MS) return;
  if (since(HAND) < WATCHING_MS) seen();
}

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

touched();
for (const kind of ["pointerdown", "keydown", "scroll"]) {
  document.addEventListener(kind, () => dialog.open || touched(), { passive: true });
}
document.addEventListener("timeupdate", watched, true); // such events do not bubble
dialog.addEventListener("close", touched);
setInterval(check, CHECK_MS);
