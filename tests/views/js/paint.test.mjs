import assert from "node:assert/strict";
import test from "node:test";
import { Nearest } from "../../../payseg_widgets/views/js/nearest.js";
import { Picture } from "../../../payseg_widgets/views/js/paint.js";
import { Store } from "../../../payseg_widgets/views/js/store.js";

const segments = Array.from({ length: 9 }, (_, k) => [10 * k + 1, 100, 200]);
const PALETTE = { segments, rest: [7, 7, 7] };
const VIEW = { x0: 0, x1: 1, y0: 0, y1: 1, logX: false, logY: false, width: 20, height: 10, ratio: 1 };
const rgba = (pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255, pixel >>> 24];

function storeOf(xs, ys, codes) {
  const column = (values) => ({ codes: Uint16Array.from(values, (v) => (v === null ? 65535 : Math.floor(v * 65534))), low: 0, high: 1, scale: "linear" });
  return new Store({ n: xs.length, columns: { x: column(xs), y: column(ys) }, segment: Uint8Array.from(codes) });
}
function crowd(n, place = (k) => [(k % 97) / 97, (k % 89) / 89]) {
  const places = Array.from({ length: n }, (_, k) => place(k));
  return storeOf(places.map((p) => p[0]), places.map((p) => p[1]), places.map((_, k) => k % 3));
}

test("a point is a disc around its pixel, lowest row first, in the colour of its segment", () => {
  const store = storeOf([0.525, null], [0.15, 0.5], [2, 0]);
  const picture = new Picture(store, "x", "y");
  picture.look(VIEW);
  const pixels = picture.paint(PALETTE);
  const [r, g, b, a] = rgba(pixels[1 * 20 + 10]);
  assert.deepEqual([r, g, b], segments[2]);
  assert.ok(a > 200);
  assert.equal(pixels[9 * 20 + 0], 0);
});

test("the missing are not painted", () => {
  const picture = new Picture(storeOf([null, 0.5], [0.5, null], [0, 0]), "x", "y");
  picture.look(VIEW);
  assert.ok(picture.paint(PALETTE).every((pixel) => pixel === 0));
});

test("many points are density: opacity grows with their number, the commonest segment gives the colour", () => {
  const store = crowd(30000, (k) => (k < 20000 ? [0.01, 0.01] : [0.51, 0.5 + (k % 40) / 100]));
  const picture = new Picture(store, "x", "y");
  picture.look(VIEW);
  const pixels = picture.paint(PALETTE);
  const [full, thin] = [rgba(pixels[0]), rgba(pixels[6 * 20 + 10])];
  assert.equal(full[3], 255);
  assert.ok(thin[3] > 0 && thin[3] <= 255);
  assert.deepEqual(full.slice(0, 3), segments[0]);
});

test("following a brush step by step paints what counting afresh paints", () => {
  const store = crowd(30000);
  const followed = new Picture(store, "x", "y");
  followed.look(VIEW);
  store.onShown(() => followed.follow());
  for (const last of [1000, 60000, 30000, 30500]) {
    store.select({ kind: "box", x: "x", y: "y", geometry: [0, last, 0, 40000] }, { live: true });
    const fresh = new Picture(store, "x", "y");
    fresh.look(VIEW);
    assert.deepEqual(followed.paint(PALETTE), fresh.paint(PALETTE), `${last}`);
  }
});

test("zooming in shows the part in view; a log view of a linear grid bends it", () => {
  const store = storeOf([0.25, 0.9], [0.5, 0.5], [0, 0]);
  const picture = new Picture(store, "x", "y");
  picture.look({ ...VIEW, x0: 0.2, x1: 0.3 });
  assert.equal(picture.inView, 1);
  assert.ok(picture.paint(PALETTE)[5 * 20 + 9] || picture.paint(PALETTE)[5 * 20 + 10]);
  picture.look({ ...VIEW, x0: 0.01, x1: 1, logX: true }); // 0.25 lies at log(25) / log(100) = 0.699 of the width
  assert.ok(rgba(picture.paint(PALETTE)[5 * 20 + 13])[3] > 150);
});

test("the nearest point is the nearest by brute force", () => {
  const store = crowd(2000);
  const { x, y } = { x: store.columns.x.codes, y: store.columns.y.codes };
  const nearest = new Nearest(x, y);
  for (let k = 0; k < 200; k++) {
    const [cx, cy, reach] = [(k * 7919) % 65535, (k * 104729) % 65535, 900];
    const distance = (i) => Math.hypot(x[i] + 0.5 - cx, y[i] + 0.5 - cy);
    const least = Math.min(...Array.from(x.keys(), distance));
    const found = nearest.find(cx, cy, reach, reach);
    if (least >= reach) assert.equal(found, -1);
    else assert.equal(distance(found), least);
  }
});
