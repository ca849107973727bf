// Says which tab this is, see __init__.py. data is a list with one { ask, restore, pages }.

const NAME = "nncore.tab";
const PAGES = "nncore.pages";
const BROWSER = "nncore.browser";
/** Milliseconds in which another tab can say that it already has this identity. */
const PATIENCE = 60;

/** Milliseconds after which the identity is told again, if the server still asks for it: Streamlit
 *  loses a message where another one follows before the first one's run has begun. */
const LOST = 5000;

/** 128 random bits as 32 hexadecimal digits; on plain http, too. */
function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * An entry of a storage, made where it is missing; the document's own where there is no storage.
 * @param {() => Storage} storage
 * @param {string} name
 */
function entry(storage, name) {
  try {
    const found = storage().getItem(name);
    if (found !== null) return { value: found, isNew: false };
    const value = random();
    storage().setItem(name, value);
    return { value, isNew: true };
  } catch {
    return { value: random(), isNew: true };
  }
}

/**
 * The pages on which this tab has started runs, as it remembers them.
 * @returns {string[]}
 */
function remembered() {
  try {
    const pages = JSON.parse(window.sessionStorage.getItem(PAGES) ?? "[]");
    return Array.isArray(pages) ? pages : [];
  } catch {
    return [];
  }
}

/** @param {string[]} pages */
function remember(pages) {
  try {
    window.sessionStorage.setItem(PAGES, JSON.stringify(pages));
  } catch {
    // a tab without storage cannot know what it has lost
  }
}

/** Answers other tabs that ask whether an identity is taken. */
function answer(channel, mine) {
  channel.onmessage = ({ data }) => {
    if (data?.ask === mine) channel.postMessage({ taken: mine });
  };
}

/** Resolves to true where another tab has the same identity: this one is a duplicate. */
function isTaken(channel, name) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), PATIENCE);
    channel.onmessage = ({ data }) => {
      if (data?.taken !== name) return;
      clearTimeout(timer);
      resolve(true);
    };
    channel.postMessage({ ask: name });
  });
}

/** This document's identity; found once, whatever mounts the component again. */
async function identify() {
  const browser = entry(() => window.localStorage, BROWSER).value;
  let { value: tab, isNew } = entry(() => window.sessionStorage, NAME);
  if ("BroadcastChannel" in window) {
    const channel = new BroadcastChannel(NAME);
    if (!isNew && (await isTaken(channel, tab))) {
      tab = random();
      remember([]); // the runs are those of the tab that this one was copied from
      try {
        window.sessionStorage.setItem(NAME, tab);
      } catch {
        // the identity lasts as long as the document
      }
    }
    answer(channel, tab);
  }
  return { tab, browser };
}

export default function ({ data, setTriggerValue }) {
  const { ask, restore, pages } = data.at(-1);
  if (restore && window.location.search === "") {
    window.history.replaceState(window.history.state, "", `${window.location.pathname}?${restore}`);
  }
  clearInterval(window.nncoreIdentityReminder);
  if (!ask) return remember(pages);
  const identity = (window.nncoreIdentity ??= identify());
  const tell = async () => {
    setTriggerValue("identity", { ...(await identity), pages: remembered() });
  };
  tell();
  window.nncoreIdentityReminder = window.setInterval(tell, LOST);
}
