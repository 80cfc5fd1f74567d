import assert from "node:assert/strict";
import test from "node:test";
import { differences, likeness } from "../../../payseg_widgets/widgets/enrichment_marks.js";

const shown = (ledger, register) => differences(ledger, register).parts.map(({ text, isDifferent }) => (isDifferent ? `[${text}]` : text)).join("");

test("the same words, in whatever case and suffix, are not marked", () => {
  for (const ledger of ["Oak Joinery Ltd", "OAK  JOINERY LIMITED.", "oak joinery limited"]) {
    assert.equal(shown(ledger, "OAK JOINERY LIMITED"), "OAK JOINERY LIMITED");
    assert.deepEqual(differences(ledger, "OAK JOINERY LIMITED").said, []);
  }
  assert.deepEqual(differences("Ash and Sons", "ASH & SONS").said, []);
});

test("a misspelt word is marked where its letters differ, and said", () => {
  assert.equal(shown("Fir Softwear", "FIR SOFTWARE"), "FIR SOFTW[A]R[E]");
  assert.equal(shown("Elm Food Ltd", "ELM FOODS LIMITED"), "ELM FOOD[S] LIMITED");
  assert.deepEqual(differences("Elm Food Ltd", "ELM FOODS LIMITED").said, ["“FOODS” is “Food” in the ledger"]);
});

test("a letter too many in the ledger is marked where it is missing", () => {
  assert.equal(shown("Elmm Foods", "ELM FOODS"), "EL[M] FOODS");
  assert.equal(shown("Oakley", "OAKEY"), "OAK[E]Y");
});

test("words of one side only are named", () => {
  const told = differences("Oak Leeds", "OAK HOLDINGS UK LIMITED");
  assert.equal(shown("Oak Leeds", "OAK HOLDINGS UK LIMITED"), "OAK [HOLDINGS] [UK] [LIMITED]");
  assert.deepEqual(told.said, ["only on the register: “HOLDINGS”, “UK”, “LIMITED”", "only in the ledger: “Leeds”"]);
});

test("nothing in common is all marked, and nothing at all is nothing", () => {
  assert.equal(shown("zzz", "OAK & CO"), "[OAK] [&] [CO]");
  assert.equal(shown("", ""), "");
  assert.deepEqual(differences("Oak", "").said, ["only in the ledger: “Oak”"]);
});

test("the text shown is the register's, whatever it holds and however long it is", () => {
  for (const register of ["<img src=x onerror=alert(1)> LTD", "ÉLAN  Café™ (UK)", "A".repeat(5000), "a b ".repeat(900), "🦊 & Söhne GmbH"]) {
    assert.equal(differences("Elan Cafe", register).parts.map(({ text }) => text).join(""), register);
  }
  assert.equal(shown("Élan", "ELAN"), "ELAN");
});

test("likeness is the share of characters in common", () => {
  assert.equal(likeness("ABCD", "ABXD"), 0.75);
  assert.equal(likeness("", ""), 0);
});
