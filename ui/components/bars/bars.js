// Draws a bar for each class and moves it; __init__.py decides what to show.

/** @typedef {{ name: string, value: number, label: string, before: number | null, best: boolean }} Bar */
/** @typedef {{ label: string, mark: string, bars: Bar[] }} Frame */

/**
 * Draws the newest frame; Streamlit calls it whenever the data change.
 * @param {ComponentArguments} component
 */
export default function ({ data, parentElement }) {
  /** @type {Frame} */
  const { label, mark, bars } = data.at(-1);
  /** @type {any} */
  const root = parentElement.querySelector(".nncore-bars");
  if (root.childElementCount !== 2 || root.firstElementChild.childElementCount !== bars.length) {
    build(root, bars.length);
  }
  const [list, axis] = root.children;
  list.setAttribute("aria-label", label);
  bars.forEach((bar, number) => show(list.children[number], bar, mark));
  axis.lastElementChild.textContent = `probability (│ ${mark})`;
}

/**
 * Makes the bars once; later frames move them.
 * @param {Element} root
 * @param {number} count
 */
function build(root, count) {
  const list = element("ul", "rows");
  list.setAttribute("role", "list");
  for (let i = 0; i < count; i += 1) {
    const row = element("li", "row");
    const track = element("span", "track");
    track.append(element("span", "fill"), element("span", "before"), element("span", "value"));
    row.append(element("span", "name"), track);
    list.append(row);
  }
  const axis = element("div", "axis");
  axis.setAttribute("aria-hidden", "true");
  const ticks = element("div", "ticks");
  ticks.append(...["0%", "50%", "100%"].map((text) => element("span", "tick", text)));
  axis.append(ticks, element("div", "title"));
  root.replaceChildren(list, axis);
}

/**
 * @param {string} tag
 * @param {string} name
 */
function element(tag, name, text = "") {
  const created = document.createElement(tag);
  created.className = name;
  created.textContent = text;
  return created;
}

/**
 * @param {any} row
 * @param {Bar} bar
 * @param {string} mark What the stroke stands for.
 */
function show(row, bar, mark) {
  const [name, track] = row.children;
  const [fill, before, value] = track.children;
  row.classList.toggle("best", bar.best);
  row.title = bar.before === null ? "" : `${mark}: ${(100 * bar.before).toFixed(1)}%`;
  name.textContent = bar.name;
  value.textContent = bar.label;
  fill.style.transform = `scaleX(${bar.value})`;
  value.style.left = `${100 * bar.value}%`;
  before.hidden = bar.before === null;
  before.style.left = `${100 * (bar.before ?? 0)}%`;
}
