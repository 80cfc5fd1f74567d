// The columns the panels read, as codes in the order of their values: exact values where the page has them, else cells.

import { NO_CELL, valueAt } from "./hit.js";

export function readersOf(store, spec) {
  if (spec.values) return spec.values.map((column) => new Exact(column, store.values[column.name]));
  return spec.columns.map((column) => new Celled(column, store.columns[column.name].codes));
}

class Reader {
  constructor({ name, label, unit = "", worse = "" }) {
    Object.assign(this, { name, label, unit, worse });
  }

  // How many customers have each code; those without a value are not counted.
  get totals() {
    if (!this.counted) {
      const counts = new Uint32Array(NO_CELL + 1);
      for (const code of this.codes) counts[code]++;
      this.counted = counts.subarray(0, this.nCodes);
    }
    return this.counted;
  }
}

// Each distinct value is a code; a page has fewer exact values than there are codes.
class Exact extends Reader {
  constructor(column, values) {
    super(column);
    this.values = values;
    let [low, high] = [Infinity, -Infinity];
    for (const value of values)
      if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
    [this.low, this.high] = low <= high ? [low, high] : [0, 0];
  }

  at(k) {
    return this.values[k];
  }

  get codes() {
    this.ranked ??= this.#ranks();
    return this.ranked;
  }

  get nCodes() {
    return this.codes && this.distinct.length;
  }

  valueOf(code) {
    return this.distinct[code];
  }

  #ranks() {
    const sorted = this.values.filter((value) => !Number.isNaN(value)).map((value) => value + 0).sort(); // no negative zero
    let n = 0;
    for (let k = 0; k < sorted.length; k++) if (!k || sorted[k] !== sorted[n - 1]) sorted[n++] = sorted[k];
    this.distinct = sorted.subarray(0, n);
    return Uint16Array.from(this.values, (value) => (Number.isNaN(value) ? NO_CELL : this.#rank(value)));
  }

  #rank(value) {
    let [from, to] = [0, this.distinct.length - 1];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.distinct[middle] < value) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

// A cell stands for the value at its middle.
class Celled extends Reader {
  constructor(column, codes) {
    super(column);
    Object.assign(this, { codes, nCodes: NO_CELL, grid: column, low: column.low, high: column.high });
  }

  at(k) {
    return this.codes[k] === NO_CELL ? NaN : this.valueOf(this.codes[k]);
  }

  valueOf(code) {
    return valueAt(this.grid, code + 0.5);
  }
}
