// Linked pictures over one store, their controls and what they announce: the same in a widget and in a file of its own.

import { NO_CELL, valueAt } from "./hit.js";
import { channels } from "./paint.js";
import { Frame, attach } from "./brush_engine.js";
import { pageTheme, watchTheme } from "./page_theme.js";
import { panelsOf } from "./panels.js";
import { stampOf } from "./stamps.js";
import { Store, kindOf } from "./store.js";
import { button, whole, written } from "./words.js";

const UNPLACED = 255;

// The customers of a page. spec and buffers: from Python's brush.py.
export function storeOf(spec, buffers) {
  const columns = {};
  spec.columns.forEach((column, k) => (columns[column.name] = { ...column, codes: new Uint16Array(aligned(buffers[k])) }));
  const segment = new Uint8Array(aligned(buffers[spec.columns.length]));
  const store = new Store({ n: spec.n, columns, segment });
  const exact = buffers.slice(spec.columns.length + 1);
  if (spec.values) store.values = Object.fromEntries(spec.values.map(({ name }, k) => [name, new Float64Array(aligned(exact[k]))]));
  return store;
}

// Paint and brush the pictures of a document as shown by `views`, with controls and panels in elements of the page.
// ask: hands a typed condition to Python, where there is one.
export function brushPage({ bokehDocument, views, store, spec, controls, typed, below, ask }) {
  const frame = new Frame();
  let palette = paletteOf(spec);
  const host = { palette: () => palette, describe: (index) => describe(store, spec, index) };
  const parts = spec.pictures.map(({ figure: name, x, y, paint_y: paintY }) => {
    const figure = bokehDocument.get_model_by_name(name);
    return attach({ figure, view: views.find_one(figure), store, x, y, paintY, host, frame });
  });
  const panel = controlPanel(controls, store, spec, () => palette);
  const panels = panelsOf({ typed, below, store, spec, ask });
  panels.draw(palette.colours);
  const stopWatching = watchTheme(() => {
    palette = paletteOf(spec);
    panel.draw();
    panels.draw(palette.colours);
    for (const part of parts) part.repaint();
  });
  return {
    store,
    parts,
    panels,
    end() {
      stopWatching();
      panel.end();
      panels.end();
      for (const part of parts) part.end();
    },
  };
}

// A copy that starts at an even address, which two-byte columns need.
const aligned = (bytes) => (bytes.buffer ? bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) : bytes);

function paletteOf({ palettes }) {
  const colours = pageTheme();
  const { segments, rest } = palettes[colours.dark ? "dark" : "light"];
  return { segments: segments.map(channels), hex: segments, rest: channels(rest), colours };
}

function describe(store, spec, index) {
  const said = [];
  if (spec.ids) said.push(["customer", spec.ids[index]]);
  const code = store.segment[index];
  said.push(["segment", code === UNPLACED ? "not placed" : spec.segments[code]]);
  for (const column of spec.columns.filter(({ label }) => label)) {
    const cell = store.columns[column.name].codes[index];
    said.push([column.label, cell === NO_CELL ? "–" : written(valueAt(column, cell + 0.5), column)]);
  }
  return said;
}

// A button for each segment, Clear, Undo, and the count, which screen readers hear.
function controlPanel(root, store, spec, palette) {
  const entries = spec.segments.map((label, code) => [label, code]);
  if (spec.has_unplaced) entries.push(["not placed", UNPLACED]);
  const buttons = entries.map(([label, code]) => button(label, () => store.select({ kind: "segment", geometry: code })));
  const icons = buttons.map((made) => made.insertBefore(document.createElement("canvas"), made.firstChild));
  const clear = button("Clear", () => store.select({ kind: "none" }));
  const undo = button("Undo", () => store.undo());
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  root.classList.add("payseg-brush");
  root.replaceChildren(...buttons, clear, undo, status);

  function say() {
    status.textContent = store.count
      ? `${whole(store.count)} of ${whole(store.n)} customers selected`
      : `Nothing selected. Draw a box or a lasso over ${whole(store.n)} customers, or choose a segment.`;
    undo.disabled = !store.past.length;
  }
  function draw() {
    const { background, ink, muted } = palette().colours;
    root.style.color = ink;
    for (const made of [...buttons, clear, undo]) Object.assign(made.style, { color: ink, background, borderColor: muted });
    icons.forEach((canvas, k) => icon(canvas, kindOf(entries[k][1]), palette()));
  }
  draw();
  say();
  const stop = store.onChange(say);
  return {
    draw,
    end() {
      stop();
      root.replaceChildren();
    },
  };
}

// A segment's shape in its colour.
function icon(canvas, kind, palette) {
  const { size, coverage } = stampOf(kind, 5.5);
  Object.assign(canvas, { width: size, height: size });
  canvas.setAttribute("aria-hidden", "true");
  const image = new ImageData(size, size);
  const [r, g, b] = palette.segments[kind];
  coverage.forEach((share, at) => image.data.set([r, g, b, 255 * share], 4 * at));
  canvas.getContext("2d").putImageData(image, 0, 0);
}
