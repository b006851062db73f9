// @ts-check
// What this browser remembers for us, and this tab keeps, if they may: where storage is blocked nothing is, and everything else works.

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

/** @param {string} key @returns {string | null} */
export function kept(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param {string} key @param {string | null} value null forgets it */
export function keep(key, value) {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch {
    // blocked, or full: the page goes on without it
  }
}
