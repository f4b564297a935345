// Asking the simulator. The token comes in the address's fragment, which no request carries, and stays in this tab.

import { visible } from "./format.js";

const BASE = "/_azfiles/v1";
const KEPT = "azfiles-inspector-token";

let token = sessionStorage.getItem(KEPT) ?? "";

/** The simulator refused; the message says why. */
export class Refused extends Error {
  constructor(status, message) {
    super(visible(message)); // it may quote a name
    this.status = status;
  }
}

/** Take the token out of the address, so that neither history nor a copied address has it. Whether there was one. */
export function takeToken() {
  const found = location.hash.slice(1);
  if (!found) return false;
  useToken(found);
  history.replaceState(null, "", location.pathname);
  return true;
}

export function useToken(given) {
  token = given.replace(/[^!-~]/g, ""); // what no token has, no header may have either
  sessionStorage.setItem(KEPT, token);
}

export function get(path, query = {}) {
  const told = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "" && value !== undefined));
  return ask("GET", told.size ? `${path}?${told}` : path);
}

export function post(path, body = {}) {
  return ask("POST", path, body);
}

export function putTo(path, body) {
  return ask("PUT", path, body);
}

export function remove(path) {
  return ask("DELETE", path);
}

async function ask(method, path, body) {
  const headers = { Authorization: `Bearer ${token}` };
  const options = { method, headers, cache: "no-store", redirect: "error", credentials: "omit" };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const reply = await fetch(BASE + path, options);
  const told = await reply.json();
  if (!reply.ok) throw new Refused(reply.status, told.error ?? `status ${reply.status}`);
  return told;
}
