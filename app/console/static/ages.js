// @ts-check
// How old a figure is, in words, and when that is too old. The same words as `ago` in app/console/pages.py.

const UNITS = /** @type {const} */ ([["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]]);

/** @param {number} seconds */
export function ago(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [unit, length] = UNITS.find(([, size]) => whole >= size) ?? ["s", 1];
  return `${Math.floor(whole / length)} ${unit} ago`;
}

/** Whether two looks were missed: one may be late by half a period. @param {number} silent @param {number} every both in seconds */
export function isStale(silent, every) {
  return silent > 2.5 * every;
}
