// What is drawn but not added yet, or on its way to the server, outlives a reload of the page.
//
// It is written when the page goes, and taken out of the storage when the page comes back: at all
// other times nothing of it lies in the browser, also for the next person at a shared computer.

/** A drawing that is not added yet, the key of the class that it was meant for, and drawings that
 *  were added but that the server did not have yet.
 *  @typedef {{ strokes: SketchStroke[], chosen: number, waiting: SketchDrawing[] }} Unfinished */

const UNFINISHED = "nncore.sketch.";
/** What the fields had before the reload, by kind, until the first change. @type {Map<string, Unfinished>} */
const unfinished = new Map();

/**
 * Returns what a field of this kind had before a reload; null for none. Drawings that were on their way
 * are returned once, also where Streamlit mounts the field anew.
 * @param {string} kind
 * @returns {Unfinished | null}
 */
function recallUnfinished(kind) {
  try {
    const text = window.sessionStorage.getItem(UNFINISHED + kind);
    window.sessionStorage.removeItem(UNFINISHED + kind);
    const found = text === null ? null : readUnfinished(JSON.parse(text));
    if (found) {
      unfinished.set(kind, { ...found, waiting: [] });
      return found;
    }
  } catch {
    // no storage, or no JSON
  }
  return unfinished.get(kind) ?? null;
}

/** @param {any} value @returns {Unfinished | null} */
function readUnfinished({ strokes, chosen, waiting }) {
  const areWaiting = Array.isArray(waiting) && waiting.length <= MOST_WAITING &&
    waiting.every((one) => Number.isInteger(one?.key) && one.strokes?.length && areStrokes(one.strokes));
  return areWaiting && Number.isInteger(chosen) && areStrokes(strokes) ? { strokes, chosen, waiting } : null;
}

/** @param {any} strokes */
function areStrokes(strokes) {
  const isInside = (number) => Number.isInteger(number) && number >= 0 && number <= SKETCH_SIDE;
  const isPoint = (point) => Array.isArray(point) && point.length === 2 && point.every(isInside);
  const isStroke = (stroke) => Array.isArray(stroke) && stroke.length > 0 && stroke.every(isPoint);
  return Array.isArray(strokes) && strokes.every(isStroke) && strokes.flat().length <= MOST_POINTS;
}

/** @param {string} kind */
function forgetUnfinished(kind) {
  unfinished.delete(kind);
}

/** The newest field of each kind, and what is drawn in it.
 *  @type {Map<string, { root: HTMLElement, look: () => Unfinished }>} */
const fields = new Map();

/**
 * Writes a field's drawing when its page goes; a field of the same kind that was before is let go.
 * @param {string} kind
 * @param {HTMLElement} root
 * @param {() => Unfinished} look Returns what is drawn in the field.
 */
function keepUnfinished(kind, root, look) {
  if (!fields.size) window.addEventListener("pagehide", writeUnfinished);
  fields.set(kind, { root, look });
}

function writeUnfinished() {
  for (const [kind, { root, look }] of fields) {
    const { waiting, ...rest } = look();
    // The learner may have left the lesson: what is on its way is kept, what is unfinished is not.
    const drawn = { waiting, ...(root.isConnected ? rest : { strokes: [], chosen: -1 }) };
    try {
      const isEmpty = !drawn.strokes.length && !drawn.waiting.length;
      if (isEmpty) window.sessionStorage.removeItem(UNFINISHED + kind);
      else window.sessionStorage.setItem(UNFINISHED + kind, JSON.stringify(drawn));
    } catch {
      // no storage, as in some private windows
    }
  }
}
