// Which customers of the page a condition selects: the same as Selection.apply finds in the table the page was made from.

import { NO_CELL, lassoHits } from "./hit.js";
import { ConditionError, columnsIn, parsedCondition } from "./grammar.js";
import { edgeOf, encoded } from "./grids.js";
import { clipped, closest, whole } from "./words.js";

// Flags, a byte a customer. Throws a ConditionError that says what is wrong.
export function selectedBy(text, store, spec) {
  const node = parsedCondition(text);
  const table = new PageTable(store, spec);
  for (const name of [...columnsIn(node)].sort()) table.check(name);
  return hitsOf(node, table);
}

// What can be asked for in a page, for suggestions.
export const knownColumns = (spec) => [...(spec.values ?? spec.columns).map(({ name }) => name), "segment", ...(spec.ids ? ["customer_id"] : [])];

function hitsOf(node, table) {
  const out = new Uint8Array(table.n);
  const { is } = node;
  if (is === "everything") return out.fill(1);
  if (is === "nothing") return out;
  if (is === "not") return hitsOf(node.part, table).map((hit) => 1 - hit);
  if (is === "and" || is === "or") {
    out.set(hitsOf(node.parts[0], table));
    for (const part of node.parts.slice(1)) {
      const hits = hitsOf(part, table);
      for (let k = 0; k < out.length; k++) out[k] = is === "and" ? out[k] & hits[k] : out[k] | hits[k];
    }
    return out;
  }
  if (is === "ids") return out.map((_, k) => (node.ids.has(table.ids[k]) ? 1 : 0));
  if (is === "missing") return table.missing(node.column);
  if (is === "lasso") return lassoHits(table.cells(node.x, node.xGrid), table.cells(node.y, node.yGrid), node.corners, out);
  const values = is === "in" ? node.values : [node.value];
  if (is !== "within" && typeof values[0] === "string") return textHits(node, values, table);
  const [numbers, test] = [table.numbers(node.column), numberTest(node)];
  for (let k = 0; k < out.length; k++) out[k] = test(numbers[k]) ? 1 : 0;
  return out;
}

function textHits({ column, operator }, values, table) {
  const names = table.texts(column);
  if (!names) return new Uint8Array(table.n);
  const wanted = new Set(values);
  const flags = names.map((name) => (name === null ? 0 : wanted.has(name) === (operator !== "!=") ? 1 : 0));
  return table.store.segment.map((_, k) => flags[table.kind(k)]);
}

function numberTest({ is, operator, value, values, low, high, withLow, withHigh }) {
  if (is === "in") {
    const wanted = new Set(values);
    return (x) => wanted.has(x);
  }
  if (is === "within") return (x) => (withLow ? x >= low : x > low) && (withHigh ? x <= high : x < high);
  if (operator === ">") return (x) => x > value;
  if (operator === ">=") return (x) => x >= value;
  if (operator === "<") return (x) => x < value;
  if (operator === "<=") return (x) => x <= value;
  if (operator === "==") return (x) => x === value;
  return (x) => x !== value && x === x; // a missing value is not different either
}

const UNPLACED_CODE = 255;

class PageTable {
  constructor(store, spec) {
    Object.assign(this, { store, spec, n: store.n });
  }

  get ids() {
    if (!this.spec.ids) throw new ConditionError("this page holds no ids of customers; select by their values.");
    return this.spec.ids;
  }

  // Say what is amiss with a column that a condition names.
  check(name) {
    if (name === "segment") return;
    const known = knownColumns(this.spec).filter((column) => column !== "customer_id");
    const isDrawn = this.spec.columns.some((column) => column.name === name);
    if (known.includes(name) || isDrawn) return;
    const near = closest(name, known);
    const hint = near.length ? `Did you mean ${near.map((column) => `'${column}'`).join(" or ")}?` : `There are: ${known.slice(0, 12).join(", ")}${known.length > 12 ? " …" : "."}`;
    throw new ConditionError(`no column is called '${clipped(name, 60)}'. ${hint}`);
  }

  numbers(name) {
    if (name === "segment") throw new ConditionError(`column 'segment' holds text, which cannot be compared with a number. Compare it with a quoted text: == "..." or in ("...", "...").`);
    const values = this.store.values?.[name];
    if (values) return values;
    const why = this.n > this.spec.exact_at_most ? ` It has ${whole(this.n)} customers; up to ${whole(this.spec.exact_at_most)} come with exact values.` : "";
    throw new ConditionError(`this page holds no exact values of '${clipped(name, 60)}', only where it lies in the pictures: brush it there.${why}`);
  }

  missing(name) {
    if (name !== "segment") return Uint8Array.from(this.numbers(name), (x) => (Number.isNaN(x) ? 1 : 0));
    const flags = this.names.map((text) => (text === null ? 1 : 0));
    return this.store.segment.map((_, k) => flags[this.kind(k)]);
  }

  // The distinct texts of a column, null for a missing one, or null where every value is missing.
  texts(name) {
    if (name === "segment") return this.names.every((text) => text === null) ? null : this.names;
    if (this.numbers(name).every(Number.isNaN)) return null;
    throw new ConditionError(`column '${clipped(name, 60)}' holds number, which cannot be compared with a text. Compare it with a number, without quotes.`);
  }

  // Names of the segments, then of those that are none of the page's.
  get names() {
    if (!this.called) {
      if (!this.spec.others) throw new ConditionError("the page does not hold the segments of customers that are in none of its own; use the buttons.");
      const others = [...new Set(this.spec.others)];
      const places = this.spec.others.map((name) => this.spec.segments.length + others.indexOf(name));
      this.called = [...this.spec.segments, ...others];
      let at = 0;
      this.kinds = Uint32Array.from(this.store.segment, (code) => (code !== UNPLACED_CODE ? code : places.length > 1 ? places[at++] : places[0]));
    }
    return this.called;
  }

  kind(k) {
    return this.kinds[k];
  }

  // Cells of a column on a grid; the page's own are known without exact values.
  cells(name, grid) {
    const drawn = this.store.columns[name];
    if (drawn && grid.n === NO_CELL && ["low", "high", "scale"].every((key) => drawn[key] === grid[key])) return drawn.codes;
    const codes = encoded(grid, this.numbers(name));
    if (!codes) throw new ConditionError(`a value of '${clipped(name, 60)}' lies on an edge between cells of log(${edgeOf(grid, 0)}, ${edgeOf(grid, grid.n)}, ${grid.n}), which only Python tells apart.`);
    return codes;
  }
}
