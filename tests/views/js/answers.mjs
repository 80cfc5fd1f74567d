// Answers for Python's tests, a line of JSON each: what the page makes of a table, of conditions and of steps.

import { createInterface } from "node:readline";
import { cardOf } from "../../../payseg_widgets/views/js/card.js";
import { storeOf } from "../../../payseg_widgets/views/js/brush_page.js";
import { selectedBy } from "../../../payseg_widgets/views/js/evaluate.js";
import { ConditionError, parsedCondition } from "../../../payseg_widgets/views/js/grammar.js";
import { packed } from "../../../payseg_widgets/views/js/hit.js";
import { readersOf } from "../../../payseg_widgets/views/js/readers.js";
import { conditionOf } from "../../../payseg_widgets/views/js/steps.js";

let [store, spec] = [];
const said = (value) => (Number.isNaN(value) ? null : Number.isFinite(value) ? value : String(value));

const answers = {
  page(given) {
    spec = given.spec;
    store = storeOf(spec, given.buffers.map((text) => Uint8Array.from(Buffer.from(text, "base64"))));
  },
  parse({ text }) {
    parsedCondition(text);
  },
  apply({ text }) {
    return [...selectedBy(text, store, spec)];
  },
  steps({ steps }) {
    for (const step of steps) store.select(step);
    return { flags: [...store.selected], text: conditionOf(store.steps, store, spec) };
  },
  card({ flags }) {
    store.select({ kind: "mask", geometry: packed(Uint8Array.from(flags)) });
    const { rows, money, segments } = cardOf(store, spec, readersOf(store, spec));
    return {
      rows: rows.map(({ reader, delta, median, medianRest, size, n, nRest }) => [reader.name, said(delta), said(median), said(medianRest), size, n, nRest]),
      money: money.map(({ kind, selected, total }) => [kind, selected, total]),
      segments: segments.map(({ name, selected, total }) => [name, selected, total]),
    };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { ask, ...given } = JSON.parse(line);
  let answer;
  try {
    answer = { found: answers[ask](given) ?? null };
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    answer = { wrong: error.message, position: error.position === undefined ? null : [...given.text.slice(0, error.position)].length };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
