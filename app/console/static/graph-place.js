// @ts-check
// Where things lie. Pure: the same question has the same answer.

/** @typedef {{ x: number, y: number }} Point
 * @typedef {{ id: string, at: Point }} Placed */

const ROOM = 54; // between two dots
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

/** Free places around a dot, the nearest first, away from those that are taken.
 * @param {Point} centre @param {number} count @param {Point[]} taken @returns {Point[]} */
export function around(centre, count, taken) {
  const cells = new Map();
  const cell = (/** @type {number} */ value) => Math.floor(value / ROOM);
  const take = (/** @type {Point} */ one) => {
    const key = `${cell(one.x)},${cell(one.y)}`;
    cells.set(key, [...(cells.get(key) ?? []), one]);
  };
  const free = (/** @type {Point} */ one) => {
    for (let x = cell(one.x) - 1; x <= cell(one.x) + 1; x += 1) {
      for (let y = cell(one.y) - 1; y <= cell(one.y) + 1; y += 1) {
        for (const other of cells.get(`${x},${y}`) ?? []) {
          if (Math.hypot(one.x - other.x, one.y - other.y) < ROOM) return false;
        }
      }
    }
    return true;
  };
  taken.forEach(take);
  /** @type {Point[]} */
  const found = [];
  for (let step = 0; found.length < count; step += 1) {
    const away = ROOM * (1.5 + 0.5 * Math.sqrt(step));
    const one = { x: centre.x + away * Math.cos(step * GOLDEN), y: centre.y + away * Math.sin(step * GOLDEN) };
    if (free(one)) {
      take(one);
      found.push(one);
    }
  }
  return found;
}

const DIRECTIONS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
const NARROW = Math.SQRT1_2;
const WIDEST = Math.cos((80 * Math.PI) / 180); // of two that lie nearly the same way, another arrow leads to the second

/** How straight in an arrow's direction, and how far away, each lies. @param {string} arrow @param {Point} from @param {Placed[]} others */
function seen(arrow, from, others) {
  const [right, down] = DIRECTIONS[/** @type {keyof typeof DIRECTIONS} */ (arrow)];
  return others.map(({ id, at }) => {
    const [x, y] = [at.x - from.x, at.y - from.y];
    const away = Math.hypot(x, y) || 1;
    return { id, away, straight: Math.round(((x * right + y * down) / away) * 1000) / 1000 };
  });
}

/** The one that lies most nearly in an arrow's direction, of equals the nearest; null when none lies that way.
 * @param {string} arrow @param {Point} from @param {Placed[]} others @returns {string | null} */
export function towards(arrow, from, others) {
  const that = seen(arrow, from, others).filter((one) => one.straight > WIDEST);
  return that.sort((a, b) => b.straight - a.straight || a.away - b.away)[0]?.id ?? null;
}

/** The nearest that lies in an arrow's direction, if any. @param {string} arrow @param {Point} from @param {Placed[]} others */
export function nearest(arrow, from, others) {
  const that = seen(arrow, from, others).filter((one) => one.straight > NARROW);
  return that.sort((a, b) => a.away - b.away)[0]?.id ?? null;
}
