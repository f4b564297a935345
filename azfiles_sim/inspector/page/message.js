// A request or a reply, as far as it may be shown.

import { h } from "./dom.js";
import { bytes, hexRows, visible, visibleLines } from "./format.js";

/** The head line, the headers and how the body begins. */
export function messageShown(title, line, { headers, body }) {
  return h(
    "section",
    { class: "block message" },
    h("h3", { text: title }),
    h("p", { class: "mono breakable start", text: visible(line) }),
    h(
      "dl",
      { class: "rows headers" },
      ...headers.flatMap(([name, value]) => [
        h("dt", { class: "mono", text: visible(name) }),
        h("dd", { class: "mono breakable" }, shownValue(value)),
      ]),
    ),
    bodyShown(body),
  );
}

/** How a body begins, as text or in hexadecimal. Lines that are not those of the `other` body are marked. */
export function bodyShown({ size, text, hex, whole }, other = null) {
  const sized = size === null ? "a body of unknown size" : bytes(size);
  if (!size && !text && !hex) return h("p", { class: "quiet", text: "No body." });
  return h(
    "div",
    { class: "body" },
    h("p", { class: "quiet", text: whole ? `Body, ${sized}` : `The beginning of ${sized}` }),
    h("pre", { class: "mono", tabindex: "0" }, ...marked(readable({ text, hex }), other && readable(other))),
  );
}

function readable({ text, hex }) {
  return hex === undefined ? visibleLines(indented(text.replace("\ufeff", ""))) : hexRows(hex);
}

/** Lines, those marked that differ and tell more than when and under which number something was answered. */
function marked(text, other) {
  if (other === null) return [text];
  const others = other.split("\n");
  return text.split("\n").map((line, index) => {
    const differs = line !== others[index] && !/^(RequestId|Time):/.test(line);
    return h("span", { class: differs ? "line differs" : "line", text: `${line}\n` });
  });
}

/** What the simulator took out stands apart from what was said. */
export function shownValue(text) {
  if (text === "REDACTED") return h("span", { class: "redacted", text: "not shown" });
  return visibleLines(text);
}

/** XML without a line break, as the service sends it, on lines of its own. */
export function indented(text) {
  if (!text.startsWith("<?xml")) return text;
  let depth = 0;
  const tokens = text.match(/<[^>]*>|[^<]+/g) ?? [];
  let out = "";
  let before = "";
  for (const token of tokens) {
    const closes = token.startsWith("</");
    if (closes) depth -= 1;
    const inline = !token.startsWith("<") || (closes && !before.startsWith("</") && !before.endsWith("/>"));
    out += inline || !out ? token : `\n${"  ".repeat(Math.max(0, depth))}${token}`;
    if (token.startsWith("<") && !closes && !token.startsWith("<?") && !token.endsWith("/>")) depth += 1;
    before = token;
  }
  return out;
}
