// Draws a bar for each class and moves it; __init__.py decides what to show.
//
// Bars that follow the pen show what the browser reads while the pen moves (`../pen`), with a
// stroke where they were before.

/** @typedef {{ name: string, value: number, label: string, before: number | null, best: boolean }} Bar */
/** @typedef {{ label: string, mark: string, live: boolean, bars: Bar[] }} Frame */

/**
 * Draws the newest frame; Streamlit calls it whenever the data change.
 * @param {ComponentArguments} component
 */
export default function ({ data, parentElement }) {
  /** @type {Frame} */
  const { label, mark, live, bars } = data.at(-1);
  /** @type {any} */
  const root = parentElement.querySelector(".nncore-bars");
  if (root.childElementCount !== 2 || root.firstElementChild.childElementCount !== bars.length) {
    build(root, bars.length);
  }
  const [list, axis] = root.children;
  list.setAttribute("aria-label", label);
  axis.lastElementChild.textContent = `probability (│ ${mark})`;
  const draw = () => {
    const reading = live ? window.nncorePen?.live : null;
    root.classList.toggle("live", !!reading);
    const shown = reading ? follow(bars, reading.trace?.values.at(-1) ?? null) : bars;
    shown.forEach((bar, number) => show(list.children[number], bar, mark));
  };
  draw();
  window.addEventListener("nncore:live", draw);
  return () => window.removeEventListener("nncore:live", draw);
}

/**
 * Returns the bars for other outputs, with their present ends as their former ones.
 * @param {Bar[]} bars
 * @param {Float32Array | null} outputs
 * @returns {Bar[]}
 */
function follow(bars, outputs) {
  const values = bars.map((_, number) => Math.min(1, Math.max(0, outputs?.[number] || 0)));
  const best = outputs ? values.indexOf(Math.max(...values)) : -1;
  return bars.map(({ name, value, label }, number) => ({
    name,
    value: values[number],
    label: outputs ? `${(100 * values[number]).toFixed(1)}%` : "",
    before: label ? value : null,
    best: number === best,
  }));
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
  before.hidden = bar.before === null;
  before.style.left = `${100 * (bar.before ?? 0)}%`;
}
