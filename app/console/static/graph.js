// @ts-check
// The graph explorer: what is drawn, where one stands, what is expanded and chosen, and until when one looks.
import { announce } from "./parts.js";
import { keep, MOST_OPEN, viewIn } from "./graph-address.js";
import { graphKeys } from "./graph-keys.js";
import { lineId, Picture, shown } from "./graph-picture.js";
import { Table } from "./graph-table.js";
import { chosen, moments, setSlider, thereBy, told } from "./graph-time.js";

/** @typedef {import("./graph-picture.js").Dot} Dot
 * @typedef {import("./graph-picture.js").Line} Line
 * @typedef {{ nodes: Dot[], edges: Line[], more: number, or_more: boolean, settled: boolean }} Answer */

const root = /** @type {HTMLElement} */ (document.getElementById("explorer"));
const { start = "", depth = "", room = "", data = "", explain = "" } = root.dataset;
const element = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

/** @type {Map<string, Dot>} */
const dots = new Map();
/** @type {Map<string, Line>} */
const lines = new Map();
const view = viewIn(location.search);
const waiting = view.open.splice(0);
const left = { out: 0, orMore: false };
let working = 0;
/** @type {Dot[]} */
let there = [];
/** @type {Set<string>} */
const expanding = new Set();
const picture = new Picture(element("graph"));
const table = new Table(element("drawn"), { stand, expand, pick });

/** @param {string} path @param {Record<string, string>} asked @returns {Promise<Answer>} */
async function read(path, asked) {
  const answer = await fetch(`${path}?${new URLSearchParams(asked)}`, { headers: { "HX-Request": "true" } });
  if (answer.ok) return answer.json();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const said = [...page.querySelectorAll(".failed > p")].slice(0, 2).map((one) => one.textContent);
  throw new Error(said.join(": ") || `the service answered ${answer.status}`);
}

/** Long work says what it is at; when it fails, so, with another try. @param {string} what @param {() => Promise<void>} work */
async function busy(what, work) {
  const state = element("graph-state");
  working += 1;
  root.setAttribute("aria-busy", "true");
  element("graph-error").hidden = true;
  state.hidden = false;
  state.textContent = what;
  try {
    await work();
  } catch (error) {
    console.error(error);
    element("graph-failed").textContent = error instanceof Error ? error.message : String(error);
    element("graph-again").onclick = () => busy(what, work);
    element("graph-error").hidden = false;
  }
  working -= 1;
  state.hidden = working === 0;
  if (!working) root.removeAttribute("aria-busy");
}

async function begin() {
  const answer = await read(data, { start, depth, show: room });
  remember(answer.nodes, answer.edges);
  Object.assign(left, { out: answer.more, orMore: answer.or_more });
  element("graph-state").textContent = `Laying out ${answer.nodes.length} nodes ...`;
  await new Promise((done) => setTimeout(done)); // so that this is painted
  picture.begin([...dots.values()], [...lines.values()], answer.settled);
  picture.cy.on("tap", "node", (/** @type {any} */ event) => tap(event.target.id(), event.originalEvent.shiftKey));
  const leave = () => element("drawn").focus();
  graphKeys(picture, { at: here, stand, expand, pick, leave, nothingThere: () => announce("Nothing lies that way") });
}

/** The dot that one stands on: the first, while what the address names has not come yet. */
const here = () => (dots.has(view.at) ? view.at : /** @type {string} */ (dots.keys().next().value));

/** All that the address asks for. Another try goes on where the last one failed. */
async function open() {
  if (!picture.cy) await begin();
  try {
    for (; waiting.length; waiting.shift()) {
      element("graph-state").textContent = `Expanding, ${waiting.length} to go ...`;
      if (dots.has(waiting[0])) await grow(waiting[0]);
    }
  } finally {
    view.pick = view.pick.filter((id) => dots.get(id)?.explains);
    redraw();
  }
}

/** @param {Dot[]} nodes @param {Line[]} edges */
function remember(nodes, edges) {
  for (const dot of nodes) dots.set(dot.id, dot);
  const fresh = edges.filter((line) => dots.has(line.source) && dots.has(line.target) && !lines.has(lineId(line)));
  for (const line of fresh) lines.set(lineId(line), line);
  return fresh;
}

/** Draws what lies around a dot, as far as there is room. Whatever is there stays where it is. @param {string} id */
async function grow(id) {
  const answer = await read(data.replace(/data$/, "around"), { node: id, show: room });
  const fresh = answer.nodes.filter((dot) => !dots.has(dot.id));
  const taken = fresh.slice(0, Math.max(0, Number(room) - dots.size));
  picture.add(id, taken, remember(taken, answer.edges));
  left.out += answer.more + fresh.length - taken.length;
  view.open.push(id);
  return taken.length;
}

/** @param {string} id */
function expand(id) {
  if (view.open.includes(id) || expanding.has(id) || view.open.length >= MOST_OPEN) {
    announce(view.open.includes(id) ? "Expanded already" : "This is as many as can be expanded in one view");
    return;
  }
  expanding.add(id);
  busy("Looking around ...", async () => {
    const added = await grow(id);
    redraw();
    announce(added ? `${added} added around ${name(id)}` : `Nothing else lies around ${name(id)}`);
  }).finally(() => expanding.delete(id));
}

/** @param {string} id @param {boolean} picks */
function tap(id, picks) {
  picture.box.focus({ preventScroll: true }); // a mouse does not, where cytoscape listens
  stand(id);
  if (picks) pick(id);
  else if (!view.open.includes(id)) expand(id);
}

/** @param {string} id */
const name = (id) => shown(/** @type {Dot} */ (dots.get(id)), view.until);

/** @param {string} id */
function stand(id) {
  view.at = id;
  const count = picture.beside(id).length;
  const connections = `${count} ${count === 1 ? "connection" : "connections"}`;
  announce(`${name(id)}, ${dots.get(id)?.says}, ${connections}${view.open.includes(id) ? ", expanded" : ""}`);
  picture.bringIntoView(id);
  refresh();
}

/** @param {string} id */
function pick(id) {
  if (!dots.get(id)?.explains) return announce("Only people and identifiers can be explained");
  view.pick = view.pick.includes(id) ? view.pick.filter((one) => one !== id) : [...view.pick, id].slice(-2);
  announce(view.pick.includes(id) ? `${name(id)} chosen, ${view.pick.length} of 2` : `${name(id)} not chosen any more`);
  return refresh();
}

/** Everything that is drawn or there by the time that was chosen. */
function redraw() {
  const all = [...dots.values()];
  there = all.filter((dot) => thereBy(dot, view.until));
  if (!there.length) there = all.slice(0, 1);
  picture.show(all, view.until);
  setSlider(element("until"), moments(all), view.until);
  element("told").textContent = told(there.length, all.length, view.until);
  element("more").hidden = !left.out && !left.orMore;
  element("left-out").textContent = left.out ? `${left.out}${left.orMore ? "+" : ""} more` : "There is more";
  refresh();
}

/** Where one stands and what is chosen. */
function refresh() {
  if (!there.some((dot) => dot.id === view.at)) view.at = there[0].id;
  picture.mark("at", [view.at]);
  picture.mark("pick", view.pick);
  table.fill({ dots: there, lines: degrees(), at: view.at, open: view.open, pick: view.pick, until: view.until });
  showChosen();
  keep(view);
}

function degrees() {
  /** @type {Map<string, number>} */
  const found = new Map();
  for (const line of lines.values()) {
    for (const end of [line.source, line.target]) found.set(end, (found.get(end) ?? 0) + 1);
  }
  return found;
}

function showChosen() {
  const [one, other] = view.pick.map((id) => /** @type {Dot} */ (dots.get(id)));
  const chosenOne = one ? `${one.label} chosen. Choose another.` : "Choose two, and what ties them is explained.";
  element("picked").textContent = other ? `${one.label} and ${other.label} chosen.` : chosenOne;
  element("explains").hidden = !other;
  if (other) element("explains").href = `${explain}?${new URLSearchParams({ profile: one.explains, other: other.explains })}`;
}

element("until").addEventListener("input", () => {
  view.until = chosen(element("until"), moments([...dots.values()]));
  redraw();
});
element("graph-more")?.addEventListener("click", (/** @type {Event} */ event) => {
  event.preventDefault();
  const asked = new URLSearchParams(location.search);
  asked.set("show", element("graph-more").dataset.most);
  location.search = asked.toString();
});
busy("Reading the graph ...", open);
