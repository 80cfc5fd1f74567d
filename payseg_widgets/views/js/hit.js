// Which points a brush hits. Columns hold cells of a grid as uint16; 65535 is no cell, never hit.
// Python's payseg_widgets.views.selection asks the same questions of the same integers.

export const NO_CELL = 65535;
const FARTHEST = 2 ** 17; // corners stay within this many cells, so that products of differences are exact

// Where on the grid a value lies, in cells.
export function position({ low, high, scale }, value) {
  if (scale === "log") return ((Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low))) * NO_CELL;
  return ((value - low) / (high - low)) * NO_CELL;
}

// The value at a place on the grid given in cells.
export function valueAt({ low, high, scale }, cells) {
  const share = cells / NO_CELL;
  if (scale === "log") return Math.exp(Math.log(low) + share * (Math.log(high) - Math.log(low)));
  return low + share * (high - low);
}

// The boundary between cells that is nearest to a value: 0 is the axis' lower end, 65535 its upper end.
export function boundary(grid, value) {
  const cells = Math.round(position(grid, value));
  return Math.max(1 - FARTHEST, Math.min(FARTHEST - 1, Number.isNaN(cells) ? 1 - FARTHEST : cells)); // no logarithm: left of a log axis
}

// A box in data values as cells [i0, i1, j0, j1], ends included; i1 < i0 where it holds no cell.
export function boxCells(gridX, gridY, { x0, x1, y0, y1 }) {
  const clip = (cells) => Math.max(0, Math.min(NO_CELL, cells));
  const [a, b] = [boundary(gridX, x0), boundary(gridX, x1)].sort((p, q) => p - q).map(clip);
  const [c, d] = [boundary(gridY, y0), boundary(gridY, y1)].sort((p, q) => p - q).map(clip);
  return [a, b - 1, c, d - 1];
}

// A polygon in data values as corners in whole cells, repeated corners left out.
export function polygonCells(gridX, gridY, xs, ys) {
  const corners = [];
  for (let k = 0; k < xs.length; k++) {
    const corner = [boundary(gridX, xs[k]), boundary(gridY, ys[k])];
    const last = corners[corners.length - 1];
    if (!last || last[0] !== corner[0] || last[1] !== corner[1]) corners.push(corner);
  }
  return corners;
}

export function boxHits(x, y, [i0, i1, j0, j1], out) {
  const width = Math.min(i1, NO_CELL - 1) - i0;
  const height = Math.min(j1, NO_CELL - 1) - j0;
  if (width < 0 || height < 0) return out.fill(0);
  for (let k = 0; k < out.length; k++) {
    // a difference below zero turns into a number above any width
    out[k] = (x[k] - i0) >>> 0 <= width && (y[k] - j0) >>> 0 <= height ? 1 : 0;
  }
  return out;
}

export function segmentHits(segment, code, out) {
  for (let k = 0; k < out.length; k++) out[k] = segment[k] === code ? 1 : 0;
  return out;
}

// ---- lasso ----------------------------------------------------------------------------------------------------------
// The plane of 65536 x 65536 cells is cut into 256 x 256 blocks. Blocks that no side comes near lie wholly inside or
// outside, which one exact question decides; points in the other blocks ask the sides of their row of blocks.

const BLOCKS = 256;
const OUTSIDE = 0;
const INSIDE = 1;
const NEAR = 2;

// Sides with their lower end first; level ones cross nothing.
function sidesOf(polygon) {
  const sides = [];
  polygon.forEach(([xi, yi], k) => {
    const [xj, yj] = polygon[(k + 1) % polygon.length];
    if (yi < yj) sides.push([xi, yi, xj, yj]);
    if (yj < yi) sides.push([xj, yj, xi, yi]);
  });
  return sides;
}

const blockOf = (cell) => Math.max(0, Math.min(BLOCKS - 1, cell >> 8));

// Mark the blocks that a side, level ones included, comes within a cell of.
function markNear(blocks, xi, yi, xj, yj) {
  if (yi > yj) [xi, yi, xj, yj] = [xj, yj, xi, yi];
  if (yj < -1 || yi > NO_CELL + 1) return;
  for (let row = blockOf(yi - 1); row <= blockOf(yj + 1); row++) {
    const [from, to] = [Math.max(yi, row * 256 - 1), Math.min(yj, row * 256 + 256)];
    const at = (y) => (yi === yj ? xi : xi + ((xj - xi) * (Math.min(Math.max(y, yi), yj) - yi)) / (yj - yi));
    const ends = yi === yj ? [xi, xj] : [at(from), at(to)];
    const [left, right] = [Math.floor(Math.min(...ends)) - 1, Math.ceil(Math.max(...ends)) + 1];
    if (right < 0 || left > NO_CELL) continue;
    blocks.fill(NEAR, row * BLOCKS + blockOf(left), row * BLOCKS + blockOf(right) + 1);
  }
}

// For each row of blocks its sides, flat: xi, yi, xj, yj.
function sidesByRow(sides) {
  const rows = Array.from({ length: BLOCKS }, () => []);
  for (const [xi, yi, xj, yj] of sides) {
    if (yj <= 0 || yi > NO_CELL) continue;
    for (let row = blockOf(yi); row <= blockOf(yj); row++) rows[row].push(xi, yi, xj, yj);
  }
  return rows.map((row) => Float64Array.from(row));
}

function isInside(sides, x, y) {
  let odd = 0;
  for (let k = 0; k < sides.length; k += 4) {
    const yi = sides[k + 1];
    const yj = sides[k + 3];
    if (yi <= y && y < yj && (x - sides[k]) * (yj - yi) < (y - yi) * (sides[k + 2] - sides[k])) odd ^= 1;
  }
  return odd;
}

function classified(polygon, rows) {
  const blocks = new Uint8Array(BLOCKS * BLOCKS).fill(OUTSIDE);
  polygon.forEach(([xi, yi], k) => markNear(blocks, xi, yi, ...polygon[(k + 1) % polygon.length]));
  for (let row = 0; row < BLOCKS; row++) {
    if (!rows[row].length) continue;
    let known = -1; // neighbours with no side between them are alike
    for (let column = 0; column < BLOCKS; column++) {
      const at = row * BLOCKS + column;
      if (blocks[at] === NEAR) known = -1;
      else blocks[at] = known = known < 0 ? (isInside(rows[row], column * 256, row * 256) ? INSIDE : OUTSIDE) : known;
    }
  }
  return blocks;
}

export function lassoHits(x, y, polygon, out) {
  if (polygon.length < 3) return out.fill(0);
  const rows = sidesByRow(sidesOf(polygon));
  const blocks = classified(polygon, rows);
  for (let k = 0; k < out.length; k++) {
    const cx = x[k];
    const cy = y[k];
    const block = blocks[(cy & 0xff00) | (cx >> 8)];
    if (block === OUTSIDE || cx === NO_CELL || cy === NO_CELL) out[k] = 0;
    else out[k] = block === INSIDE ? 1 : isInside(rows[cy >> 8], cx, cy);
  }
  return out;
}

// ---- masks ----------------------------------------------------------------------------------------------------------

// One bit a point, the first in the lowest bit, as numpy.packbits(..., bitorder="little").
export function packed(flags) {
  const bits = new Uint8Array((flags.length + 7) >> 3);
  for (let k = 0; k < flags.length; k++) bits[k >> 3] |= flags[k] << (k & 7);
  return bits;
}

export function unpacked(bits, out) {
  for (let k = 0; k < out.length; k++) out[k] = (bits[k >> 3] >> (k & 7)) & 1;
  return out;
}
