// Shows a word's definition beside the word, see __init__.py. data is a list with one
//   { "term-epoch": "One pass ...", ... }

const LINKS = 'a[href^="#term-"]';
const GAP = 6; // pixels between word and definition
const EDGE = 8; // pixels to the edge of the window
const LINGER = 200; // milliseconds to get from the word to its definition

const views = new WeakMap();

const linkAt = (target) => target?.closest?.(LINKS) ?? null;

/** Puts `box` below the word, or above where there is no room, inside the window. */
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

function mount(parent) {
  const box = parent.querySelector(".nncore-term");
  const view = { words: {} };
  const stop = new AbortController();
  const on = (event, act, options = {}) =>
    document.addEventListener(event, act, { signal: stop.signal, ...options });
  /** @type {Element | null} */
  let link = null;
  let timer = 0;
  /** @type {Element | null} */
  let sentAway = null; // the word whose definition was closed by Escape

  const hide = () => {
    clearTimeout(timer);
    if (!link) return;
    link.removeAttribute("aria-describedby");
    link = null;
    if (box.matches(":popover-open")) box.hidePopover();
  };
  const show = (wanted) => {
    clearTimeout(timer);
    const said = view.words[wanted.getAttribute("href").slice(1)];
    if (wanted === link || !said) return;
    hide();
    link = wanted;
    wanted.setAttribute("aria-describedby", box.id);
    box.textContent = said;
    box.showPopover(); // above everything, whatever clips or moves the page's parts
    place(box, wanted);
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(hide, LINGER);
  };
  /** Shows the word that the mouse or the focus is on already: no event will tell of it. */
  const look = () => {
    const found = document.querySelector(`:is(${LINKS}):is(:hover, :focus-visible)`);
    if (found && found !== sentAway) show(found);
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
    event.preventDefault(); // the address stays, and so does the page
    event.stopPropagation();
    show(clicked);
  }, { capture: true });
  on("keydown", (event) => {
    if (event.key !== "Escape") return;
    sentAway = link;
    hide();
  });
  on("scroll", () => { if (link) place(box, link); }, { capture: true, passive: true });
  window.addEventListener("resize", hide, { signal: stop.signal });
  const observer = new MutationObserver(() => {
    if (!link || link.isConnected) return;
    hide();
    look(); // the page has drawn the word anew
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

/** Called by Streamlit for each new list of words; what it returns is called at the end. */
export default function ({ data, parentElement }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  const turn = (view.turn = (view.turn ?? 0) + 1);
  view.words = data.at(-1);
  view.look();
  // Streamlit also ends a turn that a newer one has overtaken: that must not end the newer one.
  return () => { if (view.turn === turn) view.unmount(); };
}
