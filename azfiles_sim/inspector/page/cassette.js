// A cassette beside what the simulator answers to the same requests.

import { get, putTo } from "./api.js";
import { choice } from "./controls.js";
import { h, put } from "./dom.js";
import { several, visible } from "./format.js";
import { Beside, Grid } from "./grid.js";
import { bodyShown, shownValue } from "./message.js";
import { table } from "./place.js";

const COLUMNS = ["No.", "Request", "Recorded", "Simulated", "Differences"];

export class CassetteView {
  constructor() {
    this.title = "Cassette";
    this._all = [];
    this._lines = [];
    this._kind = "all";
    this._path = h("input", {
      type: "text",
      id: "cassette-path",
      spellcheck: "false",
      autocomplete: "off",
      placeholder: "/path/to/cassette.yaml",
    });
    this._file = h("input", {
      type: "file",
      id: "cassette-file",
      accept: ".yaml,.yml,.json",
      on: { change: () => this._upload() },
    });
    this._said = h("p", { class: "said pad", role: "status", text: "No cassette is open." });
    this._beside = new Beside("Recorded and simulated", {
      at: (index) => this._lines[index],
      content: (line) => this._shown(line),
    });
    this._grid = new Grid({
      kind: "cassette",
      label: "Interactions of the cassette",
      columns: COLUMNS,
      foreign: 1,
      draw: (row, index) => this._draw(row, index),
      beside: this._beside,
    });
    this._nothing = h(
      "p",
      { class: "empty over" },
      "Open a recording: each of its requests is sent to a fresh simulator, and what that answers is laid beside it. The simulator that is served here is not touched.",
    );
    this.element = h(
      "div",
      { class: "split even", on: { keydown: (event) => this._beside.onKey(event) } },
      h(
        "div",
        { class: "pane" },
        h(
          "form",
          { class: "toolbar", on: { submit: (event) => this._open(event) } },
          h("label", { for: "cassette-path", text: "Path" }),
          this._path,
          h("button", { type: "submit", text: "Open" }),
          h("label", { class: "file", for: "cassette-file", text: "From a file" }),
          this._file,
          choice("Which interactions", { all: "All", differing: "Differing" }, (kind) => this._filter(kind)),
        ),
        this._said,
        this._grid.element,
        this._nothing,
      ),
      this._beside.element,
    );
  }

  async start() {
    this._told(await get("/look/cassette"));
  }

  async hear() {}

  shown() {
    this._grid.list.refresh();
  }

  _open(event) {
    event.preventDefault();
    this._do(() => putTo("/look/cassette", { path: this._path.value.trim() }));
  }

  async _upload() {
    const [file] = this._file.files;
    if (file) await this._do(async () => putTo("/look/cassette", { name: file.name, text: await file.text() }));
    this._file.value = "";
  }

  async _do(act) {
    put(this._said, "Playing it …");
    this._said.classList.remove("bad");
    try {
      this._told(await act());
    } catch (error) {
      put(this._said, error.status === 413 ? "It is too large to be sent: give its path." : error.message);
      this._said.classList.add("bad");
    }
  }

  _told({ name, behaviour, problem, interactions }) {
    if (name === null) return;
    this._beside.close();
    this._all = interactions.map((one, index) => ({ ...one, number: index + 1 }));
    const differing = this._all.filter((one) => one.drift).length;
    const title = visible(name);
    const held = `${title}: ${several(interactions.length, "interaction")}, held to the service of ${behaviour}; `;
    put(
      this._said,
      problem
        ? `${title}: ${visible(problem)}`
        : held + (differing ? `${differing} answered otherwise` : "the simulator answers all as recorded"),
    );
    this._said.classList.toggle("bad", Boolean(problem));
    this._filter(this._kind);
  }

  _filter(kind) {
    this._kind = kind;
    this._lines = kind === "all" ? this._all : this._all.filter((one) => one.drift);
    this._nothing.hidden = this._lines.length > 0;
    if (this._all.length) put(this._nothing, "No interaction differs.");
    this._grid.setCount(this._lines.length);
  }

  _draw(row, index) {
    const line = this._lines[index];
    if (!line) return;
    const [number, request, recorded, simulated, drift] = row.parts;
    row.dataset.drift = line.drift ? "yes" : "";
    put(number, String(line.number));
    put(request, visible(line.request));
    request.title = visible(line.request);
    put(recorded, String(line.recorded ?? "none"));
    put(simulated, String(line.simulated ?? "none"));
    put(drift, line.drift ? `≠ ${several(line.drift, "difference")}` : "=");
  }

  async _shown(line) {
    try {
      return this._compared(line, await get(`/look/cassette/${line.number}`));
    } catch (error) {
      return h("p", { class: "empty", text: error.message });
    }
  }

  _compared(line, told) {
    return [
      this._beside.head(
        `Interaction ${line.number}`,
        visible(line.request),
        h("p", { class: "mono breakable start", text: `${told.method} ${visible(told.target)}` }),
        h(
          "p",
          {},
          told.drift.length
            ? h("span", { class: "chip bad", text: `≠ ${several(told.drift.length, "difference")}` })
            : h("span", { class: "chip good", text: "= as recorded" }),
        ),
      ),
      told.drift.length
        ? h(
            "section",
            { class: "block" },
            h("h3", { text: "What differs" }),
            table(
              ["Field", "Recorded", "Simulated"],
              told.drift.map((one) => [field(one), value(one.recorded), value(one.simulated)]),
              "compared",
            ),
          )
        : null,
      h("section", { class: "block" }, h("h3", { text: "Status and headers" }), headersCompared(told)),
      h(
        "section",
        { class: "block" },
        h("h3", { text: "Bodies" }),
        h(
          "div",
          { class: "beside" },
          side("Recorded", told.recorded, bodyOf(told.simulated, told)),
          side("Simulated", told.simulated, bodyOf(told.recorded, told)),
        ),
      ),
    ];
  }
}

/** Both answers' heads in one table; the rows that count as different are marked. What the service makes up may differ. */
function headersCompared({ recorded, simulated, drift }) {
  const differing = new Set(drift.map((one) => one.field.toLowerCase()));
  const names = new Map();
  for (const [side, answer] of [
    [0, recorded],
    [1, simulated],
  ]) {
    if (!answer) continue;
    const pairs = [["status", `${answer.status} ${answer.reason}`], ...answer.headers];
    for (const [name, text] of pairs) {
      const row = names.get(name.toLowerCase()) ?? { name, values: [null, null] };
      row.values[side] = row.values[side] === null ? text : `${row.values[side]}, ${text}`;
      names.set(name.toLowerCase(), row);
    }
  }
  const made = table(
    ["Header", "Recorded", "Simulated"],
    [...names.values()].map(({ name, values }) => [named(name), value(values[0]), value(values[1])]),
    "compared",
  );
  for (const [index, key] of [...names.keys()].entries()) {
    const differs = differing.has(key) || (key === "status" && differing.has("reason"));
    if (!differs) continue;
    const row = made.tBodies[0].rows[index];
    row.classList.add("differs");
    row.cells[0].prepend(h("span", { class: "sign", text: "≠ " }));
  }
  return made;
}

/** The body to compare with, where a difference in the body was found: else what differs was only made up. */
function bodyOf(answer, { drift }) {
  return answer && drift.some((one) => one.field.startsWith("body")) ? answer.body : null;
}

function side(title, answer, other) {
  return h(
    "div",
    {},
    h("h4", { text: title }),
    answer ? bodyShown(answer.body, other) : h("p", { class: "quiet", text: "No answer." }),
  );
}

function field({ field: name, problem }) {
  return h(
    "span",
    {},
    named(name),
    problem ? h("span", { class: "quiet", text: ` (${visible(problem)})` }) : null,
  );
}

function named(name) {
  return h("span", { class: "mono breakable", text: visible(name) });
}

function value(text) {
  return text === null
    ? h("span", { class: "quiet", text: "nothing" })
    : h("bdi", { class: "mono breakable" }, shownValue(text));
}
