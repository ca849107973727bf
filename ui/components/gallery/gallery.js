// Draws small images to choose one from; __init__.py decides which.

/** @typedef {{ caption: string, words: string, wrong: boolean }} Tile */
/** @typedef {{ picture: string, size: [number, number], side: number, places: [number, number][],
 *              tiles: Tile[], label: string, chosen: number | null }} Frame */

/**
 * Draws the newest frame; Streamlit calls it whenever the data change.
 * @param {ComponentArguments} component
 */
export default function ({ data, parentElement, setTriggerValue }) {
  /** @type {Frame} */
  const sent = data.at(-1);
  /** @type {any} */
  const gallery = parentElement.querySelector(".gallery");
  gallery.setAttribute("aria-label", sent.label);
  fit(gallery, sent.tiles.length);
  [...gallery.children].forEach((button, number) => {
    show(button, sent, number);
    button.onclick = () => setTriggerValue("chosen", number);
    button.onkeydown = (event) => move(event, gallery, number);
  });
}

/**
 * Gives the gallery `count` buttons. Existing ones are kept, so nothing flickers.
 * @param {Element} gallery
 * @param {number} count
 */
function fit(gallery, count) {
  while (gallery.childElementCount > count) gallery.lastElementChild?.remove();
  while (gallery.childElementCount < count) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "radio");
    for (const name of ["image", "caption"]) {
      const part = document.createElement("span");
      part.className = name;
      button.append(part);
    }
    gallery.append(button);
  }
}

/**
 * @param {any} button
 * @param {Frame} sent
 * @param {number} number
 */
function show(button, sent, number) {
  const [image, caption] = button.children;
  const { words, wrong, caption: text } = sent.tiles[number];
  const [left, top] = sent.places[number];
  const checked = sent.chosen === number;
  button.setAttribute("aria-checked", String(checked));
  button.setAttribute("aria-label", words);
  button.title = words;
  button.tabIndex = checked || (sent.chosen === null && number === 0) ? 0 : -1;
  caption.textContent = wrong ? `${text} ✗` : text;
  Object.assign(image.style, {
    width: `${sent.side}px`,
    height: `${sent.side}px`,
    backgroundImage: `url("${sent.picture}")`,
    backgroundSize: `${sent.size[0]}px ${sent.size[1]}px`,
    backgroundPosition: `-${left}px -${top}px`,
  });
}

/**
 * Lets arrow keys, Home and End choose another image, as in any row of radio buttons.
 * @param {KeyboardEvent} event
 * @param {any} gallery
 * @param {number} number
 */
function move(event, gallery, number) {
  const last = gallery.childElementCount - 1;
  /** @type {Record<string, number>} */
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  /** @type {Record<string, number>} */
  const ends = { Home: 0, End: last };
  const next = event.key in ends ? ends[event.key] : number + (steps[event.key] ?? 0);
  if (next === number || next < 0 || next > last) return;
  event.preventDefault();
  gallery.children[next].focus();
  gallery.children[next].click();
}
