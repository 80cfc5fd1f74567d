// In which order the rows of the table stand, and which are shown. Every column is ranks: equal values have the same.

// Customers in the order of their ranks, equal ones in the page's order, those without one (nRanks or above) last both ways.
export function sortedOrder({ ranks, nRanks }, isDescending) {
  const place = (rank) => (rank >= nRanks ? nRanks : isDescending ? nRanks - 1 - rank : rank);
  const starts = new Uint32Array(nRanks + 2);
  for (let k = 0; k < ranks.length; k++) starts[place(ranks[k]) + 1]++;
  for (let at = 1; at < starts.length; at++) starts[at] += starts[at - 1];
  const order = new Uint32Array(ranks.length);
  for (let k = 0; k < ranks.length; k++) order[starts[place(ranks[k])]++] = k;
  return order;
}

// Ranks of texts by their characters.
export function textRanks(texts) {
  const order = Uint32Array.from(texts.keys()).sort((a, b) => (texts[a] < texts[b] ? -1 : texts[a] > texts[b] ? 1 : a - b));
  const ranks = new Uint32Array(texts.length);
  let rank = -1;
  order.forEach((k, at) => {
    if (!at || texts[k] !== texts[order[at - 1]]) rank++;
    ranks[k] = rank;
  });
  return { ranks, nRanks: rank + 1 };
}

export function kept(order, isKept) {
  const shown = new Uint32Array(order.length);
  let n = 0;
  for (const k of order) if (isKept(k)) shown[n++] = k;
  return shown.subarray(0, n);
}

// ---- scrolling ------------------------------------------------------------------------------------------------------
// Browsers draw no element of a hundred million pixels: beyond a height the bar's travel is stretched over all rows.

const MOST_PIXELS = 8_000_000;

export class Scroll {
  constructor(rowHeight) {
    this.rowHeight = rowHeight;
    this.top = 0; // pixels of rows above the view
    this.resize(0, 1);
  }

  resize(nRows, view) {
    Object.assign(this, { nRows, view, span: nRows * this.rowHeight });
    this.height = Math.min(this.span, MOST_PIXELS);
    this.stretch = this.height < this.span ? (this.span - view) / (this.height - view) : 1;
    this.top = Math.max(0, Math.min(this.top, this.span - view));
  }

  // Where the scroll bar stands.
  get bar() {
    return this.top / this.stretch;
  }

  // The user moved the bar; what we put there ourselves comes back rounded and changes nothing.
  moved(bar) {
    if (Math.abs(bar - this.bar) >= 1) this.top = Math.max(0, Math.min(bar * this.stretch, this.span - this.view));
  }

  reveal(row) {
    this.top = Math.max(Math.min(this.top, row * this.rowHeight), (row + 1) * this.rowHeight - this.view);
  }

  get first() {
    return Math.floor(this.top / this.rowHeight);
  }

  get end() {
    return Math.min(this.nRows, Math.ceil((this.top + this.view) / this.rowHeight));
  }

  // Where a row is drawn.
  y(row) {
    return this.bar + row * this.rowHeight - this.top;
  }
}
