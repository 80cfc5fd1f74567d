// A segmentation being made: how far it is, what it is made with, and a way to stop it. Python's half is segmenter.py.

import { keepKeys, kernelNote, make } from "./kernel.js";

const BY_CRITERIA = "chosen by criteria";
let views = 0;

export function timeLeft(seconds) {
  if (seconds < 1) return "about a second left";
  return seconds < 90 ? `about ${Math.round(seconds)} s left` : `about ${Math.round(seconds / 60)} min left`;
}

export function renderSegmenter({ model, el }) {
  const view = views++;
  const kernel = kernelNote(model);
  const [models, numbers] = ["model", "segments"].map((name) => make("select", { id: `payseg-segmenter-${view}-${name}` }));
  for (const [name, label] of model.get("_models")) models.append(make("option", { value: name }, label));
  const bar = make("div", { class: "payseg-bar", role: "progressbar", "aria-label": "Segmenting", "aria-valuemin": "0", "aria-valuemax": "100" }, make("div"));
  const status = make("span", { role: "status" });
  const left = make("span", { class: "payseg-left" }); // outside the live region: it counts down
  const cancel = make("button", { type: "button" }, "Cancel");
  const again = make("button", { type: "button" }, "Run again");
  const field = (label, select) => make("span", { class: "payseg-field" }, make("label", { for: select.id }, label), select);
  const panel = make("section", { class: "payseg-panel payseg-segmenter", "aria-label": "Segmenter" },
    make("div", { class: "payseg-tools" }, field("Model", models), field("Segments", numbers), cancel, again),
    bar, make("div", { class: "payseg-status" }, status, " ", left), kernel.note);
  let seconds = null, ticking;

  function fillNumbers() {
    const now = model.get("n_segments");
    const offered = new Set([...model.get("_offered"), ...(now === null ? [] : [now])]);
    numbers.replaceChildren(make("option", { value: "" }, BY_CRITERIA), ...[...offered].sort((a, b) => a - b).map((n) => make("option", { value: n }, String(n))));
    numbers.value = now ?? "";
  }

  function draw() {
    const [state, progress] = [model.get("state"), model.get("progress")];
    panel.dataset.state = state;
    models.value = model.get("model");
    fillNumbers();
    const percent = String(Math.round(100 * progress));
    bar.setAttribute("aria-valuenow", percent);
    bar.firstChild.style.width = `${percent}%`;
    status.setAttribute("role", state === "failed" ? "alert" : "status");
    if (status.textContent !== model.get("message")) status.textContent = model.get("message");
    cancel.setAttribute("aria-disabled", String(state !== "running")); // not disabled: it would lose the focus
    countDown();
  }

  function countDown() {
    clearInterval(ticking);
    seconds = model.get("state") === "running" ? model.get("_seconds_left") : null;
    const show = () => (left.textContent = seconds === null ? "" : timeLeft(Math.max(0, seconds)));
    show();
    if (seconds !== null) ticking = setInterval(() => ((seconds -= 1), show()), 1000);
  }

  function set(name, value) {
    kernel.clear();
    model.set(name, value);
    model.save_changes();
  }

  models.addEventListener("change", () => set("model", models.value));
  numbers.addEventListener("change", () => set("n_segments", numbers.value === "" ? null : Number(numbers.value)));
  cancel.addEventListener("click", () => model.get("state") === "running" && model.send({ kind: "cancel" }));
  again.addEventListener("click", () => model.send({ kind: "start" }));
  keepKeys(panel);
  const watched = ["state", "progress", "message", "model", "n_segments", "_seconds_left"].map((name) => `change:${name}`).join(" ");
  model.on(watched, draw);
  el.replaceChildren(panel);
  draw();
  return () => {
    clearInterval(ticking);
    model.off(watched, draw);
    kernel.stop();
  };
}
