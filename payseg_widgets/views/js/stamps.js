// The shape of each segment as coverage from 0 to 1, so that its edges are smooth.

const FINE = 6; // samples across a pixel

const SHAPES = [
  (u, v) => u * u + v * v <= 1, // circle
  (u, v) => Math.max(Math.abs(u), Math.abs(v)) <= 0.89, // square
  (u, v) => v >= -0.7 && v <= 1.2 - 1.9 * Math.abs(u) / 1.1 && Math.abs(u) <= 1.1, // triangle
  (u, v) => Math.abs(u) + Math.abs(v) <= 1.25, // diamond
  (u, v) => -v >= -0.7 && -v <= 1.2 - 1.9 * Math.abs(u) / 1.1 && Math.abs(u) <= 1.1, // triangle on its tip
  (u, v) => Math.abs(u) <= 0.95 && Math.abs(v) + Math.abs(u) / 2 <= 1.05, // hexagon
  (u, v) => Math.min(Math.abs(u), Math.abs(v)) <= 0.34 && Math.max(Math.abs(u), Math.abs(v)) <= 1.15, // plus
  (u, v) => Math.hypot(u, v) <= 0.62 + 0.55 * Math.cos(5 * Math.atan2(u, v)) ** 3, // star
  (u, v) => Math.min(Math.abs(u - v), Math.abs(u + v)) <= 0.4 && Math.max(Math.abs(u), Math.abs(v)) <= 0.95, // cross: not placed
];
const LEAST_SHAPE = 2.2; // below this radius in pixels a shape is a smudge: a disc reads better

const known = new Map();

// {size, coverage}: a square of odd size, its rows from the top; {across, up, share}: its covered pixels from the centre.
export function stampOf(kind, radius) {
  const rounded = Math.round(radius * 8) / 8;
  const shape = rounded < LEAST_SHAPE ? 0 : kind;
  const key = `${shape} ${rounded}`;
  if (!known.has(key)) known.set(key, drawn(SHAPES[shape], rounded));
  return known.get(key);
}

function drawn(isInside, radius) {
  const half = Math.ceil(radius * 1.25);
  const size = 2 * half + 1;
  const coverage = new Float32Array(size * size);
  for (let at = 0; at < coverage.length; at++) {
    const [left, top] = [(at % size) - half, half - Math.floor(at / size)];
    let hits = 0;
    for (let s = 0; s < FINE * FINE; s++) {
      const u = left + ((s % FINE) + 0.5) / FINE - 0.5;
      const v = top + (Math.floor(s / FINE) + 0.5) / FINE - 0.5;
      if (isInside(u / radius, v / radius)) hits++;
    }
    coverage[at] = hits / (FINE * FINE);
  }
  const covered = Array.from(coverage.keys()).filter((at) => coverage[at] > 0);
  return {
    size,
    coverage,
    across: Int32Array.from(covered, (at) => (at % size) - half),
    up: Int32Array.from(covered, (at) => half - Math.floor(at / size)),
    share: Float32Array.from(covered, (at) => coverage[at]),
  };
}
