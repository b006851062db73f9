// @ts-check
// The table beside the picture: a row for each dot that is shown, with the same actions.
import { day } from "./graph-time.js";
import { shown } from "./graph-picture.js";

/** @typedef {import("./graph-picture.js").Dot} Dot
 * @typedef {{ stand: (id: string) => void, expand: (id: string) => void, pick: (id: string) => void }} Actions
 * @typedef {{ dots: Dot[], lines: Map<string, number>, at: string, open: string[], pick: string[], until: number | null }} Content */

const PAGE = 100;

/** @param {Element} root @param {string} name @returns {any} */
const part = (root, name) => root.querySelector(`[data-${name}]`);

export class Table {
  /** @param {HTMLElement} root @param {Actions} actions */
  constructor(root, actions) {
    this.body = part(root, "rows");
    this.pager = part(root, "pager");
    this.place = part(root, "place");
    this.template = /** @type {HTMLTemplateElement} */ (part(root, "row"));
    this.first = 0;
    /** @type {Content | null} */
    this.content = null;
    root.addEventListener("click", (event) => this.act(event, actions));
  }

  /** @param {Event} event @param {Actions} actions */
  act(event, actions) {
    const button = event.target instanceof Element ? event.target.closest("[data-act]") : null;
    if (!(button instanceof HTMLElement) || !this.content) return;
    const does = button.dataset.act ?? "";
    if (does === "earlier" || does === "later") return this.turn(does === "later" ? PAGE : -PAGE);
    return actions[/** @type {keyof Actions} */ (does)](button.closest("tr")?.dataset.id ?? "");
  }

  /** Makes the rows anew; the key stays where it was, or at least in its row. @param {HTMLElement[]} rows */
  replace(rows) {
    const held = this.body.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
    const row = rows.find((one) => one.dataset.id === held?.closest("tr")?.dataset.id);
    this.body.replaceChildren(...rows);
    if (!row || !held) return;
    const same = held.dataset.act ? part(row, `act="${held.dataset.act}"`) : part(row, "page");
    (same.disabled ? part(row, 'act="stand"') : same).focus({ preventScroll: true });
  }

  /** @param {number} by */
  turn(by) {
    this.first += by;
    this.draw();
  }

  /** The rows with the dot that one stands on. @param {Content} content */
  fill(content) {
    const place = content.dots.findIndex((dot) => dot.id === content.at);
    this.content = content;
    if (place >= 0) this.first = place - (place % PAGE);
    this.draw();
  }

  draw() {
    if (!this.content) return;
    const { dots } = this.content;
    this.first = Math.max(0, Math.min(this.first, dots.length - 1));
    this.first -= this.first % PAGE;
    const rows = dots.slice(this.first, this.first + PAGE);
    this.replace(rows.map((dot) => this.made(dot, /** @type {Content} */ (this.content))));
    this.pager.hidden = dots.length <= PAGE;
    this.place.textContent = `${this.first + 1} to ${this.first + rows.length} of ${dots.length}`;
    part(this.pager, 'act="earlier"').disabled = this.first === 0;
    part(this.pager, 'act="later"').disabled = this.first + PAGE >= dots.length;
  }

  /** @param {Dot} dot @param {Content} content */
  made(dot, content) {
    const row = /** @type {HTMLElement} */ (/** @type {Element} */ (this.template.content.firstElementChild).cloneNode(true));
    const name = shown(dot, content.until);
    row.dataset.id = dot.id;
    row.classList.toggle("at", dot.id === content.at);
    const stand = part(row, 'act="stand"');
    stand.textContent = name;
    if (dot.id === content.at) stand.setAttribute("aria-current", "true");
    const count = content.lines.get(dot.id) ?? 0;
    part(row, "says").textContent = `${dot.says}, ${count} ${count === 1 ? "line" : "lines"}${dot.since === null ? "" : `, since ${day(dot.since)}`}`;
    for (const unseen of row.querySelectorAll("[data-name]")) unseen.textContent = ` ${name}`;
    const pick = part(row, 'act="pick"');
    pick.hidden = !dot.explains;
    pick.setAttribute("aria-pressed", String(content.pick.includes(dot.id)));
    part(row, 'act="expand"').disabled = content.open.includes(dot.id);
    part(row, "page").href = dot.page;
    return row;
  }
}
