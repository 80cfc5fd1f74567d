// The customers as a grid of which only the rows in view exist: sorted, filtered, and selected by mouse and keyboard.

import { packed } from "./hit.js";
import { quotedText } from "./grammar.js";
import { Scroll, kept, sortedOrder, textRanks } from "./table_order.js";
import { button, clipped, element, figure, unitOf, whole } from "./words.js";
import { csvOf, download } from "./csv.js";

const ROW = 28; // CSS pixels, as in panels.css
const HEAD = 52;
const MOST_NAMED = 1000; // customers that a condition lists by id
const LONGEST_TEXT = 100_000;
const UNPLACED_SEGMENT = 255;
let nTables = 0;

export function customerTable(root, store, spec, readers) {
  const table = new CustomerTable(store, spec, readers);
  root.replaceChildren(...table.elements);
  return table;
}

class CustomerTable {
  constructor(store, spec, readers) {
    Object.assign(this, { store, spec, key: `payseg-table-${nTables++}`, orders: new Map() });
    this.columns = columnsShown(store, spec, readers);
    this.everyone = Uint32Array.from(store.selected.keys());
    this.shown = this.everyone;
    this.sort = null; // {column, isDescending}
    this.active = { row: -1, column: 0 }; // row -1 is the head
    this.anchor = 0;
    this.scroll = new Scroll(ROW);
    this.#build();
    this.stops = [store.onChange(() => this.#changed()), store.onShown(() => this.#later())];
    this.watch = new ResizeObserver(() => this.#later());
    this.watch.observe(this.grid);
    this.refresh();
  }

  end() {
    for (const stop of this.stops) stop();
    this.watch.disconnect();
  }

  // Work out again which rows are shown, in which order.
  refresh() {
    const wanted = this.filter.value.trim().toLowerCase();
    const isOnly = this.only.checked;
    const { selected } = this.store;
    const names = this.columns[1];
    const isKept = (k) => (!isOnly || selected[k]) && (!wanted || names.at(k).toLowerCase().includes(wanted));
    const order = this.#order();
    this.shown = wanted || isOnly ? kept(order, isKept) : order;
    this.active.row = Math.min(this.active.row, this.shown.length - 1);
    this.anchor = Math.max(0, Math.min(this.anchor, this.shown.length - 1));
    this.grid.setAttribute("aria-rowcount", this.shown.length + 1);
    this.said.textContent = this.shown.length ? `${whole(this.shown.length)} of ${whole(this.store.n)} customers shown` : "No customer to show.";
    this.draw();
  }

  sortBy(column) {
    const { sort } = this;
    if (sort?.column !== column) this.sort = { column, isDescending: false };
    else this.sort = sort.isDescending ? null : { column, isDescending: true };
    this.heads.forEach((head, k) => {
      const way = this.sort?.column !== k ? "none" : this.sort.isDescending ? "descending" : "ascending";
      head.setAttribute("aria-sort", way);
    });
    this.scroll.top = 0;
    this.refresh();
  }

  draw() {
    const { scroll, grid, body } = this;
    scroll.resize(this.shown.length, Math.max(ROW, grid.clientHeight - HEAD));
    body.style.height = `${scroll.height}px`;
    if (Math.abs(grid.scrollTop - scroll.bar) >= 1) grid.scrollTop = scroll.bar;
    const n = scroll.end - scroll.first;
    while (this.rows.length < n) this.rows.push(this.#newRow());
    for (const row of this.rows.splice(n)) row.remove();
    this.rows.forEach((row, at) => this.#fill(row, scroll.first + at));
    if (n) body.setAttribute("role", "rowgroup");
    else body.removeAttribute("role");
    this.#mark();
  }

  // ---- parts

  get elements() {
    const tools = element("div", { class: "payseg-tools" }, this.filterLabel, this.onlyLabel, this.csv, this.said);
    return [element("h2", { id: `${this.key}-title` }, "Customers"), tools, this.grid];
  }

  #build() {
    const nameOf = this.spec.ids ? "customer" : "row";
    this.filter = element("input", { type: "search", size: 14, spellcheck: "false", autocomplete: "off" });
    this.filter.addEventListener("input", () => this.refresh());
    this.filterLabel = element("label", {}, `Find ${nameOf} `, this.filter);
    this.only = element("input", { type: "checkbox", role: "switch" });
    this.only.addEventListener("change", () => this.refresh());
    this.onlyLabel = element("label", { class: "payseg-switch" }, this.only, "Selected only");
    this.csv = button("Download CSV", () => download("selected-customers.csv", this.csvText()));
    this.csv.disabled = !this.store.count;
    this.said = element("span", { "aria-live": "polite" });
    this.heads = this.columns.map((column, k) => this.#head(column, k));
    const head = element("div", { role: "row", class: "payseg-row payseg-head", "aria-rowindex": 1 }, ...this.heads);
    this.body = element("div", { class: "payseg-body" });
    this.rows = [];
    this.grid = element(
      "div",
      { role: "grid", class: "payseg-grid", tabindex: 0, "aria-labelledby": `${this.key}-title`, "aria-multiselectable": "true", "aria-colcount": this.columns.length },
      element("div", { role: "rowgroup", class: "payseg-top" }, head),
      this.body,
    );
    this.grid.style.setProperty("--payseg-columns", this.columns.map(({ width }) => width).join(" "));
    this.grid.style.setProperty("--payseg-wide", `${this.columns.length * 112 + 130}px`);
    this.grid.addEventListener("scroll", () => this.#scrolled());
    this.grid.addEventListener("keydown", (event) => this.#press(event));
    this.grid.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault()); // no text is marked
    this.grid.addEventListener("focus", () => this.#mark());
    this.body.addEventListener("click", (event) => this.#click(event));
  }

  #head({ label, hint }, column) {
    const head = element("div", { role: "columnheader", id: this.#cellId(-1, column), "aria-sort": "none", "aria-colindex": column + 1 });
    head.append(element("span", { class: "payseg-label" }, clipped(label, 80)));
    if (hint) head.append(element("small", {}, hint));
    head.title = clipped(label);
    head.addEventListener("click", () => {
      this.active = { row: -1, column };
      this.grid.focus({ preventScroll: true });
      this.sortBy(column);
    });
    return head;
  }

  #newRow() {
    const cells = this.columns.map(({ role }, k) => element("div", { role: role ?? "gridcell", "aria-colindex": k + 1 }));
    const row = element("div", { role: "row", class: "payseg-row" }, ...cells);
    this.body.append(row);
    return row;
  }

  #fill(row, at) {
    const k = this.shown[at];
    row.style.top = `${this.scroll.y(at)}px`;
    row.dataset.at = at;
    row.setAttribute("aria-rowindex", at + 2);
    row.setAttribute("aria-selected", this.store.selected[k] ? "true" : "false");
    this.columns.forEach((column, c) => {
      const cell = row.children[c];
      cell.id = this.#cellId(at, c);
      const text = column.text(k);
      if (cell.textContent !== text) cell.textContent = text;
    });
  }

  #cellId(row, column) {
    return `${this.key}-${row}-${column}`;
  }

  // Show which cell the keyboard is at.
  #mark() {
    const id = this.#cellId(this.active.row, this.active.column);
    for (const old of this.grid.querySelectorAll(".payseg-active")) old.classList.remove("payseg-active");
    const cell = this.active.row < 0 ? this.heads[this.active.column] : this.rows[this.active.row - this.scroll.first]?.children[this.active.column];
    cell?.classList.add("payseg-active");
    if (cell) this.grid.setAttribute("aria-activedescendant", id);
    else this.grid.removeAttribute("aria-activedescendant"); // scrolled out of view
  }

  // ---- what happens

  #order() {
    if (!this.sort) return this.everyone;
    const { column, isDescending } = this.sort;
    const key = `${column} ${isDescending}`;
    if (column === 0) return sortedOrder(this.columns[0], isDescending); // changes with each brush
    if (!this.orders.has(key)) this.orders.set(key, sortedOrder(this.columns[column], isDescending));
    return this.orders.get(key);
  }

  #changed() {
    this.csv.disabled = !this.store.count;
    if (this.only.checked || this.sort?.column === 0) this.refresh();
  }

  #later() {
    this.due ??= requestAnimationFrame(() => {
      this.due = undefined;
      this.draw();
    });
  }

  #scrolled() {
    this.scroll.moved(this.grid.scrollTop);
    this.#later();
  }

  #click(event) {
    const row = event.target.closest("[role=row]");
    if (!row) return;
    const at = Number(row.dataset.at);
    const column = [...row.children].indexOf(event.target.closest("[aria-colindex]"));
    this.active = { row: at, column: Math.max(0, column) };
    if (event.shiftKey) this.#range(at, event);
    else if (event.ctrlKey || event.metaKey || column === 0) this.#toggle(at);
    else this.#only(at);
    this.#mark();
  }

  #press(event) {
    const move = MOVES[event.key]?.(this, event);
    const control = event.ctrlKey || event.metaKey;
    const { row, column } = this.active;
    if (move) {
      this.#go(move, event);
    } else if (event.key === " " || event.key === "Enter") {
      if (row < 0) this.sortBy(column);
      else if (event.shiftKey) this.#range(row, event);
      else if (event.key === " ") this.#toggle(row);
      else this.#only(row);
    } else if (event.key === "a" && control) this.#choose(this.shown, "replace");
    else if (event.key === "z" && control) this.store.undo();
    else if (event.key === "Escape") this.store.select({ kind: "none" });
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #go({ row, column }, { shiftKey, key }) {
    const clip = (value, low, high) => Math.max(low, Math.min(high, value));
    this.active = { row: clip(row, -1, this.shown.length - 1), column: clip(column, 0, this.columns.length - 1) };
    if (this.active.row >= 0) this.scroll.reveal(this.active.row);
    this.draw();
    this.#revealColumn();
    if (shiftKey && key.startsWith("Arrow") && this.active.row >= 0 && row !== this.anchor) this.#range(this.active.row, {});
  }

  #revealColumn() {
    const { grid, heads } = this;
    const cell = heads[this.active.column];
    if (this.active.column < 2) return; // these stand still
    const frozen = heads[1].offsetWidth + heads[0].offsetWidth;
    const [left, right] = [cell.offsetLeft - frozen, cell.offsetLeft + cell.offsetWidth - grid.clientWidth];
    grid.scrollLeft = Math.max(Math.min(grid.scrollLeft, left), right);
  }

  #only(at) {
    this.anchor = at;
    this.#choose([this.shown[at]], "replace");
  }

  #toggle(at) {
    this.anchor = at;
    const k = this.shown[at];
    this.#choose([k], this.store.settled[k] ? "subtract" : "add");
  }

  #range(at, { ctrlKey, metaKey }) {
    const [from, to] = [Math.min(at, this.anchor), Math.max(at, this.anchor)];
    this.#choose(this.shown.subarray(from, to + 1), ctrlKey || metaKey ? "add" : "replace");
  }

  #choose(customers, mode) {
    if (!customers.length) return;
    const flags = new Uint8Array(this.store.n);
    for (const k of customers) flags[k] = 1;
    this.store.select({ kind: "mask", geometry: packed(flags), text: this.#named(customers), mode });
  }

  // The condition that lists customers, where there are few enough.
  #named(customers) {
    const { ids } = this.spec;
    if (!ids || customers.length > MOST_NAMED) return undefined;
    const listed = Array.from(customers, (k) => quotedText(ids[k])).join(", ");
    return listed.length <= LONGEST_TEXT ? `customer_id in (${listed})` : undefined;
  }

  csvText() {
    const columns = this.columns.filter(({ csv }) => csv).map(({ csv, exact }) => ({ name: csv, at: exact }));
    return csvOf(columns, kept(this.everyone, (k) => this.store.selected[k]));
  }
}

const PAGE = (table) => Math.max(1, Math.floor(table.scroll.view / ROW) - 1);
const stepBy = (rows, columns) => ({ active: { row, column } }) => ({ row: row + rows, column: column + columns });
const MOVES = {
  ArrowUp: stepBy(-1, 0),
  ArrowDown: stepBy(1, 0),
  ArrowLeft: stepBy(0, -1),
  ArrowRight: stepBy(0, 1),
  PageUp: (table) => ({ row: Math.max(0, table.active.row - PAGE(table)), column: table.active.column }),
  PageDown: (table) => ({ row: table.active.row + PAGE(table), column: table.active.column }),
  Home: (table, { ctrlKey, metaKey }) => ({ row: ctrlKey || metaKey ? 0 : table.active.row, column: 0 }),
  End: (table, { ctrlKey, metaKey }) => ({ row: ctrlKey || metaKey ? Infinity : table.active.row, column: ctrlKey || metaKey ? table.active.column : Infinity }),
};

// Each column: text(k) as shown, at(k) to search in, ranks to sort by; csv its name in a file, exact(k) what stands there.
function columnsShown(store, spec, readers) {
  const { ids, segments } = spec;
  const others = spec.others ?? [];
  const unplaced = new Map(others.length > 1 ? [...store.segment.keys()].filter((k) => store.segment[k] === UNPLACED_SEGMENT).map((k, at) => [k, others[at]]) : []);
  const segmentOf = (k) => {
    const code = store.segment[k];
    return code === UNPLACED_SEGMENT ? (unplaced.get(k) ?? others[0] ?? "") : segments[code];
  };
  const nameOf = (k) => (ids ? ids[k] : String(k + 1));
  const names = lazily(() => (ids ? textRanks(ids) : { ranks: Uint32Array.from(store.selected.keys()), nRanks: store.n }));
  return [
    { label: "Selected", width: "84px", text: (k) => (store.selected[k] ? "✓" : ""), get ranks() { return store.selected.map((flag) => 1 - flag); }, nRanks: 2 },
    {
      label: ids ? "Customer" : "Row", width: "minmax(130px, 1.2fr)", role: "rowheader", text: (k) => clipped(nameOf(k)), at: nameOf,
      get ranks() { return names().ranks; }, get nRanks() { return names().nRanks; },
      csv: ids ? "customer_id" : "row", exact: ids ? nameOf : (k) => k + 1,
    },
    { label: "Segment", width: "minmax(140px, 1.4fr)", text: (k) => clipped(store.segment[k] === UNPLACED_SEGMENT ? "not placed" : segmentOf(k)), ranks: store.segment, nRanks: UNPLACED_SEGMENT, csv: "segment", exact: segmentOf },
    ...readers.map((reader) => ({
      label: reader.label, hint: unitOf(reader), width: "minmax(104px, 1fr)", text: (k) => figure(reader.at(k), reader),
      get ranks() { return reader.codes; }, get nRanks() { return reader.nCodes; },
      csv: spec.values ? reader.name : undefined, exact: (k) => reader.at(k),
    })),
  ];
}

function lazily(make) {
  let made;
  return () => (made ??= make());
}
