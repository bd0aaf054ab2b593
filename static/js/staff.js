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

// Ctrl+Enter or Cmd+Enter presses the main button of the form that somebody writes in; a letter is still shown first.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest?.("form#act");
  const main = form?.querySelector(".app-actions button");
  if (!main || event.target.closest("button, a")) return;
  event.preventDefault();
  form.requestSubmit(main);
});

// Single keys, for those who switched them on: never while somebody types, never with another key held down.
if (document.querySelector("[data-keys]")) {
  const rows = [...document.querySelectorAll(".app-row__ref a")];
  const open = (selector) => document.querySelector(selector)?.click();

  // What can be done on a case, if this person may do it now: the same links as on its page.
  // Their addresses may carry the list that somebody came from.
  const act = (name) => [...document.querySelectorAll("main a[href*='/cases/']")].find((link) => link.pathname.endsWith(`/${name}`))?.click();

  const step = (by) => {
    const here = rows.findIndex((link) => link.closest(".app-row").contains(document.activeElement));
    const next = rows[here < 0 ? 0 : Math.min(Math.max(here + by, 0), rows.length - 1)];
    next?.focus();
  };
  const actions = {
    j: () => step(1),
    k: () => step(-1),
    x: () => document.activeElement?.closest(".app-row")?.querySelector(".app-row__tick")?.click(),
    i: () => open(".app-header__links a"),
    "/": () => (document.querySelector("[data-search-box]") ?? { focus: () => open("[data-search]") }).focus(),
    r: () => act("message"),
    n: () => act("note"),
    a: () => act("allocate"),
    "?": () => open("[data-keys-help]"),
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

// What was typed in the last moments before a page is closed or left is kept as well. Saving it keeps no draft.
const writing = document.querySelector("form#act[hx-post]");
if (writing) {
  let unkept = false;
  writing.addEventListener("input", () => { unkept = true; });
  writing.addEventListener("submit", () => { unkept = false; });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt === writing && event.detail.successful) unkept = false;
  });
  window.addEventListener("pagehide", () => {
    if (!unkept) return;
    const words = [...new FormData(writing)].filter(([, value]) => typeof value === "string");
    navigator.sendBeacon(writing.getAttribute("hx-post"), new URLSearchParams(words));
  });
}
