// Keeps texts in this browser for the lab, see __init__.py. data is a list with one
//   { limits: { slot: characters }, write: { slot: text | null }, merge: [slot], ask, works }

const PREFIX = "nncore.";

/** The browser's storage; null where there is none, as in some private windows. */
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

/** What this page has written already: another window's newer text must not be undone. */
function done() {
  window.nncoreKept ??= new Map();
  return window.nncoreKept;
}

/** What this page last read or wrote, by slot: anything else there is another window's. */
function seen() {
  window.nncoreSeen ??= new Map();
  return window.nncoreSeen;
}

/** A text of another window that must not be overwritten unread; null where there is none. */
function theirs(store, slot, text, { limits, merge }) {
  if (!merge.includes(slot)) return null;
  const there = store.getItem(PREFIX + slot);
  const known = there === null || there === text || there === seen().get(slot);
  return known || there.length > limits[slot] ? null : there;
}

/** Writes what is new; what has to be put together with another window's goes into found. */
function write(store, data, found) {
  for (const [slot, text] of Object.entries(data.write)) {
    if (done().get(slot) === text) continue;
    const other = theirs(store, slot, text, data);
    if (other !== null) {
      seen().set(slot, other); // the lab has it now, and will write both
      found[slot] = other;
      continue;
    }
    try {
      if (text === null) store.removeItem(PREFIX + slot);
      else store.setItem(PREFIX + slot, text);
    } catch {
      return false; // it is full
    }
    done().set(slot, text);
    seen().set(slot, text);
  }
  return true;
}

/** The texts of known slots, but for those that are too long. */
function held(store, limits) {
  const found = {};
  for (const [slot, limit] of Object.entries(limits)) {
    const text = store?.getItem(PREFIX + slot) ?? null;
    if (text === null || text.length > limit) continue;
    found[slot] = text;
    seen().set(slot, text);
  }
  return found;
}

export default function ({ data, setTriggerValue }) {
  const sent = data.at(-1);
  const store = storage();
  const found = {};
  const keeps = store !== null && write(store, sent, found);
  if (sent.ask) Object.assign(found, held(store, sent.limits));
  const news = keeps ? Object.keys(found).length > 0 : sent.works !== false;
  if (news) setTriggerValue("found", { works: keeps, held: found });
}
