// @ts-check
// What this browser remembers for us, and this tab keeps, if they may: where storage is blocked nothing is, and everything else works.

/** @param {() => Storage} storage to ask for it may be refused @param {string} key @returns {string | null} */
function read(storage, key) {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

/** @param {() => Storage} storage @param {string} key @param {string | null} value null forgets it */
function write(storage, key, value) {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // blocked, or full: the page goes on without it
  }
}

const ofBrowser = () => localStorage;
const ofTab = () => sessionStorage;

/** @param {string} key */
export const recalled = (key) => read(ofBrowser, key);
/** @param {string} key @param {string | null} value */
export const remember = (key, value) => write(ofBrowser, key, value);
/** @param {string} key */
export const kept = (key) => read(ofTab, key);
/** @param {string} key @param {string | null} value */
export const keep = (key, value) => write(ofTab, key, value);
