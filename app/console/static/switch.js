// @ts-check
// Light, dark, or as the system has it.
import { remember } from "./memory.js";

const CHOICES = ["system", "light", "dark"];

export function themeSwitch() {
  const button = document.querySelector("[data-theme-switch]");
  if (!(button instanceof HTMLButtonElement)) return;
  const show = () => {
    button.textContent = `Theme: ${document.documentElement.dataset.theme ?? "system"}`;
  };
  button.addEventListener("click", () => {
    const now = document.documentElement.dataset.theme ?? "system";
    const next = CHOICES[(CHOICES.indexOf(now) + 1) % CHOICES.length];
    if (next === "system") {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = next;
    }
    remember("theme", next === "system" ? null : next);
    show();
  });
  show();
  button.hidden = false;
}
