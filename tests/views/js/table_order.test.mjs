import assert from "node:assert/strict";
import test from "node:test";
import { Scroll, kept, sortedOrder, textRanks } from "../../../payseg_widgets/views/js/table_order.js";

test("missing ranks come last both ways and equal ones keep the page's order", () => {
  const column = { ranks: Uint16Array.from([2, 65535, 0, 2, 1]), nRanks: 3 };
  assert.deepEqual([...sortedOrder(column, false)], [2, 4, 0, 3, 1]);
  assert.deepEqual([...sortedOrder(column, true)], [0, 3, 4, 2, 1]);
});

test("no row sorts into no row", () => {
  assert.deepEqual([...sortedOrder({ ranks: new Uint16Array(0), nRanks: 0 }, true)], []);
  assert.equal(textRanks([]).nRanks, 0);
});

test("texts rank by their characters, equal ones alike", () => {
  const { ranks, nRanks } = textRanks(["b", "a", "b", "", "B"]);
  assert.deepEqual([...ranks], [3, 2, 3, 0, 1]);
  assert.equal(nRanks, 4);
});

test("filtering keeps the order", () => {
  assert.deepEqual([...kept(Uint32Array.from([3, 1, 2]), (k) => k !== 1)], [3, 2]);
});

test("a hundred thousand rows scroll pixel by pixel", () => {
  const scroll = new Scroll(28);
  scroll.resize(100_000, 280);
  assert.equal(scroll.height, 2_800_000);
  scroll.moved(1000);
  assert.deepEqual([scroll.first, scroll.end, scroll.y(40)], [35, 46, 1120]);
});

test("of a million rows the first and the last can be reached, and each is revealed whole", () => {
  const scroll = new Scroll(28);
  scroll.resize(1_000_000, 280);
  assert.equal(scroll.height, 8_000_000);
  scroll.moved(8_000_000 - 280);
  assert.equal(scroll.end, 1_000_000);
  assert.ok(Math.abs(scroll.y(999_999) - (8_000_000 - 28)) < 1e-6);
  for (const row of [0, 1, 123_456, 999_999]) {
    scroll.reveal(row);
    const at = scroll.y(row) - scroll.bar;
    assert.ok(at >= -1e-6 && at <= 280 - 28 + 1e-6, `row ${row} at ${at}`);
    scroll.moved(Math.round(scroll.bar)); // the browser rounds
    assert.ok(Math.abs(scroll.y(row) - scroll.bar - at) < 1e-6);
  }
});

test("fewer rows than were scrolled past bring the view back", () => {
  const scroll = new Scroll(28);
  scroll.resize(1000, 280);
  scroll.reveal(999);
  scroll.resize(3, 280);
  assert.deepEqual([scroll.first, scroll.end], [0, 3]);
});
