// Asks the lab for its fragment again, see __init__.py. data is a list with one { seconds, turn }

/** Milliseconds after which an answer is taken for lost; longer where the beat is slow. */
const LOST = 5000;

/** While the learner does something nothing is asked, until a look at the end of so many
 *  milliseconds finds nothing new: Streamlit sends all that comes within one moment as one message,
 *  which runs one fragment only, and a slider tells its value a fifth of a second late. But who goes
 *  on doing things waits no longer than LONGEST. */
const QUIET = 250;
const LONGEST = 1000;

/** The timer of each place on the page: of one place there is never more than one. */
const timers = new WeakMap();

/** How often the learner has done something on this page; one count for all clocks. */
const acts = (window.nncoreActs ??= watch());

function watch() {
  const seen = { count: 0 };
  // A message is what the canvas, in a frame of its own, tells of a stroke.
  for (const kind of ["pointerdown", "pointerup", "click", "keydown", "input", "message"]) {
    window.addEventListener(kind, () => (seen.count += 1), { capture: true, passive: true });
  }
  return seen;
}

function wind(place, milliseconds, ring) {
  clearTimeout(timers.get(place));
  timers.set(place, setTimeout(ring, milliseconds));
}

/** A clock takes no room, not even the gap before it: nothing moves when it comes or goes. */
function hide(place) {
  const host = place.getRootNode().host ?? place;
  host.closest("[data-testid=stElementContainer]")?.style.setProperty("position", "absolute");
}

export default function ({ data, parentElement, setTriggerValue }) {
  const wait = data.at(-1).seconds * 1000;
  const counted = acts.count;
  hide(parentElement);

  function due(left = LONGEST, count = counted) {
    if (acts.count === count || left <= 0) ask();
    else wind(parentElement, QUIET, due.bind(null, left - QUIET, acts.count));
  }

  function ask() {
    if (!parentElement.isConnected) return; // the page goes on without this clock
    wind(parentElement, Math.max(LOST, 3 * wait), ask);
    const before = acts.count;
    setTriggerValue("due", "look");
    setTimeout(() => {
      // What was done in between went with this message, which runs nothing but the fragment.
      if (acts.count !== before) setTriggerValue("due", "page");
    });
  }

  wind(parentElement, wait, due);
  return () => clearTimeout(timers.get(parentElement));
}
