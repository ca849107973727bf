// Keeps texts in this browser for the lab; __init__.py decides which, and trusts none of them.
//
// Other tabs of the browser write there too. A text that this tab has not read is never overwritten:
// it is sent to the lab first, which merges it, and the slot waits until the lab has heard of it.

/** `write` are turns and texts by slot, `aside` are slots to set aside by the stamp of the message
 *  that held their text, `heard` is the stamp of the last message that the lab has read.
 *  @typedef {{ limits: Record<string, number>, write: Record<string, [string, string | null]>,
 *              aside: Record<string, number>, heard: number, command: [string, string] | null,
 *              ask: boolean, works: boolean | null }} Message */
/** A text that the lab has to hear of, and the one that this tab knew before.
 *  @typedef {{ text: string | null, base: string | null, stamp: number, at: number }} News */

const PREFIX = "nncore.";
const ASIDE = "nncore.aside.";
const FILE = "neural-network-lab-set-aside.json";
/** Milliseconds after which news that the lab did not hear of are sent again. */
const PATIENCE = 3000;

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

/** Returns what this document knows, whatever mounts the component again. */
function recall() {
  window.nncoreKeep ??= {
    seen: new Map(), // the text that this tab last read or wrote, by slot
    turns: new Map(), // the turn of the last write, by slot
    news: new Map(), // what the lab has to hear of, by slot
    stamps: new Map(), // the message that held the text that was last read, by slot
    stamp: 0,
    asked: 0,
    command: "",
    forgotten: [],
    moved: [],
    tellsAside: false,
    sync: null,
    reminder: 0,
  };
  return window.nncoreKeep;
}

/** Returns the names in the storage of all that was set aside. @param {Storage} store */
function listAside(store) {
  return Object.keys(store).filter((name) => name.startsWith(ASIDE)).sort();
}

/**
 * Writes a text; returns false if there is no room for it.
 * @param {Storage} store
 * @param {string} name
 * @param {string} text
 */
function isWritten(store, name, text) {
  try {
    store.setItem(name, text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Moves a slot's text to where no slot reads it.
 * @param {Storage} store
 * @param {string} slot
 */
function setAside(store, slot) {
  const memory = recall();
  const text = store.getItem(PREFIX + slot);
  if (text === null) return;
  let number = 1;
  while (store.getItem(`${ASIDE}${slot}.${number}`) !== null) number += 1;
  store.removeItem(PREFIX + slot); // first: there may be no room for both
  if (!isWritten(store, `${ASIDE}${slot}.${number}`, text)) {
    store.setItem(PREFIX + slot, text);
    return;
  }
  memory.seen.set(slot, null);
  memory.stamps.delete(slot);
  memory.tellsAside = true;
}

/**
 * Returns a slot's text; one that is longer than any that the lab writes is set aside.
 * @param {Storage} store
 * @param {string} slot
 * @param {number} limit
 */
function read(store, slot, limit) {
  const text = store.getItem(PREFIX + slot);
  if (text === null || text.length <= limit) return text;
  setAside(store, slot);
  recall().moved.push(slot);
  return null;
}

/**
 * Notes that the lab has to hear of a slot's text.
 * @param {string} slot
 * @param {string | null} text
 * @param {boolean} isFirst Whether the lab knows nothing of the slot.
 */
function note(slot, text, isFirst = false) {
  const { seen, news } = recall();
  const base = isFirst ? null : (news.get(slot)?.base ?? seen.get(slot) ?? null);
  news.set(slot, { text, base, stamp: 0, at: 0 });
  seen.set(slot, text);
}

/**
 * Notes the texts that another tab has written or removed.
 * @param {Storage} store
 * @param {Record<string, number>} limits
 */
function noteOthers(store, limits) {
  for (const [slot, limit] of Object.entries(limits)) {
    const text = read(store, slot, limit);
    if (text !== (recall().seen.get(slot) ?? null)) note(slot, text);
  }
}

/**
 * Writes new texts; returns false if the storage is full.
 * @param {Storage} store
 * @param {Message} sent
 */
function write(store, { write: orders, limits }) {
  const { seen, turns, news, stamps } = recall();
  for (const [slot, [turn, text]] of Object.entries(orders)) {
    if (turns.get(slot) === turn || news.has(slot)) continue;
    const there = read(store, slot, limits[slot]);
    if (there !== text && there !== (seen.get(slot) ?? null)) {
      note(slot, there); // the lab hears of it now, and will write both
      continue;
    }
    if (text === null) store.removeItem(PREFIX + slot);
    else if (!isWritten(store, PREFIX + slot, text)) return false; // it is full
    turns.set(slot, turn);
    seen.set(slot, text);
    stamps.delete(slot);
  }
  return true;
}

/**
 * Sets aside what the lab could not use, unless it has been replaced since.
 * @param {Storage} store
 * @param {Record<string, number>} orders
 */
function setAsideUnusable(store, orders) {
  const { seen, stamps } = recall();
  for (const [slot, stamp] of Object.entries(orders)) {
    const isSame = store.getItem(PREFIX + slot) === seen.get(slot);
    if (isSame && stamps.get(slot) === stamp) setAside(store, slot);
  }
}

/** Offers all that was set aside as one file. @param {Storage} store */
function download(store) {
  const texts = listAside(store).map((name) => [name.slice(ASIDE.length), store.getItem(name)]);
  const file = { format: "nncore.browser", version: 1, aside: Object.fromEntries(texts) };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(file)], { type: "application/json" }));
  link.download = FILE;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Does once what the learner has asked for with what was set aside.
 * @param {Storage} store
 * @param {[string, string] | null} command
 */
function obey(store, command) {
  const memory = recall();
  if (command === null || memory.command === command[0]) return;
  memory.command = command[0];
  if (command[1] === "download") download(store);
  if (command[1] === "forget") {
    memory.forgotten = listAside(store).map((name) => [name, store.getItem(name) ?? ""]);
    for (const [name] of memory.forgotten) store.removeItem(name);
  }
  if (command[1] === "restore") {
    memory.forgotten = memory.forgotten.filter(([name, text]) => !isWritten(store, name, text));
  }
  memory.tellsAside = true;
}

/**
 * Sends the lab what it has to hear of, if there is anything.
 * @param {Storage} store
 * @param {ComponentArguments["setTriggerValue"]} setTriggerValue
 * @param {boolean} isUrgent Whether a message is due in any case.
 * @param {boolean} works
 */
function tell(store, setTriggerValue, isUrgent, works = true) {
  const memory = recall();
  const now = Date.now();
  const isDue = [...memory.news.values()].some(({ at }) => now - at > PATIENCE);
  if (!isDue && !isUrgent && !memory.tellsAside) return;
  memory.stamp = Math.max(now, memory.stamp + 1);
  for (const [slot, item] of memory.news) {
    Object.assign(item, { stamp: memory.stamp, at: now });
    memory.stamps.set(slot, memory.stamp);
  }
  const items = [...memory.news];
  setTriggerValue("found", {
    works,
    stamp: memory.stamp,
    held: Object.fromEntries(items.map(([slot, { text }]) => [slot, text])),
    base: Object.fromEntries(items.map(([slot, { base }]) => [slot, base])),
    moved: memory.moved,
    aside: listAside(store).map((name) => [
      name.slice(ASIDE.length),
      store.getItem(name)?.length ?? 0,
    ]),
  });
  memory.moved = [];
  memory.tellsAside = false;
}

/** Looks for what other tabs have changed, as soon as somebody can see this one. */
function watchOthers() {
  const look = () => document.visibilityState === "visible" && recall().sync?.();
  window.addEventListener("storage", look);
  document.addEventListener("visibilitychange", look);
}

/**
 * Writes and reads; Streamlit calls it at the beginning of each run.
 * @param {ComponentArguments} component
 */
export default function ({ data, setTriggerValue }) {
  /** @type {Message} */
  const sent = data.at(-1);
  const store = storage();
  if (store === null) {
    if (sent.works !== false) setTriggerValue("found", { works: false, held: {} });
    return;
  }
  const memory = recall();
  for (const [slot, { stamp }] of memory.news) {
    if (stamp && stamp <= sent.heard) memory.news.delete(slot);
  }
  setAsideUnusable(store, sent.aside);
  obey(store, sent.command);
  const asks = sent.ask && Date.now() - memory.asked > PATIENCE;
  if (asks) {
    memory.asked = Date.now();
    for (const [slot, limit] of Object.entries(sent.limits)) {
      const text = read(store, slot, limit);
      if (text !== null) note(slot, text, true);
    }
  }
  const works = write(store, sent);
  tell(store, setTriggerValue, asks || (!works && sent.works !== false), works);
  if (memory.sync === null) watchOthers();
  memory.sync = () => {
    noteOthers(store, sent.limits);
    tell(store, setTriggerValue, false);
    remind();
  };
  remind();
}

/** Looks again after a while as long as the lab has not heard of all: a message can be lost. */
function remind() {
  const memory = recall();
  clearTimeout(memory.reminder);
  if (memory.news.size) memory.reminder = setTimeout(() => memory.sync?.(), PATIENCE + 1);
}
