// Bokeh in an anywidget. Python's half is pane.py.

import { pageTheme, themeFigures, watchTheme } from "../views/js/page_theme.js";
import { nameToolbars } from "../views/js/toolbar_names.js";

const MOST_BYTES = 9 * 2 ** 20; // Jupyter's server drops a larger message from the page without a word
const ASK_AGAIN = 30_000; // milliseconds

// ---- BokehJS, once a page and version -------------------------------------------------------------------------------

const SHELF = Symbol.for("payseg_widgets.bokehjs");
// A model that each script brings, by which a BokehJS of the page's own is known to have it; each needs those before it.
const BRINGS = { bokeh: "Plot", "bokeh-widgets": "Button", "bokeh-tables": "DataTable" };

// What this page has of a version: `page` is what its scripts take for the window, `scripts` what has come of each.
function shelfOf(version) {
  const shelf = (globalThis[SHELF] ??= new Map());
  if (!shelf.has(version)) shelf.set(version, { page: {}, scripts: new Map() });
  return shelf.get(version);
}

function scriptOf(version, name) {
  const { scripts } = shelfOf(version);
  if (!scripts.has(name)) {
    const entry = { taken: false };
    entry.loaded = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
    entry.loaded.catch(() => {}); // each pane that waits for it says so in its own place
    scripts.set(name, entry);
  }
  return scripts.get(name);
}

// A BokehJS that the page brought itself, if it is this version and has what is needed.
function pageBokeh({ version, scripts }) {
  const page = globalThis.Bokeh;
  const found = page?.version === version ? page : page?.[version];
  return found && scripts.every((name) => BRINGS[name] in found.Models) ? found : undefined;
}

// Evaluate a script with a `this` of its own: window.Bokeh, of whatever version, is neither seen nor set.
async function evaluate(version, name, buffer) {
  const unpacked = new Blob([buffer]).stream().pipeThrough(new DecompressionStream("gzip"));
  const text = (await new Response(unpacked).text()).replace(/^\/\/# sourceMappingURL=.*$/gm, "");
  const order = Object.keys(BRINGS);
  for (const before of order.slice(0, order.indexOf(name))) await scriptOf(version, before).loaded;
  const page = `globalThis[Symbol.for("payseg_widgets.bokehjs")].get(${JSON.stringify(version)}).page`;
  const url = URL.createObjectURL(new Blob([`(function () {${text}\n}).call(${page});`], { type: "text/javascript" }));
  try {
    await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

function shelve(version, names, buffers) {
  names.forEach((name, k) => {
    const entry = scriptOf(version, name);
    if (entry.taken) return;
    entry.taken = true;
    evaluate(version, name, buffers[k]).then(entry.resolve, entry.reject);
  });
}

// BokehJS with the scripts that a document needs.
async function bokehFor(model, needed) {
  const found = pageBokeh(needed);
  if (found) return found;
  const entries = needed.scripts.map((name) => [name, scriptOf(needed.version, name)]);
  const ask = () => {
    const names = entries.filter(([, entry]) => !entry.taken).map(([name]) => name);
    if (names.length) model.send({ kind: "bokehjs", names });
  };
  if (entries.every(([, entry]) => entry.isAsked)) setTimeout(ask, ASK_AGAIN); // another pane has asked; should it be closed meanwhile, this one will
  else ask();
  for (const [, entry] of entries) entry.isAsked = true;
  await Promise.all(entries.map(([, entry]) => entry.loaded));
  return shelfOf(needed.version).page.Bokeh;
}

// ---- what the page tells Python -------------------------------------------------------------------------------------

// A patch as JSON and buffers: what Bokeh keeps binary travels binary.
function packedPatch(patch) {
  const buffers = [];
  const content = JSON.parse(
    JSON.stringify(patch, (_key, value) => {
      if (!(value?.buffer instanceof ArrayBuffer) || !("to_base64" in value)) return value;
      buffers.push(value.buffer);
      return { id: `b${buffers.length - 1}` };
    }),
  );
  return { content, buffers };
}

function sizeOf(content, buffers) {
  return JSON.stringify(content).length + buffers.reduce((sum, b) => sum + b.byteLength, 0);
}

// ---- the pane -------------------------------------------------------------------------------------------------------

// `drawn({bokehDocument, views, model, el, tell})` may hang more on a view that stands; what it returns is called when the
// view goes, and tell(message, buffers) reaches Python while there is one.
export function bokehPane({ drawn } = {}) {
  const views = new Set(); // {el, body, note, view, undo}
  let Bokeh, bokehDocument, revision, live = true, awaited = false, asked;

  const say = (text, role = "alert") => {
    for (const { note } of views) {
      note.setAttribute("role", role);
      note.textContent = text;
    }
  };
  const complain = (doing, error) => say(`${doing} failed: ${error.message ?? error}`);

  // What changes at one go, such as the sizes of all figures, is told in one message.
  function heard(model, event) {
    const events = (event.events ?? [event]).filter((e) => e.sync && event.sync !== false);
    if (!events.length || !live) return;
    if (!untold.length) queueMicrotask(() => tellAll(model));
    untold.push(...events);
  }
  let untold = [];

  function tellAll(model) {
    const { content, buffers } = packedPatch(bokehDocument.create_json_patch(untold));
    untold = [];
    tell(model, { kind: "patch", patch: content }, buffers);
  }

  function tell(model, message, buffers) {
    if (!live) return;
    const size = sizeOf(message, buffers);
    if (size > MOST_BYTES) say(`Python was not told: the change is ${(size / 2 ** 20).toFixed(0)} MiB, and Jupyter loses messages above 10.`);
    else model.send(message, undefined, buffers);
  }

  // Python's patches count up; one that was missed means that the document must be read again.
  function patched(model, { patch, revision: theirs, ids, scripts }, buffers) {
    if (!bokehDocument) return void (awaited = theirs);
    if (theirs !== revision + 1 || !scripts.every((name) => BRINGS[name] in Bokeh.Models)) return ask(model);
    revision = theirs;
    try {
      bokehDocument.apply_json_patch(JSON.parse(patch), new Map(ids.map((id, i) => [id, plain(buffers[i])])));
      themeFigures(bokehDocument, pageTheme());
    } catch (error) {
      complain("A change from Python", error);
    }
  }

  const plain = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);

  function ask(model) {
    if (asked === revision && asked !== undefined) return;
    asked = revision;
    model.send({ kind: "document" });
  }

  // Make the document of what the model holds, unless Python has changed it since.
  function adopt(model) {
    const item = model.get("_document");
    if (awaited !== false && item.revision < awaited) return void ask(model);
    bokehDocument?.remove_on_change(listener);
    const { Document } = Bokeh.require("document");
    bokehDocument = Document.from_json(JSON.parse(item.json), undefined, new Map(Object.entries(item.buffers).map(([id, view]) => [id, plain(view)])));
    ({ revision } = item);
    asked = undefined;
    bokehDocument.views_manager = new Bokeh.index.constructor([], Bokeh.index); // so that several views can show one document
    themeFigures(bokehDocument, pageTheme());
    listener = (event) => heard(model, event);
    bokehDocument.on_change(listener, true);
  }
  let listener = () => {};

  async function show(model, place) {
    const root = bokehDocument.roots().find((r) => r.id === model.get("_document").root);
    place.undo?.();
    place.view?.remove();
    place.body.replaceChildren();
    place.view = await bokehDocument.views_manager.build_view(root);
    place.view.build(place.body);
    place.undo = await drawn?.({ bokehDocument, views: new Bokeh.index.constructor([place.view]), model, el: place.el, tell: (message, buffers) => tell(model, message, buffers) });
    place.el.dataset.pane = "drawn";
  }

  async function readAgain(model) {
    if (!Bokeh) return;
    try {
      Bokeh = await bokehFor(model, model.get("_document"));
      adopt(model);
      if (bokehDocument) for (const place of views) await show(model, place);
    } catch (error) {
      complain("Drawing", error);
    }
  }

  function initialize({ model }) {
    const { version } = model.get("_document");
    const onMessage = (message, buffers) => {
      if (message.kind === "bokehjs") shelve(version, message.names, buffers);
      if (message.kind === "patch") patched(model, message, buffers);
      if (message.kind === "error") say(`Python: ${message.text}`);
    };
    const stopWatching = watchTheme(() => bokehDocument && themeFigures(bokehDocument, pageTheme()));
    const onDocument = () => readAgain(model);
    model.on("msg:custom", onMessage);
    model.on("change:_document", onDocument);
    return () => {
      model.off("msg:custom", onMessage);
      model.off("change:_document", onDocument);
      stopWatching();
      bokehDocument?.remove_on_change(listener);
      bokehDocument?.clear();
    };
  }

  async function render({ model, el, signal }) {
    const [body, note] = [document.createElement("div"), document.createElement("div")];
    body.innerHTML = model.get("_fallback"); // escaped in Python: what to read until BokehJS has come, and where no kernel answers
    note.className = "payseg-note";
    el.replaceChildren(body, note);
    el.dataset.pane = "waiting";
    const place = { el, body, note };
    views.add(place);
    model.on("comm_live_update", function () {
      live = this?.model?.comm_live ?? false;
      say(live ? "" : "The kernel has gone: the picture stays, but Python no longer hears it. Run the cell again.", "status");
    });
    signal.addEventListener("abort", () => {
      views.delete(place);
      place.undo?.();
      place.view?.remove();
    });
    try {
      if (!model.get("_document").json) await new Promise((resolve) => model.on("change:_document", resolve)); // Python is still at it
      Bokeh = await bokehFor(model, model.get("_document"));
      nameToolbars(Bokeh);
      while (!el.isConnected && !signal.aborted) await new Promise(requestAnimationFrame);
      if (signal.aborted) return;
      if (!bokehDocument) adopt(model);
      if (bokehDocument) await show(model, place); // else Python's answer draws it
    } catch (error) {
      el.dataset.pane = "failed";
      complain("Drawing", error);
    }
  }

  return { initialize, render };
}
