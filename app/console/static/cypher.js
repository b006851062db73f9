// @ts-check
// The Cypher page: Ctrl+Enter runs, answers are drawn, and what was run is remembered in this browser.
import { drawings } from "./drawing.js";
import { recalled, remember } from "./memory.js";

const MOST = 20;

const form = /** @type {HTMLFormElement} */ (document.getElementById("ask"));
const query = /** @type {HTMLTextAreaElement} */ (document.getElementById("query"));
const parameters = /** @type {HTMLInputElement} */ (document.getElementById("parameters"));
const history = /** @type {HTMLElement} */ (document.querySelector("[data-history]"));
const key = `cypher-${history.dataset.history}`;

/** @typedef {{query: string, parameters: string}} Ran */

/** @returns {Ran[]} */
function remembered() {
  return JSON.parse(recalled(key) ?? "[]");
}

function list() {
  const ran = remembered();
  history.hidden = ran.length === 0;
  history.querySelector("[data-history-list]")?.replaceChildren(
    ...ran.map((one) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: one.query });
      button.addEventListener("click", () => {
        query.value = one.query;
        parameters.value = one.parameters;
        query.focus();
      });
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
}

/** @param {ParentNode} root */
function keep(root) {
  const ran = root.querySelector("[data-ran]");
  if (!(ran instanceof HTMLElement)) return;
  const one = { query: ran.dataset.ran ?? "", parameters: ran.dataset.ranWith ?? "" };
  const others = remembered().filter((other) => other.query !== one.query || other.parameters !== one.parameters);
  remember(key, JSON.stringify([one, ...others].slice(0, MOST)));
}

query.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
history.querySelector("[data-forget]")?.addEventListener("click", () => {
  remember(key, null);
  list();
  query.focus();
});
document.addEventListener("htmx:afterSwap", (event) => {
  const part = /** @type {HTMLElement} */ (event.target);
  drawings(part);
  keep(part);
  list();
});
drawings(document);
list();
