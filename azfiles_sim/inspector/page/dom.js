// Elements from texts. Nothing here or elsewhere makes markup of a text: names of files are other people's.

const SVG = "http://www.w3.org/2000/svg";

/** An element. Attributes: `class`, `text`, `on` (an object of listeners), null or false for none; children: elements, texts, null. */
export function h(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same for the parts of a drawing. */
export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/** Take out what is in an element and put other children in. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

const FOCUSABLE = "button, input, summary, pre[tabindex]";

/** The same; what has the focus leaves it to what then stands at its place. */
export function refill(element, ...children) {
  const at = [...element.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  fill(element, ...children);
  const now = [...element.querySelectorAll(FOCUSABLE)];
  if (at >= 0) now[Math.min(at, now.length - 1)]?.focus({ preventScroll: true });
  return element;
}

/** Set a text only where it is another one: a text that stays costs no layout, and keeps what is selected in it. */
export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set or take away an attribute. */
export function mark(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

function filled(element, { on = {}, text = null, ...attributes }, children) {
  for (const [name, value] of Object.entries(attributes)) mark(element, name, value === true ? "" : value);
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  if (text !== null) element.textContent = text;
  fill(element, text === null ? children : [...element.childNodes, ...children]);
  return element;
}
