// The page: its views as tabs, and the one question, several times a second, whether there is something new.

import { Refused, get, takeToken, useToken } from "./api.js";
import { CassetteView } from "./cassette.js";
import { ClockTool } from "./clock.js";
import { fill, h, mark, put } from "./dom.js";
import { FaultsView } from "./faults.js";
import { FilesView } from "./files.js";
import { JournalView } from "./journal.js";
import { LeasesView } from "./leases.js";
import { themeSwitch } from "./theme.js";

const POLL_MS = 600;
const AWAY_MS = 2000;

const files = new FilesView();
const views = {
  files,
  requests: new JournalView(),
  leases: new LeasesView((spot) => {
    show("files");
    files.reveal(spot);
  }),
  faults: new FaultsView(beat),
  cassette: new CassetteView(),
};
const clock = new ClockTool(beat);
const tabs = new Map();
let current = "files";
let state = null;
let lately = Promise.resolve();

function build() {
  for (const [name, view] of Object.entries(views)) {
    const tab = h("button", {
      type: "button",
      role: "tab",
      id: `tab-${name}`,
      "aria-controls": `view-${name}`,
      text: view.title,
      on: { click: () => show(name) },
    });
    tabs.set(name, tab);
    view.panel = h(
      "section",
      { class: "view", role: "tabpanel", id: `view-${name}`, "aria-labelledby": tab.id, hidden: true },
      view.element,
    );
  }
  const list = document.getElementById("tabs");
  fill(list, ...tabs.values());
  list.addEventListener("keydown", onTabKey);
  fill(document.getElementById("tools"), clock.element, themeSwitch());
}

function show(name) {
  current = name;
  for (const [other, tab] of tabs) {
    mark(tab, "aria-selected", String(other === name));
    mark(tab, "tabindex", other === name ? 0 : -1);
    views[other].panel.hidden = other !== name;
  }
  views[name].shown();
  if (state) beat().catch(trouble);
}

function onTabKey(event) {
  const names = [...tabs.keys()];
  const at = names.indexOf(current);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const name = names[(to + names.length) % names.length];
  show(name);
  tabs.get(name).focus();
}

/** Look for something new. One look follows the other: two at a time would tell the same twice. */
function beat() {
  const mine = lately.then(look);
  lately = mine.catch(() => {});
  return mine;
}

async function look() {
  state = await get("/look/state");
  clock.hear(state);
  for (const [name, view] of Object.entries(views)) await view.hear(state, name === current);
  trouble(null);
}

async function beats() {
  let wait = POLL_MS;
  try {
    if (!document.hidden) await beat();
  } catch (error) {
    if (error instanceof Refused && error.status === 401)
      return ask("The token is not this simulator's: it makes a new one at each start.");
    trouble(error);
    wait = AWAY_MS;
  }
  setTimeout(beats, wait);
}

function trouble(error) {
  const banner = document.getElementById("banner");
  banner.hidden = error === null;
  if (error)
    put(
      banner,
      error instanceof Refused
        ? `The simulator refused: ${error.message}`
        : "The simulator does not answer. It may have ended; this page goes on trying.",
    );
}

/** Ask for the token: the address was opened without its last part, or the simulator is another one. */
function ask(why) {
  const given = h("input", { type: "password", id: "token", autocomplete: "off", class: "mono" });
  const form = h(
    "form",
    { class: "token", on: { submit: onSubmit } },
    h("h2", { text: "Which simulator?" }),
    h("p", { text: why }),
    h("p", {
      class: "quiet",
      text: "Open the whole address that azfiles-sim serve --inspect prints, or give what stands in it after the #.",
    }),
    h("label", { for: "token", text: "Token" }),
    given,
    h("button", { type: "submit", class: "main", text: "Look" }),
  );
  function onSubmit(event) {
    event.preventDefault();
    useToken(given.value.split("#").at(-1));
    document.body.classList.remove("locked");
    start();
  }
  document.body.classList.add("locked");
  fill(document.getElementById("views"), form);
  given.focus();
}

async function start() {
  fill(document.getElementById("views"), ...Object.values(views).map((view) => view.panel));
  show(current);
  try {
    await beat();
    await files.start();
    await views.cassette.start();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return ask("This page needs the simulator's token.");
    trouble(error);
  }
  setTimeout(beats, POLL_MS);
}

// The address with its token, opened where the page without it is open already, loads nothing by itself.
addEventListener("hashchange", () => {
  if (takeToken()) location.reload();
});
takeToken();
build();
start();
