// A brush in a pane: the page tells Python of each finished step, Python's selection is shown. Python's half is brush_pane.py.

import { bokehPane } from "./pane.js";
import { brushPage, storeOf } from "../views/js/brush_page.js";

export function brushPane() {
  let store; // one for all views of the pane in this page

  function shown(model) {
    const { bits, text } = model.get("_chosen");
    store.select({ kind: "mask", geometry: new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength), text }, { byHost: true });
  }
  function started(model, tell) {
    if (store) return;
    store = storeOf(model.get("_spec"), model.get("_columns"));
    store.onChange(({ steps, mask, count, byHost }) => {
      if (!byHost) tell({ kind: "brush", steps, count }, [mask.buffer]);
    });
    shown(model);
  }
  const pane = bokehPane({
    drawn({ bokehDocument, views, model, el, tell }) {
      started(model, tell);
      const [controls, typed, below] = ["div", "div", "div"].map((name) => document.createElement(name));
      el.prepend(controls, typed);
      el.append(below);
      const ask = model.get("_answers") ? (text) => tell({ kind: "condition", text }, []) : undefined;
      const page = brushPage({ bokehDocument, views, store, spec: model.get("_spec"), controls, typed, below, ask });
      const heard = (message) => {
        if (message.kind === "condition_error") page.panels.field.fail(message.text, message.position);
        if (message.kind === "expression") page.panels.field.show(message.text);
      };
      model.on("msg:custom", heard);
      return () => {
        model.off("msg:custom", heard);
        page.end();
        for (const part of [controls, typed, below]) part.remove();
      };
    },
  });
  return {
    ...pane,
    initialize(given) {
      given.model.on("change:_chosen", () => store && shown(given.model));
      return pane.initialize(given);
    },
  };
}
