// @ts-check
// What was there at a moment. Pure, but for the slider at the end.

/** @typedef {{ id: string, since: number | null, times: number[] }} Timed */

/** The moments at which something was first seen, the earliest first. @param {Timed[]} dots @returns {number[]} */
export function moments(dots) {
  return [...new Set(dots.flatMap((one) => (one.times.length ? one.times : one.since ?? [])))].sort((a, b) => a - b);
}

/** Whether it was there by then: what has no time always was. @param {{ since: number | null }} one @param {number | null} until */
export function thereBy(one, until) {
  return until === null || one.since === null || one.since <= until;
}

/** How many of a dot's events had happened by then. @param {Timed} dot @param {number | null} until */
export function eventsBy(dot, until) {
  return until === null ? dot.times.length : dot.times.filter((at) => at <= until).length;
}

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const MINUTE = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });

/** @param {number} at */
export const day = (at) => DAY.format(at);
/** @param {number} at */
const minute = (at) => `${MINUTE.format(at)} UTC`;

/** @param {number} shown @param {number} all @param {number | null} until */
export function told(shown, all, until) {
  return until === null ? `All ${all} shown` : `${shown} of ${all} shown, until ${day(until)}`;
}

/** The slider steps from moment to moment; its last step is today, and the address then names no time.
 * @param {HTMLInputElement} input @param {number[]} steps @param {number | null} until */
export function setSlider(input, steps, until) {
  const last = steps.length - 1;
  const place = until === null ? last : Math.max(0, steps.findLastIndex((at) => at <= until));
  input.max = String(Math.max(0, last));
  input.value = String(place);
  input.disabled = steps.length < 2;
  input.setAttribute("aria-valuetext", steps.length ? minute(steps[place]) : "no time is known");
}

/** @param {HTMLInputElement} input @param {number[]} steps @returns {number | null} */
export function chosen(input, steps) {
  const place = Number(input.value);
  return place >= steps.length - 1 ? null : steps[place];
}
