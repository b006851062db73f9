// @ts-check
// An answer's nodes and relationships in, a drawing out: `data-drawing` is {nodes: [{id, label, caption}], edges: [{id, source, target, type}]}.
import { colour } from "./colour.js";

const SHADES = 5;
const MOST_NAMED = 60;

/** cytoscape is no module: it comes when the first answer is drawn. @type {Promise<any> | undefined} */
let arriving;

function cytoscape() {
  arriving ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("cytoscape.js", import.meta.url).href;
    script.addEventListener("load", () => resolve(/** @type {any} */ (window).cytoscape));
    script.addEventListener("error", () => reject(new Error(`${script.src} did not come`)));
    document.head.append(script);
  });
  return arriving;
}

/** @param {number} scale of one pixel on the screen @param {number} nodes too many to be named are not */
function style(scale, nodes) {
  const shades = ["accent", "good", "warn", "bad", "edge"].map(colour);
  const text = { color: colour("ink"), "font-size": 11 * scale };
  const size = { width: 14 * scale, height: 14 * scale };
  const names = nodes > MOST_NAMED ? {} : { label: "data(caption)", "text-valign": "bottom", "text-margin-y": 3 * scale };
  const types = nodes > MOST_NAMED ? {} : { label: "data(type)", "text-rotation": "autorotate", "font-size": 8 * scale };
  const line = { width: scale, "line-color": colour("edge"), "curve-style": "bezier" };
  const arrow = { "target-arrow-shape": "triangle", "target-arrow-color": colour("edge"), "arrow-scale": .6 * scale };
  return [
    { selector: "node", style: { ...text, ...size, ...names } },
    ...shades.map((shade, at) => ({ selector: `node[shade = ${at}]`, style: { "background-color": shade } })),
    { selector: "edge", style: { ...text, color: colour("soft"), ...line, ...arrow, ...types } },
  ];
}

/** @param {HTMLElement} place */
async function draw(place) {
  const { nodes, edges } = JSON.parse(place.dataset.drawing ?? "{}");
  const kinds = [...new Set(nodes.map((/** @type {{label: string}} */ one) => one.label))];
  const shade = (/** @type {string} */ label) => kinds.indexOf(label) % SHADES;
  for (const one of place.parentElement?.querySelectorAll("[data-kind]") ?? []) one.setAttribute("data-shade", String(shade(one.getAttribute("data-kind") ?? "")));
  const make = await cytoscape();
  const drawn = make({
    container: place,
    elements: [
      ...nodes.map((/** @type {any} */ one) => ({ group: "nodes", data: { ...one, shade: shade(one.label) } })),
      ...edges.map((/** @type {any} */ one) => ({ group: "edges", data: one })),
    ],
    layout: { name: "cose", animate: false, randomize: false, padding: 40 },
    userZoomingEnabled: false, // the wheel scrolls the page
    autounselectify: true,
  });
  const again = () => drawn.style(style(1 / drawn.zoom(), nodes.length));
  again();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  place.dataset.drawn = String(drawn.elements().length);
}

/** @param {ParentNode} root */
export function drawings(root) {
  for (const place of root.querySelectorAll("[data-drawing]:not([data-drawn])")) if (place instanceof HTMLElement) draw(place);
}
