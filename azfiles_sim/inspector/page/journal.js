// The requests as they come, newest last, and what was said in each; among them the faults that happened: what one lost or
// refused, the service never saw.

import { get } from "./api.js";
import { choice } from "./controls.js";
import { h, put } from "./dom.js";
import { count, hour, several, time, visible } from "./format.js";
import { Beside, Grid } from "./grid.js";
import { messageShown } from "./message.js";

const MOST_ROWS = 10000; // so many are kept in the page
const AT_ONCE = 500; // so many are asked for at once
const COLUMNS = ["No.", "Time", "Method", "Path and query", "Operation", "Status", "Error code"];
const SHOWN = { all: () => true, done: (entry) => entry.status < 400, refused: (entry) => !(entry.status < 400) };

export class JournalView {
  constructor() {
    this.title = "Requests";
    this._entries = [];
    this._matching = [];
    this._last = 0;
    this._lastFault = 0;
    this._begun = 0;
    this._calls = 0;
    this._paused = false;
    this._kind = "all";
    this._words = [];
    this._filter = h("input", {
      type: "search",
      id: "filter",
      placeholder: "path, status, code",
      spellcheck: "false",
      autocomplete: "off",
      on: { input: () => this._refilter() },
    });
    this._pause = h("button", {
      type: "button",
      "aria-pressed": "false",
      text: "Pause",
      on: { click: () => this._togglePause() },
    });
    this._clear = h("button", {
      type: "button",
      text: "Clear",
      title: "Take the rows out of this page; the simulator keeps them",
      on: { click: () => this._empty() },
    });
    this._said = h("span", { class: "quiet", role: "status" });
    this._beside = new Beside("Request and reply", {
      at: (index) => this._matching[index],
      content: (entry) => this._shown(entry),
    });
    this._grid = new Grid({
      kind: "journal",
      label: "Requests",
      columns: COLUMNS,
      foreign: 3,
      draw: (row, index) => this._draw(row, index),
      beside: this._beside,
    });
    this._list = this._grid.list;
    this._nothing = h("p", { class: "empty over", text: "No request yet. They appear here as they come." });
    this.element = h(
      "div",
      { class: "split wide", on: { keydown: (event) => this._onKey(event) } },
      h(
        "div",
        { class: "pane" },
        h(
          "div",
          { class: "toolbar" },
          h("label", { for: "filter", text: "Filter" }),
          this._filter,
          choice("Which requests", { all: "All", done: "Done", refused: "Refused, faults" }, (kind) => this._choose(kind)),
          this._pause,
          this._clear,
          this._said,
        ),
        this._grid.element,
        this._nothing,
      ),
      this._beside.element,
    );
  }

  async hear(state, inSight) {
    if (!inSight || this._busy || (this._paused && this._last)) {
      if (this._paused) this._tellCount(state.journal - this._last);
      return;
    }
    this._busy = true;
    try {
      const faults = await this._newFaults(state); // asked for first: none stands after the request that it befell
      while (this._last < state.journal) {
        const { entries } = await get("/journal", { since: this._last, limit: AT_ONCE });
        if (!entries.length) break;
        this._last = entries.at(-1).number;
        this._add(merged(faults, entries));
      }
      if (faults.length) this._add(faults);
      this._tellCount(0);
    } finally {
      this._busy = false;
    }
  }

  shown() {
    this._list.refresh();
  }

  /** Faults that happened since, as rows. */
  async _newFaults({ begun, calls }) {
    if (begun !== this._begun) this._lastFault = 0; // another plan, and an empty diary
    else if (calls === this._calls) return [];
    const { entries } = await get("/look/diary", { since: this._lastFault });
    this._begun = begun;
    this._calls = calls;
    if (entries.length) this._lastFault = entries.at(-1).number;
    return entries.map(faultRow);
  }

  _add(entries) {
    const follows = this._list.atEnd && !this._beside.entry;
    for (const entry of entries) {
      const { method, target, operation, status, error_code: code, name = "" } = entry;
      entry.words = `${method} ${target} ${operation} ${status} ${code} ${name}`.toLowerCase();
      this._entries.push(entry);
      if (this._fits(entry)) this._matching.push(entry);
    }
    const surplus = this._entries.length - MOST_ROWS;
    this._list.count = this._matching.length;
    if (surplus > 0) {
      const gone = this._entries.splice(0, surplus).filter((entry) => this._fits(entry)).length;
      this._matching.splice(0, gone);
      this._list.dropFront(gone);
    }
    this._update();
    if (follows) this._list.scrollToEnd();
  }

  _refilter() {
    this._words = this._filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = this._beside.entry;
    this._matching = this._entries.filter((entry) => this._fits(entry));
    this._list.active = Math.max(0, chosen ? this._matching.indexOf(chosen) : 0);
    this._update();
    this._list.scrollToEnd();
    this._tellCount(0);
  }

  _fits(entry) {
    return SHOWN[this._kind](entry) && this._words.every((word) => entry.words.includes(word));
  }

  _update() {
    this._nothing.hidden = this._matching.length > 0;
    put(
      this._nothing,
      this._entries.length ? "No request fits the filter." : "No request yet. They appear here as they come.",
    );
    this._grid.setCount(this._matching.length);
  }

  _tellCount(waiting) {
    const faults = this._entries.filter((entry) => entry.fault).length;
    const requests = several(this._entries.length - faults, "request");
    const all = faults ? `${requests} and ${several(faults, "fault")}` : requests;
    const shown =
      this._matching.length === this._entries.length ? all : `${count(this._matching.length)} of ${all}`;
    put(this._said, waiting > 0 ? `${shown}, ${count(waiting)} more waiting` : shown);
  }

  _choose(kind) {
    this._kind = kind;
    this._refilter();
  }

  _togglePause() {
    this._paused = !this._paused;
    this._pause.setAttribute("aria-pressed", String(this._paused));
    put(this._pause, this._paused ? "Go on" : "Pause");
  }

  _empty() {
    this._entries = [];
    this._matching = [];
    this._beside.close();
    this._update();
    this._tellCount(0);
  }

  _draw(row, index) {
    const entry = this._matching[index];
    if (!entry) return;
    const [number, at, method, target, operation, status, code] = row.parts;
    row.dataset.class = entry.fault ? "fault" : String(entry.status)[0];
    put(number, String(entry.number));
    put(at, hour(entry.at));
    at.title = time(entry.at);
    put(method, entry.method);
    put(target, visible(readable(entry.target)));
    target.title = visible(entry.target);
    put(operation, entry.operation);
    operation.title = entry.operation;
    put(status, String(entry.status));
    put(code, entry.error_code);
    code.title = entry.error_code;
  }

  async _shown(entry) {
    if (entry.fault) return this._faultShown(entry);
    try {
      return this._exchangeShown(entry, await get(`/look/exchanges/${entry.number}`));
    } catch (error) {
      return this._exchangeShown(entry, null, error.message);
    }
  }

  _faultShown(entry) {
    return [
      this._beside.head(
        `Call ${entry.number} of the plan, ${time(entry.at)}`,
        visible(`${entry.method} ${entry.target}`),
        h("p", { class: "fault" }, h("span", { class: "chip warn", text: "fault" }), ` ${visible(entry.fault)}`),
        entry.name ? h("p", { class: "quiet", text: `x-ms-client-request-id ${visible(entry.name)}` }) : null,
        h("p", {
          class: "quiet",
          text: "Where the request reached the service in spite of it, a row of its own has what was answered.",
        }),
      ),
    ];
  }

  _exchangeShown(entry, told, problem = "") {
    const refused = entry.status >= 400;
    return [
      this._beside.head(
        `No. ${entry.number}, ${time(entry.at)}${told ? `, took ${told.took_ms.toFixed(1)} ms` : ""}`,
        entry.operation || "No known operation",
        h(
          "p",
          {},
          h("span", {
            class: `chip ${refused ? "bad" : "good"}`,
            text: `${entry.status}${entry.error_code ? ` ${entry.error_code}` : ""}`,
          }),
        ),
        ...(told?.faults ?? []).map((line) =>
          h("p", { class: "fault" }, h("span", { class: "chip warn", text: "fault" }), ` ${visible(line)}`),
        ),
        ...entry.notes.map((note) => h("p", { class: "quiet", text: visible(note) })),
      ),
      ...(told
        ? [
            messageShown("Request", `${told.request.method} ${told.request.target}`, told.request),
            messageShown("Reply", `${told.reply.status} ${told.reply.reason}`, told.reply),
          ]
        : [h("p", { class: "quiet pad", text: problem })]),
    ];
  }

  _onKey(event) {
    if (this._beside.onKey(event) || event.key !== "/" || event.target === this._filter) return;
    event.preventDefault();
    this._filter.focus();
  }
}

/** The faults that came before these requests, or between them, taken out of what is left of them and put there. */
function merged(faults, entries) {
  return entries.flatMap((entry) => {
    const before = faults.findIndex((fault) => fault.after >= entry.number);
    return [...faults.splice(0, before < 0 ? faults.length : before), entry];
  });
}

/** An entry of the diary as one of the list. Its request has no status: who knows of one is the request's own row. */
function faultRow({ number, request, fault, ...rest }) {
  const [method, ...target] = request.split(" ");
  return {
    ...rest,
    number: `#${number}`,
    method,
    target: target.join(" "),
    operation: "",
    status: "fault",
    error_code: visible(fault),
    fault,
  };
}

/** A target with its escapes undone where that can be done. */
function readable(target) {
  try {
    return decodeURI(target);
  } catch {
    return target;
  }
}
