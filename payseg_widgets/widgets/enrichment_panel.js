// Customers looked up: source, run, review, results, coverage, files. Python's half is enrichment_panel.py.
// Names come by messages, when this page asks; the model's state, which notebooks keep, has none.

import { download } from "../views/js/csv.js";
import { whole } from "../views/js/words.js";
import { keepKeys, kernelNote, make } from "./kernel.js";
import { runBar } from "./run_bar.js";
import { coverage } from "./enrichment_coverage.js";
import { results } from "./enrichment_results.js";
import { reviewQueue } from "./enrichment_review.js";
import { sourceChoice } from "./enrichment_source.js";

let views = 0;

export function renderEnrichmentPanel({ model, el }) {
  const view = `${views++}-${Math.random().toString(36).slice(2)}`; // another page may show the same panel
  const kernel = kernelNote(model);
  const ask = (kind, content) => {
    kernel.clear();
    model.send({ kind, view, ...content });
  };
  const set = (name, value) => {
    kernel.clear();
    model.set(name, value);
    model.save_changes();
  };
  const panel = make("section", { class: "payseg-panel payseg-enrichment", "aria-label": "Enrichment panel" });
  const run = runBar(model, "Looking customers up", panel);
  const [begin, hold] = ["Start", "Pause"].map((text) => make("button", { type: "button" }, text));
  const retry = make("input", { type: "checkbox", id: `payseg-enrichment-${view}-retry` });
  const failed = make("span", { class: "payseg-field" }, retry, make("label", { for: retry.id }, "ask again for those that failed"));
  const counts = make("ul", { class: "payseg-counts", "aria-label": "Customers by state" });
  const source = sourceChoice(view, ask);
  const review = reviewQueue(view, ask);
  const table = results(view, model, ask, (at) => review.open(at));
  const covered = coverage(view, model, set);
  const files = savedFiles(view, ask);
  panel.append(source.element, make("div", { class: "payseg-tools" }, begin, hold, run.cancel, failed), ...run.below, counts, kernel.note, review.element, table.element, covered.element, files);

  function drawRun() {
    const isRunning = model.get("state") === "running";
    begin.setAttribute("aria-disabled", String(isRunning));
    hold.setAttribute("aria-disabled", String(!isRunning));
    hold.textContent = model.get("is_paused") ? "Resume" : "Pause";
  }
  function drawCounts() {
    failed.hidden = !model.get("counts").failed;
    counts.replaceChildren(...Object.entries(model.get("counts")).map(([state, n]) => {
      const item = make("li", {}, make("strong", {}, whole(n)), ` ${state}`);
      item.dataset.ended = state;
      return item;
    }));
  }

  const heard = {
    hello: (told) => {
      source.show(told.source);
      review.setWho(told.who);
      table.begin(told.columns);
      review.setQueue(told.queue);
    },
    source: (told) => (source.show(told.source), review.restart(told.queue)),
    key_found: (told) => source.showFound(told),
    queue: (told) => review.setQueue(told.queue),
    question: (told) => review.show(told),
    decided: (told) => (review.decided(told), table.again()),
    company: (told) => review.showOther(told),
    rows: (told) => table.show(told),
    csv: (told) => download(told.name, told.text),
    refused: (told) => {
      kernel.note.textContent = told.text;
      review.refused();
    },
  };
  const drawLearnt = () => review.setLearnt(model.get("_learnt"));
  const hear = (message) => (message.to === undefined || message.to === view) && heard[message.kind]?.(message);

  begin.addEventListener("click", () => model.get("state") !== "running" && ask("start", { retry: retry.checked && !failed.hidden }));
  hold.addEventListener("click", () => model.get("state") === "running" && ask(model.get("is_paused") ? "resume" : "pause", {}));
  keepKeys(panel);
  const watched = [
    ["change:state change:is_paused", drawRun],
    ["change:counts", drawCounts],
    ["change:_learnt", drawLearnt],
    ["msg:custom", hear],
  ];
  for (const [names, then] of watched) model.on(names, then);
  el.replaceChildren(panel);
  for (const draw of [drawRun, drawCounts, drawLearnt]) draw();
  ask("hello", {});
  return () => {
    for (const part of [run, covered, table]) part.stop();
    for (const [names, then] of watched) model.off(names, then);
    kernel.stop();
  };
}

function savedFiles(view, ask) {
  const names = make("input", { type: "checkbox", id: `payseg-enrichment-${view}-names` });
  const take = (what, label) => {
    const made = make("button", { type: "button" }, label);
    made.addEventListener("click", () => ask("csv", { what, names: names.checked }));
    return made;
  };
  const wanted = make("span", { class: "payseg-field" }, names, make("label", { for: names.id }, "with names and numbers of companies"));
  return make("div", { role: "group", "aria-label": "Files" }, make("h4", {}, "Take away"), make("div", { class: "payseg-tools" }, take("enrichment", "Download enrichment.csv"), take("decisions", "Download decisions.csv"), wanted));
}
