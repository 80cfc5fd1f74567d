// The point nearest to a place: points in buckets of 256 x 256 cells, sorted once, when first asked.

import { NO_CELL } from "./hit.js";

export class Nearest {
  constructor(x, y) {
    Object.assign(this, { x, y });
    const start = new Int32Array(65537);
    const bucket = (k) => (y[k] & 0xff00) | (x[k] >> 8);
    const shown = (k) => x[k] !== NO_CELL && y[k] !== NO_CELL;
    for (let k = 0; k < x.length; k++) if (shown(k)) start[bucket(k) + 1]++;
    for (let b = 0; b < 65536; b++) start[b + 1] += start[b];
    this.order = new Int32Array(start[65536]);
    const next = start.slice();
    for (let k = 0; k < x.length; k++) if (shown(k)) this.order[next[bucket(k)]++] = k;
    this.start = start;
  }

  // The index of the point nearest to (cx, cy) among those within rx and ry cells, or -1; distances are in shares of rx, ry.
  find(cx, cy, rx, ry) {
    const block = (cell) => Math.max(0, Math.min(255, Math.floor(cell / 256)));
    let [best, least] = [-1, 1];
    for (let row = block(cy - ry); row <= block(cy + ry); row++) {
      const [from, to] = [this.start[row * 256 + block(cx - rx)], this.start[row * 256 + block(cx + rx) + 1]];
      for (let p = from; p < to; p++) {
        const k = this.order[p];
        const distance = ((this.x[k] + 0.5 - cx) / rx) ** 2 + ((this.y[k] + 0.5 - cy) / ry) ** 2;
        if (distance < least) [best, least] = [k, distance];
      }
    }
    return best;
  }
}
