// The selected customers as a file that no spreadsheet takes for formulas, as report/selection_csv.py writes it.

const FORMULA = /^[=+\-@\t\r]/;
const BYTE_ORDER_MARK = "\ufeff"; // Excel needs it to read accents

export const defusedCell = (text) => (FORMULA.test(text) ? `'${text}` : text);
const quotedCell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function numberCell(value) {
  if (Number.isNaN(value)) return "";
  return Number.isFinite(value) ? String(value) : value > 0 ? "inf" : "-inf";
}

// columns: [{name, at(k)}], at giving a text or a number; rows end as RFC 4180 asks.
export function csvOf(columns, indices) {
  const cell = (given) => quotedCell(typeof given === "number" ? numberCell(given) : defusedCell(given));
  const lines = [columns.map(({ name }) => cell(name)).join(",")];
  for (const k of indices) lines.push(columns.map((column) => cell(column.at(k))).join(","));
  return `${BYTE_ORDER_MARK}${lines.join("\r\n")}\r\n`;
}

// Hand a text to the browser's downloads.
export function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
