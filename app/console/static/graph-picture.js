// @ts-check
// The picture: what cytoscape draws of dots and lines. Where a dot lies never changes once it is drawn.
import { colour } from "./colour.js";
import { around } from "./graph-place.js";
import { eventsBy, thereBy } from "./graph-time.js";

/** As the service answers.
 * @typedef {{ id: string, kind: string, label: string, says: string, since: number | null, times: number[], or_more: boolean, standing: string,
 *   page: string, explains: string, at: [number, number] | null }} Dot
 * @typedef {{ source: string, target: string, kind: string, since: number | null }} Line */

const SHAPES = { person: "ellipse", absorbed: "ellipse", erased: "ellipse", identifier: "diamond", anonymous: "hexagon",
  events: "round-rectangle", merge: "triangle", review: "star" };
const FCOSE = { name: "fcose", randomize: false, animate: false, padding: 30, idealEdgeLength: 110, nodeRepulsion: 9000, nodeDimensionsIncludeLabels: true };
const MANY = 1000; // from here on what moves is drawn more simply

const TOKENS = ["ink", "edge", "surface", "sunken", "accent", "accent-ground", "good", "good-ground", "warn", "warn-ground", "bad", "bad-ground"];

/** @param {HTMLElement} box */
function styleOf(box) {
  const c = Object.fromEntries(TOKENS.map((token) => [token, colour(token)]));
  const fills = { person: ["accent-ground", "accent"], absorbed: ["sunken", "edge"], erased: ["sunken", "edge"],
    identifier: ["good-ground", "good"], anonymous: ["sunken", "good"], events: ["surface", "ink"], merge: ["warn-ground", "warn"],
    review: ["bad-ground", "bad"] };
  const kinds = Object.entries(fills).map(([kind, [ground, border]]) => ({
    selector: `node[kind = "${kind}"]`,
    style: { shape: SHAPES[/** @type {keyof typeof SHAPES} */ (kind)], "background-color": c[ground], "border-color": c[border] },
  }));
  return [
    { selector: "node", style: { width: 26, height: 26, "border-width": 2.5, label: "data(shown)", color: c.ink, "font-size": 12,
      "font-family": getComputedStyle(box).fontFamily, "text-valign": "bottom", "text-margin-y": 4, "text-wrap": "ellipsis",
      "text-max-width": "120px", "min-zoomed-font-size": 8, "text-background-color": c.surface, "text-background-opacity": 0.85,
      "text-background-padding": "1px" } },
    ...kinds,
    { selector: 'node[kind = "person"]', style: { width: 36, height: 36 } },
    { selector: 'node[kind = "absorbed"], node[kind = "erased"], node[standing = "blocked"]', style: { "border-style": "dashed" } },
    { selector: 'node[standing = "shared"]', style: { "border-style": "double", "border-width": 7, "border-color": c.warn } },
    { selector: "edge", style: { width: 1.25, "line-color": c.edge, "curve-style": "haystack", "haystack-radius": 0 } },
    { selector: 'edge[kind = "became"]', style: { "curve-style": "straight", "target-arrow-shape": "triangle", "target-arrow-color": c.edge, width: 2 } },
    { selector: 'edge[kind = "carried"]', style: { "line-style": "dotted" } },
    { selector: "node.pick", style: { "border-width": 5, "border-color": c.accent } },
    { selector: "node.at", style: { "outline-width": 4, "outline-color": c.accent, "outline-offset": 3, "z-index": 9 } },
    { selector: ".later", style: { display: "none" } },
  ];
}

export class Picture {
  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
    /** @type {any} */
    this.cy = null;
  }

  /** Draws all of it; `settled` dots stay where the service put them, fewer are moved until their lines are short.
   * @param {Dot[]} dots @param {Line[]} lines @param {boolean} settled */
  begin(dots, lines, settled) {
    const many = dots.length > MANY;
    this.cy = /** @type {any} */ (window).cytoscape({
      container: this.box,
      elements: [...dots.map((dot) => node(dot, { x: dot.at?.[0] ?? 0, y: dot.at?.[1] ?? 0 })), ...lines.map(edge)],
      style: styleOf(this.box),
      layout: settled ? { name: "preset", fit: true, padding: 30 } : FCOSE,
      autoungrabify: true,
      autounselectify: true,
      boxSelectionEnabled: false,
      minZoom: 0.02,
      maxZoom: 4,
      hideEdgesOnViewport: many,
      textureOnViewport: many,
      pixelRatio: many ? 1 : "auto",
    });
    if (this.cy.zoom() > 1.5) this.cy.zoom(1.5).center();
    this.followTheme();
  }

  followTheme() {
    const again = () => this.cy.style().fromJson(styleOf(this.box)).update();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  /** What is new, around the dot that it belongs to. @param {string} centre @param {Dot[]} dots @param {Line[]} lines */
  add(centre, dots, lines) {
    const taken = this.cy.nodes().map((/** @type {any} */ one) => one.position());
    const free = around(this.cy.getElementById(centre).position(), dots.length, taken);
    this.cy.batch(() => this.cy.add([...dots.map((dot, place) => node(dot, free[place])), ...lines.map(edge)]));
  }

  /** @param {Iterable<Dot>} dots @param {Map<string, Line>} lines @param {number | null} until */
  show(dots, lines, until) {
    this.cy.batch(() => {
      for (const dot of dots) {
        const one = this.cy.getElementById(dot.id).toggleClass("later", !thereBy(dot, until));
        const text = shown(dot, until);
        if (one.data("shown") !== text) one.data("shown", text); // else thousands would be styled anew for nothing
      }
      for (const [id, line] of lines) this.cy.getElementById(id).toggleClass("later", !thereBy(line, until));
    });
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
    const lines = this.cy.getElementById(id).connectedEdges().filter(notLater);
    return placed(lines.connectedNodes().filter(notLater), id);
  }

  /** Everything else that is shown. @param {string} id */
  others(id) {
    return placed(this.cy.nodes().filter(notLater), id);
  }
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

/** @param {Dot} dot @param {{ x: number, y: number }} position */
const node = (dot, position) => ({ group: "nodes", position, data: { id: dot.id, kind: dot.kind, standing: dot.standing, shown: shown(dot, null) } });
/** @param {Line} line */
const edge = (line) => ({ group: "edges", data: { id: lineId(line), source: line.source, target: line.target, kind: line.kind } });
