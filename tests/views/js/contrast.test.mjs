import assert from "node:assert/strict";
import test from "node:test";
import { contrastOf, sizeWord, smallerSide, sumsOf } from "../../../payseg_widgets/views/js/contrast.js";
import { readersOf } from "../../../payseg_widgets/views/js/readers.js";

const SIZES = [[0.147, "negligible"], [0.33, "small"], [0.474, "medium"]];

function exact(values, flags) {
  const selected = Uint8Array.from(flags);
  const store = { n: values.length, selected, count: flags.filter(Boolean).length, values: { a: Float64Array.from(values) } };
  const [reader] = readersOf(store, { values: [{ name: "a", label: "A" }] });
  return { reader, ...contrastOf(reader, smallerSide(store)), sums: sumsOf(reader, smallerSide(store)) };
}

test("delta and medians of six values counted by hand", () => {
  // selected 1, 2, 3 against 0, 0, 2: of nine pairs seven above, one equal, one below
  const found = exact([1, 2, 3, 0, 0, 2], [1, 1, 1, 0, 0, 0]);
  assert.equal(found.delta, 6 / 9);
  assert.deepEqual([found.median, found.medianRest, found.n, found.nRest], [2, 0, 3, 3]);
  assert.deepEqual(found.sums, { selected: 6, total: 8 });
});

test("the other way round delta turns its sign, whichever side is the smaller", () => {
  const values = [5, 1, 9, 9, 2, 7, 3];
  const flags = [1, 1, 0, 0, 0, 0, 0];
  const [few, many] = [exact(values, flags), exact(values, flags.map((flag) => 1 - flag))];
  assert.equal(few.delta, -many.delta);
  assert.deepEqual([few.median, few.medianRest], [many.medianRest, many.median]);
  assert.equal(few.median, 3);
});

test("missing values are left out, infinite ones are values", () => {
  const found = exact([NaN, Infinity, 1, -Infinity, NaN], [1, 1, 0, 0, 0]);
  assert.deepEqual([found.delta, found.median, found.n, found.nRest], [1, Infinity, 1, 2]);
});

test("without values on a side there is neither delta nor median", () => {
  const found = exact([NaN, NaN, 1], [1, 1, 0]);
  assert.ok(Number.isNaN(found.delta) && Number.isNaN(found.median));
  assert.equal(sizeWord(found.delta, SIZES), "");
  assert.ok(Number.isNaN(exact([], []).delta));
});

test("0 and minus 0 are one value", () => {
  assert.equal(exact([0, -0], [1, 0]).delta, 0);
});

test("words have the bounds of Romano and others", () => {
  const words = [0, -0.146, 0.147, -0.33, 0.473, 0.474, -1].map((delta) => sizeWord(delta, SIZES));
  assert.deepEqual(words, ["negligible", "negligible", "small", "medium", "medium", "large", "large"]);
});

test("cells stand for the value in their middle", () => {
  const column = { name: "a", label: "A", codes: Uint16Array.from([0, 65534, 65535]), low: 0, high: 65535, scale: "linear" };
  const store = { n: 3, columns: { a: column }, selected: Uint8Array.from([1, 0, 0]), count: 1 };
  const [reader] = readersOf(store, { values: null, columns: [column] });
  const found = contrastOf(reader, smallerSide(store));
  assert.deepEqual([found.delta, found.median, found.medianRest, found.nRest], [-1, 0.5, 65534.5, 1]);
});
