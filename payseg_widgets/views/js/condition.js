// "Select by condition": what is typed selects, what is brushed is shown as the condition that repeats it.

import { packed } from "./hit.js";
import { ConditionError, columnText } from "./grammar.js";
import { knownColumns, selectedBy } from "./evaluate.js";
import { conditionOf } from "./steps.js";
import { button, element, uniqueKey } from "./words.js";

const WORD_BEFORE = /(?:[A-Za-z_][A-Za-z0-9_]*|`[^`]*)$/;

// ask(text): hand a condition to Python, which selects or answers with fail(); without it the page selects by itself.
export function conditionField(root, store, spec, ask) {
  const key = uniqueKey("condition");
  const input = element("input", { type: "text", id: key, list: `${key}-columns`, spellcheck: "false", autocomplete: "off", autocapitalize: "off", "aria-describedby": `${key}-wrong`, placeholder: EXAMPLE(spec) });
  const columns = element("datalist", { id: `${key}-columns` });
  const wrong = element("pre", { id: `${key}-wrong`, role: "alert" });
  const noted = element("span", { "aria-live": "polite" });
  const copy = button("Copy condition", copied);
  const form = element("form", { class: "payseg-condition" }, element("label", { for: key }, "Select by condition"), input, columns, element("button", { type: "submit" }, "Select"), copy, noted, wrong);
  root.replaceChildren(form);
  const names = knownColumns(spec).map(columnText);

  function fail(text, position) {
    wrong.textContent = text;
    noted.textContent = "";
    input.setAttribute("aria-invalid", "true");
    input.focus();
    if (position != null) input.setSelectionRange(position, position);
  }
  function well(note = "") {
    wrong.textContent = "";
    noted.textContent = note;
    input.removeAttribute("aria-invalid");
  }
  function submitted(event) {
    event.preventDefault();
    const text = input.value.trim();
    input.value = text;
    well();
    if (!text) return void store.select({ kind: "none" });
    if (ask) {
      noted.textContent = "Python is asked …";
      return void ask(text);
    }
    try {
      store.select({ kind: "mask", geometry: packed(selectedBy(text, store, spec)), text });
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      fail(error.message, error.position);
    }
  }
  // Offer the columns that the word before the caret may become.
  function suggest() {
    const before = input.value.slice(0, input.selectionStart);
    const word = WORD_BEFORE.exec(before)?.[0] ?? "";
    const start = before.slice(0, before.length - word.length);
    const rest = input.value.slice(input.selectionStart);
    const fit = names.filter((name) => name !== word && name.toLowerCase().startsWith(word.toLowerCase()));
    columns.replaceChildren(...fit.slice(0, 50).map((name) => element("option", { value: start + name + rest })));
  }
  async function copied() {
    const text = conditionOf(store.steps, store, spec);
    noted.textContent = (await toClipboard(text, input)) ? "Copied" : "The browser does not let the page copy: mark the text and press Control C.";
  }
  function show(text) {
    well();
    input.value = text ?? "";
    input.placeholder = text === null ? "Picked one by one: no condition repeats it" : EXAMPLE(spec);
    copy.disabled = !text;
  }
  const showSteps = () => show(store.count || store.steps.length ? conditionOf(store.steps, store, spec) : "");
  form.addEventListener("submit", submitted);
  input.addEventListener("input", suggest);
  input.addEventListener("focus", suggest);
  const stop = store.onChange(showSteps);
  showSteps();
  return { fail: (text, characters) => fail(text, characters == null ? undefined : unitsOf(input.value, characters)), show, end: stop };
}

const EXAMPLE = ({ values, columns, segments }) => {
  const [first] = values ?? columns;
  if (values && first) return `${columnText(first.name)} ${first.unit === "ratio" ? "> 40%" : "is present"}`;
  return segments.length ? "segment is present" : "everything";
};

// Python counts characters, the page their UTF-16 units.
const unitsOf = (text, characters) => [...text].slice(0, characters).join("").length;

async function toClipboard(text, input) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    input.value = text; // pages of plain http and strict policies: the old way
    input.select();
    return document.execCommand("copy");
  }
}
