// The simulator's time: shown, counted on between two answers, and set.

import { post, putTo } from "./api.js";
import { fill, h, put, refill } from "./dom.js";
import { instant, seconds, wait } from "./format.js";

const TICK_MS = 100;

class SimulatedTime {
  constructor() {
    this._now = Date.now();
    this._heard = performance.now();
    this.frozen = false;
  }

  hear(now, frozen) {
    this._now = instant(now);
    this._heard = performance.now();
    this.frozen = frozen;
  }

  /** Milliseconds since 1970. */
  now() {
    return this.frozen ? this._now : this._now + performance.now() - this._heard;
  }
}

export const simulated = new SimulatedTime();

/** A text that counts down to an instant on the simulator's clock; `over` is what it says then. */
export function countdown(until, over) {
  return h("time", { class: "countdown", datetime: until, "data-over": over, text: left(until, over) });
}

/** Bring every text that counts down up to date. */
function countDown() {
  for (const element of document.querySelectorAll("time.countdown")) {
    put(element, left(element.getAttribute("datetime"), element.dataset.over));
  }
}

function left(until, over) {
  const leftMs = instant(until) - simulated.now();
  return leftMs > 0 ? `${wait(leftMs / 1000)} left` : over;
}

const STEPS = [
  [1, "1 s"],
  [15, "15 s"],
  [60, "1 min"],
  [3600, "1 h"],
  [86400, "1 day"],
];

/** The clock in the bar, and what opens under it. */
export class ClockTool {
  constructor(changed) {
    this._changed = changed;
    this._time = h("span", { class: "mono" });
    this._mode = h("span", { class: "chip" });
    this._button = h(
      "button",
      {
        type: "button",
        class: "clock",
        "aria-expanded": "false",
        "aria-controls": "clock-panel",
        on: { click: () => this._toggle() },
      },
      h("span", { class: "sr", text: "Simulator's time (UTC) " }),
      this._time,
      this._mode,
    );
    this._said = h("p", { class: "said", role: "status" });
    this._panel = h("div", {
      id: "clock-panel",
      class: "popover",
      role: "dialog",
      "aria-label": "The simulator's clock",
      tabindex: "-1",
      hidden: true,
    });
    this.element = h("div", { class: "anchor" }, this._button, this._panel);
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this._panel.hidden) {
        event.stopPropagation();
        this._close();
      }
    });
    document.addEventListener("pointerdown", (event) => {
      if (!this._panel.hidden && !this.element.contains(event.target)) this._panel.hidden = true;
      this._button.setAttribute("aria-expanded", String(!this._panel.hidden));
    });
    setInterval(() => this._tick(), TICK_MS);
  }

  hear(state) {
    simulated.hear(state.now, state.frozen);
    put(this._mode, state.frozen ? "frozen" : "running");
    this._mode.classList.toggle("warn", state.frozen);
    const shape = `${state.acts} ${state.settable} ${state.runs} ${state.frozen}`;
    if (shape !== this._shape) {
      this._shape = shape;
      this._build(state);
    }
    this._tick();
  }

  _tick() {
    if (document.hidden) return;
    put(this._time, seconds(simulated.now()));
    countDown();
  }

  _build({ acts, settable, runs, frozen }) {
    if (!acts || !settable) {
      const why = acts
        ? "This simulator was given a clock that nobody can set."
        : "Served with --no-control: the page only looks.";
      fill(this._panel, h("p", { text: why }));
      return;
    }
    const amount = h("input", {
      type: "number",
      min: "0",
      step: "any",
      value: "30",
      id: "clock-amount",
      class: "short",
    });
    const at = h("input", {
      type: "text",
      id: "clock-at",
      size: "21",
      spellcheck: "false",
      placeholder: "2026-01-31T12:00:00Z",
    });
    const button = (text, act, kind = "") =>
      h("button", { type: "button", class: kind, text, on: { click: () => this._do(act) } });
    refill(
      this._panel,
      h("h2", { text: "Let time go by" }),
      h(
        "div",
        { class: "buttons" },
        STEPS.map(([number, text]) => button(`+${text}`, () => post("/clock/advance", { seconds: number }))),
      ),
      h(
        "form",
        {
          class: "line",
          on: {
            submit: (event) => this._submit(event, () => post("/clock/advance", { seconds: Number(amount.value) })),
          },
        },
        h("label", { for: "clock-amount", text: "Seconds" }),
        amount,
        h("button", { type: "submit", text: "Advance" }),
      ),
      h("h2", { text: "Be another time" }),
      h(
        "form",
        {
          class: "line",
          on: { submit: (event) => this._submit(event, () => putTo("/clock", { now: at.value.trim() })) },
        },
        h("label", { for: "clock-at", text: "UTC" }),
        at,
        h("button", { type: "submit", text: "Set" }),
      ),
      runs
        ? h(
            "div",
            { class: "buttons" },
            frozen ? button("Run on", () => post("/clock/run")) : button("Freeze", () => post("/clock/freeze")),
            button("Follow this machine", () => putTo("/clock", { now: null })),
          )
        : h("p", { class: "quiet", text: "This clock stands still until it is moved." }),
      this._said,
    );
  }

  _submit(event, act) {
    event.preventDefault();
    this._do(act);
  }

  async _do(act) {
    try {
      const told = await act();
      simulated.hear(told.now, told.frozen);
      put(this._said, `Now it is ${seconds(simulated.now())}.`);
      this._said.classList.remove("bad");
      await this._changed();
    } catch (error) {
      put(this._said, error.message);
      this._said.classList.add("bad");
    }
  }

  _toggle() {
    this._panel.hidden = !this._panel.hidden;
    this._button.setAttribute("aria-expanded", String(!this._panel.hidden));
    if (!this._panel.hidden) this._panel.querySelector("button, input")?.focus();
  }

  _close() {
    this._panel.hidden = true;
    this._button.setAttribute("aria-expanded", "false");
    this._button.focus();
  }
}
