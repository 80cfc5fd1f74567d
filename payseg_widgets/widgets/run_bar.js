// How far a run in Python is, what it says of itself, and a button that stops it. Python's half is running.py.

import { make } from "./kernel.js";

export function timeLeft(seconds) {
  if (seconds < 1) return "about a second left";
  return seconds < 90 ? `about ${Math.round(seconds)} s left` : `about ${Math.round(seconds / 60)} min left`;
}

// Elements for a panel to place, and what ends the watching; the panel's data-state is the run's.
export function runBar(model, label, panel) {
  const bar = make("div", { class: "payseg-bar", role: "progressbar", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100" }, make("div"));
  const status = make("span", { role: "status" });
  const left = make("span", { class: "payseg-left" }); // outside the live region: it counts down
  const cancel = make("button", { type: "button" }, "Cancel");
  let ticking;

  function draw() {
    const [state, percent] = [model.get("state"), String(Math.round(100 * model.get("progress")))];
    panel.dataset.state = state;
    bar.setAttribute("aria-valuenow", percent);
    bar.firstChild.style.width = `${percent}%`;
    status.setAttribute("role", state === "failed" ? "alert" : "status");
    if (status.textContent !== model.get("message")) status.textContent = model.get("message");
    cancel.setAttribute("aria-disabled", String(state !== "running")); // not disabled: it would lose the focus
    countDown(state);
  }

  function countDown(state) {
    clearInterval(ticking);
    let seconds = state === "running" ? model.get("_seconds_left") : null;
    const show = () => (left.textContent = seconds === null ? "" : timeLeft(Math.max(0, seconds)));
    show();
    if (seconds !== null) ticking = setInterval(() => ((seconds -= 1), show()), 1000);
  }

  cancel.addEventListener("click", () => model.get("state") === "running" && model.send({ kind: "cancel" }));
  const watched = "change:state change:progress change:message change:_seconds_left";
  model.on(watched, draw);
  draw();
  return {
    cancel,
    below: [bar, make("div", { class: "payseg-status" }, status, " ", left)],
    stop: () => {
      clearInterval(ticking);
      model.off(watched, draw);
    },
  };
}
