// The policy as text: typed, applied, refused with its line, and what it changes.

import { make } from "./kernel.js";
import { part, plainTable } from "./strategy_parts.js";

export function policyPart(model, view) {
  const id = `payseg-strategy-${view}-policy`;
  const text = make("textarea", { id, rows: "18", spellcheck: "false", autocomplete: "off", wrap: "off", "aria-describedby": `${id}-fault` });
  const fault = make("p", { class: "payseg-note", id: `${id}-fault`, role: "alert" });
  const elsewhere = make("p", { class: "payseg-notes", role: "status" });
  const quoted = make("code");
  const beside = make("div", { class: "payseg-beside" }, fault, quoted);
  const [apply, back] = [make("button", { type: "button" }, "Apply"), make("button", { type: "button" }, "Back to default")];
  const said = make("p", { class: "payseg-said", role: "status" });
  const moves = plainTable("Who moves");
  const changed = make("div", {}, said, moves.scroll);
  const shown = part("The policy", make("label", { for: id }, "Rules, as YAML; the first that applies decides"), make("div", { class: "payseg-editor" }, text, beside), elsewhere, make("div", { class: "payseg-tools" }, apply, back), changed);
  let [drawn, sent] = ["", ""]; // what Python told, and what was applied here

  function drawPolicy() {
    const { text: written, fault: told } = model.get("_policy_told");
    shown.hidden = written === undefined;
    if (shown.hidden) return;
    const incoming = told.text ? told.typed : written;
    const isTyping = ![drawn, sent, incoming].includes(text.value);
    elsewhere.textContent = isTyping && !told.text ? "Another policy was put in force meanwhile; what is typed here is kept, and not in force until it is applied." : "";
    markBack();
    if (isTyping) return;
    text.value = incoming;
    drawn = text.value;
    fault.textContent = told.text ?? "";
    quoted.textContent = told.line ? `${told.line}: ${text.value.split("\n")[told.line - 1] ?? ""}` : "";
    text.setAttribute("aria-invalid", String(Boolean(told.text)));
    markBack();
    if (told.line && shown.contains(shown.getRootNode().activeElement)) selectLine(told.line);
  }
  function markBack() {
    back.setAttribute("aria-disabled", String(text.value === model.get("_policy_told").default));
  }
  // The line that is wrong is selected where the policy was applied, so that typing begins there.
  function selectLine(line) {
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
    text.scrollTop = (text.scrollHeight / lines.length) * Math.max(0, line - 5);
  }
  function drawChange() {
    const told = model.get("_change_told");
    changed.hidden = !told.rows;
    if (!told.rows) return;
    said.textContent = told.sentence;
    moves.scroll.hidden = !told.rows.length;
    moves.fill(told);
  }

  apply.addEventListener("click", () => {
    sent = text.value;
    elsewhere.textContent = "";
    model.send({ kind: "apply", text: sent });
  });
  back.addEventListener("click", () => {
    if (back.getAttribute("aria-disabled") === "true") return;
    text.value = model.get("_policy_told").default;
    sent = text.value;
    elsewhere.textContent = "";
    markBack();
    model.send({ kind: "default" });
  });
  text.addEventListener("input", markBack);
  model.on("change:_policy_told", drawPolicy);
  model.on("change:_change_told", drawChange);
  drawPolicy();
  drawChange();
  return {
    part: shown,
    stop: () => {
      model.off("change:_policy_told", drawPolicy);
      model.off("change:_change_told", drawChange);
    },
  };
}
