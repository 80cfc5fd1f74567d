import assert from "node:assert/strict";
import test from "node:test";
import { actionOf, neighbour, nextOpen, openLeft, withChoice } from "../../../payseg_widgets/widgets/enrichment_queue.js";

const ITEMS = [[5, ""], [2, "accepted"], [4, "skipped"], [1, ""]];
const pressed = (key, more = {}) => actionOf({ key, ...more }, false);

test("keys accept, refuse, skip, undo and move, in either case", () => {
  assert.deepEqual(["1", "2", "3"].map((key) => pressed(key).rank), [0, 1, 2]);
  assert.deepEqual(pressed("n"), { act: "refuse", choice: "not a company" });
  assert.deepEqual(pressed("M"), { act: "refuse", choice: "no match" });
  assert.deepEqual(["o", "S", "u"].map((key) => pressed(key).act), ["other", "skip", "undo"]);
  assert.deepEqual([pressed("ArrowRight").by, pressed("ArrowUp").by], [1, -1]);
});

test("typed text, shortcuts, keys held down and other keys decide nothing", () => {
  assert.equal(actionOf({ key: "n" }, true), undefined);
  for (const more of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { repeat: true }]) assert.equal(pressed("1", more), undefined);
  for (const key of ["4", "0", "Enter", " ", "Tab", "Escape", "constructor"]) assert.equal(pressed(key), undefined, key);
  assert.equal(pressed("ArrowRight", { repeat: true }).by, 1);
});

test("after a decision comes the next one open, round the end; skipped ones when no other is left", () => {
  assert.equal(nextOpen(ITEMS, undefined), 5);
  assert.equal(nextOpen(ITEMS, 5), 1);
  assert.equal(nextOpen(ITEMS, 1), 5);
  assert.equal(nextOpen(withChoice(ITEMS, 5, "no match"), 1), 1);
  const onlySkipped = withChoice(withChoice(ITEMS, 5, "no match"), 1, "accepted");
  assert.equal(nextOpen(onlySkipped, 1), 4);
  assert.equal(nextOpen(onlySkipped, 4), 4);
  assert.equal(nextOpen(withChoice(onlySkipped, 4, "accepted"), 4), undefined);
  assert.equal(nextOpen([], 3), undefined);
});

test("every open question is met once when each is decided in turn", () => {
  let [items, at, met] = [ITEMS, undefined, []];
  while ((at = nextOpen(items, at)) !== undefined) {
    met.push(at);
    items = withChoice(items, at, "accepted");
  }
  assert.deepEqual(met, [5, 1, 4]);
  assert.equal(openLeft(items), 0);
});

test("skipped ones are left to decide", () => assert.equal(openLeft(ITEMS), 3));

test("arrows pass over nobody and stop at the ends", () => {
  assert.deepEqual([neighbour(ITEMS, 5, 1), neighbour(ITEMS, 1, 1), neighbour(ITEMS, 5, -1), neighbour(ITEMS, 4, -1)], [2, 1, 5, 2]);
  assert.equal(neighbour(ITEMS, 99, 1), 5);
  assert.equal(neighbour([], 99, 1), undefined);
});
