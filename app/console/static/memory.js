// @ts-check
// What this browser remembers for us, if it may: where storage is blocked nothing is remembered, and everything else still works.

/** @param {string} key @returns {string | null} */
export function recalled(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param {string} key @param {string | null} value null forgets it */
export function remember(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // blocked, or full: the page goes on without it
  }
}
