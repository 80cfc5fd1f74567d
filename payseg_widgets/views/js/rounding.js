// Bounds of a brush in few digits: the shortest decimal number that parts the same customers, as Python's rounding finds it.

import { NO_CELL } from "./hit.js";
import { edgeOf } from "./grids.js";

const ROOM = 64; // cells that a bound may move by
const DIGITS = 17;
const occupiedBy = new WeakMap(); // codes of a column: a flag for each cell that holds a customer

// The values of cells first to last: lower and upper end.
export function roundedInterval(grid, codes, first, last) {
  const flags = occupied(codes);
  const [low, high] = [roundedEdge(grid, flags, first), roundedEdge(grid, flags, last + 1)];
  return low < high ? [low, high] : [edgeOf(grid, first), edgeOf(grid, last + 1)];
}

function occupied(codes) {
  if (!occupiedBy.has(codes)) {
    const flags = new Uint8Array(NO_CELL + 1);
    for (let k = 0; k < codes.length; k++) flags[codes[k]] = 1;
    occupiedBy.set(codes, flags);
  }
  return occupiedBy.get(codes);
}

function roundedEdge(grid, flags, at) {
  const { n, scale } = grid;
  let [from, to] = [at, at]; // edges between which no customer lies
  while (from > Math.max(0, at - ROOM) && !flags[from - 1]) from--;
  while (to < Math.min(n, at + ROOM) && !flags[to]) to++;
  let [least, most] = [edgeOf(grid, from), edgeOf(grid, to)];
  if (at === 0) least = beyond(least, edgeOf(grid, Math.min(ROOM, n)));
  if (at === n) [least, most] = [most, beyond(most, edgeOf(grid, Math.max(n - ROOM, 0)))];
  if (scale === "log" && least <= 0) least = edgeOf(grid, at);
  return roundest(least, most);
}

function beyond(end, inside) {
  const further = end - (inside - end);
  return Number.isFinite(further) ? further : end;
}

// The number of fewest digits from low to high, near the middle where several are: as Python's roundest finds it.
export function roundest(low, high) {
  if (low <= 0 && high >= 0) return 0;
  const first = Math.floor(Math.log10(Math.max(Math.abs(low), Math.abs(high))));
  for (let exponent = first + 1; exponent > first - DIGITS; exponent--) {
    for (const digit of [10, 5]) {
      const step = digit * Number(`1e${exponent - 1}`);
      if (step === 0) return low;
      const times = Math.round((low / 2 + high / 2) / step);
      const value = Number(`${BigInt(times * digit)}e${exponent - 1}`);
      if (low <= value && value <= high) return value;
    }
  }
  return low;
}
