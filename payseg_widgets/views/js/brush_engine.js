// The brush in Bokeh's figures: their box and lasso, their ranges, a tooltip and a keyboard, over one store.

import { boxCells, polygonCells, position } from "./hit.js";
import { Nearest } from "./nearest.js";
import { Picture } from "./paint.js";
import { keyboardLayer } from "./brush_keyboard.js";

// Everything that is to happen in the next frame, once each, in order; what a job asks for happens in the same frame.
export class Frame {
  constructor() {
    this.jobs = new Set();
  }

  request(job) {
    if (!this.jobs.size) requestAnimationFrame(() => this.flush());
    this.jobs.add(job);
  }

  flush() {
    for (const job of this.jobs) job();
    this.jobs.clear();
  }
}

const BOKEH_MODES = { append: "add" };

// The mode of a brush by the keys held, as in Bokeh: Shift adds, Ctrl intersects, both subtract.
export function modeOf({ shiftKey, ctrlKey, metaKey }, otherwise = "replace") {
  const control = ctrlKey || metaKey;
  if (shiftKey) return control ? "subtract" : "add";
  return control ? "intersect" : (BOKEH_MODES[otherwise] ?? otherwise);
}

// Bokeh's geometry in data values as a query of the store.
export function queryOf(store, { x, y }, geometry, mode) {
  const [gridX, gridY] = [store.columns[x], store.columns[y]];
  if (geometry.type === "poly")
    return { kind: "lasso", x, y, geometry: polygonCells(gridX, gridY, geometry.x, geometry.y), mode };
  return { kind: "box", x, y, geometry: boxCells(gridX, gridY, geometry), mode };
}

// Show columns x and y of the store on a canvas of their own between what Bokeh draws of a figure, and brush it there.
// paintY: where points are painted, if not where they are hit; view: the figure's view; host: {palette(), describe(index)}; frame: shared by all figures of a store.
export function attach({ figure, view, store, x, y, paintY = y, host, frame }) {
  const picture = new Picture(store, x, paintY);
  const keys = { shiftKey: false, ctrlKey: false, metaKey: false };
  let gone = false;
  let query = null;

  const toBe = (held) => modeOf(held, figure.toolbar.gestures?.pan?.active?.mode); // a mode chosen in the tool's menu, or the keys'
  const range = () => ({ x0: figure.x_range.start, x1: figure.x_range.end, y0: figure.y_range.start, y1: figure.y_range.end });

  // How the figure looks at its data, undefined while it has no size.
  function looked() {
    const { width, height } = view.frame.bbox;
    const look = range();
    if (width < 2 || height < 2 || !Object.values(look).every(Number.isFinite)) return undefined;
    const ratio = globalThis.devicePixelRatio || 1;
    const [logX, logY] = [view.model.x_scale.type, view.model.y_scale.type].map((type) => type === "LogScale");
    return { ...look, logX, logY, width: Math.round(width * ratio), height: Math.round(height * ratio), ratio };
  }
  function paint() {
    const look = gone ? undefined : looked();
    if (!look) return;
    picture.look(look);
    canvas.show(view, picture.paint(host.palette()), look);
    layer.place(view);
  }
  // What Bokeh has drawn anew: the points follow in the same frame where they have moved.
  function redrawn() {
    const look = looked();
    if (look && !picture.isSeen(look)) paint();
  }
  const repaint = () => frame.request(paint);

  function follow() {
    picture.follow();
    repaint();
  }
  function brushLive() {
    if (query) store.select(query, { live: true });
    query = null;
  }
  function brushed({ geometry, final }) {
    if (gone || geometry.type === "point") return;
    const asked = queryOf(store, { x, y }, geometry, toBe(keys));
    if (final) {
      query = null;
      store.select(asked);
    } else {
      query = asked;
      frame.request(brushLive);
    }
  }
  const note = (event) => Object.assign(keys, { shiftKey: event.shiftKey, ctrlKey: event.ctrlKey, metaKey: event.metaKey });

  const layer = keyboardLayer({ store, range, isLog: () => [figure.x_scale.type, figure.y_scale.type].map((t) => t === "LogScale"), x, y,
    title: figure.title?.text ?? `${y} over ${x}`, modeOf: toBe, queryOf, frame });
  const canvas = pointsCanvas();
  const tip = tooltip({ view, store, x, y: paintY, host });
  for (const name of ["pointermove", "keydown", "keyup"]) window.addEventListener(name, note, true);
  takeNoHesitationForAPress(view);
  figure.on_event("selectiongeometry", brushed);
  figure.document.event_manager.subscribed_models.add(figure);
  const unwatch = store.onShown(follow);
  view.connect(view.repainted, redrawn);
  paint();

  return {
    picture,
    repaint,
    end() {
      gone = true;
      unwatch();
      canvas.end();
      layer.end();
      tip.end();
      for (const name of ["pointermove", "keydown", "keyup"]) window.removeEventListener(name, note, true);
    },
  };
}

// Bokeh takes a mouse that is held still for 0.3 s for a press, and then draws nothing however far it is dragged: whoever
// hesitates, or has a busy machine, would lose the brush.
function takeNoHesitationForAPress(view) {
  view.canvas_view.ui_event_bus.ui_gestures._start_timeout = () => {};
}

// A canvas over a figure's frame, above its grid and below what its tools draw. Bokeh's own image would have it draw the
// whole figure again for each brush.
function pointsCanvas() {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  canvas.setAttribute("aria-hidden", "true");
  return {
    // pixels: lowest row first
    show(view, pixels, { width, height }) {
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      const { left, top, width: across, height: down } = view.frame.bbox;
      canvas.style.cssText = `position:absolute;pointer-events:none;transform:scaleY(-1);left:${left}px;top:${top}px;width:${across}px;height:${down}px`;
      if (!canvas.isConnected) view.canvas_view.primary.el.after(canvas);
      context.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), width, height), 0, 0);
    },
    end: () => canvas.remove(),
  };
}

const REACH = 9; // CSS pixels within which a point is pointed at

// What the host says of the point under the mouse. The host's words are set as text, never as markup.
function tooltip({ view, store, x, y, host }) {
  const surface = view.canvas_view.el;
  const box = document.createElement("div");
  box.style.cssText = "position:absolute;display:none;pointer-events:none;z-index:5;padding:4px 8px;border-radius:4px;font:12px/1.4 system-ui,sans-serif;white-space:pre";
  let nearest = null;

  function move(event) {
    const { left, top } = surface.getBoundingClientRect();
    const { bbox } = view.frame;
    const [sx, sy] = [event.clientX - left, event.clientY - top];
    const index = event.buttons || !bbox.contains(sx, sy) ? -1 : under(sx, sy);
    if (index < 0) return hide();
    const { colours } = host.palette();
    box.textContent = host.describe(index).map(([label, text]) => `${label}: ${text}`).join("\n");
    Object.assign(box.style, { display: "block", background: colours.background, color: colours.ink, border: `1px solid ${colours.muted}` });
    const isRight = sx > bbox.left + bbox.width / 2;
    Object.assign(box.style, { top: `${sy + 12}px`, left: isRight ? "" : `${sx + 12}px`, right: isRight ? `${surface.clientWidth - sx + 12}px` : "" });
    if (!box.isConnected) view.canvas_view.shadow_el.append(box);
  }
  function under(sx, sy) {
    nearest ??= new Nearest(store.columns[x].codes, store.columns[y].codes);
    const { x_scale, y_scale } = view.frame;
    const cell = (grid, scale, s) => position(grid, scale.invert(s));
    const [cx, cy] = [cell(store.columns[x], x_scale, sx), cell(store.columns[y], y_scale, sy)];
    const rx = Math.abs(cell(store.columns[x], x_scale, sx + REACH) - cx);
    const ry = Math.abs(cell(store.columns[y], y_scale, sy + REACH) - cy);
    return Number.isFinite(cx + cy + rx + ry) ? nearest.find(cx, cy, rx, ry) : -1;
  }
  function hide() {
    box.style.display = "none";
  }
  surface.addEventListener("pointermove", move);
  surface.addEventListener("pointerleave", hide);
  return {
    end() {
      surface.removeEventListener("pointermove", move);
      surface.removeEventListener("pointerleave", hide);
      box.remove();
    },
  };
}
