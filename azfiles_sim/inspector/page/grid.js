// A grid of any length: the heads of its columns, the list under them, and beside it what is known of one row.

import { closeButton } from "./controls.js";
import { fill, h, mark } from "./dom.js";
import { VirtualList } from "./virtual.js";

const ROW_HEIGHT = 26; // as --row in page.css

export class Grid {
  /**
   * `kind` is its class, `label` what it is called. The texts of the column `foreign` are other people's: they must not turn
   * the direction of the rest. `draw(row, index)` fills `row.parts`; `beside` is a `Beside` that opens rows, or null.
   */
  constructor({ kind, label, columns, foreign, draw, beside = null }) {
    const viewport = h("div", { class: "viewport", role: "rowgroup" });
    this.element = h(
      "div",
      { class: `grid ${kind}`, role: "grid", "aria-label": label, "aria-colcount": columns.length },
      h("div", { class: "head", role: "row", "aria-rowindex": 1 }, ...columns.map((text) => h("span", { role: "columnheader", text }))),
      viewport,
    );
    this.list = new VirtualList(viewport, {
      rowHeight: ROW_HEIGHT,
      make: () => makeRow(columns.length, foreign),
      draw: (row, index) => {
        mark(row, "aria-rowindex", index + 2);
        if (beside) mark(row, "aria-selected", String(beside.shows(index)));
        draw(row, index);
      },
      open: (index) => beside?.open(index),
      choose: (index) => beside?.entry && beside.open(index),
    });
    if (beside) beside.list = this.list;
  }

  /** Say how many rows there are now, and draw again those in sight. */
  setCount(count) {
    mark(this.element, "aria-rowcount", count + 1);
    this.list.setCount(count);
  }
}

/** A panel beside a grid: opened by a click or a key on a row, closed by Escape or its button. */
export class Beside {
  /**
   * `at(index)` is the entry of a row, or undefined; `content(entry)` promises what is shown of it. Where another one was
   * opened meanwhile, it is not shown.
   */
  constructor(label, { at, content }) {
    this.entry = null;
    this.list = null; // the grid's own, set by it
    this.element = h("section", { class: "detail", "aria-label": label, hidden: true, tabindex: "-1" });
    this._at = at;
    this._content = content;
  }

  shows(index) {
    return this.entry !== null && this._at(index) === this.entry;
  }

  async open(index) {
    const entry = this._at(index);
    if (!entry) return;
    this.entry = entry;
    this.element.hidden = false;
    this.list.refresh();
    const shown = await this._content(entry);
    if (this.entry !== entry) return;
    fill(this.element, shown);
    this.element.scrollTop = 0;
  }

  /** With `focus` the keyboard goes back to the row. */
  close({ focus = false } = {}) {
    this.entry = null;
    this.element.hidden = true;
    this.list.refresh();
    if (focus) this.list.activate(this.list.active);
  }

  /** The head of what is shown: how to close it, a small line, the title, and what stands under it. */
  head(crumbs, title, ...below) {
    return h(
      "header",
      { class: "title" },
      closeButton(() => this.close({ focus: true })),
      h("p", { class: "quiet crumbs", text: crumbs }),
      h("h2", { text: title }),
      ...below,
    );
  }

  /** Take Escape, and say whether it was that. */
  onKey(event) {
    if (event.key !== "Escape" || !this.entry) return false;
    event.preventDefault();
    this.close({ focus: true });
    return true;
  }
}

function makeRow(columns, foreign) {
  const parts = Array.from({ length: columns }, (_, index) => h(index === foreign ? "bdi" : "span", { role: "gridcell" }));
  const row = h("div", { role: "row" }, ...parts);
  row.parts = parts;
  return row;
}
