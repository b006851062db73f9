// @ts-check
// Buttons that copy: `data-copy` is the text, `data-copy-from` the id of the element that holds it.
import { announce } from "./parts.js";

/** @param {ParentNode} root */
function reveal(root) {
  for (const button of root.querySelectorAll("button.copy[hidden]")) button.removeAttribute("hidden");
}

/** A browser may refuse. @param {string} text */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

export function copyButtons() {
  if (!navigator.clipboard) return; // not a secure address: the text can still be marked and copied by hand
  reveal(document);
  document.addEventListener("htmx:afterSwap", (event) => reveal(/** @type {HTMLElement} */ (event.target)));
  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("button.copy") : null;
    if (!(button instanceof HTMLElement)) return;
    const from = button.dataset.copyFrom;
    const text = from ? document.getElementById(from)?.textContent : button.dataset.copy;
    const done = await copied(text ?? "");
    announce(done ? "Copied" : "Not copied: the browser refused");
    button.textContent = done ? "Copied" : "Not copied";
  });
}
