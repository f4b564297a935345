// All leases, with their time left on the simulator's clock.

import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { count, time, visible } from "./format.js";
import { leaseWords, table } from "./place.js";

export class LeasesView {
  constructor(reveal) {
    this.title = "Leases";
    this._reveal = reveal;
    this._shown = "";
    this.element = h("div", { class: "page" });
  }

  async hear(state, inSight) {
    const seen = `${state.state} ${state.frozen} ${state.frozen ? state.now : ""}`;
    if (!inSight || (seen === this._shown && !this._ends(state))) return;
    this._shown = seen;
    const { leases, total } = await get("/look/leases");
    this._next = leases
      .map(({ lease }) => lease.until)
      .filter(Boolean)
      .sort()[0];
    if (JSON.stringify(leases.map(({ lease: { left_s: _, ...lease }, ...one }) => [one, lease])) === this._told) return;
    this._told = JSON.stringify(leases.map(({ lease: { left_s: _, ...lease }, ...one }) => [one, lease]));
    const more =
      total > leases.length
        ? h("p", { class: "quiet", text: `The first ${count(leases.length)} of ${count(total)}.` })
        : null;
    fill(
      this.element,
      h("h2", { text: "Leases" }),
      leases.length
        ? h(
            "div",
            { class: "block" },
            table(
              ["On", "Where", "Lease"],
              leases.map((one) => [one.kind, this._link(one), leaseWords(one.lease)]),
            ),
          )
        : h("p", { class: "empty", text: "Nobody holds a lease." }),
      more,
      h("p", {
        class: "quiet",
        text: "A lease id is a secret; in its place stands a short name, the same wherever that lease is shown.",
      }),
    );
  }

  shown() {
    this._shown = "";
  }

  /** Whether a lease has come to its end since it was told. */
  _ends(state) {
    return this._next !== undefined && this._next <= state.now;
  }

  _link({ account, share, snapshot, path }) {
    const where = [account, share, snapshot && `(${time(snapshot).slice(0, 19)})`, path].filter(Boolean).join("/");
    return h(
      "button",
      { type: "button", class: "link", on: { click: () => this._reveal({ account, share, snapshot, path }) } },
      h("bdi", { text: visible(where) }),
    );
  }
}
