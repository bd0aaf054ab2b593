// Files go one after the other, in pieces, each with its own progress and a way to stop it. When the connection
// is lost the same piece is sent again, after a while only at a press or when the signal is back; choosing the same
// file later goes on where it stopped. Without this file the form sends what was chosen, as forms do.
const PIECE = 512 * 1024;
const TRIES = 6;

export const uploads = { add: () => {} };

const box = document.querySelector("[data-upload]");
if (box) start(box);
// A form that came back with something to mend is a new one.
document.addEventListener("htmx:load", (event) => {
  const fresh = event.detail.elt.querySelector?.("[data-upload]");
  if (fresh && !fresh.dataset.started) start(fresh);
});

function start(box) {
  box.dataset.started = "yes";
  const form = box.closest("form");
  const input = box.querySelector("input[type=file]");
  const queue = box.querySelector("[data-queue]");
  const texts = box.dataset;
  const waiting = [];
  const broken = new Set(); // what did not arrive and nobody has cancelled: a recording is nowhere but here
  let working = false;
  const busy = () => working || broken.size > 0;

  box.querySelectorAll("[data-without-scripts]").forEach((button) => button.classList.add("govuk-!-display-none"));
  input.addEventListener("change", () => {
    [...input.files].forEach(add);
    input.value = "";
  });
  form.addEventListener("submit", (event) => {
    if (!busy()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    say("alert", texts.wait);
  }, true);
  window.addEventListener("beforeunload", (event) => { if (busy()) event.preventDefault(); });
  window.addEventListener("online", () => [...broken].forEach(again));
  uploads.add = add;

  function add(file) {
    say("alert", "");
    const row = rowFor(file);
    queue.append(row.element);
    waiting.push({ file, row, stopped: false, request: null });
    const entry = waiting.at(-1);
    row.cancel.addEventListener("click", () => {
      entry.stopped = true;
      broken.delete(entry);
      entry.request?.abort();
      take(row.element);
      say("status", about(file, texts.cancelled));
    });
    row.again.addEventListener("click", () => again(entry));
    if (!working) work();
  }

  function again(entry) {
    broken.delete(entry);
    if (entry.row.again === document.activeElement) entry.row.cancel.focus();
    entry.row.again.hidden = true;
    entry.row.note.textContent = "";
    waiting.push(entry);
    if (!working) work();
  }

  async function work() {
    working = true;
    while (waiting.length) {
      const entry = waiting.shift();
      if (!entry.stopped) await send(entry);
    }
    working = false;
  }

  function rowFor(file) {
    const element = document.createElement("li");
    const name = document.createElement("bdi");
    const bar = document.createElement("progress");
    const note = document.createElement("span");
    name.textContent = file.name;
    name.dir = "ltr";
    name.className = "app-break";
    bar.max = Math.max(file.size, 1);
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    const [again, cancel] = [texts.again, texts.cancel].map((text) => buttonFor(text, file.name));
    again.hidden = true;
    element.append(name, bar, note, again, cancel);
    return { element, bar, note, again, cancel };
  }

  function buttonFor(text, name) {
    const button = document.createElement("button");
    const hidden = document.createElement("span");
    button.type = "button";
    button.className = "app-link-button";
    button.textContent = text;
    hidden.className = "govuk-visually-hidden";
    hidden.textContent = ` ${name}`;
    button.append(hidden);
    return button;
  }

  async function send(entry) {
    const { file, row } = entry;
    const name = nameOf(file);
    let offset = await received(name).catch(() => 0);
    if (offset >= file.size) offset = 0;
    let tries = 0;
    while (!entry.stopped) {
      const answer = await post(entry, name, offset);
      if (entry.stopped) return;
      if (answer.done) {
        if (answer.held) hold(answer);
        else window.htmx.trigger("#_files", "files-changed");
        take(row.element);
        say("status", answer.said);
        return;
      }
      if (answer.problem) {
        refuse(row, file, answer.problem);
        return;
      }
      if (answer.lost) {
        tries += 1;
        if (tries > TRIES) {
          broken.add(entry);
          row.again.hidden = false;
          row.note.textContent = texts.failed;
          say("alert", about(file, texts.failed));
          return;
        }
        row.note.textContent = texts.lost;
        await pause(Math.min(1000 * 2 ** tries, 15000));
        offset = await received(name).catch(() => offset);
        continue;
      }
      tries = 0;
      row.note.textContent = "";
      offset = answer.received;
      row.bar.value = offset;
    }
  }

  // The form of somebody who is signed in brings its files along by name.
  function hold({ held, name }) {
    const list = form.querySelector("[data-held]");
    const element = document.createElement("li");
    const field = document.createElement("input");
    const shown = document.createElement("bdi");
    const remove = buttonFor(texts.remove, name);
    Object.assign(field, { type: "hidden", name: "held", value: held });
    shown.textContent = name;
    shown.dir = "ltr";
    shown.className = "app-break";
    remove.addEventListener("click", () => {
      element.remove();
      list.parentElement.hidden = !list.children.length;
      input.focus();
    });
    element.append(field, shown, remove);
    list.append(element);
    list.parentElement.hidden = false;
  }

  function post(entry, name, offset) {
    const { file, row } = entry;
    const query = new URLSearchParams({ upload: name, offset, size: file.size, name: file.name });
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      entry.request = request;
      request.open("POST", `${texts.url}?${query}`);
      request.setRequestHeader("X-CSRFToken", form.elements.csrf_token.value);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.upload.addEventListener("progress", (event) => { row.bar.value = offset + event.loaded; });
      request.addEventListener("load", () => resolve(read(request)));
      for (const trouble of ["error", "timeout", "abort"]) {
        request.addEventListener(trouble, () => resolve({ lost: true }));
      }
      request.timeout = 120000;
      request.send(file.slice(offset, offset + PIECE));
    });
  }

  function read(request) {
    try {
      return JSON.parse(request.responseText);
    } catch {
      return request.status >= 500 || request.status === 0 ? { lost: true } : { problem: texts.failed };
    }
  }

  async function received(name) {
    const answer = await fetch(`${texts.url}?${new URLSearchParams({ upload: name })}`, { cache: "no-store" });
    return (await answer.json()).received;
  }

  // What goes from under the focus hands it to the control that all files come from.
  function take(element) {
    const focused = element.contains(document.activeElement);
    element.remove();
    if (focused) input.focus();
  }

  function refuse(row, file, problem) {
    row.bar.remove();
    take(row.cancel);
    row.note.className = "govuk-error-message";
    row.note.textContent = problem;
    say("alert", about(file, problem));
  }
}

// The same file gets the same name again, so that the server knows how much of it is there.
function nameOf(file) {
  const text = `${file.name}|${file.size}|${file.lastModified}`;
  let one = 0xdeadbeef;
  let two = 0x41c6ce57;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    one = Math.imul(one ^ code, 2654435761);
    two = Math.imul(two ^ code, 1597334677);
  }
  return (one >>> 0).toString(16).padStart(8, "0") + (two >>> 0).toString(16).padStart(8, "0");
}

// A name of its own direction inside a sentence of the page's.
function about(file, text) {
  return `\u2068${file.name}\u2069: ${text}`;
}

function pause(milliseconds) {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}

function say(region, text) {
  const element = document.getElementById(region);
  if (!element) return;
  element.textContent = "";
  requestAnimationFrame(() => { element.textContent = text; });
}
