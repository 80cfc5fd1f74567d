// Reads a condition as it is typed: the language of payseg_widgets.views.selection, whose docstring states the grammar.
// What Python refuses is refused here, at the same place.

import { flawOf } from "./grids.js";
import { clipped, closest } from "./words.js";

const TOKEN =
  /[ \t\r\n]*(?:(?<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+|%)?)|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<name>`(?:[^`\\]|\\.)*`)|(?<open>["'`])|(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<sign>==|!=|>=|<=|[<>&|~(),[\]])|(?<end>$)|(?<other>.))/suy;
const ESCAPE = /\\(?:["'`\\/bfnrt]|u[0-9A-Fa-f]{4})|(\\)|[^\\]+/gsu;
const LETTERS = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const SIGNS = { "&": "and", "|": "or", "~": "not" };
const MIRRORED = { ">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!=" };
const COMPARISONS = Object.keys(MIRRORED);
const KEYWORDS = new Set("and or not in is between missing present everything nothing lasso".split(" "));
const IDS = "customer_id";
const MOST_DEEP = 100;
const FARTHEST_CORNER = 2 ** 17;
const SHOWN = 36; // characters on each side of a mistake

// position: where in the text, in its UTF-16 units; undefined where no place is to blame.
export class ConditionError extends Error {
  constructor(message, position) {
    super(message);
    this.position = position;
  }
}

export const parsedCondition = (text) => new ConditionReader(text).condition();

// The columns a condition needs.
export function columnsIn(node) {
  if (node.parts) return new Set(node.parts.flatMap((part) => [...columnsIn(part)]));
  if (node.part) return columnsIn(node.part);
  return new Set(node.is === "lasso" ? [node.x, node.y] : node.column === undefined ? [] : [node.column]);
}

// ---- nodes, joined as Python joins them -----------------------------------------------------------------------------

const EVERYTHING = { is: "everything", depth: 0 };
const NOTHING = { is: "nothing", depth: 0 };

function shallow(node) {
  if (node.depth > MOST_DEEP) throw new ConditionError(`the selection is nested more than ${MOST_DEEP} deep; write it flatter.`);
  return node;
}

function negated(node) {
  if (node.is === "not") return node.part;
  if (node === EVERYTHING || node === NOTHING) return node === NOTHING ? EVERYTHING : NOTHING;
  return shallow({ is: "not", part: node, depth: node.depth + 1 });
}

function joint(is, given) {
  const [neutral, decisive] = is === "and" ? [EVERYTHING, NOTHING] : [NOTHING, EVERYTHING];
  if (given.includes(decisive)) return decisive;
  const parts = given.flatMap((node) => (node.is === is ? node.parts : [node])).filter((node) => node !== neutral);
  if (parts.length < 2) return parts[0] ?? neutral;
  return shallow({ is, parts, depth: 1 + Math.max(...parts.map((part) => part.depth)) });
}

function columnNamed(name) {
  if (!name) throw new ConditionError("a column is named by a text, not ''.");
  if (name === IDS) throw new ConditionError(`'${IDS}' names the customers: write ${IDS} in ("...").`);
  return textOf(name);
}

function textOf(text) {
  if (/[\ud800-\udfff]/u.test(text)) throw new ConditionError("a text holds half a character (a lone surrogate); type it again.");
  return text;
}

const valueOf = (value) => (typeof value === "string" ? textOf(value) : value);

function compare(column, operator, value) {
  columnNamed(column);
  valueOf(value);
  if (typeof value === "string" && operator !== "==" && operator !== "!=")
    throw new ConditionError(`texts are compared with == and !=, not with ${operator} (column '${clipped(column)}').`);
  return { is: "compare", column, operator, value, depth: 0 };
}

function within(column, low, high, withLow, withHigh) {
  columnNamed(column);
  if (low > high) throw new ConditionError(`no value lies from ${low} up to ${high}; write the lower number first.`);
  return { is: "within", column, low, high, withLow, withHigh, depth: 0 };
}

function oneOf(column, given) {
  const values = [...new Set(given.map(valueOf))];
  if (values.length === 1) return compare(column, "==", values[0]);
  if (new Set(values.map((value) => typeof value)).size > 1)
    throw new ConditionError(`the list for '${clipped(column)}' mixes texts and numbers: give one kind.`);
  return { is: "in", column: columnNamed(column), values, depth: 0 };
}

function lassoOf(x, xGrid, y, yGrid, corners) {
  for (const cell of corners.flat())
    if (!Number.isInteger(cell) || Math.abs(cell) >= FARTHEST_CORNER)
      throw new ConditionError(`a cell is a whole number below ${FARTHEST_CORNER}, not ${cell}.`);
  if (corners.length < 3) throw new ConditionError(`a lasso has at least 3 corners, not ${corners.length}.`);
  return { is: "lasso", x: columnNamed(x), xGrid, y: columnNamed(y), yGrid, corners, depth: 0 };
}

// ---- the reader -----------------------------------------------------------------------------------------------------

function unquoted(token) {
  return token.slice(1, -1).replace(/\\(u.{4}|.)/gsu, (_, what) => {
    if (what.length > 1) return String.fromCharCode(parseInt(what.slice(1), 16));
    return LETTERS[what] ?? what;
  });
}

class ConditionReader {
  constructor(source) {
    this.source = source;
    this.place = 0;
    this.open = 0;
    this.advance();
  }

  condition() {
    const found = this.any();
    if (this.now.kind !== "end") throw this.wrong("'and', 'or' or the end", ["and", "or"]);
    return found;
  }

  any() {
    const parts = [this.all()];
    while (this.take("or")) parts.push(this.all());
    return joint("or", parts);
  }

  all() {
    const parts = [this.negation()];
    while (this.take("and")) parts.push(this.negation());
    return joint("and", parts);
  }

  negation() {
    let isNegated = false;
    while (this.take("not")) isNegated = !isNegated;
    let found;
    if (this.take("(")) {
      if (++this.open > MOST_DEEP) throw this.wrong(`at most ${MOST_DEEP} parentheses inside each other`);
      found = this.any();
      this.need(")", "'and', 'or' or a closing parenthesis");
      this.open--;
    } else found = this.single();
    return isNegated ? negated(found) : found;
  }

  single() {
    const start = this.now;
    if (this.take("everything")) return EVERYTHING;
    if (this.take("nothing")) return NOTHING;
    if (this.take("lasso")) return this.checked(start, () => this.lasso());
    if (start.kind === "number") return this.checked(start, () => this.chain());
    const column = this.column("a condition such as late_ratio > 0.4");
    return this.checked(start, () => (column === IDS ? this.onIds() : this.onColumn(column)));
  }

  onColumn(column) {
    const operator = this.now.text;
    if (this.take(...COMPARISONS)) return compare(column, operator, this.value());
    if (this.take("is")) {
      const isNot = this.take("not");
      const isPresent = this.now.text.toLowerCase() === "present";
      this.needOneOf(["missing", "present"]);
      const missing = { is: "missing", column: columnNamed(column), depth: 0 };
      return isNot !== isPresent ? negated(missing) : missing;
    }
    const isNot = this.take("not");
    let found;
    if (this.take("in")) found = oneOf(column, this.list(() => this.value()));
    else if (this.take("between")) {
      const low = this.number();
      this.need("and", "'and'");
      found = within(column, low, this.number(), true, true);
    } else if (isNot) throw this.wrong("'in' or 'between'", ["in", "between"]);
    else {
      const hint = " A column name with spaces or odd characters goes in backticks: `late share` > 0.4.";
      throw this.wrong(`a comparison (${COMPARISONS.join(", ")}, in, is missing, between)`, [...COMPARISONS, "in", "is", "between", "not in"], hint);
    }
    return isNot ? negated(found) : found;
  }

  onIds() {
    const operator = this.now.text;
    let [isNot, ids] = [operator === "!=", null];
    if (this.take("==", "!=")) ids = [this.text()];
    else {
      isNot = this.take("not");
      this.need("in", "'in', '==' or '!=', since customer_id names the customers");
      ids = this.list(() => this.text());
    }
    const found = { is: "ids", ids: new Set(ids.map(textOf)), depth: 0 };
    return isNot ? negated(found) : found;
  }

  chain() {
    let low = this.number();
    let left = this.operator();
    const column = this.column("a column");
    if (!["<", "<=", ">", ">="].includes(this.now.text) || left === "==" || left === "!=") return compare(column, MIRRORED[left], low);
    if (this.now.text[0] !== left[0]) throw this.wrong(`'${left[0]}' or '${left[0]}=', as before the column`);
    let right = this.operator();
    let high = this.number();
    if (left[0] === ">") [low, left, right, high] = [high, right, left, low];
    return within(column, low, high, left.includes("="), right.includes("="));
  }

  lasso() {
    this.need("(", "'('");
    const [x, xGrid] = [this.column("a column"), this.grid()];
    this.need(",", "','");
    const [y, yGrid] = [this.column("a column"), this.grid()];
    this.need(",", "','");
    const corners = this.list(() => [this.number(), this.number()]);
    this.need(")", "')'");
    return lassoOf(x, xGrid, y, yGrid, corners);
  }

  grid() {
    const scale = this.now.text.toLowerCase();
    this.needOneOf(["linear", "log"]);
    const start = this.now;
    const ends = this.list(() => this.number());
    if (ends.length !== 3 || !Number.isInteger(ends[2]))
      throw this.error(start, "expected the ends of the axis and its whole number of cells: linear(0, 1, 65535).");
    const grid = { low: ends[0], high: ends[1], n: ends[2], scale };
    const flaw = flawOf(grid);
    if (flaw) throw new ConditionError(flaw);
    return grid;
  }

  list(item) {
    const closing = this.now.text === "[" ? "]" : ")";
    if (!this.take("(", "[")) throw this.wrong("a list in parentheses");
    const items = [item()];
    while (this.take(",")) items.push(item());
    this.need(closing, `',' or '${closing}'`);
    return items;
  }

  column(wanted) {
    const { kind, text } = this.now;
    if (kind === "name") {
      this.advance();
      return unquoted(text);
    }
    if (kind !== "word" || KEYWORDS.has(text.toLowerCase())) {
      let hint = "";
      if (kind === "text") hint = ` Did you mean the column ${columnText(unquoted(text)).slice(0, SHOWN)}?`;
      else if (kind === "word") hint = ` '${text}' is a word of the language; a column of that name goes in backticks: \`${text}\`.`;
      throw this.wrong(wanted, [], hint);
    }
    this.advance();
    return text;
  }

  value() {
    return this.now.kind === "text" ? this.text() : this.number("a number or a quoted text");
  }

  text() {
    const { kind, text } = this.now;
    if (kind !== "text") throw this.wrong("a quoted text", [], this.quotesHint());
    this.advance();
    return unquoted(text);
  }

  number(wanted = "a number") {
    const { kind, text } = this.now;
    if (kind !== "number") throw this.wrong(wanted, [], wanted.includes("text") ? this.quotesHint() : "");
    const value = Number(text.endsWith("%") ? `${text.slice(0, -1)}e-2` : text);
    if (!Number.isFinite(value)) throw this.wrong("a number below 1.8e308");
    this.advance();
    return value + 0; // no negative zero
  }

  operator() {
    const operator = this.now.text;
    if (!this.take(...COMPARISONS)) throw this.wrong(`a comparison (${COMPARISONS.join(", ")})`, COMPARISONS);
    return operator;
  }

  quotesHint() {
    return ["word", "name"].includes(this.now.kind) ? ` Did you mean ${quotedText(this.now.text.slice(0, SHOWN))}?` : "";
  }

  take(...wanted) {
    const { kind, text } = this.now;
    const word = SIGNS[text] ?? (kind === "word" ? text.toLowerCase() : text);
    if ((kind !== "word" && kind !== "sign") || !wanted.includes(word)) return false;
    this.advance();
    return true;
  }

  need(wanted, called) {
    if (!this.take(wanted)) throw this.wrong(called, [wanted]);
  }

  needOneOf(wanted) {
    if (!this.take(...wanted)) throw this.wrong(wanted.map((word) => `'${word}'`).join(" or "), wanted);
  }

  advance() {
    TOKEN.lastIndex = this.place;
    const match = TOKEN.exec(this.source);
    const [kind, text] = Object.entries(match.groups).find(([, found]) => found !== undefined);
    const token = { kind, text, start: TOKEN.lastIndex - text.length };
    if (kind === "open") throw this.error(token, `the ${text} is never closed.`);
    if (kind === "text" || kind === "name")
      for (const escape of text.matchAll(ESCAPE))
        if (escape[1]) throw this.error({ start: token.start + escape.index }, "a backslash is written \\\\ inside quotes.");
    this.place = TOKEN.lastIndex;
    this.now = token;
  }

  // Name the place of a condition that is well written and still impossible.
  checked(start, read) {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConditionError) || error.position !== undefined) throw error;
      throw this.error(start, error.message);
    }
  }

  wrong(wanted, words = [], hint = "") {
    const { kind, text } = this.now;
    const mark = kind === "text" || kind === "name" ? "" : "'";
    const found = kind === "end" ? "the end" : `${mark}${text.slice(0, SHOWN)}${mark}`;
    const close = text === "=" ? ["=="] : closest(text.slice(0, SHOWN), words);
    if (close.length) hint = ` Did you mean '${close[0]}'?`;
    else if (kind === "other" && !hint && /^\p{L}$/u.test(text)) hint = " A column name with spaces or odd characters goes in backticks.";
    return this.error(this.now, `expected ${wanted}, found ${found}.${hint}`);
  }

  error({ start }, message) {
    const character = [...this.source.slice(0, start)].length + 1;
    const place = `cannot read the selection at character ${character}`;
    return new ConditionError(`${place}: ${message}\n${pointedAt(this.source, start)}`, start);
  }
}

// The text around a place, and a caret below it.
function pointedAt(source, start) {
  const first = Math.max(start - SHOWN, 0);
  const line = source.slice(first, start + SHOWN).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, " ");
  const [before, after] = [first ? "…" : "", start + SHOWN < source.length ? "…" : ""];
  return `  ${before}${line}${after}\n  ${" ".repeat(before.length + start - first)}^`;
}

// ---- writing --------------------------------------------------------------------------------------------------------

export function quotedText(text, mark = '"') {
  let inner = JSON.stringify(text).slice(1, -1);
  if (mark !== '"') inner = inner.replace(/\\./gs, (escape) => (escape === '\\"' ? '"' : escape)).replaceAll(mark, `\\${mark}`);
  return mark + inner + mark;
}

export const columnText = (name) => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !KEYWORDS.has(name.toLowerCase()) ? name : quotedText(name, "`"));
