// What was brushed, written as the condition that repeats it.

import { NO_CELL } from "./hit.js";
import { columnText, columnsIn, parsedCondition, quotedText } from "./grammar.js";
import { roundedInterval } from "./rounding.js";

// A written condition and how tightly it binds: 0 or, 1 and, 2 one condition.
const joinedTexts = (word, level) => (...parts) => ({ text: parts.map((part) => around(part, level + 1)).join(` ${word} `), level });
const both = joinedTexts("and", 1);
const either = joinedTexts("or", 0);
const around = ({ text, level }, least) => (level < least ? `(${text})` : text);
const opposite = (part) => ({ text: part.level === 2 && !part.text.startsWith("not ") ? `not ${part.text}` : `not (${part.text})`, level: 2 });
const NOBODY = { text: "nothing", level: 2 };

// The text for steps as the store keeps them; null where a step was a mask that no condition describes.
export function conditionOf(steps, store, spec) {
  let now = NOBODY;
  for (const step of steps) {
    const part = stepText(step, store, spec);
    if (!part) return null;
    now = joinedBy(step.mode, now, part);
  }
  return now.text;
}

function joinedBy(mode, before, part) {
  if (mode === "replace" || (before === NOBODY && (mode === "add" || mode === "xor"))) return part;
  if (mode === "add") return either(before, part);
  if (mode === "intersect") return both(before, part);
  const rest = both(before, opposite(part));
  return mode === "subtract" ? rest : either(rest, both(part, opposite(before)));
}

function stepText({ kind, x, y, geometry, text }, store, spec) {
  if (kind === "box") return boxText(store.columns, x, y, geometry, spec);
  if (kind === "lasso") return geometry.length < 3 ? NOBODY : { text: lassoText(store.columns, x, y, geometry), level: 2 };
  if (kind === "segment") return { text: segmentText(geometry, spec), level: 2 };
  if (kind === "all" || kind === "none") return kind === "all" ? { text: "everything", level: 2 } : NOBODY;
  return text ? { text, level: 0 } : null;
}

const gridOf = ({ low, high, scale }) => ({ low, high, scale, n: NO_CELL });

function boxText(columns, x, y, [i0, i1, j0, j1], spec) {
  if (i1 < i0 || j1 < j0) return NOBODY;
  const span = (name, first, last) => {
    const [low, high] = roundedInterval(gridOf(columns[name]), columns[name].codes, first, last);
    return { text: `${low} <= ${columnText(name)} ${last === NO_CELL - 1 ? "<=" : "<"} ${high}`, level: 2 };
  };
  return both(span(x, i0, i1), y === spec?.lanes?.column ? laneText(j0, j1, spec) : span(y, j0, j1));
}

// A box over lanes takes the segments whose middle it holds.
function laneText(first, last, spec) {
  const { middles, segments } = spec.lanes;
  const parts = segments.filter((_, lane) => middles[lane] >= first && middles[lane] <= last).map((code) => ({ text: segmentText(code, spec), level: 2 }));
  return parts.length ? parts.reduce((before, part) => either(before, part)) : NOBODY;
}

function lassoText(columns, x, y, polygon) {
  const axis = (name) => `${columnText(name)} ${columns[name].scale}(${columns[name].low}, ${columns[name].high}, ${NO_CELL})`;
  return `lasso(${axis(x)}, ${axis(y)}, (${polygon.map(([i, j]) => `${i} ${j}`).join(", ")}))`;
}

function segmentText(code, { segments }) {
  if (code !== 255) return `segment == ${quotedText(segments[code])}`;
  return segments.length ? `segment not in (${segments.map((name) => quotedText(name)).join(", ")})` : "everything";
}

// The columns that steps were made on.
export function columnsOf(steps, spec) {
  const names = new Set();
  for (const { kind, x, y, text } of steps) {
    if (kind === "box" || kind === "lasso") names.add(x).add(y === spec?.lanes?.column ? "segment" : y);
    else if (text) for (const name of columnsIn(parsedCondition(text))) names.add(name);
  }
  return names;
}
