// The strategy board: key figures, overviews, policy, what if, whom to call. Python's half is strategy_table.py.

import { download } from "../views/js/csv.js";
import { keepKeys, kernelNote, make } from "./kernel.js";
import { headRow, pickRows, pictureButtons } from "./pick_rows.js";
import { runBar } from "./run_bar.js";
import { part, plainTable, settler, slider, sparkline } from "./strategy_parts.js";
import { policyPart } from "./strategy_policy.js";
import { scenarioPart } from "./strategy_scenario.js";

let strategyViews = 0;

export function renderStrategyTable({ model, el }) {
  const view = strategyViews++;
  const kernel = kernelNote(model);
  const told = settler(model, kernel.clear);
  function set(name, value) {
    kernel.clear();
    model.set(name, value);
    model.save_changes();
  }

  const begin = make("button", { type: "button" }, "Compute");
  const verdict = make("p", { class: "payseg-verdict", role: "note" });
  const tiles = make("ul", { class: "payseg-tiles" });
  const notes = make("p", { class: "payseg-notes" });
  const figures = part("Key figures", verdict, tiles, notes);
  const findings = make("div", { class: "payseg-note", role: "alert" });
  const planned = make("p", { class: "payseg-said" });
  const tables = make("div");
  const risky = plainTable("Customers of the largest expected loss");
  const overview = part("What to do", findings, planned, tables, risky.scroll);
  const policy = policyPart(model, view);
  const scenario = scenarioPart(model, view, set, told);
  const capacity = ["calls_a_day", "call_days"].map((name) => slider(model, name, `payseg-strategy-${view}-${name}`, told));
  const fetch = make("button", { type: "button" }, "Download CSV");
  const worth = make("p", { class: "payseg-said", role: "status" });
  const calls = plainTable("Whom to call");
  calls.scroll.classList.add("payseg-long");
  for (const { scroll } of [calls, risky]) scroll.classList.add("payseg-worded");
  const more = make("p", { class: "payseg-notes" });
  const worklist = part("Whom to call", make("div", { class: "payseg-tools" }, ...capacity.map(({ field }) => field), fetch), worth, calls.scroll, more);
  const pictures = make("div", { class: "payseg-tools", role: "group", "aria-label": "Pictures" });
  const panel = make("section", { class: "payseg-panel payseg-listing payseg-strategy", "aria-label": "Strategy board" });
  const run = runBar(model, "Computing", panel);
  panel.append(make("div", { class: "payseg-tools" }, begin, run.cancel), ...run.below, kernel.note, figures, overview, policy.part, scenario.part, worklist, pictures);

  const pick = (table) => (row) => model.send({ kind: "pick", table, row });
  const callRows = pickRows(calls.body, () => model.get("_picked").calls, pick("calls"));
  const riskyRows = pickRows(risky.body, () => model.get("_picked").risky, pick("risky"));
  const buttons = pictureButtons(pictures, () => model.get("picture"), (name) => set("picture", name));

  // ---- key figures ----
  function tile({ name, label, value, interval, definition, formula, sentence, trend }) {
    const title = trend ? make("button", { type: "button", "data-figure": name }, label) : make("strong", {}, label);
    if (trend)
      title.addEventListener("click", () => {
        model.set("figure", name);
        set("picture", "trend");
      });
    const twin = trend ? [make("p", {}, trend.words), trendTable(label, trend.rows)] : [];
    const meant = make("details", {}, make("summary", { "aria-label": `What ${label} is` }, "What it is"), ...[sentence, definition, formula].map((text) => make("p", {}, text)), ...twin);
    return make("li", {}, title, make("span", { class: "payseg-value" }, value), make("span", { class: "payseg-notes" }, interval), ...(trend ? [sparkline(trend, model.get("_tiles").size)] : []), meant);
  }
  function trendTable(label, rows) {
    const table = plainTable(`${label} by month`);
    table.fill({ caption: "", columns: ["As of", label], rows });
    table.caption.remove();
    return table.scroll;
  }
  function drawTiles() {
    const { tiles: there, sentence, notes: said } = model.get("_tiles");
    figures.hidden = !there;
    if (!there) return;
    const focused = tiles.getRootNode().activeElement?.dataset?.figure;
    verdict.textContent = sentence;
    notes.textContent = said.join(" ");
    tiles.replaceChildren(...there.map(tile));
    markTiles();
    [...tiles.querySelectorAll("button")].find((button) => focused && button.dataset.figure === focused)?.focus();
  }
  function markTiles() {
    for (const button of tiles.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.figure === model.get("figure")));
  }

  // ---- overviews ----
  function drawOverview() {
    const { sentence, findings: wrong, tables: there, riskiest } = model.get("_overview");
    overview.hidden = !there;
    if (!there) return;
    planned.textContent = sentence;
    findings.replaceChildren(...(wrong.length ? [make("strong", {}, "These figures cannot be right:"), make("ul", {}, ...wrong.map((text) => make("li", {}, text)))] : []));
    tables.replaceChildren(...there.map((one) => {
      const table = plainTable(one.caption);
      table.fill(one);
      return table.scroll;
    }));
    risky.scroll.hidden = !riskiest;
    if (riskiest) fillRows(risky, riskyRows, riskiest);
  }
  function fillRows(table, rows, { caption, columns, rows: there }) {
    table.caption.textContent = caption;
    table.head.replaceChildren(headRow("Customer", columns));
    rows.draw(there);
  }

  // ---- whom to call ----
  function drawCalls() {
    const { rows, sentence, notes: text, has_file: hasFile } = model.get("_calls");
    worklist.hidden = !rows;
    if (!rows) return;
    [worth.textContent, more.textContent, fetch.hidden] = [sentence, text, !hasFile];
    fillRows(calls, callRows, model.get("_calls"));
  }
  function mark() {
    callRows.mark();
    riskyRows.mark();
  }
  const onMessage = (message) => message.kind === "csv" && download(message.name, message.text);

  begin.addEventListener("click", () => model.send({ kind: "start" }));
  fetch.addEventListener("click", () => model.send({ kind: "csv" }));
  keepKeys(panel);
  const watched = [
    ["change:_tiles", drawTiles],
    ["change:figure", markTiles],
    ["change:_overview", drawOverview],
    ["change:_calls", drawCalls],
    ["change:_picked", mark],
    ["change:_pictures", () => buttons.draw(model.get("_pictures"))],
    ["change:picture", buttons.mark],
    ["msg:custom", onMessage],
  ];
  for (const [names, then] of watched) model.on(names, then);
  el.replaceChildren(panel);
  for (const draw of [drawTiles, drawOverview, drawCalls]) draw();
  buttons.draw(model.get("_pictures"));
  return () => {
    for (const one of [run, policy, scenario, told, ...capacity]) one.stop();
    for (const [names, then] of watched) model.off(names, then);
    kernel.stop();
  };
}
