// What is drawn but not added yet outlives a reload of the page.
//
// It is written when the page goes, and taken out of the storage when the page comes back: at all
// other times nothing of it lies in the browser, also for the next person at a shared computer.

/** A drawing that is not added yet, and the key of the class that it was meant for.
 *  @typedef {{ strokes: SketchStroke[], chosen: number }} Unfinished */

const UNFINISHED = "nncore.sketch.";
/** What the fields had before the reload, by kind, until the first change. @type {Map<string, Unfinished>} */
const unfinished = new Map();

/**
 * Returns what a field of this kind had before a reload; null for none.
 * @param {string} kind
 * @returns {Unfinished | null}
 */
function recallUnfinished(kind) {
  try {
    const text = window.sessionStorage.getItem(UNFINISHED + kind);
    window.sessionStorage.removeItem(UNFINISHED + kind);
    const found = text === null ? null : readUnfinished(JSON.parse(text));
    if (found) unfinished.set(kind, found);
  } catch {
    // no storage, or no JSON
  }
  return unfinished.get(kind) ?? null;
}

/** @param {any} value @returns {Unfinished | null} */
function readUnfinished(value) {
  const { strokes, chosen } = value;
  const isInside = (number) => Number.isInteger(number) && number >= 0 && number <= SKETCH_SIDE;
  const isPoint = (point) => Array.isArray(point) && point.length === 2 && point.every(isInside);
  const isStroke = (stroke) => Array.isArray(stroke) && stroke.length > 0 && stroke.every(isPoint);
  if (!Array.isArray(strokes) || !strokes.length || !strokes.every(isStroke)) return null;
  if (strokes.flat().length > MOST_POINTS || !Number.isInteger(chosen)) return null;
  return { strokes, chosen };
}

/** @param {string} kind */
function forgetUnfinished(kind) {
  unfinished.delete(kind);
}

/**
 * Writes a field's drawing when its page goes.
 * @param {HTMLElement} root
 * @param {() => [string, Unfinished]} look Returns the field's kind and what is drawn in it.
 */
function keepUnfinished(root, look) {
  window.addEventListener("pagehide", () => {
    if (!root.isConnected) return; // the learner had left the lesson
    const [kind, drawn] = look();
    try {
      if (drawn.strokes.length) window.sessionStorage.setItem(UNFINISHED + kind, JSON.stringify(drawn));
      else window.sessionStorage.removeItem(UNFINISHED + kind);
    } catch {
      // no storage, as in some private windows
    }
  });
}
