// Small images of which one is chosen, see __init__.py. data is a list with one
//   { picture, size: [width, height], side, places: [[left, top], ...],
//     tiles: [{ caption, words, wrong }, ...], label, chosen: number | null }

/** Called by Streamlit whenever the data change. */
export default function ({ data, parentElement, setTriggerValue }) {
  const sent = data.at(-1);
  const gallery = parentElement.querySelector(".gallery");
  gallery.setAttribute("aria-label", sent.label);
  fit(gallery, sent.tiles.length);
  [...gallery.children].forEach((button, number) => {
    show(button, sent, number);
    button.onclick = () => setTriggerValue("chosen", number);
    button.onkeydown = (event) => move(event, gallery, number);
  });
}

/** Gives the gallery so many buttons. Those that are there are kept: nothing flickers. */
function fit(gallery, count) {
  while (gallery.childElementCount > count) gallery.lastElementChild.remove();
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

/** Arrow keys, Home and End go to another image and choose it, as in any row of radio buttons. */
function move(event, gallery, number) {
  const last = gallery.childElementCount - 1;
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  const ends = { Home: 0, End: last };
  const next = event.key in ends ? ends[event.key] : number + (steps[event.key] ?? 0);
  if (next === number || next < 0 || next > last) return;
  event.preventDefault();
  gallery.children[next].focus();
  gallery.children[next].click();
}
