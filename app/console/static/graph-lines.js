// @ts-check
// Thousands of lines, on a canvas of their own under the dots: as elements of cytoscape they cost ten times what the dots do,
// at the beginning and again at each step. Where dots lie never changes, so neither do lines.
import { colour } from "./colour.js";

/** @typedef {import("./graph-picture.js").Line} Line
 * @typedef {import("./graph-place.js").Point} Point
 * @typedef {{ line: Line, from: Point, to: Point }} Drawn */

const THIN = 0.3; // pixels of the screen, at the least, however far away one is
const FAR = 0.4; // zoom: from further away lines are pale, since they hide dots; that some are dotted is not seen there, and costs much
const ARROW = 9;
const TO_RIM = 20; // from a person's middle

export class Lines {
  /** @param {any} cy @param {HTMLElement} box */
  constructor(cy, box) {
    this.cy = cy;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "lines";
    box.prepend(this.canvas);
    /** @type {Drawn[]} */
    this.all = [];
    /** @type {Drawn[]} */
    this.shown = [];
    this.newColours();
    cy.on("render", () => this.draw());
  }

  newColours() {
    this.edge = colour("edge");
  }

  /** @param {Line[]} lines */
  add(lines) {
    const at = (/** @type {string} */ id) => ({ ...this.cy.getElementById(id).position() });
    for (const line of lines) this.all.push({ line, from: at(line.source), to: at(line.target) });
    this.shown = this.all;
  }

  /** Those that pass, from the next frame on. @param {(line: Line) => boolean} passes */
  show(passes) {
    this.shown = this.all.filter((one) => passes(one.line));
    this.cy.emit("render");
  }

  draw() {
    const [zoom, pan, ratio] = [this.cy.zoom(), this.cy.pan(), devicePixelRatio];
    const [width, height] = [this.cy.width() * ratio, this.cy.height() * ratio];
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(zoom * ratio, 0, 0, zoom * ratio, pan.x * ratio, pan.y * ratio);
    Object.assign(context, { strokeStyle: this.edge, fillStyle: this.edge, globalAlpha: zoom < FAR ? 0.4 : 1 });
    for (const [kind, some] of byKind(this.shown)) {
      context.lineWidth = Math.max(kind === "became" ? 2 : 1.25, THIN / zoom);
      context.setLineDash(kind === "carried" && zoom >= FAR ? [1.25, 2.5] : []);
      context.beginPath();
      for (const { from, to } of some) {
        context.moveTo(from.x, from.y);
        context.lineTo(to.x, to.y);
      }
      context.stroke();
      if (kind === "became") for (const { from, to } of some) arrow(context, from, to);
    }
  }
}

/** @param {Drawn[]} drawn */
function byKind(drawn) {
  /** @type {Map<string, Drawn[]>} */
  const found = new Map();
  for (const one of drawn) {
    const some = found.get(one.line.kind);
    if (some) some.push(one);
    else found.set(one.line.kind, [one]);
  }
  return found;
}

/** @param {CanvasRenderingContext2D} context @param {Point} from @param {Point} to */
function arrow(context, from, to) {
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  const on = (/** @type {number} */ away, /** @type {number} */ aside) =>
    /** @type {[number, number]} */ ([to.x - away * Math.cos(angle) - aside * Math.sin(angle), to.y - away * Math.sin(angle) + aside * Math.cos(angle)]);
  context.beginPath();
  context.moveTo(...on(TO_RIM, 0));
  context.lineTo(...on(TO_RIM + ARROW, ARROW / 2));
  context.lineTo(...on(TO_RIM + ARROW, -ARROW / 2));
  context.fill();
}
