// @ts-check
// The picture: what cytoscape draws of dots and lines. Where a dot lies never changes once it is drawn.
import { Lines } from "./graph-lines.js";
import { around } from "./graph-place.js";
import { READABLE, styleOf } from "./graph-style.js";
import { eventsBy, thereBy } from "./graph-time.js";

/** As the service answers.
 * @typedef {{ id: string, kind: string, label: string, says: string, since: number | null, times: number[], or_more: boolean, standing: string,
 *   page: string, explains: string, at: [number, number] | null }} Dot
 * @typedef {{ source: string, target: string, kind: string, since: number | null }} Line */

const FCOSE = { name: "fcose", randomize: false, animate: false, padding: 30, idealEdgeLength: 110, nodeRepulsion: 9000, nodeDimensionsIncludeLabels: true };
const MANY = 1000; // from here on lines are drawn by ourselves, names only where they are read, and what moves more simply
const QUIET_MS = 120; // after the window has moved
const NARROW = 600; // pixels: on a phone one sees the first dots with their names, not all without

export class Picture {
  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
    /** @type {any} */
    this.cy = null;
    /** Draws lines where there are thousands; elsewhere cytoscape does. @type {Lines | null} */
    this.many = null;
    /** @type {Line[]} */
    this.lines = [];
    /** @type {number | null} */
    this.until = null;
  }

  /** Draws all of it; `settled` dots stay where the service put them, fewer are moved until their lines are short.
   * @param {Dot[]} dots @param {Line[]} lines @param {boolean} settled */
  begin(dots, lines, settled) {
    const many = dots.length > MANY;
    const names = many ? "" : "named";
    this.lines = [...lines];
    this.cy = /** @type {any} */ (window).cytoscape({
      container: this.box,
      elements: [...dots.map((dot) => node(dot, { x: dot.at?.[0] ?? 0, y: dot.at?.[1] ?? 0 }, names)), ...(many ? [] : lines.map(edge))],
      style: styleOf(this.box),
      layout: settled ? { name: "preset", fit: true, padding: 30 } : FCOSE,
      autoungrabify: true,
      autounselectify: true,
      boxSelectionEnabled: false,
      minZoom: 0.02,
      maxZoom: 4,
      textureOnViewport: many,
      pixelRatio: many ? 1 : "auto",
    });
    if (this.cy.zoom() > 1.5) this.cy.zoom(1.5).center();
    else if (this.box.clientWidth < NARROW && this.cy.zoom() < READABLE) this.cy.zoom(READABLE).center(this.cy.nodes().first());
    if (many) this.beginMany();
    this.followTheme();
  }

  beginMany() {
    this.many = new Lines(this.cy, this.box);
    this.many.add(this.lines);
    let quiet = 0;
    this.cy.on("viewport", () => {
      clearTimeout(quiet);
      quiet = setTimeout(() => this.nameThoseInSight(), QUIET_MS);
    });
    this.nameThoseInSight();
  }

  /** Of thousands, those that are in sight and large enough have names: to measure text costs more than to draw dots. */
  nameThoseInSight() {
    const { x1, y1, x2, y2 } = this.cy.extent();
    const near = (/** @type {any} */ one) => one.position().x > x1 && one.position().x < x2 && one.position().y > y1 && one.position().y < y2;
    const seen = this.cy.zoom() < READABLE ? this.cy.collection() : this.cy.nodes().filter(near);
    this.cy.batch(() => {
      this.cy.nodes(".named").not(seen).removeClass("named");
      seen.not(".named").addClass("named");
    });
  }

  followTheme() {
    const again = () => {
      this.many?.newColours();
      this.cy.style().fromJson(styleOf(this.box)).update();
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  /** What is new, around the dot that it belongs to. @param {string} centre @param {Dot[]} dots @param {Line[]} lines */
  add(centre, dots, lines) {
    const taken = this.cy.nodes().map((/** @type {any} */ one) => one.position());
    const free = around(this.cy.getElementById(centre).position(), dots.length, taken);
    const names = this.many ? "" : "named";
    const drawn = [...dots.map((dot, place) => node(dot, free[place], names)), ...(this.many ? [] : lines.map(edge))];
    this.cy.batch(() => this.cy.add(drawn));
    this.lines.push(...lines);
    this.many?.add(lines);
    if (this.many) this.nameThoseInSight();
  }

  /** What is there by a time, changed as far as it must be: whatever is touched is styled anew, be it thousands.
   * @param {Iterable<Dot>} dots @param {number | null} until */
  show(dots, until) {
    this.until = until;
    this.cy.batch(() => {
      for (const dot of dots) {
        const one = this.cy.getElementById(dot.id);
        hide(one, !thereBy(dot, until));
        const text = shown(dot, until);
        if (one.data("shown") !== text) one.data("shown", text);
      }
      if (!this.many) for (const line of this.lines) hide(this.cy.getElementById(lineId(line)), !thereBy(line, until));
    });
    this.many?.show((line) => this.isThere(line));
  }

  /** By that time, with both of its ends. @param {Line} line */
  isThere(line) {
    const ends = [line.source, line.target].map((id) => this.cy.getElementById(id));
    return thereBy(line, this.until) && ends.every(notLater);
  }

  /** @param {string} name @param {string[]} ids */
  mark(name, ids) {
    this.cy.batch(() => {
      this.cy.nodes(`.${name}`).removeClass(name);
      for (const id of ids) this.cy.getElementById(id).addClass(name);
    });
  }

  /** Moves the window, not the dots, when one stands outside of it. @param {string} id */
  bringIntoView(id) {
    const { x, y } = this.cy.getElementById(id).renderedPosition();
    if (x < 20 || y < 20 || x > this.cy.width() - 20 || y > this.cy.height() - 20) this.cy.center(this.cy.getElementById(id));
  }

  /** By a factor around a dot; 0 shows all of it. @param {number} factor @param {string} id */
  zoom(factor, id) {
    if (factor === 0) return this.cy.fit(this.cy.elements(":visible"), 30);
    const renderedPosition = this.cy.getElementById(id).renderedPosition();
    return this.cy.zoom({ level: this.cy.zoom() * factor, renderedPosition });
  }

  /** What is shown beside a dot. @param {string} id @returns {{ id: string, at: { x: number, y: number } }[]} */
  beside(id) {
    const lines = this.lines.filter((line) => (line.source === id || line.target === id) && this.isThere(line));
    const ids = new Set(lines.flatMap((line) => [line.source, line.target]));
    return placed(this.cy.collection([...ids].map((one) => this.cy.getElementById(one)[0])), id);
  }

  /** Everything else that is shown. @param {string} id */
  others(id) {
    return placed(this.cy.nodes().filter(notLater), id);
  }
}

/** @param {any} one @param {boolean} later */
function hide(one, later) {
  if (one.hasClass("later") !== later) one.toggleClass("later", later);
}

const notLater = (/** @type {any} */ one) => !one.hasClass("later");
/** @param {any} nodes @param {string} but @returns {{ id: string, at: { x: number, y: number } }[]} */
const placed = (nodes, but) => nodes.filter((/** @type {any} */ one) => one.id() !== but).map((/** @type {any} */ one) => ({ id: one.id(), at: one.position() }));

/** @param {Line} line */
export const lineId = (line) => `${line.source} ${line.kind} ${line.target}`;

/** @param {Dot} dot @param {number | null} until */
export function shown(dot, until) {
  const marks = { shared: " (shared)", blocked: " (placeholder)" };
  const mark = marks[/** @type {keyof typeof marks} */ (dot.standing)] ?? "";
  return dot.kind === "events" ? `${dot.label} x${eventsBy(dot, until)}${dot.or_more ? "+" : ""}` : `${dot.label}${mark}`;
}

/** @param {Dot} dot @param {{ x: number, y: number }} position @param {string} classes */
const node = (dot, position, classes) => ({ group: "nodes", position, classes, data: { id: dot.id, kind: dot.kind, standing: dot.standing, shown: shown(dot, null) } });
/** @param {Line} line */
const edge = (line) => ({ group: "edges", data: { id: lineId(line), source: line.source, target: line.target, kind: line.kind } });
