import assert from "node:assert/strict";
import test from "node:test";
import { Store } from "../../../payseg_widgets/views/js/store.js";

function store() {
  const codes = (...values) => ({ codes: Uint16Array.from(values), low: 0, high: 65535, scale: "linear" });
  return new Store({ n: 5, columns: { a: codes(0, 1, 2, 3, 4), b: codes(4, 3, 2, 1, 0) }, segment: Uint8Array.from([0, 0, 1, 1, 255]) });
}
const shown = ({ selected }) => [...selected].join("");
const upTo = (last) => ({ kind: "box", x: "a", y: "b", geometry: [0, last, 0, 9] });

test("modes replace, add, subtract, intersect and xor", () => {
  const s = store();
  s.select(upTo(2));
  assert.equal(shown(s), "11100");
  const with_ = (mode) => {
    s.select(upTo(2));
    s.select({ kind: "segment", geometry: 1, mode });
    return shown(s);
  };
  assert.equal(with_("add"), "11110");
  assert.equal(with_("subtract"), "11000");
  assert.equal(with_("intersect"), "00100");
  assert.equal(with_("xor"), "11010");
  assert.equal(with_("replace"), "00110");
});

test("the count and the list of what turned follow each change", () => {
  const s = store();
  assert.equal(s.select(upTo(3)), 4);
  assert.equal(s.select(upTo(1)), 2);
  assert.deepEqual([...s.changed.subarray(0, s.nChanged)], [2, 3]);
});

test("a drag is shown at once, told once, and joins what stood before it began", () => {
  const s = store();
  const told = [];
  s.onChange((change) => told.push(change));
  s.select({ kind: "segment", geometry: 1 });
  for (const last of [0, 1, 0]) s.select({ ...upTo(last), mode: "add" }, { live: true });
  assert.equal(shown(s), "10110");
  s.select({ ...upTo(0), mode: "add" });
  assert.equal(told.length, 2);
  assert.equal(told[1].count, 3);
  assert.deepEqual([...told[1].mask], [0b01101]);
  assert.deepEqual(told[1].steps.map((step) => [step.kind, step.mode]), [["segment", "replace"], ["box", "add"]]);
});

test("a drag given up leaves what stood before", () => {
  const s = store();
  s.select(upTo(1));
  s.select(upTo(4), { live: true });
  s.cancel();
  assert.equal(shown(s), "11000");
});

test("undo goes back step by step, steps included, and tells it", () => {
  const s = store();
  s.select(upTo(1));
  s.select({ kind: "segment", geometry: 255, mode: "add" });
  assert.equal(shown(s), "11001");
  const told = [];
  s.onChange((change) => told.push(change.steps.length));
  assert.ok(s.undo());
  assert.equal(shown(s), "11000");
  assert.ok(s.undo());
  assert.equal(s.count, 0);
  assert.deepEqual(told, [1, 0]);
  assert.equal(s.undo(), false);
});

test("what the host selects is marked as its own, so that it is not told to it again", () => {
  const s = store();
  const told = [];
  s.onChange((change) => told.push(change.byHost));
  s.select({ kind: "mask", geometry: Uint8Array.from([0b10010]) }, { byHost: true });
  assert.equal(shown(s), "01001");
  s.select({ kind: "none" });
  assert.deepEqual(told, [true, false]);
});

test("all and none", () => {
  const s = store();
  assert.equal(s.select({ kind: "all" }), 5);
  assert.equal(s.select({ kind: "none" }), 0);
  assert.deepEqual(s.steps, []);
});

test("unknown kinds, modes and columns say what can be given", () => {
  const s = store();
  assert.throws(() => s.select({ kind: "circle" }), /circle.*box, lasso, segment/);
  assert.throws(() => s.select({ ...upTo(1), mode: "plus" }), /plus.*replace, add/);
  assert.throws(() => s.select({ ...upTo(1), x: "c" }), /no column "c"/);
});
