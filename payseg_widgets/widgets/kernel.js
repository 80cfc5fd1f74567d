// What every panel says of its kernel: why it refused a value, and that it has gone.

const GONE = "The kernel has gone: what is chosen here no longer reaches Python. Run the cell again.";

// Returns the place for such notes, and what ends the listening.
export function kernelNote(model) {
  const note = document.createElement("div");
  note.className = "payseg-note";
  note.setAttribute("role", "alert");
  const onMessage = (message) => {
    if (message.kind === "error") note.textContent = message.text;
  };
  const onComm = function () {
    note.textContent = (this?.model?.comm_live ?? false) ? "" : GONE;
  };
  model.on("msg:custom", onMessage);
  model.on("comm_live_update", onComm);
  return {
    note,
    clear: () => (note.textContent = ""),
    stop: () => {
      model.off("msg:custom", onMessage);
      model.off("comm_live_update", onComm);
    },
  };
}

// An element with attributes and children; a text child is text, whatever it holds.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// JupyterLab's shortcuts (arrows, space, letters) stay out of a panel.
export function keepKeys(element) {
  element.dataset.lmSuppressShortcuts = "true";
  element.addEventListener("keydown", (event) => event.stopPropagation());
}

// Up and down lead from one button of a table to the next.
export function arrowKeys(body) {
  body.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const buttons = [...body.querySelectorAll("button")];
    const at = buttons.indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    buttons[Math.max(0, Math.min(buttons.length - 1, at + step))].focus();
  });
}
