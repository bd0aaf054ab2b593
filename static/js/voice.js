// A complaint can be spoken: the recording is added like any other file. Shown only where the browser can record.
import { uploads } from "./upload.js";

const LONGEST = 10 * 60; // seconds
const TYPES = [["audio/webm;codecs=opus", "webm"], ["audio/mp4", "m4a"], ["audio/ogg;codecs=opus", "ogg"]];

const box = document.querySelector("[data-voice]");
const type = window.MediaRecorder && TYPES.find(([name]) => MediaRecorder.isTypeSupported(name));
if (box && type && navigator.mediaDevices?.getUserMedia) start(box, type);

function start(box, [mediaType, ending]) {
  const record = box.querySelector("[data-record]");
  const stop = box.querySelector("[data-stop]");
  const clock = box.querySelector("[data-clock]");
  let recorder = null;
  let ticking = 0;
  let count = 0;
  box.hidden = false;

  record.addEventListener("click", async () => {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      document.getElementById("alert").textContent = box.dataset.refused;
      return;
    }
    const parts = [];
    recorder = new MediaRecorder(stream, { mimeType: mediaType, audioBitsPerSecond: 32000 });
    recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
    recorder.addEventListener("stop", () => finish(stream, parts));
    recorder.start();
    const begun = Date.now();
    tick(begun);
    ticking = setInterval(() => tick(begun), 1000);
    show(stop, record);
  });
  stop.addEventListener("click", () => recorder?.stop());

  function tick(begun) {
    const seconds = Math.floor((Date.now() - begun) / 1000);
    const shown = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    clock.textContent = `${box.dataset.recording}: ${shown}`;
    if (seconds >= LONGEST) recorder?.stop();
  }

  function show(button, other) {
    button.classList.remove("govuk-!-display-none");
    other.classList.add("govuk-!-display-none");
    button.focus();
  }

  function finish(stream, parts) {
    clearInterval(ticking);
    stream.getTracks().forEach((track) => track.stop());
    clock.textContent = "";
    show(record, stop);
    count += 1;
    document.getElementById("status").textContent = box.dataset.stopped;
    uploads.add(new File(parts, `${box.dataset.name} ${count}.${ending}`, { type: mediaType }));
  }
}
