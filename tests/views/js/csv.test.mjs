import assert from "node:assert/strict";
import test from "node:test";
import { csvOf, defusedCell } from "../../../payseg_widgets/views/js/csv.js";

const BOM = "\ufeff";

test("what a spreadsheet would run gets an apostrophe, at the start only", () => {
  for (const evil of ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"]) assert.equal(defusedCell(evil), `'${evil}`);
  for (const plain of ["", "a=b", " =1", "1-2", "Größe"]) assert.equal(defusedCell(plain), plain);
});

test("quotes, commas and line ends are quoted, quotes doubled", () => {
  const text = csvOf([{ name: "a,b", at: (k) => ['say "no"', "x\ny", "z\r"][k] }], [0, 1, 2]);
  assert.equal(text, `${BOM}"a,b"\r\n"say ""no"""\r\n"x\ny"\r\n"z\r"\r\n`);
});

test("a negative number is a number, a missing one an empty cell, and headings are defused", () => {
  const columns = [{ name: "=n", at: (k) => [-0.1, NaN, Infinity, -Infinity, 1e21][k] }];
  assert.equal(csvOf(columns, [0, 1, 2, 3, 4]), `${BOM}'=n\r\n-0.1\r\n\r\ninf\r\n-inf\r\n1e+21\r\n`);
});

test("a defused cell is quoted where it must be", () => {
  assert.equal(csvOf([{ name: "a", at: () => "=cmd|'/c',1" }], [0]), `${BOM}a\r\n"'=cmd|'/c',1"\r\n`);
});

test("of nobody there is the heading alone", () => {
  assert.equal(csvOf([{ name: "a", at: () => "" }, { name: "b", at: () => "" }], []), `${BOM}a,b\r\n`);
});
