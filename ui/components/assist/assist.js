// Scrolls, speaks and bears with translations, see __init__.py. data is a list with one
// { target, turn, onlyNarrow }: the CSS name of a container's key, and the number of the request.

/** Pixels: pages as narrow as this are a phone's. */
const NARROW = 640;
/** Pixels that Streamlit's header covers at the top. */
const HEADER = 64;
/** Milliseconds: how long to wait for a container, between looks at the run line, and between two
 *  announcements of the same state. */
const PATIENCE = 3000;
const LOOK = 1000;
const QUIET = 10000;

/**
 * Returns the child of `parent` that holds a node; null where none does.
 * @param {Node} parent
 * @param {Node | null} node
 * @returns {Node | null}
 */
function childHolding(parent, node) {
  let at = node;
  while (at && at.parentNode !== parent) at = at.parentNode;
  return at;
}

/**
 * Lets React remove and insert beside texts that a browser's translation has wrapped or taken away.
 * Without this the whole page ends with "The node to be removed is not a child of this node".
 */
function bearWithTranslation() {
  const { removeChild, insertBefore } = Node.prototype;
  /** @param {any} child @returns {any} */
  Node.prototype.removeChild = function (child) {
    const held = child.parentNode === this ? child : childHolding(this, child);
    if (held) removeChild.call(this, held);
    return child;
  };
  /** @param {any} child @param {Node | null} before @returns {any} */
  Node.prototype.insertBefore = function (child, before) {
    const held = before?.parentNode === this ? before : childHolding(this, before);
    return insertBefore.call(this, child, held);
  };
}

/** Says aloud what the run line shows: each state at once, its progress now and then. */
function announceRuns() {
  const region = document.createElement("div");
  region.className = "nncore-announcer";
  region.setAttribute("role", "status");
  region.setAttribute("aria-live", "polite");
  document.body.append(region);
  let state = "";
  let at = 0;
  window.setInterval(() => {
    const line = document.querySelector("[data-testid=stMain] [data-testid=stProgress]");
    const shown = line?.textContent?.trim() ?? "";
    const now = shown.split(" · ")[0];
    const text = shown && `Progress: ${shown.replaceAll(" · ", ", ")}`; // dots are not read aloud
    const isNew = now !== state;
    if (text === region.textContent || (!isNew && performance.now() - at < QUIET)) return;
    if (state || now !== "") region.textContent = text;
    state = now;
    at = performance.now();
  }, LOOK);
}

/**
 * Returns how much of the screen the run buttons cover, which stay in reach on a phone.
 * @param {Element} place
 */
function stickyHeight(place) {
  const controls = document.querySelector('[class*="-run_controls"]');
  return controls && !place.contains(controls) ? controls.getBoundingClientRect().height : 0;
}

/**
 * Brings a container into view, as soon as it is there.
 * @param {string} target
 */
function scrollTo(target) {
  const until = performance.now() + PATIENCE;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const look = () => {
    const place = document.querySelector(`.st-key-${CSS.escape(target)}`);
    if (!place) {
      if (performance.now() < until) requestAnimationFrame(look);
      return;
    }
    const { top, bottom } = place.getBoundingClientRect();
    const covered = HEADER + (window.innerWidth <= NARROW ? stickyHeight(place) : 0);
    if (top >= covered && bottom <= window.innerHeight) return;
    /** @type {HTMLElement} */ (place).style.scrollMarginTop = `${covered}px`;
    place.scrollIntoView({ block: "start", behavior: isCalm ? "auto" : "smooth" });
  };
  requestAnimationFrame(look);
}

export default function ({ data }) {
  const { target, turn, onlyNarrow } = data.at(-1);
  if (!window.nncoreAssist) {
    window.nncoreAssist = { turn };
    bearWithTranslation();
    announceRuns();
    return; // a request of before a reload is over
  }
  if (turn <= window.nncoreAssist.turn) return;
  window.nncoreAssist.turn = turn;
  if (target && (!onlyNarrow || window.innerWidth <= NARROW)) scrollTo(target);
}
