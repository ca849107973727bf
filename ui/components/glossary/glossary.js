// Shows a word's definition at the word, wherever on the page its link is.

/** Definitions by anchor, such as "term-epoch". @typedef {Record<string, string>} Words */

const LINKS = 'a[href^="#term-"]';
const GAP = 6; // pixels between word and definition
const EDGE = 8; // pixels to the edge of the window
const LINGER = 200; // milliseconds to move from the word to its definition

const views = new WeakMap();

/** Returns the glossary link that contains an element, or null.
 *  @param {any} target
 *  @returns {Element | null} */
const linkAt = (target) => target?.closest?.(LINKS) ?? null;

/**
 * Puts `box` below the word, or above it if there is no room, inside the window.
 * @param {HTMLElement} box
 * @param {Element} link
 */
function place(box, link) {
  const word = [...link.getClientRects()].at(0) ?? link.getBoundingClientRect(); // its first line
  const { width, height } = box.getBoundingClientRect();
  const middle = word.left + word.width / 2 - width / 2;
  const left = Math.max(EDGE, Math.min(middle, window.innerWidth - width - EDGE));
  const below = word.bottom + GAP;
  const top = below + height + EDGE <= window.innerHeight ? below : word.top - GAP - height;
  box.style.left = `${Math.round(left)}px`;
  box.style.top = `${Math.round(Math.max(EDGE, top))}px`;
}

/**
 * Listens on the whole page from now on.
 * @param {HTMLElement} parent
 */
function mount(parent) {
  const box = /** @type {HTMLElement} */ (parent.querySelector(".nncore-term"));
  const view = { words: {} };
  const stop = new AbortController();
  const on = (event, act, options = {}) =>
    document.addEventListener(event, act, { signal: stop.signal, ...options });
  /** @type {Element | null} */
  let link = null;
  let timer = 0;
  /** @type {Element | null} */
  let dismissed = null; // the word whose definition Escape has closed

  const hide = () => {
    clearTimeout(timer);
    if (!link) return;
    link.removeAttribute("aria-describedby");
    link = null;
    if (box.matches(":popover-open")) box.hidePopover();
  };
  const show = (wanted) => {
    clearTimeout(timer);
    const definition = view.words[wanted.getAttribute("href").slice(1)];
    if (wanted === link || !definition) return;
    hide();
    link = wanted;
    wanted.setAttribute("aria-describedby", box.id);
    box.textContent = definition;
    box.showPopover(); // on top of everything, even of parts that clip their contents
    place(box, wanted);
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(hide, LINGER);
  };
  /** Shows the word under the mouse or the focus: no event reports a word that is there already. */
  const look = () => {
    const found = document.querySelector(`:is(${LINKS}):is(:hover, :focus-visible)`);
    if (found && found !== dismissed) show(found);
  };

  on("pointerover", (event) => {
    if (event.pointerType === "touch") return; // a tap is a click
    const over = linkAt(event.target);
    if (over) show(over);
    else if (box.contains(event.target)) clearTimeout(timer);
    else if (link && link !== document.activeElement) later();
  });
  on("focusin", (event) => {
    const focused = linkAt(event.target);
    if (focused) show(focused);
    else if (link) later();
  });
  on("focusout", () => later());
  on("click", (event) => {
    const clicked = linkAt(event.target);
    if (!clicked) {
      if (!box.contains(event.target)) hide();
      return;
    }
    event.preventDefault(); // the address must not change
    event.stopPropagation();
    show(clicked);
  }, { capture: true });
  on("keydown", (event) => {
    if (event.key !== "Escape") return;
    dismissed = link;
    hide();
  });
  on("scroll", () => { if (link) place(box, link); }, { capture: true, passive: true });
  window.addEventListener("resize", hide, { signal: stop.signal });
  const observer = new MutationObserver(() => {
    if (!link || link.isConnected) return;
    hide();
    look(); // the page has drawn the word again
  });
  observer.observe(document.body, { childList: true, subtree: true });

  view.look = look;
  view.unmount = () => {
    hide();
    stop.abort();
    observer.disconnect();
    views.delete(parent);
  };
  views.set(parent, view);
  return view;
}

/**
 * Takes a new list of words; Streamlit calls the returned function at the end.
 * @param {ComponentArguments} component
 */
export default function ({ data, parentElement }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  const turn = (view.turn = (view.turn ?? 0) + 1);
  view.words = data.at(-1);
  view.look();
  // Streamlit may end an older turn after a newer one began; that must not end the newer one.
  return () => { if (view.turn === turn) view.unmount(); };
}
