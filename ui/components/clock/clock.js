// Runs a fragment of the page again after a while; __init__.py says why this is not `run_every`.

/** @typedef {{ seconds: number, turn: number }} Frame */

/** Milliseconds after which a request counts as lost and is sent again; longer for a slow clock. */
const LOST = 5000;

/** While the learner acts, the clock waits until QUIET milliseconds pass without an action, but no
 *  longer than LONGEST. Streamlit sends everything of one moment as one message, which runs one
 *  fragment only, and a slider sends its value a fifth of a second late. */
const QUIET = 250;
const LONGEST = 1000;

/** The one timer of each place on the page.
 *  @type {WeakMap<HTMLElement, ReturnType<typeof setTimeout>>} */
const timers = new WeakMap();

/** The number of the learner's actions on this page, shared by all clocks. */
const acts = (window.nncoreActs ??= watch());

/** Counts actions from now on. */
function watch() {
  const seen = { count: 0 };
  // The canvas lives in an iframe and reports its strokes as messages.
  for (const kind of ["pointerdown", "pointerup", "click", "keydown", "input", "message"]) {
    window.addEventListener(kind, () => (seen.count += 1), { capture: true, passive: true });
  }
  return seen;
}

/**
 * Sets the timer of a place, in place of the one before.
 * @param {HTMLElement} place
 * @param {number} milliseconds
 * @param {() => void} ring
 */
function wind(place, milliseconds, ring) {
  clearTimeout(timers.get(place));
  timers.set(place, setTimeout(ring, milliseconds));
}

/**
 * Takes the clock out of the layout: nothing moves when it comes or goes.
 * @param {HTMLElement} place
 */
function hide(place) {
  const root = place.getRootNode();
  const host = root instanceof ShadowRoot ? root.host : place;
  /** @type {HTMLElement | null} */
  const container = host.closest("[data-testid=stElementContainer]");
  container?.style.setProperty("position", "absolute");
}

/**
 * Winds the clock; Streamlit calls it after each run of the fragment.
 * @param {ComponentArguments} component
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const wait = data.at(-1).seconds * 1000;
  const counted = acts.count;
  hide(parentElement);

  function due(left = LONGEST, count = counted) {
    if (window.nncorePen?.isDown) wind(parentElement, QUIET, due); // nothing goes out in a stroke
    else if (acts.count === count || left <= 0) ask();
    else wind(parentElement, QUIET, due.bind(null, left - QUIET, acts.count));
  }

  function ask() {
    if (!parentElement.isConnected) return; // the page goes on without this clock
    wind(parentElement, Math.max(LOST, 3 * wait), ask);
    const before = acts.count;
    setTriggerValue("due", "look");
    setTimeout(() => {
      // An action in between travels with this message, which runs the fragment only.
      if (acts.count !== before) setTriggerValue("due", "page");
    });
  }

  wind(parentElement, wait, due);
  return () => clearTimeout(timers.get(parentElement));
}
