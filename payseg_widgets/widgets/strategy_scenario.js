// What if: a kind of assumption, sliders for what it needs, and what it comes to.

import { make } from "./kernel.js";
import { part, plainTable, slider } from "./strategy_parts.js";

const SLIDERS = ["n", "days", "terms_days", "share", "discount", "by_day"];

export function scenarioPart(model, view, set, told) {
  const choice = (name, label) => {
    const select = make("select", { id: `payseg-strategy-${view}-${name}` });
    select.addEventListener("change", () => set(name, select.value));
    return { select, field: make("span", { class: "payseg-field", "data-needs": name }, make("label", { for: select.id }, label), select) };
  };
  const [kind, grouping, group] = [choice("kind", "Assume"), choice("grouping", "Groups by"), choice("group", "Group")];
  const sliders = SLIDERS.map((name) => slider(model, name, `payseg-strategy-${view}-${name}`, told));
  const controls = make("div", { class: "payseg-tools" }, kind.field, grouping.field, group.field, ...sliders.map(({ field }) => field));
  const verdict = make("p", { class: "payseg-verdict", role: "status" });
  const [impact, weeks] = [plainTable("What it comes to"), plainTable("Cash by week with the assumption")];
  const folded = make("details", {}, make("summary", {}, "Week by week"), weeks.scroll);
  const made = make("div", {}, impact.scroll, folded);
  const shown = part("What if", controls, verdict, made);

  const options = (pairs) => pairs.map(([value, label]) => make("option", { value }, label));
  function drawChoices() {
    const { kinds, groupings, groups, needs, group: now, is_there: isThere } = model.get("_choices");
    shown.hidden = !isThere;
    kind.select.replaceChildren(...options(kinds));
    grouping.select.replaceChildren(...options(groupings));
    group.select.replaceChildren(...options(groups));
    [kind.select.value, grouping.select.value, group.select.value] = [model.get("kind"), model.get("grouping"), now];
    for (const field of controls.children) field.hidden = field !== kind.field && !needs.includes(field.dataset.needs);
  }
  function drawScenario() {
    const { sentence, impact: comes, weeks: byWeek } = model.get("_scenario_told");
    verdict.textContent = sentence ?? "";
    made.hidden = verdict.hidden = !sentence;
    if (!sentence) return;
    impact.fill(comes);
    weeks.fill(byWeek);
  }

  model.on("change:_choices", drawChoices);
  model.on("change:_scenario_told", drawScenario);
  drawChoices();
  drawScenario();
  return {
    part: shown,
    stop: () => {
      for (const one of sliders) one.stop();
      model.off("change:_choices", drawChoices);
      model.off("change:_scenario_told", drawScenario);
    },
  };
}
