// The tree's rows without its rows: each open place knows how many children it has and fetches pages of them when they
// come into sight. So a directory of any size is a number and a few pages.

import { get } from "./api.js";

const PAGE = 200;
const MOST_PAGES = 60; // of all open places together; those not looked at for longest are let go

export class Branch {
  /** What is open at a spot: `{account, share, snapshot, path}`. `index` is its place among its parent's children. */
  constructor(tree, spot, level, index = 0, name = "") {
    this.tree = tree;
    this.spot = spot;
    this.level = level;
    this.index = index;
    this.name = name;
    this.total = null;
    this.open = new Map();
    this._pages = new Map();
  }

  /** How many rows its children take. While their number is not known: one, which says so. */
  rows() {
    if (this.total === null) return 1;
    let rows = this.total;
    for (const branch of this.open.values()) rows += branch.rows();
    return rows;
  }

  /** Whether it still is a part of the tree. */
  get isShown() {
    return this.parent ? this.parent.open.get(this.name) === this && this.parent.isShown : true;
  }

  /** Which child a row among these is: `{branch, index}`. */
  at(row) {
    let next = 0;
    for (const branch of this._inOrder()) {
      const upTo = branch.index - next + 1;
      if (row < upTo) return { branch: this, index: next + row };
      row -= upTo;
      const inside = branch.rows();
      if (row < inside) return branch.at(row);
      row -= inside;
      next = branch.index + 1;
    }
    return { branch: this, index: next + row };
  }

  /** The row of a child among the rows of the whole tree. */
  rowOf(index) {
    let row = index;
    for (const branch of this.open.values()) if (branch.index < index) row += branch.rows();
    return this.parent ? this.parent.rowOf(this.index) + 1 + row : row;
  }

  /** A child, or null while it is being fetched. */
  item(index) {
    const number = Math.floor(index / PAGE);
    const page = this._pages.get(number);
    if (!page || page.state !== this.tree.state) this._fetch(number).catch(() => {}); // gone; the next state tells
    if (page) page.used = this.tree.clock++;
    return page?.items[index - number * PAGE] ?? null;
  }

  /** The spot of a child. */
  spotOf(item) {
    const { spot } = this;
    if (item.kind === "account") return { account: item.name, share: "", snapshot: "", path: "" };
    if (item.kind === "share") return { ...spot, share: item.name };
    if (item.kind === "snapshot") return { ...spot, snapshot: item.name };
    return { ...spot, path: spot.path ? `${spot.path}/${item.name}` : item.name };
  }

  /** Open a child, which is not open yet. */
  async expand(index, item) {
    const branch = new Branch(this.tree, this.spotOf(item), this.level + 1, index, item.name);
    branch.parent = this;
    this.open.set(item.name, branch);
    await branch.load();
    return branch;
  }

  collapse(name) {
    this.open.get(name)?.forget();
    this.open.delete(name);
  }

  forget() {
    this.tree.pages -= this._pages.size;
    this._pages.clear();
    for (const branch of this.open.values()) branch.forget();
  }

  load() {
    return this._fetch(0);
  }

  /** The state is another one: find again what is open, and count anew. */
  async renew() {
    for (const branch of [...this.open.values()]) {
      try {
        const { at, exact } = await get("/look/position", { ...this.spot, name: branch.name });
        if (exact) branch.index = at;
        else this.collapse(branch.name);
      } catch {
        this.collapse(branch.name);
      }
    }
    await this._fetch(0).catch(() => {});
    for (const branch of this.open.values()) await branch.renew();
  }

  _inOrder() {
    return [...this.open.values()].sort((one, other) => one.index - other.index);
  }

  async _fetch(number) {
    const { state } = this.tree;
    this._asked ??= new Map();
    if (this._asked.get(number) === state) return;
    this._asked.set(number, state);
    try {
      const told = await get("/look/children", { ...this.spot, start: number * PAGE, count: PAGE });
      if (!this._pages.has(number)) this.tree.pages += 1;
      this._pages.set(number, { items: told.items, state, used: this.tree.clock++ });
      this.total = told.total;
      this.tree.trim();
      this.tree.changed();
    } finally {
      if (this._asked.get(number) === state) this._asked.delete(number);
    }
  }

  /** Every page with the branch that has it. */
  *held() {
    for (const [number, page] of this._pages) yield { branch: this, number, page };
    for (const branch of this.open.values()) yield* branch.held();
  }

  drop(number) {
    if (this._pages.delete(number)) this.tree.pages -= 1;
  }
}

export class Tree {
  /** `changed` is called when there are other rows, or rows that can be drawn now. */
  constructor(changed) {
    this.changed = changed;
    this.state = 0;
    this.clock = 0;
    this.pages = 0;
    this.root = new Branch(this, { account: "", share: "", snapshot: "", path: "" }, 1);
  }

  trim() {
    if (this.pages <= MOST_PAGES) return;
    const oldest = [...this.root.held()].sort((one, other) => one.page.used - other.page.used);
    for (const { branch, number } of oldest.slice(0, this.pages - MOST_PAGES)) branch.drop(number);
  }
}
