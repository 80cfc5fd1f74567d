// What the selected customers have in common: medians, effects, money, segments. Worked out when a brush is finished.

import { contrastOf, sizeWord, smallerSide, sumsOf } from "./contrast.js";
import { columnsOf } from "./steps.js";
import { button, clipped, element, figure, unitOf, whole } from "./words.js";

const FIRST_SHOWN = 10;
const REST = 120; // milliseconds
const NOT_PLACED = 255;

// {rows, money, segments} for what is selected.
export function cardOf(store, spec, readers) {
  const side = smallerSide(store);
  const rows = readers.map((reader) => {
    const found = contrastOf(reader, side);
    return { reader, ...found, size: sizeWord(found.delta, spec.sizes) };
  });
  const strength = ({ delta }) => (Number.isNaN(delta) ? -1 : Math.abs(delta));
  rows.sort((a, b) => strength(b) - strength(a));
  const money = Object.entries(spec.money).flatMap(([kind, name]) => {
    const reader = readers.find((each) => each.name === name);
    return reader ? [{ kind, reader, ...sumsOf(reader, side) }] : [];
  });
  return { rows, money, segments: segmentCounts(store, spec) };
}

function segmentCounts({ segment, selected }, { segments, has_unplaced: hasUnplaced }) {
  const [all, mine] = [new Uint32Array(NOT_PLACED + 1), new Uint32Array(NOT_PLACED + 1)];
  for (let k = 0; k < segment.length; k++) {
    all[segment[k]]++;
    mine[segment[k]] += selected[k];
  }
  const codes = [...segments.keys(), ...(hasUnplaced ? [NOT_PLACED] : [])];
  return codes.map((code) => ({ name: segments[code] ?? "Not placed", selected: mine[code], total: all[code] }));
}

// What to be wary of, in the words of contrast.py.
export function warningsOf({ count, n, steps }, spec, readers) {
  const { few } = spec;
  const made = columnsOf(steps, spec);
  const circular = readers.filter(({ name }) => made.has(name)).map(({ label }) => `“${clipped(label)}”`);
  const said = [];
  if (circular.length) {
    const listed = circular.length === 1 ? circular[0] : `${circular.slice(0, -1).join(", ")} and ${circular.at(-1)}`;
    said.push(`Circular: they were selected by ${listed}, so that a difference there is no finding.`);
  }
  if (Math.min(count, n - count) < few) said.push(`Caution: ${count < few ? `only ${count} selected` : `only ${n - count} not selected`}, too few to tell.`);
  return said;
}

export function selectionCard(root, store, spec, readers) {
  const said = element("p", { "aria-live": "polite" });
  const body = element("div", { class: "payseg-card" });
  root.replaceChildren(element("h2", {}, "What the selected have in common"), said, body);
  let [due, isAll] = [0, false];

  function draw() {
    const { count, n } = store;
    body.replaceChildren();
    if (!count || count === n) {
      said.textContent = count ? `All ${whole(n)} customers are selected: there is nothing to compare.` : "Select customers to see what sets them apart from the rest.";
      return;
    }
    const card = cardOf(store, spec, readers);
    const made = columnsOf(store.steps, spec);
    said.textContent = leadOf(card.rows.filter(({ reader }) => !made.has(reader.name)), store, made.size > 0);
    const warnings = warningsOf(store, spec, readers).map((text) => element("p", { class: "payseg-warning" }, text));
    const shown = isAll ? card.rows : card.rows.slice(0, FIRST_SHOWN);
    const left = element("div", { class: "payseg-features", tabindex: "0", role: "group", "aria-label": "Selected against the rest" }, contrastTable(shown, made));
    if (card.rows.length > FIRST_SHOWN) {
      const more = button(isAll ? "Show the greatest only" : `Show all ${card.rows.length}`, () => {
        isAll = !isAll;
        draw();
        body.querySelector(".payseg-features > button").focus();
      });
      left.append(more);
    }
    const right = element("div", { class: "payseg-side" }, ...(card.money.length ? [moneyTable(card.money)] : []), segmentTable(card.segments));
    body.append(...warnings, left, right);
  }
  // After the pictures are painted and Bokeh has drawn them, once for brushes that follow each other fast.
  function later() {
    clearTimeout(due);
    due = setTimeout(draw, REST);
  }
  const stop = store.onChange(later);
  draw();
  return {
    draw,
    end() {
      clearTimeout(due);
      stop();
    },
  };
}

function leadOf(rows, { count, n }, isCircular) {
  const who = count === 1 ? "1 customer" : `${whole(count)} customers`;
  const top = rows.filter(({ size }) => size && size !== "negligible").slice(0, 3);
  const told = top.map(({ reader, delta, median, medianRest }) => {
    const values = [median, medianRest].map((value) => `${figure(value, reader)}`);
    return `${delta > 0 ? "higher" : "lower"} in “${clipped(reader.label)}” (median ${values[0]} against ${values[1]}${unitOf(reader) ? ` ${unitOf(reader)}` : ""})`;
  });
  const [lie, differ] = count === 1 ? ["lies", "differs"] : ["lie", "differ"];
  const nothing = `${differ} from the rest in nothing${isCircular ? " else" : ""} that is more than negligible`;
  return `${who} of ${whole(n)} ${told.length ? `${lie} ${told.join("; ")}` : nothing}.`;
}

const heading = (...labels) => element("thead", {}, element("tr", {}, ...labels.map((label) => element("th", { scope: "col" }, label))));

function contrastTable(rows, made) {
  const lines = rows.map(({ reader, delta, size, median, medianRest }) => {
    const isCircular = made.has(reader.name);
    const name = element("th", { scope: "row", title: clipped(reader.label) }, element("span", {}, clipped(reader.label)), ...(isCircular ? [element("small", {}, "selected by")] : []));
    const cells = [median, medianRest].map((value) => element("td", {}, `${figure(value, reader)}${Number.isNaN(value) ? "" : unitSuffix(reader)}`));
    return element("tr", {}, name, element("td", { class: "payseg-effect" }, ...effect(delta, size, reader.worse)), ...cells);
  });
  return element("table", { class: "payseg-contrast" }, element("caption", {}, "Medians, and Cliff's delta from −1 (every selected value lies lower) to 1 (higher)"), heading("Feature", "Difference", "Selected", "Rest"), element("tbody", {}, ...lines));
}

const unitSuffix = (reader) => (unitOf(reader) ? ` ${unitOf(reader)}` : "");

// A bar from the middle, then the number and the word.
function effect(delta, size, worse) {
  if (Number.isNaN(delta)) return ["–"];
  const bar = element("span", { class: "payseg-bar", "aria-hidden": "true" }, element("i"));
  const way = worse && size !== "negligible" ? ((delta > 0) === (worse === "higher") ? "worse" : "better") : "";
  if (way) bar.dataset.way = way;
  const half = 50 * Math.abs(delta);
  Object.assign(bar.firstChild.style, { left: `${delta < 0 ? 50 - half : 50}%`, width: `${half}%` });
  const number = `${delta < 0 ? "−" : "+"}${Math.abs(delta).toFixed(2)}`;
  return [bar, element("span", { class: "payseg-number" }, number), element("span", {}, way ? `${size}, ${way}` : size)];
}

function moneyTable(money) {
  const share = (part, whole_) => (whole_ ? `${((100 * part) / whole_).toFixed(1)} %` : "–");
  const lines = money.map(({ kind, selected, total }) =>
    element("tr", {}, element("th", { scope: "row" }, kind[0].toUpperCase() + kind.slice(1)), ...[whole(Math.round(selected)), share(selected, total)].map((text) => element("td", {}, text))),
  );
  return element("table", {}, element("caption", {}, "Their money"), heading("Amount", "Sum", "Of the total"), element("tbody", {}, ...lines));
}

function segmentTable(segments) {
  const shown = segments.length > 8 ? segments.filter(({ selected }) => selected) : segments;
  const lines = shown.map(({ name, selected, total }) => {
    const bar = element("span", { class: "payseg-share", "aria-hidden": "true" }, element("i"));
    bar.firstChild.style.width = `${total ? (100 * selected) / total : 0}%`;
    return element("li", {}, element("span", {}, `${clipped(name)}: ${whole(selected)} of ${whole(total)}`), bar);
  });
  return element("div", { class: "payseg-segments" }, element("h3", {}, "Selected of each segment"), element("ul", {}, ...lines));
}
