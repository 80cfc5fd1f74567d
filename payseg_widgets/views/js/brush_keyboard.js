// A brush for the keyboard: each figure is a stop of the Tab key, arrow keys move a box, with Shift they resize it.

const STEP = 0.05; // of the figure's width or height
const LEAST = 0.02;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const HELD = new Set(["Shift", "Control", "Meta"]);
const HELP = "Arrow keys move a box, Shift and arrow keys resize it, Enter selects (with Shift adds, with Control intersects, with both subtracts), Escape clears, Control Z undoes.";

export function keyboardLayer({ store, range, isLog, x, y, title, modeOf, queryOf, frame }) {
  const layer = document.createElement("div");
  const box = document.createElement("div");
  layer.tabIndex = 0;
  layer.setAttribute("role", "application");
  layer.setAttribute("aria-label", `${title}. ${HELP}`);
  layer.className = "payseg-keyboard";
  layer.style.cssText = "position:absolute;pointer-events:none;outline-offset:1px";
  box.style.cssText = "position:absolute;display:none;box-sizing:border-box;border:2px dashed #0072b2;background:rgba(0,114,178,.08)";
  layer.append(box);
  const start = { left: 0.4, right: 0.6, bottom: 0.4, top: 0.6 };
  let shares = null;
  let isPreviewDue = false;
  let isPreviewed = false;
  let mode = "replace"; // what Enter would do with the keys now held

  const between = (a, b, share, log) => (log ? Math.exp(Math.log(a) + share * (Math.log(b) - Math.log(a))) : a + share * (b - a));

  // The box in data values, as Bokeh would give it.
  function geometry() {
    const { x0, x1, y0, y1 } = range();
    const [logX, logY] = isLog();
    const { left, right, bottom, top } = shares;
    return { type: "rect", x0: between(x0, x1, left, logX), x1: between(x0, x1, right, logX), y0: between(y0, y1, bottom, logY), y1: between(y0, y1, top, logY) };
  }
  function move([across, up], resizes) {
    shares ??= { ...start };
    const clip = (value, from, to) => Math.max(from, Math.min(to, value));
    if (resizes) {
      shares.right = clip(shares.right + across * STEP, shares.left + LEAST, 1);
      shares.top = clip(shares.top + up * STEP, shares.bottom + LEAST, 1);
    } else {
      const dx = clip(across * STEP, -shares.left, 1 - shares.right);
      const dy = clip(up * STEP, -shares.bottom, 1 - shares.top);
      shares = { left: shares.left + dx, right: shares.right + dx, bottom: shares.bottom + dy, top: shares.top + dy };
    }
    draw();
    ask();
  }
  function ask() {
    isPreviewDue = true;
    frame.request(preview);
  }
  function preview() {
    if (!isPreviewDue) return;
    store.select(queryOf(store, { x, y }, geometry(), mode), { live: true });
    isPreviewed = true;
  }
  function draw() {
    box.style.display = shares ? "block" : "none";
    if (!shares) return;
    const percent = (share) => `${100 * share}%`;
    Object.assign(box.style, { left: percent(shares.left), right: percent(1 - shares.right), bottom: percent(shares.bottom), top: percent(1 - shares.top) });
  }
  // A key that changes what Enter would do, pressed or let go, changes what is previewed.
  function hold(event) {
    if (mode === modeOf(event)) return;
    mode = modeOf(event);
    if (shares && isPreviewed) ask();
  }
  function press(event) {
    hold(event);
    if (HELD.has(event.key)) return;
    isPreviewDue = isPreviewed = false;
    if (event.key in ARROWS) move(ARROWS[event.key], event.shiftKey);
    else if (event.key === "Enter" && shares) store.select(queryOf(store, { x, y }, geometry(), modeOf(event)));
    else if (event.key === "Escape") {
      shares = null;
      draw();
      store.select({ kind: "none" });
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) store.undo();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  function leave() {
    if (!shares) return;
    shares = null;
    isPreviewDue = isPreviewed = false;
    draw();
    store.cancel(); // what was previewed and not selected
  }
  layer.addEventListener("keydown", press);
  layer.addEventListener("keyup", hold);
  layer.addEventListener("blur", leave);

  return {
    place(view) {
      const { left, top, width, height } = view.frame.bbox;
      Object.assign(layer.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
      if (!layer.isConnected) view.canvas_view.shadow_el.append(layer);
    },
    end: () => layer.remove(),
  };
}
