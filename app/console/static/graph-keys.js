// @ts-check
// The picture by keyboard: arrows walk, Enter expands, Space chooses for an explanation, Escape leaves, + - 0 zoom.
import { nearest, towards } from "./graph-place.js";

/** @typedef {import("./graph-picture.js").Picture} Picture
 * @typedef {{ at: () => string, stand: (id: string) => void, expand: (id: string) => void, pick: (id: string) => void, leave: () => void,
 *   nothingThere: () => void }} Does */

/** @type {Record<string, number>} */
const ZOOM = { "+": 1.25, "=": 1.25, "-": 0.8, 0: 0 };

/** @param {Picture} picture @param {Does} does */
export function graphKeys(picture, does) {
  /** @param {KeyboardEvent} event */
  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const here = does.at();
    if (event.key in ZOOM) picture.zoom(ZOOM[event.key], here);
    else if (event.key.startsWith("Arrow")) walk(event.key, here);
    else if (event.key === "Enter") does.expand(here);
    else if (event.key === " ") does.pick(here);
    else if (event.key === "Escape") does.leave();
    else return;
    event.preventDefault();
  }

  /** To the neighbour that lies there; without one to whoever else does, so that every dot is reached.
   * @param {string} arrow @param {string} here */
  function walk(arrow, here) {
    const from = picture.cy.getElementById(here).position();
    const next = towards(arrow, from, picture.beside(here)) ?? nearest(arrow, from, picture.others(here));
    if (next === null) does.nothingThere();
    else does.stand(next);
  }

  picture.box.addEventListener("keydown", press);
  picture.box.addEventListener("focus", () => does.stand(does.at()));
}
