// Moves focus to “There is a problem” when a page comes back with errors, and from each of its
// links to the field itself, with the field's label in view (WCAG 2.2, 3.3.1 and 2.4.11).

function open(link) {
  const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return false;
  const heading = field.closest("fieldset")?.querySelector("legend") ?? document.querySelector(`label[for="${CSS.escape(field.id)}"]`);
  (heading ?? field).scrollIntoView({ block: "start" });
  field.focus({ preventScroll: true });
  return true;
}

for (const summary of document.querySelectorAll("[data-error-summary]")) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && open(link)) event.preventDefault();
  });
}
