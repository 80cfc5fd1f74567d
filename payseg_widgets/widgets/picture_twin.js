// The sentence of a picture and its figures, folded away; what is unfolded stays so while the picture changes.

import { keepKeys, make } from "./kernel.js";

export function renderPictureTwin({ model, el }) {
  const said = make("p");
  const figures = make("div");
  const fold = make("details", {}, make("summary", {}, "The figures of this picture"), figures);
  keepKeys(fold);
  function draw() {
    said.textContent = model.get("sentence");
    figures.innerHTML = model.get("rows"); // a table that Python has escaped
  }
  const unfold = () => (fold.open = model.get("is_unfolded"));
  fold.addEventListener("toggle", () => {
    if (fold.open === model.get("is_unfolded")) return;
    model.set("is_unfolded", fold.open); // a new picture brings a new view of this
    model.save_changes();
  });
  model.on("change:sentence change:rows", draw);
  model.on("change:is_unfolded", unfold);
  draw();
  unfold();
  el.replaceChildren(said, fold);
  return () => {
    model.off("change:sentence change:rows", draw);
    model.off("change:is_unfolded", unfold);
  };
}
