// The plan of faults: what it is, another one, none; and the diary of what came of it.

import { get, putTo, remove } from "./api.js";
import { fill, h, put } from "./dom.js";
import { count, several, visible } from "./format.js";
import { Grid } from "./grid.js";

const MOST_ROWS = 5000;
const EXAMPLE = `[[rules]]
fault = "refuse"
code = "ServerBusy"
retry_after_s = 2
operation = "Put Range*"
probability = 0.2
`;
const ABOUT = {
  operation: "on",
  path: "at",
  account: "of",
  nth: "call no.",
  probability: "by chance",
  times: "at most times",
  after_s: "after s",
  until_s: "until s",
};

export class FaultsView {
  /** `changed` looks for something new. */
  constructor(changed) {
    this.title = "Faults";
    this._changed = changed;
    this._entries = [];
    this._since = 0;
    this._calls = 0;
    this._begun = 0;
    this._rules = h("div", { class: "rules" });
    this._text = h("textarea", {
      id: "plan",
      class: "mono",
      rows: "12",
      spellcheck: "false",
      placeholder: EXAMPLE,
      "aria-describedby": "plan-help",
    });
    this._file = h("input", {
      type: "file",
      id: "plan-file",
      accept: ".toml,.json",
      on: { change: () => this._read() },
    });
    this._said = h("p", { class: "said", role: "status" });
    this._editor = h(
      "form",
      { on: { submit: (event) => this._load(event) } },
      h("h3", {}, h("label", { for: "plan", text: "Load a plan" })),
      h("p", {
        class: "quiet",
        id: "plan-help",
        text: "TOML or JSON, as in docs/faults.md. The plan begins anew, and so does its diary.",
      }),
      this._text,
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "submit", class: "main", text: "Load" }),
        (this._clear = h("button", {
          type: "button",
          text: "Clear the plan",
          on: { click: () => this._do(() => remove("/faults"), "No plan: nothing goes wrong.") },
        })),
        h("button", { type: "button", text: "Example", on: { click: () => this._example() } }),
        h("label", { class: "file", for: "plan-file", text: "From a file" }),
        this._file,
      ),
      this._said,
    );
    this._grid = new Grid({
      kind: "diary",
      label: "Diary of faults",
      columns: ["Call", "Request", "What happened"],
      foreign: 1,
      draw: (row, index) => this._draw(row, index),
    });
    this._list = this._grid.list;
    this._nothing = h("p", { class: "empty over" });
    this._counted = h("p", { class: "quiet pad", role: "status" });
    this.element = h(
      "div",
      { class: "split even" },
      h(
        "div",
        { class: "detail" },
        h("header", { class: "title" }, h("h2", { text: "Plan" })),
        h("section", { class: "block" }, this._rules),
        h("section", { class: "block" }, this._editor),
      ),
      h(
        "div",
        { class: "pane" },
        h("header", { class: "title" }, h("h2", { text: "Diary" })),
        this._counted,
        this._grid.element,
        this._nothing,
      ),
    );
  }

  async hear(state, inSight) {
    this._editor.hidden = !state.acts;
    if (!inSight || (state.calls === this._calls && state.begun === this._begun)) return;
    if (state.begun !== this._begun) await this._restart(state);
    const { entries, calls } = await get("/look/diary", { since: this._since });
    this._calls = calls;
    if (entries.length) {
      const follows = this._list.atEnd;
      this._since = entries.at(-1).number;
      this._entries.push(...entries);
      const surplus = this._entries.length - MOST_ROWS;
      this._list.count = this._entries.length;
      if (surplus > 0) {
        this._entries.splice(0, surplus);
        this._list.dropFront(surplus);
      }
      this._grid.setCount(this._entries.length);
      if (follows) this._list.scrollToEnd();
    }
    this._tell(state.plan);
  }

  shown() {
    this._list.refresh();
  }

  async _restart(state) {
    this._entries = [];
    this._since = 0;
    this._begun = state.begun;
    this._grid.setCount(0);
    const { plan } = await get("/faults");
    this._clear.disabled = plan === null;
    fill(this._rules, ...rulesShown(plan));
    if (plan?.rules && !this._text.value) this._text.value = `${JSON.stringify(plan, null, 2)}\n`;
    this._tell(state.plan);
  }

  _tell(planned) {
    this._nothing.hidden = this._entries.length > 0;
    put(this._nothing, planned ? "No fault has happened yet." : "Without a plan nothing goes wrong.");
    put(
      this._counted,
      planned
        ? `${several(this._entries.length, "fault")} in ${several(this._calls, "call")} since the plan began`
        : "",
    );
  }

  _draw(row, index) {
    const entry = this._entries[index];
    if (!entry) return;
    const [number, request, fault] = row.parts;
    put(number, `#${count(entry.number)}`);
    put(request, visible(entry.request));
    request.title = visible(entry.request);
    put(fault, visible(entry.fault));
    fault.title = visible(entry.fault);
  }

  _load(event) {
    event.preventDefault();
    this._do(() => putTo("/look/plan", { text: this._text.value }), "The plan is in force.");
  }

  async _read() {
    const [file] = this._file.files;
    if (file) this._text.value = await file.text();
  }

  _example() {
    this._text.value = EXAMPLE;
    this._text.focus();
  }

  async _do(act, done) {
    try {
      await act();
      put(this._said, done);
      this._said.classList.remove("bad");
      await this._changed();
    } catch (error) {
      put(this._said, error.message);
      this._said.classList.add("bad");
    }
  }
}

function rulesShown(plan) {
  if (plan === null) return [h("p", { class: "quiet", text: "There is no plan: nothing goes wrong." })];
  if (!plan.rules) return [h("p", { text: "A plan that was made in Python; it cannot be shown." })];
  return [
    h("p", {
      class: "quiet",
      text: `${several(plan.rules.length, "rule")}, seed ${plan.seed}${plan.by_name ? ", by the client's request ids" : ""}. The first rule that fires decides.`,
    }),
    h("ol", { class: "plain" }, ...plan.rules.map((rule) => h("li", {}, ...ruleShown(rule)))),
  ];
}

function ruleShown({ fault, ...rest }) {
  const where = Object.entries(rest).filter(([name]) => name in ABOUT);
  const what = Object.entries(rest).filter(([name]) => !(name in ABOUT));
  return [
    h("span", { class: "chip warn mono", text: fault }),
    ...what.map(([name, value]) => h("span", { class: "part", text: visible(`${name} ${value}`) })),
    ...where.map(([name, value]) =>
      h("span", {
        class: "part quiet",
        text: visible(`${ABOUT[name]} ${Array.isArray(value) ? value.join(", ") : value}`),
      }),
    ),
  ];
}
