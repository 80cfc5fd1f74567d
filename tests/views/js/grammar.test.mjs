import assert from "node:assert/strict";
import test from "node:test";
import { ConditionError, columnsIn, parsedCondition } from "../../../payseg_widgets/views/js/grammar.js";
import { selectedBy } from "../../../payseg_widgets/views/js/evaluate.js";
import { columnsOf, conditionOf } from "../../../payseg_widgets/views/js/steps.js";
import { closest } from "../../../payseg_widgets/views/js/words.js";

const store = {
  n: 4,
  values: { late: Float64Array.from([0, 10, NaN, Infinity]) },
  columns: { late: { codes: Uint16Array.from([0, 65534, 65535, 65535]), low: 0, high: 10, scale: "linear" } },
  segment: Uint8Array.from([0, 1, 255, 0]),
};
const spec = { values: [{ name: "late" }], columns: [{ name: "late" }], segments: ["A", "B"], others: ["noise"], ids: ["K1", "K2", "K3", "=4"], exact_at_most: 50_000 };
const hits = (text, given = spec) => selectedBy(text, store, given).join("");
const wrong = (text, given = spec) => {
  try {
    hits(text, given);
  } catch (error) {
    if (error instanceof ConditionError) return [error.position, error.message];
    throw error;
  }
  return assert.fail(`${text} was read`);
};

test("conditions select by values, segments and ids", () => {
  const expected = {
    "late > 5": "0101", "late != 10": "1001", "not late > 5": "1010", "late is missing": "0010", "0 <= late < 1e1": "1000",
    "late between 0 and 10": "1100", "late in (10, 11)": "0100", "late > 500% and late < 1e308": "0100",
    'segment == "A"': "1001", "segment not in ['A', 'B']": "0010", 'segment == "noise"': "0010", "segment is present": "1111",
    'customer_id in ("K1", "=4")': "1001", 'customer_id != "K2"': "1011", "everything": "1111", "~(everything | late > 1)": "0000",
    "lasso(late linear(0, 10, 65535), late linear(0, 10, 65535), (0 0, 9 0, 9 9, 0 9))": "1000",
  };
  for (const [text, mask] of Object.entries(expected)) assert.equal(hits(text), mask, text);
});

test("a mistake is named with its place, which counts characters", () => {
  assert.deepEqual(wrong("late > "), [7, "cannot read the selection at character 8: expected a number or a quoted text, found the end.\n  late > \n         ^"]);
  assert.match(wrong("late = 3")[1], /Did you mean '=='\?/);
  assert.match(wrong("segment == A")[1], /Did you mean "A"\?/);
  const [position, message] = wrong('segment == "😀" nad late > 1');
  assert.deepEqual([position, message.includes("at character 16")], [16, true]);
});

test("unknown columns are suggested, absent exact values are said to be absent", () => {
  assert.match(wrong("lats > 3")[1], /no column is called 'lats'. Did you mean 'late'\?/);
  const page = { ...spec, values: null };
  const many = { ...store, values: null, n: 60_000 };
  assert.throws(() => selectedBy("late > 3", many, page), /no exact values of 'late'.*60,000 customers; up to 50,000/);
  assert.throws(() => selectedBy('customer_id == "K1"', store, { ...spec, ids: undefined }), /holds no ids/);
  assert.throws(() => selectedBy('segment == "noise"', store, { ...spec, others: null }), /does not hold the segments/);
  assert.match(wrong("segment > 3")[1], /holds text/);
  assert.match(wrong('late == "x"')[1], /holds number/);
});

test("the page's own cells answer a lasso without exact values", () => {
  const text = "lasso(late linear(0, 10, 65535), late linear(0, 10, 65535), (0 0, 65535 0, 65535 65535, 0 65535))";
  assert.equal(selectedBy(text, { ...store, values: null }, { ...spec, values: null }).join(""), "1100");
});

test("columns of a condition are found in all of its parts", () => {
  assert.deepEqual([...columnsIn(parsedCondition("a > 1 and not (b is missing or 1 < `c d`)"))], ["a", "b", "c d"]);
});

test("steps are written as the condition that repeats them", () => {
  const box = { kind: "box", x: "late", y: "late", geometry: [0, 65534, 0, 65534], mode: "replace" };
  const segment = (mode) => ({ kind: "segment", geometry: 0, mode });
  const typed = { kind: "mask", text: "late > 1 or late is missing", mode: "intersect" };
  assert.equal(conditionOf([], store, spec), "nothing");
  assert.equal(conditionOf([box], store, spec), "0 <= late <= 10 and 0 <= late <= 10");
  const text = conditionOf([box, segment("subtract"), typed, segment("xor")], store, spec);
  assert.equal(hits(text), "1101"); // 0 1, less A: 1, and (1 2 3): 1, either this or A but not both: 0 1 3
  assert.equal(conditionOf([{ kind: "mask", mode: "replace" }], store, spec), null);
  assert.deepEqual([...columnsOf([box, segment("add"), typed])], ["late"]);
});

test("a near name is found, a far one is not", () => {
  assert.deepEqual(closest("late_ration", ["late_ratio", "outstanding"]), ["late_ratio"]);
  assert.deepEqual(closest("zzz", ["late_ratio"]), []);
  assert.deepEqual(closest("nad", ["and", "or"]), ["and"]);
  assert.deepEqual(closest("", ["a"]), []);
});
