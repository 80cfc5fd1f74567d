// Pieces of the strategy board's page: tables, a sparkline, sliders.

import { make } from "./kernel.js";
import { headRow } from "./pick_rows.js";

// A table that scrolls sideways; `fill` puts in what Python tells: {caption, columns, rows of cells, the first the row's name}.
export function plainTable(region) {
  const [caption, head, body] = [make("caption"), make("thead"), make("tbody")];
  const scroll = make("div", { class: "payseg-scroll", role: "region", "aria-label": region, tabindex: "0" }, make("table", {}, caption, head, body));
  const row = ([first, ...cells]) => make("tr", {}, make("th", { scope: "row" }, first), ...cells.map((cell) => make("td", {}, cell)));
  function fill({ caption: text, columns, rows, is_worded: isWorded }) {
    scroll.classList.toggle("payseg-worded", Boolean(isWorded)); // its last column is a sentence
    caption.textContent = text;
    head.replaceChildren(headRow(columns[0], columns.slice(1)));
    body.replaceChildren(...rows.map(row));
  }
  return { scroll, caption, head, body, fill };
}

export function part(title, ...children) {
  return make("div", { class: "payseg-part" }, make("h4", {}, title), ...children);
}

const SVG = "http://www.w3.org/2000/svg";

// A line of {points, words}; the words are its name for who cannot see it.
export function sparkline({ points, words }, [width, height]) {
  const drawn = (tag, attributes) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const svg = drawn("svg", { role: "img", "aria-label": words, viewBox: `0 0 ${width} ${height}`, width, height });
  if (!points.length) return svg;
  const [x, y] = points.at(-1);
  svg.append(drawn("polyline", { points: points.map((point) => point.join(",")).join(" "), fill: "none" }), drawn("circle", { cx: x, cy: y, r: 2.5 }));
  return svg;
}

const QUIET = 300; // milliseconds without a further change, after which Python is told

// Tells Python what sliders are set to, all at once, when they have come to rest.
export function settler(model, clear) {
  let waiting, pending = {};
  function settle() {
    clearTimeout(waiting);
    if (!Object.keys(pending).length) return;
    clear();
    for (const [name, value] of Object.entries(pending)) model.set(name, value);
    pending = {};
    model.save_changes();
  }
  return {
    later: (name, value) => {
      pending[name] = value;
      clearTimeout(waiting);
      waiting = setTimeout(settle, QUIET);
    },
    isPending: (name) => name in pending,
    stop: () => clearTimeout(waiting),
  };
}

// A slider for one of Python's figures, with its value beside it.
export function slider(model, name, id, told) {
  const input = make("input", { type: "range", id });
  const output = make("output", { for: id });
  const label = make("label", { for: id });
  const text = (value) => (range().is_share ? `${Number((100 * value).toFixed(1))}%` : String(value));
  const range = () => model.get("_choices").ranges[name];
  function draw() {
    const [{ low, high, step, label: called }, value] = [range(), model.get(name)];
    label.textContent = called;
    if (told.isPending(name)) return; // it is being moved
    Object.assign(input, { min: Math.min(low, value), max: Math.max(high, value), step });
    input.value = value;
    output.textContent = text(value);
  }
  input.addEventListener("input", () => {
    output.textContent = text(Number(input.value));
    told.later(name, Number(input.value));
  });
  model.on(`change:${name}`, draw);
  draw();
  return { field: make("span", { class: "payseg-field", "data-needs": name }, label, input, output), stop: () => model.off(`change:${name}`, draw) };
}
