import assert from "node:assert/strict";
import test from "node:test";
import * as hit from "../../../payseg_widgets/views/js/hit.js";

const LINEAR = { low: 0, high: 65535, scale: "linear" }; // cell i is the values from i to i + 1
const LOG = { low: 1, high: Math.E ** 3, scale: "log" };

const cells = (...values) => Uint16Array.from(values);
const out = (x) => new Uint8Array(x.length);

// The rule as it is stated, side by side, in integers without limit.
function insideByRule(polygon, x, y) {
  let odd = false;
  polygon.forEach(([xi, yi], k) => {
    const [xj, yj] = polygon[(k + 1) % polygon.length];
    if (yi > y === yj > y) return;
    const [dx, dy] = [BigInt(xj - xi), BigInt(yj - yi)];
    const left = BigInt(x - xi) * dy;
    const right = dx * BigInt(y - yi);
    if (dy > 0n ? left < right : left > right) odd = !odd;
  });
  return odd ? 1 : 0;
}

function random(seed) {
  return () => ((seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32);
}

test("an edge drawn at a value is the nearest boundary between cells", () => {
  assert.equal(hit.boundary(LINEAR, 7.4), 7);
  assert.equal(hit.boundary(LINEAR, 7.6), 8);
  assert.equal(hit.boundary(LOG, Math.E), 21845); // a third of the way up
  assert.equal(hit.boundary(LOG, -1), 1 - 2 ** 17);
});

test("a box holds the cells between its edges, whichever corner it was drawn from", () => {
  const drawn = { x0: 9.9, x1: 2.2, y0: 0.1, y1: 5 };
  assert.deepEqual(hit.boxCells(LINEAR, LINEAR, drawn), [2, 9, 0, 4]);
  const x = cells(1, 2, 9, 10, 5, 5);
  const y = cells(0, 0, 4, 0, 5, 65535);
  assert.deepEqual([...hit.boxHits(x, y, [2, 9, 0, 4], out(x))], [0, 1, 1, 0, 0, 0]);
});

test("a missing value is never hit, even by a box over everything", () => {
  const x = cells(0, 65534, 65535);
  assert.deepEqual([...hit.boxHits(x, x, [0, 65535, 0, 65535], out(x))], [1, 1, 0]);
  const wide = [[-5, -5], [70000, -5], [70000, 70000], [-5, 70000]];
  assert.deepEqual([...hit.lassoHits(x, x, wide, out(x))], [1, 1, 0]);
});

test("a box narrower than a cell holds nobody", () => {
  const x = cells(3, 4);
  const box = hit.boxCells(LINEAR, LINEAR, { x0: 3.1, x1: 3.2, y0: 0, y1: 9 });
  assert.deepEqual([...hit.boxHits(x, x, box, out(x))], [0, 0]);
});

test("a lasso follows the stated rule exactly, for any polygon and right up to its sides", () => {
  const draw = random(7);
  for (let round = 0; round < 60; round++) {
    const scale = [40, 700, 20000, 90000][round % 4];
    const centre = Math.floor(draw() * 60000);
    const place = () => Math.floor(centre + (draw() - 0.5) * scale);
    const polygon = Array.from({ length: 3 + Math.floor(draw() * 40) }, () => [place(), place()]);
    const near = polygon.flatMap(([px, py]) => [[px, py], [px - 1, py], [px + 1, py], [px, py - 1], [px, py + 1]]);
    const points = [...near, ...Array.from({ length: 300 }, () => [place(), place()])]
      .map((p) => p.map((c) => Math.max(0, Math.min(65534, c))));
    const x = Uint16Array.from(points, (p) => p[0]);
    const y = Uint16Array.from(points, (p) => p[1]);
    const found = hit.lassoHits(x, y, polygon, out(x));
    points.forEach(([px, py], k) => assert.equal(found[k], insideByRule(polygon, px, py), `${round}: ${px} ${py} ${JSON.stringify(polygon)}`));
  }
});

test("a mask has the first customer in the lowest bit and survives the round trip", () => {
  const flags = Uint8Array.from([1, 0, 0, 1, 0, 0, 0, 0, 1]);
  assert.deepEqual([...hit.packed(flags)], [0b1001, 1]);
  assert.deepEqual([...hit.unpacked(hit.packed(flags), new Uint8Array(9))], [...flags]);
});
