// The selected against the rest, column by column; payseg_widgets/views/contrast.py says the same of the same values.

// The indices of the fewer: the selected, or else the rest.
export function smallerSide({ selected, count, n }) {
  const isSelected = 2 * count <= n ? 1 : 0;
  const indices = new Uint32Array(isSelected ? count : n - count);
  let at = 0;
  for (let k = 0; k < n; k++) if (selected[k] === isSelected) indices[at++] = k;
  return { indices, isSelected: isSelected === 1 };
}

// {delta, median, medianRest, n, nRest}: Cliff's delta is how much more often a selected value lies above one of the rest.
export function contrastOf(reader, { indices, isSelected }) {
  const { codes, totals, nCodes } = reader;
  const counts = new Uint32Array(nCodes + 1); // the last for what has no code
  for (const k of indices) counts[Math.min(codes[k], nCodes)]++;
  let [known, nFewer] = [0, 0];
  for (let code = 0; code < nCodes; code++) {
    known += totals[code];
    nFewer += counts[code];
  }
  const [n, nRest] = isSelected ? [nFewer, known - nFewer] : [known - nFewer, nFewer];
  const [mine, others] = [new Middle(n), new Middle(nRest)];
  let above = 0; // selected values above ones of the rest, less those below
  for (let code = 0; code < nCodes; code++) {
    if (!totals[code]) continue;
    const here = isSelected ? counts[code] : totals[code] - counts[code];
    const rest = totals[code] - here;
    above += here * (2 * others.seen + rest - nRest);
    mine.add(code, here);
    others.add(code, rest);
  }
  return { delta: above / (n * nRest), median: mine.value(reader), medianRest: others.value(reader), n, nRest };
}

// The median of codes that come in order.
class Middle {
  constructor(n) {
    this.n = n;
    this.seen = 0;
    this.ends = [-1, -1];
  }

  add(code, count) {
    const [from, to] = [this.seen, this.seen + count];
    if (from <= (this.n - 1) >> 1 && (this.n - 1) >> 1 < to) this.ends[0] = code;
    if (from <= this.n >> 1 && this.n >> 1 < to) this.ends[1] = code;
    this.seen = to;
  }

  value(reader) {
    return this.n ? (reader.valueOf(this.ends[0]) + reader.valueOf(this.ends[1])) / 2 : NaN;
  }
}

export function sizeWord(delta, sizes) {
  if (Number.isNaN(delta)) return "";
  return sizes.find(([bound]) => Math.abs(delta) < bound)?.[1] ?? "large";
}

// {selected, total} of a column; a missing value counts as none.
export function sumsOf(reader, { indices, isSelected }) {
  const add = (sum, value) => (Number.isNaN(value) ? sum : sum + value);
  if (reader.sum === undefined) {
    reader.sum = 0;
    for (let k = 0; k < reader.codes.length; k++) reader.sum = add(reader.sum, reader.at(k));
  }
  let part = 0;
  for (const k of indices) part = add(part, reader.at(k));
  return { selected: isSelected ? part : reader.sum - part, total: reader.sum };
}
