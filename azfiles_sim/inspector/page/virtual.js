// A list of any length of which only the rows in sight are elements, with one row that has the keyboard's focus.
//
// The row with the focus stays an element when it is scrolled out of sight: taking it away would lose the focus.

import { h, mark } from "./dom.js";

const BEYOND = 6; // rows kept ready above and below what is in sight

export class VirtualList {
  /**
   * `viewport` scrolls; `rowHeight` is in pixels. `make()` makes an empty row, `draw(row, index)` fills it, `open(index)`
   * is called for Enter, Space and a click, `choose(index)` when the focus moves by key, `key(event, index)` gets other
   * keys first and says whether it took them.
   */
  constructor(viewport, { rowHeight, make, draw, open = () => {}, choose = () => {}, key = () => false }) {
    this.viewport = viewport;
    this.rowHeight = rowHeight;
    this.active = 0;
    this.count = 0;
    this._make = make;
    this._draw = draw;
    this._open = open;
    this._choose = choose;
    this._key = key;
    this._rows = new Map();
    this._planned = false;
    this._sizer = h("div", { class: "sizer", role: "presentation" });
    viewport.append(this._sizer);
    viewport.addEventListener("scroll", () => this._plan(), { passive: true });
    viewport.addEventListener("keydown", (event) => this._onKey(event));
    viewport.addEventListener("click", (event) => this._onClick(event));
    new ResizeObserver(() => this._onResize()).observe(viewport);
  }

  /** Say how many rows there are now, and draw again those in sight. */
  setCount(count) {
    this.count = count;
    this._sizer.style.height = `${count * this.rowHeight}px`;
    if (this.active < count) this.refresh();
    else this.follow(Math.max(0, count - 1)); // its row went away; the focus must not go with it
  }

  /** So many rows went away at the front: what is in sight, and the focus, stay with their rows. */
  dropFront(number) {
    if (!number) return;
    const focused = this.hasFocus;
    for (const row of this._rows.values()) row.remove();
    this._rows.clear();
    this.active = Math.max(0, this.active - number);
    this.viewport.scrollTop -= number * this.rowHeight;
    this.setCount(Math.max(0, this.count - number));
    if (focused) this._focusActive();
  }

  /** Draw again the rows in sight. */
  refresh() {
    this._stale = true;
    this._plan();
  }

  get hasFocus() {
    return this._sizer.contains(document.activeElement);
  }

  get atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.viewport;
    return scrollTop + clientHeight >= scrollHeight - this.rowHeight;
  }

  scrollToEnd() {
    this.viewport.scrollTop = this.count * this.rowHeight;
  }

  /** Move to a row, and bring it into sight. */
  activate(index, { focus = true } = {}) {
    if (!this.count) return;
    this.active = Math.min(this.count - 1, Math.max(0, index));
    const top = this.active * this.rowHeight;
    const { scrollTop, clientHeight } = this.viewport;
    if (top < scrollTop) this.viewport.scrollTop = top;
    else if (top + this.rowHeight > scrollTop + clientHeight)
      this.viewport.scrollTop = top + this.rowHeight - clientHeight;
    this._stale = true;
    this._render();
    if (focus) this._focusActive();
  }

  /** The row with the focus is another one now, because rows came or went before it. Nothing scrolls. */
  follow(index) {
    if (index === this.active) return;
    const focused = this.hasFocus;
    this.active = index;
    this._stale = true;
    this._render();
    if (focused) this._focusActive();
  }

  _focusActive() {
    this._rows.get(this.active)?.focus({ preventScroll: true });
  }

  _plan() {
    if (this._planned) return;
    this._planned = true;
    requestAnimationFrame(() => this._render());
  }

  _render() {
    this._planned = false;
    const height = this.viewport.clientHeight;
    if (!height) return; // not in sight; showing it draws it
    const first = Math.max(0, Math.floor(this.viewport.scrollTop / this.rowHeight) - BEYOND);
    const after = Math.min(this.count, Math.ceil((this.viewport.scrollTop + height) / this.rowHeight) + BEYOND);
    const kept = this.active < this.count ? this.active : -1;
    const free = [];
    for (const [index, row] of this._rows) {
      if ((index < first || index >= after) && index !== kept) {
        this._rows.delete(index);
        free.push(row);
      }
    }
    for (let index = first; index < after; index += 1) this._show(index, free);
    if (kept >= 0) this._show(kept, free);
    for (const row of free) row.remove();
    this._stale = false;
  }

  /** Rows that went out of sight come in again as others: an element is dear, a text is cheap. */
  _show(index, free) {
    let row = this._rows.get(index);
    const fresh = row === undefined;
    if (fresh) {
      row = free.pop() ?? this._makeRow();
      row.style.transform = `translateY(${index * this.rowHeight}px)`;
      row.dataset.index = index;
      this._rows.set(index, row);
    }
    if (fresh || this._stale) this._draw(row, index);
    mark(row, "tabindex", index === this.active ? 0 : -1);
  }

  _makeRow() {
    const row = this._make();
    row.classList.add("row");
    this._sizer.append(row);
    return row;
  }

  /** Where what opens beside it takes room, the row with the focus stays in sight. */
  _onResize() {
    if (this.hasFocus) this.activate(this.active, { focus: false });
    else this._plan();
  }

  _onClick(event) {
    const row = event.target.closest(".row");
    if (!row || !this._sizer.contains(row)) return;
    const index = Number(row.dataset.index);
    this.activate(index);
    this._open(index, event);
  }

  _onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.hasFocus || !this.count) return;
    if (this._key(event, this.active)) {
      event.preventDefault();
      return;
    }
    const page = Math.max(1, Math.floor(this.viewport.clientHeight / this.rowHeight) - 1);
    const to = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.activate(to === -Infinity ? 0 : to === Infinity ? this.count - 1 : this.active + to);
      this._choose(this.active);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this._open(this.active, event);
    }
  }
}
