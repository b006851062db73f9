// @ts-check
// Deciding: keys (`data-key` names the one that clicks an element; J and K walk the list that is `data-walked`), each form once,
// and a name that is remembered.
import { recalled, remember } from "./memory.js";
import { keysAreOff } from "./keys.js";
import { announce } from "./parts.js";
import { types } from "./typing.js";
import { sending, unsent } from "./unsent.js";

const NAME = "decided-by";

/** @param {ParentNode} root */
function recall(root) {
  for (const input of root.querySelectorAll("input[data-remembered]")) {
    if (input instanceof HTMLInputElement && !input.value) input.value = recalled(NAME) ?? "";
  }
}

/** @param {SubmitEvent} event */
function once(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.dataset.once === undefined) return;
  const asks = event.submitter instanceof HTMLButtonElement && event.submitter.formMethod === "get";
  if (asks) return;
  if (form.dataset.once === "sent") event.preventDefault();
  form.dataset.once = "sent";
  announce("Sent; the answer is on its way.");
  sending(form);
  const input = form.querySelector("input[data-remembered]");
  if (input instanceof HTMLInputElement) remember(NAME, input.value.trim());
}

// What was sent may be sent again: on a page that the browser kept, which comes back as it was left, and when its reader pressed
// Stop, or the service hung up, of which nobody but the browser's navigation tells.
function again() {
  for (const form of document.querySelectorAll("form[data-once=sent]")) form.setAttribute("data-once", "");
}

/** To the next link of the list; the first press goes to its first. @param {number} step */
function walk(step) {
  const links = [...document.querySelectorAll("[data-walked] a")];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = links[at < 0 ? 0 : at + step];
  if (next instanceof HTMLElement) next.focus();
}

/** @param {KeyboardEvent} event */
function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (keysAreOff() || types(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") walk(key === "j" ? 1 : -1);
  for (const one of document.querySelectorAll("[data-key]")) {
    if (one instanceof HTMLElement && one.dataset.key === key) return one.click();
  }
}

/** @param {MouseEvent} event */
function open(event) {
  const button = event.target instanceof Element ? event.target.closest("[data-opens]") : null;
  const dialog = button instanceof HTMLElement ? document.getElementById(button.dataset.opens ?? "") : null;
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
}

export function decisions() {
  unsent();
  for (const button of document.querySelectorAll("button[data-opens]")) button.removeAttribute("hidden");
  recall(document);
  document.addEventListener("htmx:afterSwap", (event) => recall(/** @type {HTMLElement} */ (event.target)));
  document.addEventListener("submit", once);
  window.addEventListener("pageshow", (event) => event.persisted && again());
  /** @type {any} */ (window).navigation?.addEventListener("navigateerror", () => {
    if (!document.querySelector("form[data-once=sent]")) return;
    again();
    announce("Stopped before an answer came. Look whether it was taken, or send it again.");
  });
  document.addEventListener("keydown", press);
  document.addEventListener("click", open);
}
