// Keeps texts in this browser for the lab; __init__.py decides which, and trusts none of them.

/** Texts by slot. @typedef {Record<string, string>} Texts */
/** `limits` are characters by slot; `merge` are slots whose text of another window must not be lost.
 *  @typedef {{ limits: Record<string, number>, write: Record<string, string | null>,
 *              merge: string[], ask: boolean, works: boolean | null }} Message */

const PREFIX = "nncore.";

/** Returns the browser's storage; null if there is none, as in some private windows. */
function storage() {
  try {
    const store = window.localStorage;
    store.setItem(`${PREFIX}probe`, "1");
    store.removeItem(`${PREFIX}probe`);
    return store;
  } catch {
    return null;
  }
}

/** Returns the texts that this page has written: another window's newer text must not be undone. */
function written() {
  window.nncoreKept ??= new Map();
  return window.nncoreKept;
}

/** Returns the texts that this page last read or wrote: any other text is another window's. */
function seen() {
  window.nncoreSeen ??= new Map();
  return window.nncoreSeen;
}

/**
 * Returns a text of another window that must not be overwritten unread; null if there is none.
 * @param {Storage} store
 * @param {string} slot
 * @param {string | null} text
 * @param {Message} message
 */
function unreadText(store, slot, text, { limits, merge }) {
  if (!merge.includes(slot)) return null;
  const there = store.getItem(PREFIX + slot);
  const known = there === null || there === text || there === seen().get(slot);
  return known || there.length > limits[slot] ? null : there;
}

/**
 * Writes new texts; returns false if the storage is full.
 * @param {Storage} store
 * @param {Message} data
 * @param {Texts} found Gets texts of other windows that the lab has to merge first.
 */
function write(store, data, found) {
  for (const [slot, text] of Object.entries(data.write)) {
    if (written().get(slot) === text) continue;
    const other = unreadText(store, slot, text, data);
    if (other !== null) {
      seen().set(slot, other); // the lab gets it now, and will write both
      found[slot] = other;
      continue;
    }
    try {
      if (text === null) store.removeItem(PREFIX + slot);
      else store.setItem(PREFIX + slot, text);
    } catch {
      return false; // it is full
    }
    written().set(slot, text);
    seen().set(slot, text);
  }
  return true;
}

/**
 * Returns the texts of known slots, without those that are too long.
 * @param {Storage | null} store
 * @param {Record<string, number>} limits
 */
function readAll(store, limits) {
  /** @type {Texts} */
  const found = {};
  for (const [slot, limit] of Object.entries(limits)) {
    const text = store?.getItem(PREFIX + slot) ?? null;
    if (text === null || text.length > limit) continue;
    found[slot] = text;
    seen().set(slot, text);
  }
  return found;
}

/**
 * Writes and reads; Streamlit calls it at the beginning of each run.
 * @param {ComponentArguments} component
 */
export default function ({ data, setTriggerValue }) {
  /** @type {Message} */
  const sent = data.at(-1);
  const store = storage();
  /** @type {Texts} */
  const found = {};
  const keeps = store !== null && write(store, sent, found);
  if (sent.ask) Object.assign(found, readAll(store, sent.limits));
  const hasNews = keeps ? Object.keys(found).length > 0 : sent.works !== false;
  if (hasNews) setTriggerValue("found", { works: keeps, held: found });
}
