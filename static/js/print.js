// The button shows only where it can work.
for (const button of document.querySelectorAll("[data-print]")) {
  button.classList.remove("govuk-!-display-none");
  button.addEventListener("click", () => window.print());
}
