// Asks the lab for its fragment again, see __init__.py. data is a list with one { seconds, turn }

/** Milliseconds after which an answer is taken for lost; longer where the beat is slow. */
const LOST = 5000;

/** The timer of each place on the page: of one place there is never more than one. */
const timers = new WeakMap();

function wind(place, milliseconds, ring) {
  clearTimeout(timers.get(place));
  timers.set(place, setTimeout(ring, milliseconds));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const wait = data.at(-1).seconds * 1000;

  function ask() {
    if (!parentElement.isConnected) return; // the page goes on without this clock
    wind(parentElement, Math.max(LOST, 3 * wait), ask);
    setTriggerValue("due", true);
  }

  wind(parentElement, wait, ask);
  return () => clearTimeout(timers.get(parentElement));
}
