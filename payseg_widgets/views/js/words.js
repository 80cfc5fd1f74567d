// How figures are written in a page, and its buttons.

export const whole = (n) => n.toLocaleString("en-GB");

const formats = new Map();
function fixed(value, least, most) {
  const key = `${least} ${most}`;
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat("en-GB", { minimumFractionDigits: least, maximumFractionDigits: most }));
  return formats.get(key).format(value);
}

// Decimals that tell the values of a column apart.
const decimals = ({ low, high }) => (Math.abs(high - low) < 10 ? 2 : Math.abs(high - low) < 1000 ? 1 : 0);

export function written(value, column) {
  if (column.unit === "ratio") return `${(100 * value).toFixed(1)} %`;
  return `${fixed(value, 0, decimals(column))} ${column.unit === "money" ? "" : column.unit}`.trim();
}

// Without the unit, for a column that names it at its head; all values of a column have as many decimals.
export function figure(value, column) {
  if (Number.isNaN(value)) return "–";
  if (column.unit === "ratio") return `${fixed(100 * value, 1, 1)} %`;
  const places = decimals(column);
  return fixed(value, column.unit === "count" ? 0 : places, places);
}

const UNITS = { ratio: "", money: "", count: "", index: "", per_year: "a year", days_per_year: "days a year" };
export const unitOf = ({ unit }) => UNITS[unit] ?? unit;

const LONGEST = 120;
// A text cut so that no endless one slows the page down.
export const clipped = (text, longest = LONGEST) => (text.length <= longest ? text : `${text.slice(0, longest)}…`);

export function button(label, pressed) {
  const made = document.createElement("button");
  made.type = "button";
  made.append(label);
  made.addEventListener("click", pressed);
  return made;
}

// An element with attributes and what stands in it; texts are set as text, never as markup.
export function element(name, attributes = {}, ...within) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...within);
  return made;
}

// The names most like a word, by the edits that lead from one to the other; none where more than four tenths differ.
export function closest(word, names) {
  const given = clipped(word).toLowerCase();
  const near = names.map((name) => [edits(given, clipped(name).toLowerCase()) / Math.max(given.length, name.length, 1), name]);
  return near.filter(([share]) => share <= 0.4).sort(([a], [b]) => a - b).slice(0, 3).map(([, name]) => name);
}

// Letters put in, left out, changed, or swapped with the next.
function edits(from, to) {
  const rows = [Array.from({ length: to.length + 1 }, (_, k) => k)];
  for (let i = 1; i <= from.length; i++) {
    const [before, row] = [rows[i - 1], [i]];
    for (let j = 1; j <= to.length; j++) {
      row[j] = Math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
    }
    rows.push(row);
  }
  return rows[from.length][to.length];
}
