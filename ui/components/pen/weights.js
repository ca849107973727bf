// Keeps the packed weights of readers in the browser, by digest: each comes over once.

const DATABASE = "nncore.readers";
/** The most readers that the browser keeps. */
const MOST_READERS = 8;
/** Milliseconds after which the server is asked: a browser's database may hang, or be locked by a page
 *  that is closing. */
const KEPT_PATIENCE = 2000;
/** Milliseconds after which a question for weights counts as lost. */
const LOST = 5000;

let asking = 0; // the timer that asks for weights again

/**
 * Asks the server for weights until they are here: Streamlit can lose a message when it runs the page
 * anew in that moment.
 * @param {() => boolean} ask Asks; returns false where the weights are not needed any more.
 */
function askUntilHeard(ask) {
  if (!ask()) return; // and a newer question goes on
  clearTimeout(asking);
  asking = setTimeout(() => askUntilHeard(ask), LOST);
}

/** Opens the browser's database; null where there is none, as in some private windows.
 *  @returns {Promise<IDBObjectStore | null>} */
function openReaders() {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore("weights");
      request.onerror = () => resolve(null);
      request.onsuccess = () => {
        const database = request.result;
        const action = database.transaction("weights", "readwrite");
        action.oncomplete = action.onabort = () => database.close();
        resolve(action.objectStore("weights"));
      };
    } catch {
      resolve(null);
    }
  });
}

/**
 * Returns what the browser has kept; null where it has nothing, or does not answer in time.
 * @param {string} digest
 * @returns {Promise<ArrayBuffer | null>}
 */
function keptWeights(digest) {
  /** @type {Promise<null>} */
  const late = new Promise((resolve) => setTimeout(() => resolve(null), KEPT_PATIENCE));
  return Promise.race([findWeights(digest), late]);
}

/**
 * @param {string} digest
 * @returns {Promise<ArrayBuffer | null>}
 */
async function findWeights(digest) {
  const store = await openReaders();
  if (!store) return null;
  return new Promise((resolve) => {
    const request = store.get(digest);
    request.onerror = () => resolve(null);
    request.onsuccess = () => {
      const found = request.result;
      if (found) store.put({ ...found, used: Date.now() }, digest);
      resolve(found?.bytes instanceof ArrayBuffer ? found.bytes : null);
    };
  });
}

/**
 * @param {string} digest
 * @param {ArrayBuffer} bytes
 */
async function keepWeights(digest, bytes) {
  const store = await openReaders();
  if (!store) return;
  store.put({ bytes, used: Date.now() }, digest);
  /** @type {[number, IDBValidKey][]} */
  const found = [];
  store.openCursor().onsuccess = ({ target }) => {
    const cursor = /** @type {IDBRequest<IDBCursorWithValue | null>} */ (target).result;
    if (cursor) {
      found.push([cursor.value.used, cursor.key]);
      cursor.continue();
      return;
    }
    found.sort(([one], [other]) => other - one);
    for (const [, key] of found.slice(MOST_READERS)) store.delete(key);
  };
}

/** @param {string} text Base64. */
function toBytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
}
