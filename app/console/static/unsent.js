// @ts-check
// What a form sent and the console never answered: a proxy did, or nobody, or the service was starting. Its page, opened again, has
// it again as it was sent, hidden fields too, so that it is done once and never on what has moved. It is kept by this tab alone,
// until the console answers anything.
import { announce } from "./parts.js";
import { kept, keep } from "./memory.js";
import { typed } from "./typing.js";

const SENT = "sent";
const here = () => location.pathname + location.search;

/** @param {HTMLFormElement} form */
export function sending(form) {
  if (form.querySelector("[type=password], [name=secret]") || !typed(form)) return keep(SENT, null);
  const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  keep(SENT, JSON.stringify({ page: here(), action: form.getAttribute("action"), fields }));
}

export function unsent() {
  const sent = JSON.parse(kept(SENT) ?? "null");
  if (!sent || document.body.dataset.nowhere !== undefined) return;
  keep(SENT, null);
  const [came] = performance.getEntriesByType("navigation");
  const answered = came instanceof PerformanceNavigationTiming && came.redirectCount > 0; // who is led here was answered
  if (answered || sent.page !== here()) return;
  const forms = [...document.forms].filter((form) => form.dataset.once !== undefined && form.getAttribute("action") === sent.action);
  if (forms.length !== 1) return;
  fill(forms[0], sent.fields);
  forms[0].querySelector("input:not([type=hidden]), textarea")?.dispatchEvent(new Event("input", { bubbles: true }));
  announce("Nothing answered what you sent. What you had written is here again.");
}

/** Each value goes to the next field of its name. @param {HTMLFormElement} form @param {[string, string][]} fields */
function fill(form, fields) {
  for (const control of form.elements) {
    const name = control.getAttribute("name");
    if (control instanceof HTMLInputElement && /^(checkbox|radio)$/.test(control.type)) {
      control.checked = fields.some(([of, value]) => of === name && value === control.value);
    } else if (control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement || control instanceof HTMLSelectElement) {
      const at = fields.findIndex(([of]) => of === name);
      if (at >= 0) control.value = fields.splice(at, 1)[0][1];
    }
  }
}
