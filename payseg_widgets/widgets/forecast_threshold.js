// From which chance on an invoice is flagged: the costs, a slider, and what it does, counted in the page while it moves.

import { make } from "./kernel.js";

// What a threshold in whole per cent does, by the counts of late and timely invoices flagged at each.
export function cellsAt(counts, k) {
  const [found, wrong] = [counts.late[k], counts.timely[k]];
  return { found, wrong, missed: counts.n_late - found, passed: counts.n_timely - wrong };
}

export function costAt(counts, k, missing, flagging) {
  const { missed, wrong } = cellsAt(counts, k);
  return missing * missed + flagging * wrong;
}

// The threshold that would have cost least on the invoices judged; of several the lowest.
export function cheapestAt(counts, missing, flagging) {
  const costs = counts.late.map((_, k) => costAt(counts, k, missing, flagging));
  return costs.indexOf(Math.min(...costs));
}

// The threshold that the costs make cheapest, in whole per cent; at 0 or 100 there would be no choice left.
export function byCosts(missing, flagging) {
  return Math.min(99, Math.max(1, Math.round((100 * flagging) / (missing + flagging))));
}

const whole = (value) => Math.round(value).toLocaleString("en-GB");
const share = (part, of) => `${Math.round((100 * part) / of)}%`;

export function inWords(counts, k, missing, flagging) {
  const { found, wrong } = cellsAt(counts, k);
  const best = cheapestAt(counts, missing, flagging);
  const right = found + wrong ? `${share(found, found + wrong)} of what is flagged is late` : "nothing is flagged";
  const said = [
    `At ${k}%, ${share(found, counts.n_late)} of the late invoices are flagged; ${right}.`,
    `Cost ${whole(costAt(counts, k, missing, flagging))}; the cheapest whole per cent on these invoices, ${best}%, costs ${whole(costAt(counts, best, missing, flagging))}.`,
  ];
  if (counts.open) said.push(`Of ${whole(counts.n_open)} open ${counts.n_open === 1 ? "invoice that is" : "invoices that are"} not late yet, ${whole(counts.open[k])} ${counts.open[k] === 1 ? "is" : "are"} flagged.`);
  return said.join(" ");
}

export function thresholdPart(model, view, set) {
  const field = (name, label) => {
    const input = make("input", { type: "number", min: "0", step: "any", id: `payseg-forecast-${view}-${name}`, name });
    input.addEventListener("change", () => set(name, Number(input.value)));
    return [input, make("span", { class: "payseg-field" }, make("label", { for: input.id }, label), input)];
  };
  const [missing, missingField] = field("cost_of_missing", "A late invoice missed costs");
  const [flagging, flaggingField] = field("cost_of_flagging", "a timely one flagged");
  const slider = make("input", { type: "range", min: "0", max: "100", step: "1", id: `payseg-forecast-${view}-threshold` });
  const value = make("output", { for: slider.id });
  const cheapest = make("button", { type: "button" }, "Go by the costs");
  const caption = make("caption");
  const body = make("tbody");
  const table = make("table", { class: "payseg-confusion" }, caption, make("thead", {}, make("tr", {}, make("td"), make("th", { scope: "col" }, "Turned out late"), make("th", { scope: "col" }, "Paid in time"))), body);
  const said = make("p", { class: "payseg-said", role: "status" });
  const part = make(
    "div", { role: "group", "aria-label": "Threshold and costs" },
    make("h4", {}, "From which chance on an invoice is flagged"),
    make("div", { class: "payseg-tools" }, missingField, flaggingField),
    make("div", { class: "payseg-tools" }, make("span", { class: "payseg-field" }, make("label", { for: slider.id }, "Flag from this chance on"), slider, value), cheapest),
    table, said,
  );

  // ---- as it moves ----
  function show() {
    const counts = model.get("_judging");
    part.hidden = !counts.late;
    if (part.hidden) return;
    const k = Number(slider.value);
    value.textContent = `${k}%`;
    slider.setAttribute("aria-valuetext", `${k} per cent`);
    caption.textContent = `What ${counts.label} would have flagged of ${whole(counts.n_late + counts.n_timely)} invoices`;
    const { found, wrong, missed, passed } = cellsAt(counts, k);
    const row = (name, ...cells) => make("tr", {}, make("th", { scope: "row" }, name), ...cells.map(([n, text, kind]) => make("td", { class: kind }, make("strong", {}, whole(n)), ` ${text}`)));
    body.replaceChildren(
      row("Flagged", [found, "found", "payseg-right"], [wrong, "flagged for nothing", "payseg-wrong"]),
      row("Not flagged", [missed, "missed", "payseg-wrong"], [passed, "rightly let pass", "payseg-right"]),
    );
    const text = inWords(counts, k, model.get("cost_of_missing"), model.get("cost_of_flagging"));
    if (said.textContent !== text) said.textContent = text;
  }
  function draw() {
    missing.value = model.get("cost_of_missing");
    flagging.value = model.get("cost_of_flagging");
    slider.value = Math.round(100 * model.get("threshold"));
    show();
  }
  slider.addEventListener("input", show);
  slider.addEventListener("change", () => set("threshold", Number(slider.value) / 100));
  cheapest.addEventListener("click", () => {
    set("threshold", byCosts(model.get("cost_of_missing"), model.get("cost_of_flagging")) / 100);
    draw();
  });
  return { part, draw };
}
