// The customers of a page and which of them are selected: columns as cells, one flag a customer, steps that can be undone.

import { boxHits, lassoHits, packed, segmentHits, unpacked } from "./hit.js";

// For each mode what becomes of (hit, was selected), as bits 0 (no, no), 1 (hit, no), 2 (no, was), 3 (hit, was).
const MODES = { replace: 0b1010, add: 0b1110, subtract: 0b0100, intersect: 0b1000, xor: 0b0110 };
const MOST_STEPS_BACK = 50;
export const KINDS = 9; // eight segments, the last of them with all further ones, and "not placed"

// Which of them a segment's code is coloured as; 255 is not placed.
export const kindOf = (code) => (code === 255 ? KINDS - 1 : Math.min(code, KINDS - 2));

export class Store {
  // columns: {name: {codes, low, high, scale}}; segment: Uint8Array, 255 where not placed.
  constructor({ n, columns, segment }) {
    Object.assign(this, { n, columns, segment });
    this.kinds = Uint8Array.from(segment, kindOf);
    this.selected = new Uint8Array(n); // as shown, a drag under way included
    this.settled = new Uint8Array(n); // as it stood when the last step was finished
    this.hits = new Uint8Array(n);
    this.changed = new Int32Array(n); // customers whose flag the last change turned
    this.nChanged = 0;
    this.count = 0;
    this.steps = []; // what led here since the last replacement, oldest first
    this.past = [];
    this.values = null; // {name: Float64Array} of exact values, where the page has them
    this.listeners = new Set(); // called with {steps, mask, count, byHost} when a step is finished
    this.watchers = new Set(); // called at every change of what is shown
  }

  onChange(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onShown(watcher) {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  // query: {kind: "box"|"lasso"|"segment"|"mask"|"all"|"none", x, y, geometry, mode}; live: a drag is still under way.
  // A mask may come with the text of the condition that it answers.
  select(query, { live = false, byHost = false } = {}) {
    const mode = query.mode ?? "replace";
    if (!(mode in MODES)) throw new Error(`mode ${JSON.stringify(mode)}: give ${Object.keys(MODES).join(", ")}`);
    this.#hit(query);
    this.#join(MODES[mode]);
    if (!live) this.#finish(query, mode, byHost);
    this.#shown();
    return this.count;
  }

  // Give up a drag that is under way.
  cancel() {
    this.hits.set(this.settled);
    this.#join(MODES.replace);
    this.#shown();
  }

  undo() {
    const before = this.past.pop();
    if (!before) return false;
    unpacked(before.mask, this.hits);
    this.#join(MODES.replace);
    this.settled.set(this.selected);
    this.steps = before.steps;
    this.#shown();
    this.#tell();
    return true;
  }

  get mask() {
    return packed(this.selected);
  }

  #hit({ kind, x, y, geometry }) {
    const [cx, cy] = [this.columns[x]?.codes, this.columns[y]?.codes];
    if ((kind === "box" || kind === "lasso") && !(cx && cy)) throw new Error(`no column ${JSON.stringify(cx ? y : x)}`);
    if (kind === "box") boxHits(cx, cy, geometry, this.hits);
    else if (kind === "lasso") lassoHits(cx, cy, geometry, this.hits);
    else if (kind === "segment") segmentHits(this.segment, geometry, this.hits);
    else if (kind === "mask") unpacked(geometry, this.hits);
    else if (kind === "all" || kind === "none") this.hits.fill(kind === "all" ? 1 : 0);
    else throw new Error(`kind ${JSON.stringify(kind)}: give box, lasso, segment, mask, all or none`);
  }

  #join(table) {
    const { hits, settled, selected, changed } = this;
    let turned = 0;
    let count = this.count;
    for (let k = 0; k < this.n; k++) {
      const flag = (table >> (hits[k] | (settled[k] << 1))) & 1;
      if (flag === selected[k]) continue;
      selected[k] = flag;
      changed[turned++] = k;
      count += flag ? 1 : -1;
    }
    this.nChanged = turned;
    this.count = count;
  }

  #finish({ kind, x, y, geometry, text }, mode, byHost) {
    this.past.push({ mask: packed(this.settled), steps: this.steps });
    if (this.past.length > MOST_STEPS_BACK) this.past.shift();
    const step = { kind, x, y, mode, geometry: kind === "mask" ? null : geometry, ...(text ? { text } : {}) };
    this.steps = kind === "none" ? [] : mode === "replace" ? [step] : [...this.steps, step];
    this.settled.set(this.selected);
    this.#tell(byHost);
  }

  #tell(byHost = false) {
    const change = { steps: this.steps, mask: this.mask, count: this.count, byHost };
    for (const listener of this.listeners) listener(change);
  }

  #shown() {
    for (const watcher of this.watchers) watcher(this);
  }
}
