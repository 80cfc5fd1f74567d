// Axes cut into cells, edge by edge as Python's Grid cuts them.

import { NO_CELL } from "./hit.js";

const HUGE = Number.MAX_VALUE;
const LEAST_STEP = 16; // units in the last place that a cell is wide at least
const LEAST_LOG = 2.2250738585072014e-308;

// The distance from a number to the next one away from 0.
function ulp(x) {
  const bits = new BigInt64Array(1);
  const value = new Float64Array(bits.buffer);
  value[0] = Math.abs(x);
  bits[0] += 1n;
  return Number.isFinite(value[0]) ? value[0] - Math.abs(x) : 2 ** 971;
}

const isTooWide = ({ low, high }) => high / 2 - low / 2 > HUGE / 4;

// What is wrong with a grid, or "".
export function flawOf({ low, high, n, scale }) {
  if (!Number.isInteger(n) || n < 1 || n > NO_CELL) return `n=${n} cells: give a whole number from 1 to ${NO_CELL}.`;
  if (low >= high) return `an axis from ${low} to ${high}: give two increasing numbers.`;
  if (scale === "log" && low < LEAST_LOG) return `a log axis cannot start at ${low}: start above 0.`;
  const [from, to] = scale === "log" ? [Math.log(low), Math.log(high)] : [low, high];
  const step = ulp(Math.max(Math.abs(from), Math.abs(to)));
  const finest = scale === "log" ? Math.max(step, Number.EPSILON) : step;
  return to / n - from / n < LEAST_STEP * finest ? `${low} to ${high} is too narrow for ${n} cells.` : "";
}

// The lower edge of a cell; at n the end of the axis.
export function edgeOf(grid, cell) {
  const { low, high, n, scale } = grid;
  if (cell === 0 || cell === n) return cell ? high : low;
  if (scale === "log") {
    const [from, to] = [Math.log(low), Math.log(high)];
    return Math.exp(cell * ((to - from) / n) + from);
  }
  if (isTooWide(grid)) return 2 * (cell * ((high / 2 - low / 2) / n) + low / 2);
  return cell * ((high - low) / n) + low;
}

// The cell of each value, NO_CELL for none; undefined where a value lies so near to an edge of a log axis that the last
// digit of a logarithm, in which machines differ, would decide.
export function encoded(grid, values) {
  const { low, high, n, scale } = grid;
  const codes = new Uint16Array(values.length).fill(NO_CELL);
  const [from, to] = [Math.log(low), Math.log(high)];
  const doubt = (8 * n * Math.max(ulp(from), ulp(to), Number.EPSILON)) / (to - from);
  for (let k = 0; k < values.length; k++) {
    const value = values[k];
    if (!(value >= low && value <= high)) continue;
    if (value === low || value === high) codes[k] = value === low ? 0 : n - 1;
    else if (scale === "log") {
      const place = ((Math.log(value) - from) / (to - from)) * n;
      if (Math.abs(place - Math.round(place)) <= doubt && n > 1) return undefined;
      codes[k] = Math.max(0, Math.min(n - 1, Math.floor(place)));
    } else codes[k] = linearCell(grid, value);
  }
  return codes;
}

function linearCell(grid, value) {
  const { low, high, n } = grid;
  const share = isTooWide(grid) ? (value / 2 - low / 2) / (high / 2 - low / 2) : (value - low) / (high - low);
  let cell = Math.max(0, Math.min(n - 1, Math.floor(share * n)));
  while (cell > 0 && value < edgeOf(grid, cell)) cell--;
  while (cell < n - 1 && value >= edgeOf(grid, cell + 1)) cell++;
  return cell;
}
