// @ts-check
// Keys of one letter: who speaks to the computer, or meets keys by chance, switches them off (WCAG 2.1.4).
import { recalled, remember } from "./memory.js";

let off = recalled("keys") === "off";

/** Whether a letter alone does nothing. */
export const keysAreOff = () => off;

export function keySwitch() {
  const button = document.querySelector("[data-key-switch]");
  if (!(button instanceof HTMLButtonElement)) return;
  const show = () => {
    button.textContent = `Shortcuts: ${off ? "off" : "on"}`;
    document.documentElement.toggleAttribute("data-keys-off", off);
    for (const one of document.querySelectorAll("#q, [data-key]")) {
      if (off) one.removeAttribute("aria-keyshortcuts"); // what is read out is what works
      else one.setAttribute("aria-keyshortcuts", one.getAttribute("data-key") ?? "/");
    }
  };
  button.addEventListener("click", () => {
    off = !off;
    remember("keys", off ? "off" : null);
    show();
  });
  show();
  button.hidden = false;
}
