// A segmentation being made: how far it is, what it is made with, and a way to stop it. Python's half is segmenter.py.

import { keepKeys, kernelNote, make } from "./kernel.js";
import { runBar } from "./run_bar.js";

const BY_CRITERIA = "chosen by criteria";
let views = 0;

export function renderSegmenter({ model, el }) {
  const view = views++;
  const kernel = kernelNote(model);
  const [models, numbers] = ["model", "segments"].map((name) => make("select", { id: `payseg-segmenter-${view}-${name}` }));
  const again = make("button", { type: "button" }, "Run again");
  const field = (label, select) => make("span", { class: "payseg-field" }, make("label", { for: select.id }, label), select);
  const panel = make("section", { class: "payseg-panel payseg-segmenter", "aria-label": "Segmenter" });
  const run = runBar(model, "Segmenting", panel);
  panel.append(make("div", { class: "payseg-tools" }, field("Model", models), field("Segments", numbers), run.cancel, again), ...run.below, kernel.note);

  function fillNumbers() {
    const now = model.get("n_segments");
    const offered = new Set([...model.get("_offered"), ...(now === null ? [] : [now])]);
    numbers.replaceChildren(make("option", { value: "" }, BY_CRITERIA), ...[...offered].sort((a, b) => a - b).map((n) => make("option", { value: n }, String(n))));
    numbers.value = now ?? "";
  }

  function draw() {
    models.replaceChildren(...model.get("_models").map(([name, label]) => make("option", { value: name }, label)));
    models.value = model.get("model");
    fillNumbers();
  }

  function set(name, value) {
    kernel.clear();
    model.set(name, value);
    model.save_changes();
  }

  models.addEventListener("change", () => set("model", models.value));
  numbers.addEventListener("change", () => set("n_segments", numbers.value === "" ? null : Number(numbers.value)));
  again.addEventListener("click", () => model.send({ kind: "start" }));
  keepKeys(panel);
  const watched = "change:model change:n_segments change:_models";
  model.on(watched, draw);
  el.replaceChildren(panel);
  draw();
  return () => {
    run.stop();
    model.off(watched, draw);
    kernel.stop();
  };
}
