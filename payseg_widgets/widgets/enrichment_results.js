// Every customer with what was found: filtered, sorted and handed over page by page by views/enrichment_rows.py.

import { whole } from "../views/js/words.js";
import { make } from "./kernel.js";

const TYPING = 250; // milliseconds after the last key
const chance = (value) => (value === null ? "–" : `${(100 * value).toFixed(1)} %`);

// ask(kind, content) sends to Python; review(at) opens a customer in the queue.
export function results(view, model, ask, review) {
  const id = (name) => `payseg-enrichment-${view}-${name}`;
  const state = make("select", { id: id("state") });
  const find = make("input", { type: "search", id: id("find"), size: "18", autocomplete: "off", spellcheck: "false" });
  const said = make("span", { role: "status" });
  const [back, on] = ["‹ Earlier rows", "Later rows ›"].map((text) => make("button", { type: "button" }, text));
  const [head, body] = [make("tr"), make("tbody")];
  const field = (label, input) => make("span", { class: "payseg-field" }, make("label", { for: input.id }, label), input);
  const scroll = make("div", { class: "payseg-scroll payseg-rows", role: "region", tabindex: "0", "aria-label": "Customers and companies" }, make("table", { "aria-label": "What was found" }, make("thead", {}, head), body));
  const element = make("div", { class: "payseg-results" }, make("h4", {}, "Results"), make("div", { class: "payseg-tools" }, field("State", state), field("Find", find), back, on, said), scroll);
  const asked = { state: "", text: "", sort: "", down: false, start: 0 };
  let columns = [], rows = [], opened = new Set(), typing, due, nMatching = 0;

  function want(change = {}) {
    Object.assign(asked, "start" in change ? {} : { start: 0 }, change);
    ask("rows", asked);
  }
  // Once, however many things have changed together.
  function again() {
    clearTimeout(due);
    due = setTimeout(() => ask("rows", asked), 0);
  }

  function drawStates() {
    const counts = Object.entries(model.get("counts"));
    const all = counts.reduce((sum, [, n]) => sum + n, 0);
    state.replaceChildren(make("option", { value: "" }, `all (${whole(all)})`), ...counts.map(([name, n]) => make("option", { value: name }, `${name} (${whole(n)})`)));
    if (asked.state && !counts.some(([name]) => name === asked.state)) state.append(make("option", { value: asked.state }, `${asked.state} (0)`));
    state.value = asked.state;
  }

  function drawHead() {
    const sorted = (name) => (asked.sort !== name ? "none" : asked.down ? "descending" : "ascending");
    head.replaceChildren(...columns.map(([name, label]) => {
      const sort = make("button", { type: "button", "data-key": `sort ${name}` }, label, { none: "", ascending: " ▴", descending: " ▾" }[sorted(name)]);
      sort.addEventListener("click", () => want(asked.sort !== name ? { sort: name, down: false } : asked.down ? { sort: "", down: false } : { down: true }));
      return make("th", { scope: "col", "aria-sort": sorted(name) }, sort);
    }), make("th", { scope: "col" }, "More"));
  }

  // One customer: its cells, and on demand why it ended so.
  function lines([at, ended, name, company, number, probability, region, sector, reason, who]) {
    const isOpened = opened.has(at);
    const why = make("button", { type: "button", "aria-expanded": String(isOpened), "data-key": `why ${at}`, "aria-label": `Why: ${name}` }, "Why");
    why.addEventListener("click", () => {
      if (!opened.delete(at)) opened.add(at);
      draw();
    });
    const look = make("button", { type: "button", "data-key": `look ${at}`, "aria-label": `Review: ${name}` }, "Review");
    look.addEventListener("click", () => review(at));
    const cells = [name, company || "–", number || "–", chance(probability), region, sector].map((text, k) => (k ? make("td", {}, text) : make("th", { scope: "row" }, text)));
    const row = make("tr", {}, make("td", { class: "payseg-state", "data-ended": ended }, ended), ...cells, make("td", { class: "payseg-more" }, why, look));
    if (!isOpened) return [row];
    return [row, make("tr", { class: "payseg-reason" }, make("td", { colspan: columns.length + 1 }, reason, who ? ` Decided by ${who}.` : ""))];
  }

  function draw() {
    const key = element.getRootNode().activeElement?.dataset?.key;
    drawHead();
    body.replaceChildren(...rows.flatMap(lines));
    if (key) [...element.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key)?.focus();
    const [from, to] = [asked.start + 1, asked.start + rows.length];
    said.textContent = rows.length ? `Rows ${whole(from)} to ${whole(to)} of ${whole(nMatching)}.` : "No customer is like that.";
    back.setAttribute("aria-disabled", String(asked.start === 0));
    on.setAttribute("aria-disabled", String(to >= nMatching));
  }

  function show(told) {
    ({ rows, n_matching: nMatching } = told);
    asked.start = told.start;
    draw();
  }

  const page = 50;
  back.addEventListener("click", () => asked.start > 0 && want({ start: Math.max(0, asked.start - page) }));
  on.addEventListener("click", () => asked.start + rows.length < nMatching && want({ start: asked.start + page }));
  state.addEventListener("change", () => want({ state: state.value }));
  find.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => want({ text: find.value }), TYPING);
  });
  const renewed = () => (drawStates(), again());
  model.on("change:counts change:_coverage", renewed);
  drawStates();
  return {
    element,
    show,
    again,
    begin: (given) => ((columns = given), again()),
    stop: () => {
      for (const timer of [typing, due]) clearTimeout(timer);
      model.off("change:counts change:_coverage", renewed);
    },
  };
}
