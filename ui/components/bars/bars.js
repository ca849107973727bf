// Bars that move, see __init__.py. data is a list with one
//   { label, mark, bars: [{ name, value, label, before: number | null, best }, ...] }

/** Called by Streamlit whenever the data change. */
export default function ({ data, parentElement }) {
  const { label, mark, bars } = data.at(-1);
  const root = parentElement.querySelector(".nncore-bars");
  if (root.childElementCount !== 2 || root.firstElementChild.childElementCount !== bars.length) {
    build(root, bars.length);
  }
  const [list, axis] = root.children;
  list.setAttribute("aria-label", label);
  bars.forEach((bar, number) => show(list.children[number], bar, mark));
  axis.lastElementChild.textContent = `probability (│ ${mark})`;
}

/** Makes the bars, once: later they are moved. */
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

function element(kind, name, text = "") {
  const made = document.createElement(kind);
  made.className = name;
  made.textContent = text;
  return made;
}

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
