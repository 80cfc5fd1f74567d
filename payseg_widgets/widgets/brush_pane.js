// A brush in a pane: the page tells Python of each finished step, Python's selection is shown. Python's half is brush_pane.py.

import { bokehPane } from "./pane.js";
import { brushPage, storeOf } from "../views/js/brush_page.js";

export function brushPane() {
  let store; // one for all views of the pane in this page

  function shown(model) {
    const { bits } = model.get("_chosen");
    store.select({ kind: "mask", geometry: new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength) }, { byHost: true });
  }
  function started(model) {
    if (store) return;
    store = storeOf(model.get("_spec"), model.get("_columns"));
    store.onChange(({ steps, mask, count, byHost }) => {
      if (!byHost) model.send({ kind: "brush", steps, count }, undefined, [mask.buffer]);
    });
    shown(model);
  }
  const pane = bokehPane({
    drawn({ bokehDocument, views, model, el }) {
      started(model);
      const controls = document.createElement("div");
      el.prepend(controls);
      const page = brushPage({ bokehDocument, views, store, spec: model.get("_spec"), controls });
      return () => {
        page.end();
        controls.remove();
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
