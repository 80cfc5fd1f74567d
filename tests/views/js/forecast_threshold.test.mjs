// What a threshold does and costs, counted in the page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { byCosts, cellsAt, cheapestAt, costAt, inWords } from "../../../payseg_widgets/widgets/forecast_threshold.js";

// four late invoices with the chances 0, 1, 2 and 2 %, three timely ones with 0, 0 and 2 %
const COUNTS = { n_late: 4, n_timely: 3, late: [4, 3, 2, 0], timely: [3, 1, 1, 0], n_open: 1200, open: [1200, 7, 2, 0] };

test("flagged and not, late and timely, add up", () => {
  assert.deepEqual(cellsAt(COUNTS, 1), { found: 3, wrong: 1, missed: 1, passed: 2 });
  for (const k of [0, 1, 2, 3]) {
    const { found, wrong, missed, passed } = cellsAt(COUNTS, k);
    assert.deepEqual([found + missed, wrong + passed], [4, 3]);
  }
});

test("the cost counts what is missed and what is flagged for nothing", () => {
  assert.deepEqual([0, 1, 2, 3].map((k) => costAt(COUNTS, k, 4, 1)), [3, 5, 9, 16]);
  assert.equal(cheapestAt(COUNTS, 4, 1), 0);
  assert.equal(cheapestAt(COUNTS, 1, 1), 1);
  assert.equal(cheapestAt(COUNTS, 1, 100), 3);
});

test("of thresholds that cost the same the lowest is the cheapest", () => {
  assert.equal(cheapestAt({ ...COUNTS, late: [4, 4, 4, 4], timely: [3, 2, 2, 2] }, 4, 1), 1);
});

test("both costs may be any numbers of one unit: only their ratio decides", () => {
  for (const [missing, flagging] of [[4, 1], [1, 1], [1, 100], [0.3, 0.1]]) {
    assert.equal(cheapestAt(COUNTS, missing, flagging), cheapestAt(COUNTS, 1000 * missing, 1000 * flagging));
  }
});

test("the threshold by the costs leaves a choice however far apart they are", () => {
  assert.deepEqual([byCosts(4, 1), byCosts(500, 1), byCosts(1, 500)], [20, 1, 99]);
});

test("one open invoice is told as one", () => {
  assert.match(inWords({ ...COUNTS, n_open: 1, open: [1, 1, 0, 0] }, 1, 4, 1), /Of 1 open invoice that is not late yet, 1 is flagged\.$/);
});

test("it is said in words, with thousands, and where nothing is flagged", () => {
  assert.equal(
    inWords(COUNTS, 1, 1000, 1000),
    "At 1%, 75% of the late invoices are flagged; 75% of what is flagged is late. Cost 2,000; the cheapest whole per cent on " +
      "these invoices, 1%, costs 2,000. Of 1,200 open invoices that are not late yet, 7 are flagged.",
  );
  assert.match(inWords({ ...COUNTS, open: undefined }, 3, 4, 1), /^At 3%, 0% of the late invoices are flagged; nothing is flagged\. Cost 16; [^.]*\.$/);
});
