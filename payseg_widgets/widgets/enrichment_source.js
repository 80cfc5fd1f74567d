// Whose data are used: a file, a register behind a key, the ledger alone. Python's half is source_choice.py.

import { make } from "./kernel.js";

// ask(kind, content) sends to Python. Returns the element and show(source), source as Python describes it.
export function sourceChoice(view, ask) {
  const id = (name) => `payseg-enrichment-${view}-${name}`;
  const now = make("span", { role: "status" });
  const choice = make("select", { id: id("source") });
  const [path, key] = [make("input", { type: "text", id: id("path"), size: "34", spellcheck: "false", autocomplete: "off" }), make("input", { type: "password", id: id("key"), size: "30", autocomplete: "off" })];
  const found = make("span");
  const use = (text) => make("button", { type: "submit" }, text);
  const field = (label, input) => make("span", { class: "payseg-field" }, make("label", { for: input.id }, label), input);
  const forms = {
    given: make("form", { class: "payseg-field" }, use("Use it")),
    file: make("form", { class: "payseg-tools" }, field("Path, as the kernel sees it", path), use("Use this file")),
    register: make("form", { class: "payseg-tools" }, found, field("Key", key), use("Use this key")),
    ledger: make("form", { class: "payseg-field" }, use("Use the ledger alone")),
  };
  const element = make("div", { role: "group", "aria-label": "Source", class: "payseg-tools" }, field("Company data from", choice), ...Object.values(forms), make("span", {}, "Now: ", now));
  let used;

  const content = {
    file: () => ({ path: path.value }),
    register: () => {
      const typed = key.value;
      key.value = ""; // before anything else can see it
      return { key: typed };
    },
  };
  for (const [name, form] of Object.entries(forms)) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask("source", { choice: name, ...content[name]?.() });
    });
  }
  // The form of the one chosen; one in use that has nothing to fill in needs no button.
  function unfold() {
    const isUsed = choice.value === used && !content[used];
    for (const [name, form] of Object.entries(forms)) form.hidden = name !== choice.value || isUsed;
  }
  choice.addEventListener("change", () => {
    unfold();
    if (choice.value === "register") ask("key_found", {}); // not before: a keyring may ask its owner
  });

  function show({ now: text, choice: chosen, path: file, given, register }) {
    used = chosen;
    now.textContent = text;
    const offered = [["file", "A register file"], ["register", register], ["ledger", "The ledger alone"]];
    if (given) offered.unshift(["given", `${given} (given in Python)`]);
    choice.replaceChildren(...offered.map(([value, label]) => make("option", { value }, label)));
    choice.value = offered.some(([value]) => value === chosen) ? chosen : offered[0][0];
    if (file) path.value = file;
    unfold();
  }
  const showFound = ({ found: where }) => (found.textContent = where ? `A key was found ${where}; leave the field empty to use it.` : "No key was found: type one. It is not kept.");
  return { element, show, showFound };
}
