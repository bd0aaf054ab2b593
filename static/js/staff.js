// Small comforts for staff pages. Everything works without this file.

// Ctrl+K or Cmd+K opens the same search as the link in the header.
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const box = document.querySelector("[data-search-box]");
  const link = document.querySelector("[data-search]");
  if (!box && !link) return;
  event.preventDefault();
  if (box) { box.focus(); box.select(); } else { link.click(); }
});
