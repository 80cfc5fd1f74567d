// Roles, names and states for the buttons of Bokeh's toolbars, which are focusable and say nothing of themselves; and no
// stop of the tab key at canvases, where it does nothing.

const NAMED = Symbol.for("payseg_widgets.named_toolbars");

// Hereafter whatever this Bokeh draws, or draws again, is named.
export function nameToolbars(Bokeh) {
  const { ToolButtonView } = Bokeh.require("models/tools/tool_button");
  const { CanvasView } = Bokeh.require("models/canvas/canvas");
  const { ToolbarView } = Bokeh.require("models/tools/toolbar");
  if (NAMED in ToolbarView.prototype) return;
  ToolbarView.prototype[NAMED] = true;
  after(ToolButtonView.prototype, "initialize", (view) => view.el.addEventListener("keydown", (event) => spaced(view, event)));
  after(ToolButtonView.prototype, "render", nameButton);
  after(ToolbarView.prototype, "render", nameToolbar);
  // a picture answers to no key of Bokeh's own, so the tab key need not stop there; what brushes by keyboard has its own stop
  after(CanvasView.prototype, "initialize", (view) => (view.events_el.tabIndex = -1));
}

function after(prototype, name, then) {
  const before = prototype[name];
  prototype[name] = function (...given) {
    before.apply(this, given);
    then(this);
  };
}

function nameButton({ el, model }) {
  const { tool } = model;
  const said = [...new Set((model.tooltip ?? tool.tooltip).split("\n"))].join(", "); // a group says its name once a tool
  const states = { role: "button", "aria-label": said, "aria-disabled": String(tool.disabled ?? false) };
  if (model.type === "OnOffButton") states["aria-pressed"] = String(tool.active);
  if (tool.menu) states["aria-haspopup"] = "true";
  set(el, states);
}

function nameToolbar({ el, overflow_el: more }) {
  set(el, { role: "toolbar", "aria-label": "Tools of the picture" });
  set(more, { role: "button", "aria-label": "More tools", "aria-haspopup": "true" });
}

// The space bar presses a button that opens no menu, as it does any other.
function spaced(view, event) {
  if (event.key !== " ") return;
  event.preventDefault();
  if (!view.model.tool.menu) view.tap();
}

function set(el, attributes) {
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value);
}
