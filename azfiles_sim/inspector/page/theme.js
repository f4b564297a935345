// Light or dark: as the system says, or as was chosen here.

import { h, put } from "./dom.js";

const KEPT = "azfiles-inspector-theme";
const CHOICES = ["auto", "light", "dark"];

export function themeSwitch() {
  let chosen = localStorage.getItem(KEPT);
  if (!CHOICES.includes(chosen)) chosen = "auto";
  const button = h("button", { type: "button", id: "theme" });
  const show = () => {
    document.documentElement.dataset.theme = chosen;
    put(button, `Theme: ${chosen}`);
    button.setAttribute("aria-label", `Theme: ${chosen}. Change it`);
    button.title = "As the system says (auto), light, or dark";
  };
  button.addEventListener("click", () => {
    chosen = CHOICES[(CHOICES.indexOf(chosen) + 1) % CHOICES.length];
    localStorage.setItem(KEPT, chosen);
    show();
  });
  show();
  return button;
}
