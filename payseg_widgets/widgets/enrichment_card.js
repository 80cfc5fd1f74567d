// One question as it is drawn: the ledger's words, three companies, what differs, what speaks for and against each.

import { make } from "./kernel.js";
import { differences } from "./enrichment_marks.js";

const RANKS = [0, 1, 2];
const percent = (value) => `${(100 * value).toFixed(0)} %`;
const DECIDED = { accepted: "Accepted", "not a company": "Not a UK company", "no match": "No match", skipped: "Skipped for now" };

// accept(rank) is called by the companies' buttons. The elements stay, so that the focus does.
export function questionCard(accept) {
  const ledger = make("div", { class: "payseg-ledger" });
  const places = RANKS.map((rank) => {
    const button = make("button", { type: "button", "aria-keyshortcuts": String(rank + 1) }, make("kbd", {}, String(rank + 1)), " Accept");
    button.addEventListener("click", () => accept(rank));
    return { button, told: make("div"), item: make("li", { hidden: "" }) };
  });
  for (const { button, told, item } of places) item.append(button, told);
  const none = make("p", {}, "No company was found.");
  const decided = make("p", { class: "payseg-decided" });
  const element = make("div", {}, ledger, decided, make("ol", { class: "payseg-candidates", "aria-label": "Companies weighed, the likeliest first" }, ...places.map(({ item }) => item)), none);

  function show(question) {
    ledger.replaceChildren(...facts([["In the ledger", make("strong", {}, question.name || "without a name")], ["Address", [question.address, question.postcode].filter(Boolean).join(", ")], ["Number", question.number]]));
    places.forEach(({ button, told, item }, rank) => {
      const company = question.candidates[rank];
      item.hidden = !company;
      told.replaceChildren();
      if (!company) return;
      button.setAttribute("aria-label", `Accept ${company.name}`);
      told.replaceChildren(...candidate(question, company));
    });
    none.hidden = question.candidates.length > 0;
    none.textContent = `No company was found. ${question.reason}`;
    decided.replaceChildren(...(question.decision ? decision(question.decision) : []));
    decided.hidden = !question.decision;
  }
  return { element, show };
}

function facts(pairs) {
  return pairs.filter(([, value]) => value).map(([name, value]) => make("div", {}, make("span", { class: "payseg-term" }, name), " ", value));
}

function candidate(question, company) {
  const name = differences(question.name, company.name);
  const code = question.postcode && company.postcode ? differences(question.postcode, company.postcode) : { parts: [{ text: company.postcode, isDifferent: false }], said: [] };
  const said = [...name.said, ...(code.said.length ? ["another postcode"] : [])];
  const bar = make("span", { class: "payseg-share", "aria-hidden": "true" }, make("span"));
  bar.firstChild.style.width = `${100 * company.probability}%`;
  const where = [company.address, company.address && company.postcode ? ", " : ""].join("");
  return [
    make("div", { class: "payseg-name" }, make("strong", {}, ...marked(name.parts)), " ", make("span", { class: "payseg-number" }, company.number)),
    make("div", { class: "payseg-chance" }, bar, ` ${percent(company.probability)} likely`),
    make("div", {}, where, ...marked(code.parts), ...(company.facts.length ? [` · ${company.facts.join(" · ")}`] : [])),
    ...(company.before.length ? [make("div", {}, `Earlier: ${company.before.join("; ")}`)] : []),
    make("div", { class: "payseg-differs" }, said.length ? `Differs: ${said.join("; ")}.` : "The same words."),
    evidence("For", "+", company.for),
    evidence("Against", "−", company.against),
  ];
}

function evidence(label, sign, pieces) {
  const list = make("ul", { class: "payseg-evidence", "aria-label": label }, ...pieces.map((text) => make("li", {}, make("span", { "aria-hidden": "true" }, `${sign} `), text)));
  list.hidden = !pieces.length;
  list.dataset.side = label.toLowerCase();
  return list;
}

// Marked text out of text nodes: whatever a register holds, it is text.
function marked(parts) {
  return parts.map(({ text, isDifferent }) => (isDifferent ? make("mark", {}, text) : text));
}

function decision({ choice, who, at, company }) {
  const which = company ? `: ${company.name} (${company.number})` : "";
  return [make("strong", {}, `${DECIDED[choice] ?? choice}${which}`), ` by ${who}, ${moment(at)}. Deciding again replaces it.`];
}

function moment(seconds) {
  return new Date(1000 * seconds).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}
