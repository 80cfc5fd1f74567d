// Rows of a table of which one may be picked: by its button, from the keyboard too, or anywhere on it.

import { arrowKeys, make } from "./kernel.js";

// `now()` says which is picked, `pick(name)` is called with the one clicked.
export function pickRows(body, now, pick) {
  function line({ name, label, cells }) {
    const row = make("tr", {}, make("th", { scope: "row" }, make("button", { type: "button" }, label)), ...cells.map((cell) => make("td", {}, cell)));
    row.dataset.name = name;
    row.addEventListener("click", () => pick(name));
    return row;
  }
  function mark() {
    for (const row of body.rows) {
      const picked = row.dataset.name === now();
      if (picked) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
      row.querySelector("button").setAttribute("aria-pressed", String(picked));
    }
  }
  function draw(rows) {
    body.replaceChildren(...rows.map(line));
    mark();
  }
  arrowKeys(body);
  return { draw, mark };
}

// A row of headings.
export function headRow(first, columns) {
  return make("tr", {}, ...[first, ...columns].map((label) => make("th", { scope: "col" }, label)));
}

// Buttons of the pictures there are; `show(name)` is called with the one chosen.
export function pictureButtons(place, now, show) {
  function mark() {
    for (const made of place.children) made.setAttribute("aria-pressed", String(made.dataset.picture === now()));
  }
  function button([name, text]) {
    const made = make("button", { type: "button", "data-picture": name }, text);
    made.addEventListener("click", () => show(name));
    return made;
  }
  function draw(there) {
    const focused = [...place.children].find((made) => made === place.getRootNode().activeElement)?.dataset.picture;
    place.replaceChildren(...there.map(button));
    mark();
    [...place.children].find((made) => made.dataset.picture === focused)?.focus();
  }
  return { draw, mark };
}
