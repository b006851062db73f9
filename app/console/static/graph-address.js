// @ts-check
// What is expanded, chosen and at what time one looks, in the page's address: pasting it brings the same view.

/** `at` is the dot that one stands on, `open` those that were expanded, in this order, `pick` those to be explained, `until` the
 * moment (epoch milliseconds) after which nothing is shown.
 * @typedef {{ at: string, open: string[], pick: string[], until: number | null }} View */

export const MOST_OPEN = 40;
const OWN = ["at", "open", "pick", "until"];

/** @param {string} query @returns {View} */
export function viewIn(query) {
  const asked = new URLSearchParams(query);
  const until = Date.parse(asked.get("until") ?? "");
  return {
    at: asked.get("at") ?? "",
    open: [...new Set(asked.getAll("open"))].slice(0, MOST_OPEN),
    pick: [...new Set(asked.getAll("pick"))].slice(0, 2),
    until: Number.isNaN(until) ? null : until,
  };
}

/** The query that shows this; whatever else it asked for stays. @param {string} query @param {View} view */
function queryOf(query, view) {
  const asked = new URLSearchParams(query);
  for (const name of OWN) asked.delete(name);
  if (view.at) asked.set("at", view.at);
  for (const one of view.open) asked.append("open", one);
  for (const one of view.pick) asked.append("pick", one);
  if (view.until !== null) asked.set("until", new Date(view.until).toISOString());
  return `?${asked}`;
}

/** @param {View} view */
export function keep(view) {
  history.replaceState(null, "", location.pathname + queryOf(location.search, view));
}
