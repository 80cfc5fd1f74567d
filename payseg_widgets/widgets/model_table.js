// Models compared: the run, what matters, the table in order, the account of the one picked. Python's half is model_table.py.

import { arrowKeys, keepKeys, kernelNote, make } from "./kernel.js";
import { runBar } from "./run_bar.js";

const VERDICTS = { segments: "There are segments.", continuum: "A continuum, not kinds of customer.", "no structure": "No structure: nothing here to be found." };
const WRITTEN = {
  number: (value) => value.toFixed(2),
  share: (value) => `${Math.round(100 * value)} %`,
  count: (value) => String(Math.round(value)),
};

export function renderModelTable({ model, el }) {
  const kernel = kernelNote(model);
  const verdict = make("p", { class: "payseg-verdict", role: "note", hidden: "" });
  const begin = make("button", { type: "button" }, "Compare models");
  const take = make("button", { type: "button" }, "Download attempted_models.md");
  const weights = make("div", { class: "payseg-weights" });
  const matters = make("details", {}, make("summary", {}, "What matters to you"), weights);
  const [head, body] = [make("thead"), make("tbody")];
  const scroll = make("div", { class: "payseg-scroll", role: "region", "aria-label": "Models compared", tabindex: "0", hidden: "" }, make("table", { "aria-label": "Models, best first" }, head, body));
  const told = make("div", { role: "region", "aria-label": "Account of the model", "aria-live": "polite" });
  const pictures = make("div", { class: "payseg-tools", role: "group", "aria-label": "Pictures" });
  const panel = make("section", { class: "payseg-panel payseg-listing payseg-models", "aria-label": "Model bench" });
  const run = runBar(model, "Comparing", panel);
  panel.append(verdict, make("div", { class: "payseg-tools" }, begin, run.cancel, take), ...run.below, kernel.note, matters, scroll, told, pictures);
  let order = { column: null, down: true };

  function set(name, value) {
    kernel.clear();
    model.set(name, value);
    model.save_changes();
  }

  // ---- what matters ----
  function drawWeights() {
    const now = model.get("weights");
    if (!weights.childElementCount) weights.append(...model.get("_merits").map(weight));
    for (const input of weights.querySelectorAll("input")) {
      input.value = now[input.name] ?? 0;
      input.nextSibling.textContent = String(now[input.name] ?? 0);
    }
  }
  function weight([name, label]) {
    const input = make("input", { type: "range", name, min: "0", max: "2", step: "0.05" });
    input.addEventListener("change", () => set("weights", { ...model.get("weights"), [name]: Number(input.value) }));
    return make("label", {}, label, input, make("output"));
  }

  // ---- the table ----
  function drawTable() {
    const { rows, columns, verdict: found, sentence } = model.get("_shown");
    scroll.hidden = verdict.hidden = !rows;
    take.setAttribute("aria-disabled", String(!rows));
    if (!rows) return;
    verdict.dataset.verdict = found;
    verdict.replaceChildren(make("strong", {}, VERDICTS[found]), " ", sentence);
    head.replaceChildren(make("tr", {}, make("th", { scope: "col" }, "Model"), ...columns.map(heading)));
    body.replaceChildren(...sorted(rows).map((row) => line(row, columns)));
  }
  function heading([name, label]) {
    const sortedBy = order.column === name ? (order.down ? "descending" : "ascending") : "none";
    const sort = make("button", { type: "button" }, label, sortedBy === "none" ? "" : order.down ? " ▾" : " ▴");
    sort.addEventListener("click", () => {
      order = { column: name, down: order.column === name ? !order.down : true };
      drawTable();
      [...head.querySelectorAll("button")][model.get("_shown").columns.findIndex(([column]) => column === name)].focus();
    });
    return make("th", { scope: "col", "aria-sort": sortedBy }, sort);
  }
  function sorted(rows) {
    if (order.column === null) return rows;
    const value = (row) => row.values[order.column];
    const known = rows.filter((row) => value(row) !== null).sort((a, b) => (order.down ? value(b) - value(a) : value(a) - value(b)));
    return [...known, ...rows.filter((row) => value(row) === null)];
  }
  function line({ name, label, status: state, values }, columns) {
    const picked = name === model.get("model");
    const pick = make("button", { type: "button", "aria-pressed": String(picked) }, label);
    const cells = columns.map(([column, , kind]) => make("td", {}, values[column] === null ? "–" : WRITTEN[kind](values[column])));
    const row = make("tr", picked ? { "aria-current": "true" } : {}, make("th", { scope: "row" }, pick), ...(state === "done" ? cells : [make("td", { colspan: columns.length, class: "payseg-why" }, state)]));
    row.dataset.model = name;
    row.addEventListener("click", () => set("model", name));
    return row;
  }

  // ---- the account ----
  function drawAccount() {
    const { label, clauses = [], pictures: there = [] } = model.get("_told");
    told.replaceChildren(...(clauses.length ? [make("h4", {}, label), make("p", { class: "payseg-said" }, ...clauses.flatMap((clause) => saidAs(clause, there)))] : []));
    pictures.replaceChildren(...there.map(([name, called]) => shows(name, called, { "aria-pressed": String(name === model.get("picture")) })));
  }
  function saidAs([text, picture], there) {
    const called = there.find(([name]) => name === picture)?.[1];
    return called ? [text, shows(picture, "show", { class: "payseg-show", "aria-label": `Show: ${called}` }), " "] : [text, " "];
  }
  function shows(name, text, attributes) {
    const made = make("button", { type: "button", ...attributes }, text);
    made.addEventListener("click", () => set("picture", name));
    return made;
  }

  // The rows are made anew when one is picked: the focus stays on it.
  function redrawTable() {
    const focused = body.contains(document.activeElement) || body.contains(el.getRootNode().activeElement);
    const name = el.getRootNode().activeElement?.closest?.("tr")?.dataset.model;
    drawTable();
    if (focused) [...body.rows].find((row) => row.dataset.model === name)?.querySelector("button").focus();
  }
  function markPicture() {
    const names = model.get("_told").pictures ?? [];
    [...pictures.children].forEach((made, k) => made.setAttribute("aria-pressed", String(names[k]?.[0] === model.get("picture"))));
  }
  function saved({ kind, text }) {
    if (kind !== "markdown") return;
    const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/markdown" })), download: "attempted_models.md" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  begin.addEventListener("click", () => model.send({ kind: "start" }));
  take.addEventListener("click", () => model.get("_shown").rows && model.send({ kind: "markdown" }));
  arrowKeys(body);
  keepKeys(panel);
  const watched = [
    ["change:weights", drawWeights],
    ["change:_shown change:model", redrawTable],
    ["change:_told", drawAccount],
    ["change:picture", markPicture],
    ["msg:custom", saved],
  ];
  for (const [names, then] of watched) model.on(names, then);
  el.replaceChildren(panel);
  for (const draw of [drawWeights, drawTable, drawAccount]) draw();
  return () => {
    run.stop();
    for (const [names, then] of watched) model.off(names, then);
    kernel.stop();
  };
}
