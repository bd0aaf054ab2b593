// Everything works without this file. It starts the components, keeps them alive in swapped parts, and says
// aloud what htmx alone would keep to itself.
import { Button, Checkboxes, ErrorSummary, NotificationBanner, PasswordInput, Radios, SkipLink, createAll } from "govuk-frontend";

// Those that templates use: the build leaves the others out. A house test names one that is missing.
const COMPONENTS = [Button, Checkboxes, ErrorSummary, NotificationBanner, PasswordInput, Radios, SkipLink];
const start = (options) => COMPONENTS.forEach((component) => createAll(component, undefined, options));

document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
start();

const alertRegion = document.getElementById("alert");

function report(text) {
  if (!alertRegion) return;
  alertRegion.textContent = "";
  // A live region speaks when its text changes: the same trouble twice must be heard twice.
  requestAnimationFrame(() => { alertRegion.textContent = text; });
}

function troubleText(status) {
  const texts = alertRegion ? alertRegion.dataset : {};
  if (status === 413) return texts.tooBig;
  if (status === 429) return texts.tooMany;
  return texts.failed;
}

// What a page asks by itself saves nothing: its trouble is no news to anybody, and it must not hush other news.
const byItself = ({ detail: { elt } }) => Boolean(elt?.matches?.("[data-by-itself]"));
const trouble = (event) => { if (!byItself(event)) report(troubleText(event.detail.xhr?.status)); };
["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, trouble));

// Pages that ask for the whole page after all: another language, or an answer that is no part of this page
// (signed out meanwhile, changed meanwhile). Nothing was done yet, so the browser sends the form again by itself.
document.addEventListener("submit", (event) => {
  if (event.submitter?.name === "language" && event.target.matches("[data-whole-page]")) event.stopPropagation();
}, true);
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt: form, requestConfig, xhr } = event.detail;
  if (!form?.matches?.("form[data-whole-page]") || ![400, 403, 409].includes(xhr.status)) return;
  event.preventDefault();
  const pressed = requestConfig.triggeringEvent?.submitter;
  if (pressed?.name) form.append(hidden(pressed)); // the button may be the answer, and submit() leaves it out
  form.submit();
});

function hidden({ name, value }) {
  return Object.assign(document.createElement("input"), { type: "hidden", name, value });
}

// The name of a chosen file shows; the browser's own words for "none" do not (static/css/_resident.scss).
document.addEventListener("change", ({ target }) => {
  if (target.matches("input[type=file]")) target.classList.toggle("app-has-file", target.files.length > 0);
});

// Leaving quickly: nothing stays on the screen, and "Back" does not lead here again.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-leave]");
  if (!link) return;
  event.preventDefault();
  document.body.hidden = true;
  location.replace(link.href);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (alertRegion && !byItself(event)) alertRegion.textContent = "";
  event.detail.target?.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:afterRequest", (event) => event.detail.target?.removeAttribute("aria-busy"));

// Components that arrive in a swapped part have to be started too; the page's own were started above. Where the main
// part was swapped and nothing in it asks for the focus, as an error summary does, reading begins at its top.
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (elt === document.body) return;
  start({ scope: elt });
  if (elt.id === "main-content" && document.activeElement === document.body) elt.focus();
});
