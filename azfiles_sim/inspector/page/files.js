// Accounts, shares, snapshots and their trees; beside them what is known of the chosen place.

import { get } from "./api.js";
import { fill, h, mark, put, refill } from "./dom.js";
import { bytes, several, time, visible } from "./format.js";
import { placeShown } from "./place.js";
import { Tree } from "./tree.js";
import { VirtualList } from "./virtual.js";

const ROW_HEIGHT = 26;
const FIRST_PAGE = 50; // so many accounts are looked through for one that has shares
const WORDS = {
  account: "account",
  share: "share",
  snapshot: "snapshot",
  directory: "directory",
  file: "file",
  link: "symbolic link",
};
const OPENS = new Set(["account", "share", "snapshot", "directory"]);

export class FilesView {
  constructor() {
    this.title = "Files";
    this._chosen = null;
    this._tree = new Tree(() => this._redraw());
    this._viewport = h("div", {
      class: "viewport tree",
      role: "tree",
      "aria-label": "Accounts, shares and their trees",
    });
    this._list = new VirtualList(this._viewport, {
      rowHeight: ROW_HEIGHT,
      make: makeRow,
      draw: (row, index) => this._draw(row, index),
      open: (index, event) => this._open(index, event),
      choose: (index) => this._choose(index),
      key: (event, index) => this._key(event, index),
    });
    this._detail = h("section", { class: "detail", "aria-label": "The chosen place", tabindex: "-1" });
    const prefix = h("input", {
      type: "search",
      id: "jump",
      placeholder: "a name's beginning",
      spellcheck: "false",
      autocomplete: "off",
    });
    const bar = h(
      "form",
      { class: "toolbar", role: "search", on: { submit: (event) => this._jump(event, prefix.value) } },
      h("label", { for: "jump", text: "Go to" }),
      prefix,
      h("button", { type: "submit", text: "Go" }),
      (this._said = h("span", { class: "quiet", role: "status" })),
    );
    this.element = h("div", { class: "split" }, h("div", { class: "pane" }, bar, this._viewport), this._detail);
    this._showNothing();
  }

  async start() {
    await this._tree.root.load();
    const accounts = [];
    for (let index = 0; index < Math.min(this._tree.root.total, FIRST_PAGE); index += 1)
      accounts.push(this._tree.root.item(index));
    const at = Math.max(
      0,
      accounts.findIndex((item) => item?.shares),
    );
    if (!accounts[at]) return;
    await this._tree.root.expand(at, accounts[at]);
    this._list.active = at;
    this._choose(at);
  }

  /** The simulator's state, or its time, is another one. */
  async hear(state, inSight) {
    if (!inSight) return;
    if (state.state === this._tree.state) {
      if (this._aging) await this._tell(); // a lease becomes another one by time alone, and again where that is set back
      return;
    }
    const begun = this._tree.state !== 0;
    this._tree.state = state.state;
    if (!begun) return;
    const { branch, index } = this._tree.root.at(this._list.active);
    const item = branch.item(index);
    await this._tree.root.renew();
    this._redraw();
    if (item) await this._stayAt(branch, item.name);
    await this._tell();
  }

  /** Where rows came or went before it, the one with the focus keeps it. */
  async _stayAt(branch, name) {
    const found = await get("/look/position", { ...branch.spot, name }).catch(() => null);
    if (found?.exact && branch.isShown) this._list.follow(branch.rowOf(found.at));
  }

  shown() {
    this._list.refresh();
    this._tell();
  }

  /** Open the way to a place and choose it. */
  async reveal(spot) {
    let branch = this._tree.root;
    const names = [spot.account, spot.share, spot.snapshot, ...spot.path.split("/")].filter(Boolean);
    for (const [step, name] of names.entries()) {
      const { at, exact } = await get("/look/position", { ...branch.spot, name });
      if (!exact) return;
      await branch.load();
      if (step === names.length - 1) {
        this._list.setCount(this._tree.root.rows());
        this._list.activate(branch.rowOf(at));
        this._chosen = { ...spot };
        await this._tell();
        this._redraw();
        return;
      }
      const kind = ["account", "share"][step] ?? (spot.snapshot && step === 2 ? "snapshot" : "directory");
      branch = branch.open.get(name) ?? (await branch.expand(at, { kind, name }));
    }
  }

  _redraw() {
    this._list.setCount(this._tree.root.rows());
  }

  _draw(row, index) {
    const { branch, index: place } = this._tree.root.at(index);
    const item = branch.item(place);
    const { toggle, name, note } = row.parts;
    row.style.setProperty("--level", branch.level);
    mark(row, "aria-level", branch.level);
    mark(row, "aria-setsize", branch.total ?? -1);
    mark(row, "aria-posinset", place + 1);
    if (!item) {
      row.dataset.kind = "";
      put(name, branch.total === null ? "…" : "loading…");
      put(note, "");
      put(toggle, "");
      mark(row, "aria-expanded", null);
      mark(row, "aria-selected", null);
      return;
    }
    const isOpen = branch.open.has(item.name);
    row.dataset.kind = item.kind;
    put(toggle, OPENS.has(item.kind) ? (isOpen ? "▾" : "▸") : "");
    put(name, item.kind === "snapshot" ? time(item.name).slice(0, 19) : visible(item.name));
    name.title = `${WORDS[item.kind]} ${visible(item.name)}`;
    put(note, noteOf(item));
    mark(row, "aria-expanded", OPENS.has(item.kind) ? String(isOpen) : null);
    mark(row, "aria-selected", String(sameSpot(this._chosen, branch.spotOf(item))));
  }

  async _open(index, event) {
    const { branch, index: place } = this._tree.root.at(index);
    const item = branch.item(place);
    if (!item) return;
    const toggles = event.type === "keydown" || event.target.closest(".toggle") || event.detail === 2;
    if (toggles && OPENS.has(item.kind)) await this._toggle(branch, place, item);
    this._choose(index);
  }

  async _toggle(branch, place, item) {
    if (branch.open.has(item.name)) {
      branch.collapse(item.name);
      this._redraw();
      return;
    }
    const opening = branch.expand(place, item);
    this._redraw();
    try {
      await opening;
      put(this._said, "");
    } catch (error) {
      branch.collapse(item.name);
      this._redraw();
      put(this._said, error.message);
    }
  }

  _choose(index) {
    const { branch, index: place } = this._tree.root.at(index);
    const item = branch.item(place);
    if (!item) return;
    this._chosen = branch.spotOf(item);
    this._list.refresh();
    clearTimeout(this._later);
    this._later = setTimeout(() => this._tell(), 60); // not for every row that the arrow keys run over
  }

  _key(event, row) {
    const { branch, index } = this._tree.root.at(row);
    const item = branch.item(index);
    if (!item) return false;
    const isOpen = branch.open.has(item.name);
    if (event.key === "ArrowRight" && OPENS.has(item.kind)) {
      if (!isOpen) this._toggle(branch, index, item);
      else if (branch.open.get(item.name).total) this._go(row + 1);
      return true;
    }
    if (event.key === "ArrowLeft") {
      if (isOpen) this._toggle(branch, index, item);
      else if (branch.parent) this._go(branch.parent.rowOf(branch.index));
      return true;
    }
    return false;
  }

  _go(row) {
    this._list.activate(row);
    this._choose(row);
  }

  /** Go to the first name that begins so, in the directory that the focus is in. */
  async _jump(event, prefix) {
    event.preventDefault();
    const found = this._tree.root.at(this._list.active);
    const item = found.branch.item(found.index);
    const branch = (item && found.branch.open.get(item.name)) || found.branch;
    try {
      const { at } = await get("/look/position", { ...branch.spot, name: prefix });
      if (!branch.total) return;
      this._go(branch.rowOf(at));
      await branch.load();
      put(this._said, `${several(branch.total, "entry").replace("entrys", "entries")} here`);
      this._choose(branch.rowOf(at));
    } catch (error) {
      put(this._said, error.message);
    }
  }

  async _tell() {
    if (!this._chosen) return;
    const chosen = this._chosen;
    try {
      const told = await get("/look/place", chosen);
      if (chosen !== this._chosen) return;
      const { now: _, ...same } = told;
      this._aging = Boolean(told.lease);
      const text = JSON.stringify([chosen, same]);
      if (text === this._told) return;
      this._told = text;
      const { scrollTop } = this._detail;
      refill(this._detail, placeShown(chosen, told));
      this._detail.scrollTop = scrollTop;
    } catch (error) {
      this._told = "";
      fill(this._detail, h("div", { class: "empty" }, h("p", { text: error.message })));
    }
  }

  _showNothing() {
    fill(this._detail, h("div", { class: "empty" }, h("p", { text: "Choose an account, a share or a file." })));
  }
}

function makeRow() {
  const toggle = h("span", { class: "toggle", "aria-hidden": "true" });
  const icon = h("span", { class: "icon", "aria-hidden": "true" });
  const name = h("bdi", { class: "name" });
  const note = h("span", { class: "note" });
  const row = h("div", { role: "treeitem" }, toggle, icon, name, note);
  row.parts = { toggle, name, note };
  return row;
}

function noteOf(item) {
  if (item.kind === "account") return several(item.shares, "share");
  if (item.kind === "file") return item.leased ? `leased · ${bytes(item.size)}` : bytes(item.size);
  if (item.kind === "share") {
    return [item.leased ? "leased" : "", item.snapshots ? several(item.snapshots, "snapshot") : ""]
      .filter(Boolean)
      .join(" · ");
  }
  return item.kind === "snapshot" ? "snapshot" : item.kind === "link" ? "link" : "";
}

function sameSpot(one, other) {
  return one !== null && ["account", "share", "snapshot", "path"].every((name) => one[name] === other[name]);
}
