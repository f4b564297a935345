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
    put(button, { auto: "Auto", light: "Light", dark: "Dark" }[chosen]);
    button.setAttribute("aria-label", `Colours: ${chosen}. Change them`);
    button.title = "Colours: as the system says, light, or dark";
  };
  button.addEventListener("click", () => {
    chosen = CHOICES[(CHOICES.indexOf(chosen) + 1) % CHOICES.length];
    localStorage.setItem(KEPT, chosen);
    show();
  });
  show();
  return button;
}
