// The queue of doubtful customers, decided by keyboard or by the buttons that do the same.

import { make } from "./kernel.js";
import { actionOf, isOpen, neighbour, nextOpen, openLeft, withChoice } from "./enrichment_queue.js";
import { questionCard } from "./enrichment_card.js";

const DECISIONS = ["accept", "refuse", "skip"];

// ask(kind, content) sends to Python.
export function reviewQueue(view, ask) {
  let items = [], at, question, hasBegun = false; // begun: the reviewer is at work, and the question stays
  let isBusy = false; // what is shown is not yet what would be decided
  let awaitsOther = false; // another company was asked for meanwhile: digits typed next must find its field, not decide
  const tool = (key, label, action) => {
    const made = make("button", { type: "button", "aria-keyshortcuts": key }, make("kbd", {}, { ArrowLeft: "←", ArrowRight: "→" }[key] ?? key), ` ${label}`);
    made.addEventListener("click", () => act(action));
    return made;
  };
  const tools = make("div", { class: "payseg-tools", role: "toolbar", "aria-label": "Decisions" },
    tool("O", "Another company", { act: "other" }), tool("N", "Not a UK company", { act: "refuse", choice: "not a company" }), tool("M", "No match", { act: "refuse", choice: "no match" }),
    tool("S", "Skip", { act: "skip" }), tool("U", "Undo", { act: "undo" }), tool("ArrowLeft", "Earlier", { act: "step", by: -1 }), tool("ArrowRight", "Later", { act: "step", by: 1 }));
  const left = make("span", { class: "payseg-queue-left" });
  const who = make("span", { class: "payseg-who" });
  const learnt = make("p", { class: "payseg-learnt" });
  const heard = make("div", { class: "payseg-heard", role: "status" });
  const nothing = make("p", { tabindex: "-1" }, "Nobody is waiting for a review.");
  const card = questionCard((rank) => act({ act: "accept", rank }));
  const other = otherCompany(view, ask, () => at, (number) => decide("accepted", number), () => desk.focus());
  const desk = make("div", { class: "payseg-desk", role: "group", tabindex: "0", "aria-label": "Question", hidden: "" }, card.element, other.element, tools);
  const keys = make("p", { class: "payseg-keys" }, "Keys: 1, 2 or 3 accepts that company; O another, N not a UK company, M no match, S skip, U undo; arrows move. The question whose likeliest company is nearest to being as likely as not comes first.");
  const element = make("div", { class: "payseg-review", role: "region", "aria-label": "Review" }, make("h4", {}, "Review"), make("div", { class: "payseg-tools" }, left, who), nothing, desk, learnt, keys, heard);

  function act(action) {
    hasBegun = true;
    if (isBusy) return void (awaitsOther ||= action.act === "other");
    if (action.act === "undo") return (isBusy = true), ask("undo", {});
    if (at === undefined) return undefined;
    if (action.act === "step") return open(neighbour(items, at, action.by));
    if (action.act === "other") return other.open();
    if (action.act === "accept") return question.candidates[action.rank] && decide("accepted", question.candidates[action.rank].number);
    return decide(action.act === "skip" ? "skipped" : action.choice);
  }

  function decide(choice, number) {
    isBusy = true;
    other.close();
    ask("decide", { at, choice, number });
  }

  function open(place) {
    if (place === undefined) return showNothing();
    isBusy = true;
    at = place;
    other.close();
    return ask("question", { at });
  }

  function showNothing() {
    const hadFocus = desk.contains(desk.getRootNode().activeElement);
    [at, question, isBusy, awaitsOther] = [undefined, undefined, false, false];
    desk.hidden = true;
    nothing.hidden = false;
    if (hadFocus) nothing.focus();
    drawLeft();
  }

  function drawLeft() {
    const n = openLeft(items);
    const here = items.findIndex(([place]) => place === at);
    const where = here < 0 ? "" : `Question ${here + 1} of ${items.length}. `;
    left.textContent = `${where}${n} left to decide.`;
  }

  function show(told) {
    if (told.at !== at) return; // asked for before the one that is awaited
    question = told;
    isBusy = false;
    card.show(told);
    desk.hidden = false;
    nothing.hidden = true;
    drawLeft();
    const [first] = told.candidates;
    heard.textContent = `${told.name}. ${first ? `Likeliest: ${first.name}, ${(100 * first.probability).toFixed(0)} percent.` : "No company was found."} ${left.textContent}`;
    const active = desk.getRootNode().activeElement;
    if (active && desk.contains(active) && active.offsetParent === null) desk.focus(); // its company has gone
    if (awaitsOther) other.open();
    awaitsOther = false;
  }

  // Somebody decided, or took a decision back: here, in another view or in Python.
  function decided({ at: place, choice, undone }) {
    items = withChoice(items, place, choice);
    drawLeft();
    if (undone) open(place);
    else if (place === at) open(items.some(isOpen) ? nextOpen(items, at) : at);
  }

  function setQueue(queue) {
    items = queue;
    const isRead = hasBegun || desk.contains(desk.getRootNode().activeElement);
    const next = nextOpen(items, undefined); // a more valuable one may have come
    if (at === undefined || (!isRead && next !== at)) open(next); // the same again would be deaf until it is back
    drawLeft();
  }

  desk.addEventListener("keydown", (event) => {
    const action = actionOf(event, event.target.tagName === "INPUT");
    if (!action) return;
    event.preventDefault();
    act(action);
  });
  return {
    element,
    show,
    decided,
    setQueue,
    restart: (queue) => (([at, hasBegun] = [undefined, false]), setQueue(queue)),
    showOther: (told) => other.show(told),
    refused: () => ([isBusy, awaitsOther] = [false, false]),
    open: (place) => ((hasBegun = true), open(place), (desk.hidden = false), desk.focus()),
    setLearnt: (text) => ([learnt.textContent, learnt.hidden] = [text, !text]),
    setWho: (name) => (who.textContent = `Reviewing as ${name}.`),
  };
}

// A company by its number: looked up and named before it can be accepted.
function otherCompany(view, ask, place, accept, done) {
  const id = `payseg-enrichment-${view}-number`;
  const number = make("input", { type: "text", id, size: "12", maxlength: "20", autocomplete: "off", spellcheck: "false" });
  const found = make("span", { role: "status" });
  const take = make("button", { type: "button", hidden: "" }, "Accept this company");
  const element = make("form", { class: "payseg-tools payseg-other", hidden: "" }, make("span", { class: "payseg-field" }, make("label", { for: id }, "Company number"), number), make("button", { type: "submit" }, "Look it up"), found, take);
  let shown;

  function close() {
    element.hidden = take.hidden = true;
    shown = undefined;
    number.value = found.textContent = "";
  }
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    [shown, take.hidden, found.textContent] = [undefined, true, "Looking it up …"];
    ask("company", { at: place(), number: number.value });
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
    done();
  });
  number.addEventListener("input", () => ([shown, take.hidden, found.textContent] = [undefined, true, ""]));
  take.addEventListener("click", () => {
    const chosen = shown;
    done();
    accept(chosen);
  });
  return {
    element,
    close,
    open: () => ((element.hidden = false), number.focus()),
    show: ({ company, text }) => {
      if (element.hidden) return;
      found.textContent = company ? [company.name, company.postcode, ...company.facts].filter(Boolean).join(" · ") : text;
      if (!company) return;
      shown = company.number;
      take.hidden = false;
      take.focus();
    },
  };
}
