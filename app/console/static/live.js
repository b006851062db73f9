// @ts-check
// Parts that are asked for again and again: the ages of their figures go on between two answers, and after two missed ones the
// part says that it is stale. What stands there stays, also when an answer is an error.
import { ago, isStale } from "./ages.js";
import { announce } from "./parts.js";

/** When each part was heard last. @type {Map<HTMLElement, number>} */
const heard = new Map();

/** Whether it will be asked for again. @param {HTMLElement} part */
const asks = (part) => part.matches("[hx-trigger]") || part.querySelector("[hx-trigger]") !== null;

/** It has figures now: from here on an answer that fails leaves them. @param {HTMLElement} part */
function hear(part) {
  part.removeAttribute("data-part");
  heard.set(part, performance.now());
  tell(part);
  if (!asks(part)) heard.delete(part);
}

/** @param {HTMLElement} part */
function tell(part) {
  const silent = (performance.now() - (heard.get(part) ?? 0)) / 1000;
  for (const one of part.querySelectorAll("[data-age]")) one.textContent = ago(Number(one.getAttribute("data-age")) + silent);
  const stale = isStale(silent, Number(part.dataset.live));
  const notice = part.parentElement?.querySelector("[data-stale]");
  if (!(notice instanceof HTMLElement)) return;
  const time = notice.querySelector("[data-silent]");
  if (time) time.textContent = ago(silent).replace(" ago", "");
  if (stale && notice.hidden) announce(`${part.parentElement?.querySelector("h2")?.textContent}: stale`);
  notice.hidden = !stale;
  part.classList.toggle("is-stale", stale);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (detail.target.dataset.live && detail.xhr.status >= 400 && heard.has(detail.target)) detail.shouldSwap = false;
});
document.addEventListener("htmx:afterSwap", (event) => {
  const part = /** @type {HTMLElement} */ (event.target);
  if (part.dataset.live && /** @type {CustomEvent} */ (event).detail.xhr.status < 400) hear(part);
});
for (const part of document.querySelectorAll("[data-live]:not([aria-busy])")) if (part instanceof HTMLElement) hear(part);
setInterval(() => heard.forEach((_, part) => tell(part)), 1000);
