// All leases, with their time left on the simulator's clock.

import { get } from "./api.js";
import { h, refill } from "./dom.js";
import { count, time, visible } from "./format.js";
import { leaseWords, table } from "./place.js";

export class LeasesView {
  constructor(reveal) {
    this.title = "Leases";
    this._reveal = reveal;
    this._told = "";
    this.element = h("div", { class: "page" });
  }

  async hear(_state, inSight) {
    if (!inSight) return;
    const { leases, total } = await get("/look/leases"); // each time: by time alone a lease becomes another one
    const told = JSON.stringify([leases, total]);
    if (told === this._told) return;
    this._told = told;
    const more =
      total > leases.length
        ? h("p", { class: "quiet", text: `The first ${count(leases.length)} of ${count(total)}.` })
        : null;
    refill(
      this.element,
      h("h2", { text: "Leases" }),
      leases.length
        ? h(
            "div",
            { class: "block" },
            table(
              ["On", "Where", "Lease"],
              leases.map((one) => [one.kind, this._link(one), leaseWords(one.lease)]),
              "leases",
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

  shown() {}

  _link({ account, share, snapshot, path }) {
    const where = [account, share, snapshot && `(${time(snapshot).slice(0, 19)})`, path].filter(Boolean).join("/");
    return h(
      "button",
      { type: "button", class: "link", on: { click: () => this._reveal({ account, share, snapshot, path }) } },
      h("bdi", { text: visible(where) }),
    );
  }
}
