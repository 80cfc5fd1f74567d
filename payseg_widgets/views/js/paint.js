// Paint one picture's points into RGBA: as discs and shapes while they are few, as density when they are many.
// The size and the opacity of a point follow from how many are in view, so that one way of painting runs into the other.

import { NO_CELL, position } from "./hit.js";
import { stampOf } from "./stamps.js";
import { KINDS } from "./store.js";

const MOST_STAMPED = 20000;
const AWAY = -(2 ** 30); // a pixel that is out of view, whatever is added to it

// 0xRRGGBB parts of "#rrggbb".
export const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

const radiusOf = (n) => Math.max(0.5, 3.8 * (Math.max(n, 200) / 200) ** -0.2);
const opacityOf = (n) => Math.min(0.92, Math.max(0.2, 1.12 - 0.13 * Math.log10(Math.max(n, 30))));

export class Picture {
  // x, y: names of columns; paints what the store shows.
  constructor(store, x, y) {
    Object.assign(this, { store, x: store.columns[x], y: store.columns[y], names: { x, y } });
    this.kinds = store.kinds;
    this.extent = null;
  }

  // Look at another part of the plane, or at another resolution. extent: {x0, x1, y0, y1, logX, logY, width, height, ratio}.
  look(extent) {
    if (this.isSeen(extent)) return;
    const { width, height } = extent;
    if (this.extent?.width !== width || this.extent?.height !== height) {
      this.pixels = new Uint32Array(width * height);
      const places = this.store.n > MOST_STAMPED ? width * height : 0; // counters for density, which few points never need
      this.all = new Uint32Array(places * KINDS);
      this.chosen = new Uint32Array(places * KINDS);
      this.total = new Uint32Array(places);
      this.nChosen = new Uint32Array(places);
    }
    this.extent = extent;
    this.columnOf = pixelsOf(this.x, extent.x0, extent.x1, extent.logX, width);
    this.rowOf = pixelsOf(this.y, extent.y0, extent.y1, extent.logY, height).map((row) => (row === AWAY ? AWAY : row * width));
    this.#countAll();
    this.#countChosen();
  }

  // Whether this is what is looked at.
  isSeen(extent) {
    return this.extent !== null && Object.keys(extent).every((key) => extent[key] === this.extent[key]);
  }

  // Follow the last change of the store; only what turned is counted again.
  follow() {
    if (!this.extent || this.inView <= MOST_STAMPED) return;
    if (this.store.nChanged > this.store.count) return this.#countChosen();
    const { changed, nChanged, selected } = this.store;
    for (let c = 0; c < nChanged; c++) {
      const k = changed[c];
      const at = this.#pixel(k);
      if (at < 0) continue;
      const by = selected[k] ? 1 : -1;
      this.chosen[at * KINDS + this.kinds[k]] += by;
      this.nChosen[at] += by;
    }
  }

  // palette: {segments: nine [r, g, b], rest: [r, g, b]}. Returns the pixels, lowest row first.
  paint(palette) {
    if (this.inView <= MOST_STAMPED) this.#stamp(palette);
    else this.#density(palette);
    return this.pixels;
  }

  #pixel(k) {
    return this.rowOf[this.y.codes[k]] + this.columnOf[this.x.codes[k]];
  }

  #countAll() {
    this.all.fill(0);
    let inView = 0;
    const { kinds, all, rowOf, columnOf } = this;
    const [cx, cy] = [this.x.codes, this.y.codes];
    for (let k = 0; k < kinds.length; k++) {
      const at = rowOf[cy[k]] + columnOf[cx[k]];
      if (at < 0) continue;
      all[at * KINDS + kinds[k]]++;
      inView++;
    }
    this.inView = inView;
    this.total.fill(0);
    for (let from = 0; from < all.length; from++) this.total[Math.floor(from / KINDS)] += all[from];
    this.most = crowd(this.total);
  }

  #countChosen() {
    this.chosen.fill(0);
    this.nChosen.fill(0);
    if (!this.store.count || this.inView <= MOST_STAMPED) return;
    const { chosen, nChosen, kinds, rowOf, columnOf } = this;
    const { selected } = this.store;
    const [cx, cy] = [this.x.codes, this.y.codes];
    for (let k = 0; k < selected.length; k++) {
      if (!selected[k]) continue;
      const at = rowOf[cy[k]] + columnOf[cx[k]];
      if (at < 0) continue;
      chosen[at * KINDS + kinds[k]]++;
      nChosen[at]++;
    }
  }

  // ---- many: one pixel a point, its colour that of the commonest segment there, its opacity the logarithm of the count

  #density(palette) {
    const { pixels, total, nChosen, all, chosen } = this;
    pixels.fill(0);
    const isBrushed = this.store.count > 0;
    const first = opacityOf(this.inView);
    const alphas = alphaTable(first, this.most);
    const chosenAlphas = alphaTable(Math.max(first, 0.6), this.most);
    const halo = Math.max(0, 1 - Math.log10(this.inView / MOST_STAMPED) / 1.2); // a disc's rim, fainter the more there are
    const colours = palette.segments.map(([r, g, b]) => (b << 16) | (g << 8) | r);
    const rest = (palette.rest[2] << 16) | (palette.rest[1] << 8) | palette.rest[0];
    const { width } = this.extent;
    for (let at = 0; at < pixels.length; at++) {
      const n = total[at];
      if (isBrushed) {
        if (nChosen[at]) pixels[at] = colours[commonest(chosen, at)] | (chosenAlphas[Math.min(nChosen[at], this.most)] << 24);
        else if (n) pixels[at] = rest | ((alphas[Math.min(n, this.most)] * 0.6) << 24);
        continue;
      }
      if (n) pixels[at] = colours[commonest(all, at)] | (alphas[Math.min(n, this.most)] << 24);
    }
    if (halo > 0) rims(pixels, width, halo * 0.55);
  }

  // ---- few: a shape a point

  #stamp(palette) {
    const { pixels, extent, kinds, store, rowOf, columnOf } = this;
    pixels.fill(0);
    const bytes = new Uint8Array(pixels.buffer);
    const isBrushed = store.count > 0;
    const radius = radiusOf(this.inView) * extent.ratio;
    const opacity = opacityOf(this.inView);
    const stamps = palette.segments.map((_, kind) => stampOf(kind, radius));
    const [cx, cy] = [this.x.codes, this.y.codes];
    const draw = (k, colour, strength) => {
      const row = rowOf[cy[k]];
      const column = columnOf[cx[k]];
      if (row + column >= 0) over(bytes, extent, column, row / extent.width, stamps[kinds[k]], colour, strength);
    };
    for (let k = 0; k < kinds.length; k++) {
      if (!isBrushed) draw(k, palette.segments[kinds[k]], opacity);
      else if (!store.selected[k]) draw(k, palette.rest, opacity * 0.55);
    }
    if (isBrushed) for (let k = 0; k < kinds.length; k++) if (store.selected[k]) draw(k, palette.segments[kinds[k]], Math.min(1, opacity + 0.1));
    straighten(bytes);
  }
}

// For each cell of a column the pixel it falls on, AWAY outside the view.
function pixelsOf(column, from, to, isLog, size) {
  const pixels = new Int32Array(NO_CELL + 1).fill(AWAY);
  const bend = isLog ? Math.log : (value) => value;
  const [start, width] = [bend(from), bend(to) - bend(from)];
  const isLogGrid = column.scale === "log";
  if (isLog === isLogGrid) {
    const [a, b] = [position(column, from), position(column, to)];
    for (let cell = 0; cell < NO_CELL; cell++) {
      const pixel = Math.floor(((cell + 0.5 - a) / (b - a)) * size);
      if (pixel >= 0 && pixel < size) pixels[cell] = pixel;
    }
    return pixels;
  }
  const [low, high] = isLogGrid ? [Math.log(column.low), Math.log(column.high)] : [column.low, column.high];
  for (let cell = 0; cell < NO_CELL; cell++) {
    const at = low + ((cell + 0.5) / NO_CELL) * (high - low);
    const pixel = Math.floor(((bend(isLogGrid ? Math.exp(at) : at) - start) / width) * size);
    if (pixel >= 0 && pixel < size) pixels[cell] = pixel;
  }
  return pixels;
}

// How many points the fullest pixels hold, the fullest of a thousand left out.
function crowd(total) {
  const counts = new Uint32Array(1024);
  let filled = 0;
  for (const n of total) {
    if (!n) continue;
    counts[Math.min(n, 1023)]++;
    filled++;
  }
  let above = filled / 1000;
  for (let n = 1023; n > 8; n--) if ((above -= counts[n]) < 0) return n;
  return 8;
}

// Opacity of 0, 1, 2 ... points on one pixel, 0 to 255.
function alphaTable(first, most) {
  const table = new Uint8Array(most + 1);
  for (let n = 1; n <= most; n++) table[n] = 255 * (first + (1 - first) * (Math.log(n) / Math.log(most)));
  return table;
}

function commonest(counts, at) {
  const from = at * KINDS;
  let best = 0;
  for (let kind = 1; kind < KINDS; kind++) if (counts[from + kind] > counts[from + best]) best = kind;
  return best;
}

// Give each painted pixel a faint rim on empty neighbours.
function rims(pixels, width, strength) {
  const before = pixels.slice();
  for (let at = width; at < pixels.length - width; at++) {
    if (before[at]) continue;
    const source = before[at - 1] || before[at + 1] || before[at - width] || before[at + width];
    if (source) pixels[at] = (source & 0xffffff) | (((source >>> 24) * strength) << 24);
  }
}

// Put a stamp over what is there; colours carry their opacity multiplied in until `straighten`.
function over(bytes, { width, height }, column, row, { across, up, share }, [r, g, b], opacity) {
  for (let p = 0; p < share.length; p++) {
    const x = column + across[p];
    const y = row + up[p];
    if (x < 0 || x >= width || y < 0 || y >= height) continue;
    const a = share[p] * opacity;
    const at = (y * width + x) * 4;
    const keep = 1 - a;
    bytes[at] = r * a + bytes[at] * keep + 0.5;
    bytes[at + 1] = g * a + bytes[at + 1] * keep + 0.5;
    bytes[at + 2] = b * a + bytes[at + 2] * keep + 0.5;
    bytes[at + 3] = 255 * a + bytes[at + 3] * keep + 0.5;
  }
}

// Divide the opacity out of the colours again, which is what a canvas wants.
function straighten(bytes) {
  for (let at = 0; at < bytes.length; at += 4) {
    const a = bytes[at + 3];
    if (a === 0 || a === 255) continue;
    const by = 255 / a;
    for (let part = 0; part < 3; part++) bytes[at + part] = Math.min(255, bytes[at + part] * by + 0.5);
  }
}
