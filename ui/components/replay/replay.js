// Moves charts and images that Streamlit draws. It follows beat.js in one file.
//
// Vega replaces the marks of a chart (its lines, bars, points) whenever the data change, and Streamlit
// the address of an image. Here the new marks start where the old ones were; the old image fades.

/** Attributes of a mark that hold numbers. */
const MOVING = ["d", "transform", "x2", "y2"];
const MARKS = ".role-mark path, .role-mark line, .role-mark text";
const NUMBER = /-?\d*\.?\d+(?:e[-+]?\d+)?/gi;

/**
 * Returns the numbers of an attribute and the text around them.
 * @param {string} text
 */
function take(text) {
  return { numbers: (text.match(NUMBER) ?? []).map(Number), words: text.split(NUMBER) };
}

/**
 * Returns a shorter line with its last point repeated, so that it has as many points as a longer one.
 * @param {{ numbers: number[], words: string[] }} from
 * @param {{ numbers: number[], words: string[] }} to
 */
function lengthen(from, to) {
  const more = to.numbers.length - from.numbers.length;
  if (more <= 0 || more % 2 || from.numbers.length < 2) return from;
  const last = from.numbers.slice(-2);
  const numbers = [...from.numbers, ...Array.from({ length: more }, (_, i) => last[i % 2])];
  return { numbers, words: to.words };
}

/**
 * Returns a function that gives an attribute at a share of the way; null where there is no way.
 * @param {string | null} before
 * @param {string | null} after
 */
function way(before, after) {
  if (!before || !after || before === after) return null;
  const to = take(after);
  const from = lengthen(take(before), to);
  if (from.numbers.length !== to.numbers.length || from.words.join() !== to.words.join()) return null;
  return (/** @type {number} */ share) => {
    if (share === 1) return after;
    const numbers = to.numbers.map((end, i) => between(from.numbers[i], end, share).toFixed(2));
    return to.words.map((word, i) => word + (numbers[i] ?? "")).join("");
  };
}

/**
 * Moves a new mark away from where an old one was.
 * @param {Element} old
 * @param {Element} mark
 */
function follow(old, mark) {
  for (const name of MOVING) {
    const at = way(old.getAttribute(name), mark.getAttribute(name));
    if (!at) continue;
    let shown = mark.getAttribute(name);
    beat.play({}, (share) => {
      if (!mark.isConnected || mark.getAttribute(name) !== shown) return; // Vega has gone on
      shown = at(share);
      mark.setAttribute(name, shown);
    });
  }
}

/**
 * Returns what marks must share to be the same mark, before and after.
 * @param {Element} mark
 */
const kindOf = (mark) =>
  [mark.tagName, ...["fill", "stroke", "stroke-width"].map((name) => mark.getAttribute(name))].join();

/**
 * Returns the marks in some elements; ticks and labels of an axis are none.
 * @param {NodeList} nodes
 * @param {Element} parent The element that they are in, or were in.
 */
function marksIn(nodes, parent) {
  const isInMarks = Boolean(parent.closest(".role-mark"));
  return [...nodes].flatMap((node) => {
    if (!(node instanceof SVGElement)) return [];
    const isMark = isInMarks && /^(path|line|text)$/.test(node.tagName);
    return [...(isMark ? [node] : []), ...node.querySelectorAll(MARKS)];
  });
}

/**
 * Lets an image's old content fade from above its new one.
 * @param {HTMLImageElement} image
 * @param {string} before
 */
function fade(image, before) {
  const place = image.parentElement;
  if (!place) return;
  const old = /** @type {HTMLImageElement} */ (image.cloneNode());
  old.removeAttribute("id");
  old.alt = "";
  old.src = before;
  old.dataset.fading = "";
  const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = image;
  const box = { left: offsetLeft, top: offsetTop, width: offsetWidth, height: offsetHeight };
  for (const [name, pixels] of Object.entries(box)) old.style.setProperty(name, `${pixels}px`);
  Object.assign(old.style, { position: "absolute", pointerEvents: "none" });
  place.querySelectorAll("[data-fading]").forEach((one) => one.remove());
  place.append(old);
  beat.play(image, (share) => {
    old.style.opacity = String(1 - share);
    if (share === 1) old.remove();
  });
}

/**
 * Takes in what has changed in the container.
 * @param {MutationRecord[]} records
 */
function see(records) {
  /** @type {Map<Element, { gone: Element[], come: Element[] }>} */
  const charts = new Map();
  for (const { type, target, removedNodes, addedNodes, oldValue } of records) {
    if (type === "attributes") {
      const isOther = target instanceof HTMLImageElement && oldValue && oldValue !== target.src;
      if (isOther && !("fading" in target.dataset)) fade(target, oldValue);
      continue;
    }
    if (!(target instanceof SVGElement)) continue;
    const svg = target.ownerSVGElement ?? target;
    if (!svg.matches(".marks")) continue;
    const chart = charts.get(svg) ?? { gone: [], come: [] };
    chart.gone.push(...marksIn(removedNodes, target));
    chart.come.push(...marksIn(addedNodes, target).filter((mark) => mark.isConnected));
    charts.set(svg, chart);
  }
  for (const { gone, come } of charts.values()) {
    for (const mark of new Set(come)) {
      const at = gone.findIndex((old) => kindOf(old) === kindOf(mark));
      if (at >= 0) follow(gone.splice(at, 1)[0], mark);
    }
  }
}

const watchers = new WeakMap();

/**
 * Watches a container, which may come later or be replaced; Streamlit calls the returned function at
 * the end.
 * @param {ComponentArguments} component
 */
export default function ({ data, parentElement }) {
  const { container } = data.at(-1);
  const view = watchers.get(parentElement) ?? { turn: 0, place: null, observer: new MutationObserver(see) };
  watchers.set(parentElement, view);
  const turn = ++view.turn;
  const look = () => {
    const place = document.querySelector(`.st-key-${CSS.escape(container)}`);
    if (place && place !== view.place) {
      view.observer.disconnect();
      const attributes = { attributeFilter: ["src"], attributeOldValue: true };
      view.observer.observe(place, { childList: true, subtree: true, ...attributes });
      view.place = place;
    }
    if (view.turn === turn && parentElement.isConnected) view.timer = setTimeout(look, 500);
  };
  clearTimeout(view.timer);
  look();
  return () => {
    if (view.turn !== turn) return;
    clearTimeout(view.timer);
    view.observer.disconnect();
    view.place = null;
  };
}
