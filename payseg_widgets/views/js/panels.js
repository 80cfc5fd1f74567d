// The panels below the pictures: what the selected have in common, and the customers as a table; above them the condition.

import { selectionCard } from "./card.js";
import { conditionField } from "./condition.js";
import { readersOf } from "./readers.js";
import { customerTable } from "./table.js";
import { element, whole } from "./words.js";

const stay = (event) => event.stopPropagation();

// typed, below: elements to fill; ask: hands a condition to Python, where there is one.
export function panelsOf({ typed, below, store, spec, ask }) {
  const readers = readersOf(store, spec).filter(({ label }) => label); // the page's own columns are not spoken of
  const [cardPlace, tablePlace] = [element("section", { class: "payseg-panel" }), element("section", { class: "payseg-panel" })];
  for (const root of [typed, below]) {
    root.classList.add("payseg-panels");
    root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's keys would move between cells,
    root.addEventListener("keydown", stay); // and its notebook would take the focus away
  }
  below.replaceChildren(cardPlace, tablePlace);
  if (!spec.values) below.append(element("p", { class: "payseg-note-exact" }, precision(store, spec)));
  const field = conditionField(typed, store, spec, ask);
  const card = selectionCard(cardPlace, store, spec, readers);
  const table = customerTable(tablePlace, store, spec, readers);
  return {
    field,
    card,
    table,
    draw({ dark, background, ink, grid }) {
      for (const root of [typed, below]) {
        root.dataset.dark = dark;
        for (const [name, colour] of Object.entries({ background, ink, grid })) root.style.setProperty(`--payseg-${name}`, colour);
      }
    },
    end() {
      for (const part of [field, card, table]) part.end();
      for (const root of [typed, below]) {
        root.removeEventListener("keydown", stay);
        root.replaceChildren();
      }
    },
  };
}

function precision({ n }, { exact_at_most: most, columns }) {
  const why = n > most ? `The page has ${whole(n)} customers; up to ${whole(most)} come with exact values. ` : "";
  const logs = columns.some(({ scale }) => scale === "log") ? " On a log axis values at or below 0 count as missing." : "";
  return `${why}Figures are to 1/65,535 of each axis.${logs}`;
}
