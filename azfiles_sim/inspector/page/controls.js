// Controls that several views have.

import { h } from "./dom.js";

export function closeButton(close) {
  return h("button", {
    type: "button",
    class: "close",
    "aria-label": "Close",
    title: "Close (Escape)",
    text: "×",
    on: { click: close },
  });
}

/** Several buttons of which one is chosen; arrow keys go from one to the next. */
export function choice(label, options, chosen) {
  const buttons = Object.entries(options).map(([value, text], index) =>
    h("button", {
      type: "button",
      role: "radio",
      "aria-checked": String(index === 0),
      tabindex: index === 0 ? 0 : -1,
      text,
      on: { click: (event) => pick(event.target, value) },
    }),
  );
  const pick = (button, value) => {
    for (const one of buttons) {
      one.setAttribute("aria-checked", String(one === button));
      one.tabIndex = one === button ? 0 : -1;
    }
    chosen(value);
  };
  const go = (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = buttons[(buttons.indexOf(event.target) + by + buttons.length) % buttons.length];
    next.focus();
    next.click();
  };
  return h("div", { class: "choice", role: "radiogroup", "aria-label": label, on: { keydown: go } }, ...buttons);
}
