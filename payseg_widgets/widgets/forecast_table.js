// Who will pay when: the run, the models, the threshold, the open invoices, the one picked. Python's half is forecast_table.py.

import { keepKeys, kernelNote, make } from "./kernel.js";
import { runBar } from "./run_bar.js";
import { headRow, pickRows, pictureButtons } from "./pick_rows.js";
import { thresholdPart } from "./forecast_threshold.js";

let forecastViews = 0;

export function renderForecastTable({ model, el }) {
  const view = forecastViews++;
  const kernel = kernelNote(model);
  const begin = make("button", { type: "button" }, "Forecast");
  const select = make("select", { id: `payseg-forecast-${view}-model` });
  const chooser = make("div", { class: "payseg-tools" }, make("label", { for: select.id }, "Model"), select);
  const verdict = make("p", { class: "payseg-verdict", role: "note" });
  const about = make("p", { class: "payseg-notes" });
  const apart = make("p", { class: "payseg-said", role: "status" });
  const scores = listed("Models compared", "Models, best first");
  const judged = make("div", {}, make("h4", {}, "Which model, and how good it is"), verdict, chooser, apart, scores.scroll, scores.notes, about);
  const threshold = thresholdPart(model, view, set);
  const money = make("p", { class: "payseg-verdict", role: "note" });
  const open = listed("Open invoices", "");
  open.scroll.classList.add("payseg-open");
  const owed = make("div", {}, make("h4", {}, "What is open, and when it comes"), money, open.scroll, open.notes);
  const told = make("div", { role: "region", "aria-label": "The invoice picked", "aria-live": "polite" });
  const pictures = make("div", { class: "payseg-tools", role: "group", "aria-label": "Pictures" });
  const panel = make("section", { class: "payseg-panel payseg-listing payseg-forecast", "aria-label": "Forecast panel" });
  const run = runBar(model, "Forecasting", panel);
  panel.append(make("div", { class: "payseg-tools" }, begin, run.cancel), ...run.below, kernel.note, judged, threshold.part, owed, told, pictures);

  function listed(region, name) {
    const [caption, head, body] = [make("caption", {}, name), make("thead"), make("tbody")];
    const scroll = make("div", { class: "payseg-scroll", role: "region", "aria-label": region, tabindex: "0" }, make("table", {}, caption, head, body));
    return { caption, head, body, scroll, notes: make("p", { class: "payseg-notes" }) };
  }
  function set(name, value) {
    kernel.clear();
    model.set(name, value);
    model.save_changes();
  }

  const modelRows = pickRows(scores.body, () => model.get("model"), (name) => set("model", name));
  const invoiceRows = pickRows(open.body, () => model.get("invoice"), (name) => set("invoice", model.get("invoice") === name ? "" : name));
  const buttons = pictureButtons(pictures, () => model.get("picture"), (name) => set("picture", name));

  // ---- the models ----
  function drawModels() {
    const { rows, columns, sentence, about: how, notes } = model.get("_models");
    judged.hidden = !rows;
    if (!rows) return;
    [verdict.textContent, about.textContent, scores.notes.textContent] = [sentence, how, notes];
    select.replaceChildren(...rows.map(({ name, label }) => make("option", { value: name }, label)));
    scores.head.replaceChildren(headRow("Model", columns));
    modelRows.draw(rows);
    markModel();
  }
  function markModel() {
    select.value = model.get("model");
    modelRows.mark();
  }
  function drawJudging() {
    apart.textContent = model.get("_judging").apart ?? "";
    threshold.draw();
  }

  // ---- the open invoices ----
  function drawOpen() {
    const { rows, columns, caption, sentence, notes } = model.get("_open");
    owed.hidden = !rows;
    if (!rows) return;
    [money.textContent, open.caption.textContent, open.notes.textContent] = [sentence, caption, notes];
    open.head.replaceChildren(headRow("Invoice", columns));
    invoiceRows.draw(rows);
  }
  function drawTold() {
    const { heading, sentences = [], reasons = [], pictures: there = [] } = model.get("_told");
    const item = ([name, points]) => make("li", {}, `${name}: ${points}`);
    told.replaceChildren(...(heading ? [make("h4", {}, heading), ...sentences.map((text) => make("p", { class: "payseg-said" }, text)), make("ul", { class: "payseg-said" }, ...reasons.map(item))] : []));
    buttons.draw(there);
  }

  begin.addEventListener("click", () => model.send({ kind: "start" }));
  select.addEventListener("change", () => set("model", select.value));
  keepKeys(panel);
  const watched = [
    ["change:_models", drawModels],
    ["change:model", markModel],
    ["change:_judging", drawJudging],
    ["change:threshold change:cost_of_missing change:cost_of_flagging", threshold.draw],
    ["change:_open", drawOpen],
    ["change:invoice", invoiceRows.mark],
    ["change:_told", drawTold],
    ["change:picture", buttons.mark],
  ];
  for (const [names, then] of watched) model.on(names, then);
  el.replaceChildren(panel);
  for (const draw of [drawModels, drawJudging, drawOpen, drawTold]) draw();
  return () => {
    run.stop();
    for (const [names, then] of watched) model.off(names, then);
    kernel.stop();
  };
}
