// @ts-check
// Parts that htmx puts in: what they say is announced, and when they do not come, the page says so and offers another try. Who
// works by keys stays where they are, though what they pressed is gone.

import { typed } from "./typing.js";

/** @param {string} text */
export function announce(text) {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
}

/** @param {HTMLElement} part @param {Element} asker */
function unreachable(part, asker) {
  const template = document.getElementById("unreachable");
  if (!(template instanceof HTMLTemplateElement)) return;
  const address = asker.getAttribute("hx-get");
  part.querySelector(".failed")?.remove();
  if (address) part.replaceChildren();
  part.prepend(template.content.cloneNode(true)); // what was typed into a form stays
  part.removeAttribute("aria-busy");
  part.querySelector("[data-again]")?.addEventListener("click", () => {
    if (address) return /** @type {any} */ (window).htmx.ajax("GET", address, { target: part });
    part.querySelector(".failed")?.remove();
    if (asker instanceof HTMLFormElement) return asker.requestSubmit();
    if (asker instanceof HTMLElement) asker.click();
  });
}

/** Signed out, while the page holds what nobody has sent yet: it stays, and says how to go on. @param {HTMLElement} part */
function signedOut(part) {
  const template = document.getElementById("signed-out");
  if (!(template instanceof HTMLTemplateElement) || part.querySelector(".failed")) return;
  part.prepend(template.content.cloneNode(true));
  part.removeAttribute("aria-busy");
}

/** The part whose own element has the focus, while another content is put in. @type {HTMLElement | null} */
let held = null;

/** @param {HTMLElement} part */
function hold(part) {
  held = part.matches("[data-part]") && part.contains(document.activeElement) ? part : null;
}

/** A field that wants the focus, or the same element in the new content, has it by now. */
function letGo() {
  if (held && (document.activeElement === document.body || document.activeElement === null)) {
    held.tabIndex = -1;
    held.focus({ preventScroll: true });
  }
  held = null;
}

export function announceParts() {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const target = /** @type {CustomEvent} */ (event).detail.target;
    if (target?.matches("[data-part]")) target.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    letGo();
    target.removeAttribute("aria-busy");
    const said = target.querySelector("[data-said]");
    if (said instanceof HTMLElement && said.dataset.said) announce(said.dataset.said);
  });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr, target } = /** @type {CustomEvent} */ (event).detail;
    if (xhr.status !== 401 || !typed()) return;
    event.preventDefault(); // htmx would leave for the page that asks for a key
    if (target.matches("[data-part]")) signedOut(target);
  });
  // An answer that was not made by the console: a proxy's, or one of a service that is starting.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (detail.xhr.getResponseHeader("x-console") || detail.xhr.status === 204) return hold(detail.target);
    detail.shouldSwap = false;
    if (detail.target.matches("[data-part]")) unreachable(detail.target, detail.elt);
  });
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, (event) => {
      const { detail } = /** @type {CustomEvent} */ (event);
      if (detail.target?.matches("[data-part]")) unreachable(detail.target, detail.elt);
    });
  }
}
