// Choosing features: a list to tick, a search field, presets. Python's half is feature_selector.py.

import { keepKeys, kernelNote, make } from "./kernel.js";
import { featurePicture } from "./feature_picture.js";

const MOST_WARNINGS = 5;
const PAGE = 8; // options a PageUp or PageDown moves
const ORDERS = {
  kind: ["Kind", undefined],
  name: ["Name", (a, b) => a.label.localeCompare(b.label)],
  reliability: ["Most reliable", (a, b) => (b.reliability ?? -1) - (a.reliability ?? -1)],
  missing: ["Least missing", (a, b) => (a.share ?? 2) - (b.share ?? 2)],
};
let views = 0;

// ---- which rows, in which order: pure -----------------------------------------------------------------------------

export function matching(rows, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const texts = (row) => `${row.label} ${row.name} ${row.name.replaceAll("_", " ")} ${row.meaning}`.toLowerCase();
  return rows.map((row, i) => ({ ...row, i })).filter((row) => words.every((word) => texts(row).includes(word)));
}

// Groups of rows, each with its heading; a sorted list is one group without.
export function grouped(rows, order) {
  const compare = ORDERS[order][1];
  if (compare) return [["", [...rows].sort(compare)]];
  const groups = new Map();
  for (const row of rows) groups.set(row.kind, [...(groups.get(row.kind) ?? []), row]);
  return [...groups];
}

export function warningsOf(rows, twins, chosen) {
  const said = twins
    .filter(([a, b]) => chosen.has(a) && chosen.has(b))
    .map(([a, b, rho]) => `${rows[a].label} and ${rows[b].label} say the same (ρ = ${rho.toFixed(2)}).`);
  const more = said.length - MOST_WARNINGS;
  return more > 0 ? [...said.slice(0, MOST_WARNINGS), `… and ${more} more pairs.`] : said;
}

// ---- one view ------------------------------------------------------------------------------------------------------

export function renderSelector({ model, el }) {
  const id = (name) => `payseg-selector-${view}-${name}`;
  const view = views++;
  const rows = model.get("_rows");
  const kernel = kernelNote(model);
  const options = new Map(); // place in the table -> option
  let shown = [], active; // places as listed; the one the arrow keys are on

  const search = make("input", { type: "search", id: id("search"), autocomplete: "off", spellcheck: "false" });
  const order = make("select", { id: id("order") }, ...Object.entries(ORDERS).map(([value, [label]]) => make("option", { value }, label)));
  const buttons = model.get("_presets").map(([label, places]) => {
    const button = make("button", { type: "button" }, label);
    button.addEventListener("click", () => choose(places));
    return [button, places];
  });
  const status = make("div", { class: "payseg-status", role: "status" });
  const list = make("div", { role: "listbox", tabindex: "0", class: "payseg-list", "aria-multiselectable": "true", "aria-label": "Features" });
  const nothing = make("p", { class: "payseg-nothing" }, "No feature matches. Clear the search to see all.");
  const warnings = make("ul", { class: "payseg-warnings", "aria-label": "Chosen features that say the same" });
  const keys = make("p", { class: "payseg-keys", id: id("keys") }, "Keys: arrows move, Space ticks, Home and End jump. ", model.get("_about"));
  list.setAttribute("aria-describedby", keys.id);
  const presets = make("div", { role: "group", "aria-label": "Presets", class: "payseg-presets" }, ...buttons.map(([button]) => button));
  const tools = make("div", { class: "payseg-tools" },
    make("span", { class: "payseg-field" }, make("label", { for: search.id }, "Search"), search),
    make("span", { class: "payseg-field" }, make("label", { for: order.id }, "Sort by"), order));
  const panel = make("section", { class: "payseg-panel payseg-selector", "aria-label": "Feature selector" }, presets, tools, status, list, nothing, warnings, keys, kernel.note);

  function choose(places) {
    kernel.clear();
    if (!places.length) return void (status.textContent = "At least one feature must stay chosen.");
    model.set("features", places);
    model.save_changes();
  }

  function toggle(place) {
    const chosen = model.get("features");
    choose(chosen.includes(place) ? chosen.filter((other) => other !== place) : [...chosen, place]);
  }

  function option(row) {
    const [label, facts] = [id(`label-${row.i}`), id(`facts-${row.i}`)];
    const meta = [row.name, row.unit, row.worse].filter(Boolean).join(" · ");
    const trust = row.reliability === null ? "reliability not known" : `reliability ${row.reliability.toFixed(2)}`;
    const picture = row.counts.length ? featurePicture(row.counts) : make("span", { class: "payseg-picture" });
    const element = make("div", { role: "option", id: id(`option-${row.i}`), class: "payseg-option", "aria-labelledby": label, "aria-describedby": facts },
      make("span", { class: "payseg-tick", "aria-hidden": "true" }),
      make("div", { id: label, class: "payseg-label" }, row.label),
      make("div", { id: facts, class: "payseg-facts" },
        make("div", {}, row.meaning), make("div", { class: "payseg-meta" }, meta),
        make("div", { class: "payseg-figures" }, make("span", {}, row.distribution), make("span", {}, row.missing), make("span", {}, trust))),
      picture);
    // ahead of the focus that follows, and without scrolling: the list must not move under the mouse
    element.addEventListener("mousedown", () => activate(row.i, { scroll: false }));
    element.addEventListener("click", () => {
      activate(row.i, { scroll: false });
      toggle(row.i);
    });
    return element;
  }

  function drawList() {
    const groups = grouped(matching(rows, search.value), order.value);
    options.clear();
    shown = groups.flatMap(([, members]) => members.map((row) => row.i));
    list.replaceChildren(...groups.map(([heading, members], g) => {
      const group = make("div", heading ? { role: "group", "aria-labelledby": id(`group-${g}`) } : { role: "presentation" });
      if (heading) group.append(make("div", { id: id(`group-${g}`), class: "payseg-heading", role: "presentation" }, heading));
      for (const row of members) group.append(options.set(row.i, option(row)).get(row.i));
      return group;
    }));
    list.hidden = !shown.length;
    nothing.hidden = shown.length > 0;
    if (!shown.includes(active)) active = undefined;
    drawChoice();
    activate(active);
  }

  function drawChoice() {
    const chosen = new Set(model.get("features"));
    for (const [place, element] of options) element.setAttribute("aria-selected", String(chosen.has(place)));
    for (const [button, places] of buttons)
      button.setAttribute("aria-pressed", String(places.length === chosen.size && places.every((place) => chosen.has(place))));
    status.textContent = `${chosen.size} of ${rows.length} features chosen; ${shown.length} listed.`;
    warnings.replaceChildren(...warningsOf(rows, model.get("_twins"), chosen).map((text) => make("li", {}, text)));
    warnings.hidden = !warnings.childElementCount;
  }

  function activate(place, { scroll = true } = {}) {
    options.get(active)?.classList.remove("payseg-active");
    active = place;
    const element = options.get(place);
    if (!element) return void list.removeAttribute("aria-activedescendant");
    element.classList.add("payseg-active");
    list.setAttribute("aria-activedescendant", element.id);
    if (!scroll) return;
    const [top, bottom] = [element.offsetTop, element.offsetTop + element.offsetHeight];
    if (top < list.scrollTop) list.scrollTop = top - 28; // the heading above stays in sight
    if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
  }

  function onKey(event) {
    const at = shown.indexOf(active), last = shown.length - 1;
    const moves = { ArrowDown: at + 1, ArrowUp: at < 0 ? last : at - 1, Home: 0, End: last, PageDown: at + PAGE, PageUp: at - PAGE };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in moves) activate(shown[Math.min(Math.max(moves[event.key], 0), last)]);
    else if ((event.key === " " || event.key === "Enter") && active !== undefined) toggle(active);
    else return;
    event.preventDefault();
  }

  list.addEventListener("keydown", onKey);
  list.addEventListener("focus", () => active === undefined && activate(shown[0]));
  search.addEventListener("input", drawList);
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && shown.length) list.focus();
    else if (event.key === "Escape" && search.value) (search.value = ""), drawList();
    else return;
    event.preventDefault();
  });
  order.addEventListener("change", drawList);
  keepKeys(panel);
  model.on("change:features", drawChoice);
  el.replaceChildren(panel);
  drawList();
  return () => {
    model.off("change:features", drawChoice);
    kernel.stop();
  };
}
