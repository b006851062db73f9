// @ts-check
// What dots and lines look like, by what they are.
import { colour } from "./colour.js";

const SHAPES = { person: "ellipse", absorbed: "ellipse", erased: "ellipse", identifier: "diamond", anonymous: "hexagon",
  events: "round-rectangle", merge: "triangle", review: "star" };
const TOKENS = ["ink", "edge", "surface", "sunken", "accent", "accent-ground", "good", "good-ground", "warn", "warn-ground", "bad", "bad-ground"];
const LETTERS = 12;
const LEAST = 8; // pixels that letters must have, to be read
export const READABLE = LEAST / LETTERS; // the zoom from which on they have

/** @param {HTMLElement} box */
export function styleOf(box) {
  const c = Object.fromEntries(TOKENS.map((token) => [token, colour(token)]));
  const fills = { person: ["accent-ground", "accent"], absorbed: ["sunken", "edge"], erased: ["sunken", "edge"],
    identifier: ["good-ground", "good"], anonymous: ["sunken", "good"], events: ["surface", "ink"], merge: ["warn-ground", "warn"],
    review: ["bad-ground", "bad"] };
  const kinds = Object.entries(fills).map(([kind, [ground, border]]) => ({
    selector: `node[kind = "${kind}"]`,
    style: { shape: SHAPES[/** @type {keyof typeof SHAPES} */ (kind)], "background-color": c[ground], "border-color": c[border] },
  }));
  return [
    { selector: "node", style: { width: 26, height: 26, "border-width": 2.5 } },
    { selector: "node.named", style: { label: "data(shown)", color: c.ink, "font-size": LETTERS,
      "font-family": getComputedStyle(box).fontFamily, "text-valign": "bottom", "text-margin-y": 4, "text-wrap": "ellipsis",
      "text-max-width": "120px", "min-zoomed-font-size": LEAST, "text-background-color": c.surface, "text-background-opacity": 0.85,
      "text-background-padding": "1px" } },
    ...kinds,
    { selector: 'node[kind = "person"]', style: { width: 36, height: 36 } },
    { selector: 'node[kind = "absorbed"], node[kind = "erased"], node[standing = "blocked"]', style: { "border-style": "dashed" } },
    { selector: 'node[standing = "shared"]', style: { "border-style": "double", "border-width": 7, "border-color": c.warn } },
    { selector: "edge", style: { width: 1.25, "line-color": c.edge, "curve-style": "haystack", "haystack-radius": 0 } },
    { selector: 'edge[kind = "became"]', style: { "curve-style": "straight", "target-arrow-shape": "triangle", "target-arrow-color": c.edge, width: 2 } },
    { selector: 'edge[kind = "carried"]', style: { "line-style": "dotted" } },
    { selector: "node.pick", style: { "border-width": 5, "border-color": c.accent } },
    { selector: "node.at", style: { "outline-width": 4, "outline-color": c.accent, "outline-offset": 3, "z-index": 9, "text-margin-y": 12 } },
    { selector: ".later", style: { display: "none" } },
  ];
}
