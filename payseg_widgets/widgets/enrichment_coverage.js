// How many customers each region and sector has, and on whose word; and whose region counts.

import { whole } from "../views/js/words.js";
import { make } from "./kernel.js";

const TITLES = { region: "Region", sector: "Sector" };

export function coverage(view, model, set) {
  const id = `payseg-enrichment-${view}-region`;
  const from = make("select", { id }, make("option", { value: "registered office" }, "the registered office"), make("option", { value: "ledger" }, "the ledger's own postcode"));
  const tables = make("div", { class: "payseg-coverage" });
  const caution = make("p", { role: "note", class: "payseg-caution" }, model.get("_caution"));
  const element = make("div", {}, make("h4", {}, "Regions and sectors"), caution, make("div", { class: "payseg-tools" }, make("span", { class: "payseg-field" }, make("label", { for: id }, "Where both say one, region is that of"), from)), tables);
  from.addEventListener("change", () => set("region_from", from.value));

  function draw() {
    from.value = model.get("region_from");
    const counted = model.get("_coverage");
    tables.replaceChildren(...Object.keys(TITLES).filter((by) => counted[by]).map((by) => table(TITLES[by], counted[by])));
  }
  model.on("change:_coverage change:region_from", draw);
  draw();
  return { element, stop: () => model.off("change:_coverage change:region_from", draw) };
}

function table(title, rows) {
  const most = Math.max(1, ...rows.map(([, n]) => n));
  const body = rows.map(([value, n, share, words]) => {
    const bar = make("span", { class: "payseg-share", "aria-hidden": "true" }, make("span"));
    bar.firstChild.style.width = `${(100 * n) / most}%`;
    return make("tr", {}, make("th", { scope: "row" }, value), make("td", {}, bar), make("td", {}, whole(n)), make("td", {}, `${(100 * share).toFixed(1)} %`), make("td", { class: "payseg-words" }, words));
  });
  const heads = [title, "", "Customers", "Share", "On whose word"].map((text) => (text ? make("th", { scope: "col" }, text) : make("td")));
  return make("div", { class: "payseg-scroll", role: "region", tabindex: "0", "aria-label": `Customers by ${title.toLowerCase()}` }, make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...body)));
}
