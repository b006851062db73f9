// @ts-check
// `/` goes to the search; from there the arrows walk the list, and Escape comes back.
import { keysAreOff } from "./keys.js";
import { types } from "./typing.js";

/** @returns {HTMLElement[]} */
function people() {
  return [...document.querySelectorAll("ol.people a.name")].filter((one) => one instanceof HTMLElement);
}

/** @param {KeyboardEvent} event @param {HTMLInputElement} input */
function walk(event, input) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = people();
  const at = event.target === input ? -1 : all.indexOf(/** @type {HTMLElement} */ (event.target));
  if (at === -1 && event.target !== input) return;
  if (event.key === "Escape" && at >= 0) input.focus();
  if (step === undefined || (at === -1 && step < 0)) return;
  event.preventDefault();
  (at + step < 0 ? input : all[Math.min(at + step, all.length - 1)])?.focus();
}

export function searchKeys() {
  const input = document.getElementById("q");
  if (!(input instanceof HTMLInputElement)) return;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "/" && !keysAreOff() && !types(event.target)) {
      event.preventDefault();
      input.select();
      input.focus();
    } else walk(event, input);
  });
}
