// Groups compared: what is compared, the run, what can be said, the groups in order, the one picked. Python's half is effect_table.py.

import { keepKeys, kernelNote, make } from "./kernel.js";
import { headRow, pickRows, pictureButtons } from "./pick_rows.js";
import { runBar } from "./run_bar.js";

const MOST_SAID = 6;
let views = 0;

export function renderEffectTable({ model, el }) {
  const view = views++;
  const kernel = kernelNote(model);
  const id = (name) => `payseg-effects-${view}-${name}`;
  const [by, outcome] = ["by", "outcome"].map((name) => make("select", { id: id(name) }));
  const field = (label, select) => make("span", { class: "payseg-field" }, make("label", { for: select.id }, label), select);
  const boxes = make("span", { class: "payseg-checks" });
  const adjust = make("fieldset", { class: "payseg-adjust" }, make("legend", {}, "Adjusted for"), boxes);
  const brushed = make("input", { type: "checkbox", id: id("brushed") });
  const follow = make("span", { class: "payseg-field" }, brushed, make("label", { for: brushed.id }, "Only customers brushed in the explorer"));
  const begin = make("button", { type: "button" }, "Compare");
  const tie = make("button", { type: "button" }, "Do they form clusters?");
  const caution = make("p", { class: "payseg-verdict", role: "note", hidden: "" });
  const said = make("div", { class: "payseg-said", role: "region", "aria-label": "What can be said", "aria-live": "polite" });
  const [caption, head, body] = [make("caption"), make("thead"), make("tbody")];
  const scroll = make("div", { class: "payseg-scroll", role: "region", "aria-label": "Groups compared", tabindex: "0", hidden: "" }, make("table", {}, caption, head, body));
  const told = make("div", { role: "region", "aria-label": "The group picked", "aria-live": "polite" });
  const pictures = make("div", { class: "payseg-tools", role: "group", "aria-label": "Pictures" });
  const panel = make("section", { class: "payseg-panel payseg-listing payseg-effects", "aria-label": "Effect viewer" });
  const run = runBar(model, "Comparing", panel);
  panel.append(
    make("div", { class: "payseg-tools" }, field("Customers by", by), field("Outcome", outcome)),
    adjust,
    make("div", { class: "payseg-tools" }, begin, run.cancel, tie, follow),
    ...run.below, kernel.note, caution, said, scroll, told, pictures,
  );

  function set(name, value) {
    kernel.clear();
    model.set(name, value);
    model.save_changes();
  }

  const groups = pickRows(body, () => model.get("group"), (name) => set("group", model.get("group") === name ? "" : name));
  const buttons = pictureButtons(pictures, () => model.get("picture"), (name) => set("picture", name));

  // ---- what is compared ----
  function drawChoices() {
    const { by: columns = [], outcomes = [], adjustments = [], can_tie: canTie, has_brush: hasBrush } = model.get("_offered");
    by.replaceChildren(...columns.map((name) => make("option", { value: name }, name)));
    outcome.replaceChildren(...outcomes.map(([name, label]) => make("option", { value: name }, label)));
    boxes.replaceChildren(...adjustments.map(box));
    tie.hidden = !canTie;
    follow.hidden = !hasBrush;
    markChoices();
  }
  function box(name) {
    const input = make("input", { type: "checkbox", value: name, id: id(`adjust-${name}`) });
    input.addEventListener("change", () => {
      const chosen = [...boxes.querySelectorAll("input")].filter((one) => one.checked && !one.disabled);
      set("adjust_for", chosen.map((one) => one.value));
    });
    return make("span", { class: "payseg-field" }, input, make("label", { for: input.id }, name));
  }
  function markChoices() {
    by.value = model.get("by");
    outcome.value = model.get("outcome");
    brushed.checked = model.get("follows_brush");
    const chosen = model.get("adjust_for");
    for (const input of boxes.querySelectorAll("input")) {
      input.checked = chosen.includes(input.value);
      input.disabled = input.value === model.get("by"); // a group is not adjusted for itself
    }
  }

  // ---- what can be said ----
  function drawSaid() {
    const { sentences = [], notes = [] } = model.get("_shown");
    const { tied } = model.get("_told");
    const item = (text) => make("li", {}, text);
    const rest = sentences.slice(MOST_SAID);
    const more = make("details", {}, make("summary", {}, `${rest.length} more differences`), make("ul", {}, ...rest.map(item)));
    said.replaceChildren(
      make("ul", {}, ...sentences.slice(0, MOST_SAID).map(item)),
      ...(rest.length ? [more] : []),
      ...(tied ? [make("p", {}, tied)] : []),
      ...(notes.length ? [make("p", { class: "payseg-notes" }, notes.join(" "))] : []),
    );
    said.hidden = !sentences.length;
    caution.textContent = model.get("caution");
    caution.hidden = !caution.textContent;
  }

  // ---- the groups ----
  function drawTable() {
    const { rows, columns, unit } = model.get("_shown");
    scroll.hidden = !rows;
    if (!rows) return;
    caption.textContent = `Groups, highest first: ${unit}`;
    head.replaceChildren(headRow("Group", columns));
    groups.draw(rows);
  }

  // ---- the one picked, and its pictures ----
  function drawTold() {
    const { group, sentences = [], pictures: there = [] } = model.get("_told");
    told.replaceChildren(...(group ? [make("h4", {}, group), make("ul", { class: "payseg-said" }, ...sentences.map((text) => make("li", {}, text)))] : []));
    buttons.draw(there);
    drawSaid();
  }
  by.addEventListener("change", () => set("by", by.value));
  outcome.addEventListener("change", () => set("outcome", outcome.value));
  brushed.addEventListener("change", () => set("follows_brush", brushed.checked));
  begin.addEventListener("click", () => model.send({ kind: "start" }));
  tie.addEventListener("click", () => model.send({ kind: "tie" }));
  keepKeys(panel);
  const watched = [
    ["change:_offered", drawChoices],
    ["change:by change:outcome change:adjust_for change:follows_brush", markChoices],
    ["change:_shown", drawTable],
    ["change:_shown change:caution", drawSaid],
    ["change:group", groups.mark],
    ["change:_told", drawTold],
    ["change:picture", buttons.mark],
  ];
  for (const [names, then] of watched) model.on(names, then);
  el.replaceChildren(panel);
  for (const draw of [drawChoices, drawTable, drawTold]) draw();
  return () => {
    run.stop();
    for (const [names, then] of watched) model.off(names, then);
    kernel.stop();
  };
}
