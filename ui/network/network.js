// Draws a dense network: a column of circles for each layer, a line for each weight.
//
// It draws frames and knows nothing else; what a frame shows is decided in __init__.py. A frame is
//   { text, note, height, clickable,
//     columns: [{ size, units, more, title, labels, biases, largest }],
//     lines: [{ from, to, weights, largest }],   // from each column to the next, by unit number
//     lit: null | [[layer, unit], ...] }
// The same frame gives the same picture whatever was drawn before, so a film is a list of frames.

const SVG = "http://www.w3.org/2000/svg";
const TOP = 40; // two lines of titles
const BOTTOM = 6;
const LETTER = 6.6; // about the width of one, at 12 pixels

/** Where everything stands in a picture of this size. */
function layout(frame, width, height) {
  const { columns } = frame;
  const room = height - TOP - BOTTOM;
  const places = columns.map((column) => {
    const rows = column.units.length + (column.more ? 1 : 0);
    const pitch = Math.min(40, room / Math.max(rows, 1));
    const top = TOP + (room - pitch * (rows - 1)) / 2;
    const row = (i) => (column.more && i === rows - 2 ? rows - 1 : i); // the dots are last but one
    return {
      bar: column.units.length === 0,
      radius: Math.max(4, Math.min(11, pitch * 0.4)),
      y: new Map(column.units.map((unit, i) => [unit, top + pitch * row(i)])),
      dots: column.more ? top + pitch * (rows - 2) : null,
    };
  });
  const margins = [columns[0], columns.at(-1)].map((column, side) => {
    const longest = Math.max(0, ...column.labels.map((label) => label.length));
    const beside = inside(column) ? 0 : longest * LETTER + places.at(-side).radius + 6;
    return Math.max(beside, (Math.max(...column.title.map((t) => t.length)) * LETTER) / 2) + 2;
  });
  const step = (width - margins[0] - margins[1]) / (columns.length - 1);
  places.forEach((place, layer) => { place.x = margins[0] + step * layer; });
  return places;
}

/** Whether a column's labels are short enough for its circles. */
function inside(column) {
  return column.labels.every((label) => label.length <= 2);
}

/** The height of a unit; on a bar each has its own. */
function yOf(place, unit, column, height) {
  const room = height - TOP - BOTTOM;
  return place.bar ? TOP + (room * (unit + 0.5)) / column.size : place.y.get(unit);
}

/** Gives `group` exactly `count` children of this tag. They are kept: nothing flickers. */
function fit(group, tag, count) {
  while (group.childElementCount > count) group.lastElementChild.remove();
  while (group.childElementCount < count) group.append(document.createElementNS(SVG, tag));
  return group.children;
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

const sign = (value) => (value === null ? "none" : value < 0 ? "negative" : "positive");
const share = (value, largest) => (largest ? Math.min(1, Math.abs(value ?? 0) / largest) : 0);

/** Draws `frame` into the groups of `svg`; returns the lines and circles with their places. */
function draw(svg, frame, width, height) {
  const places = layout(frame, width, height);
  const lit = frame.lit && new Set(frame.lit.map(String));
  const isLit = (layer, unit) => !lit || lit.has(`${layer},${unit}`);
  const [lines, bars, circles, texts] = fit(svg, "g", 4);
  const drawn = {
    lines: placedLines(frame, places, height),
    nodes: frame.columns.flatMap((column, layer) =>
      column.units.map((unit, i) => ({
        layer, unit, bias: column.biases?.[i] ?? null, largest: column.largest,
        label: column.labels[i], x: places[layer].x, y: places[layer].y.get(unit),
        radius: places[layer].radius,
      })),
    ),
  };

  const lineElements = fit(lines, "line", drawn.lines.length);
  drawn.lines.forEach((line, i) => {
    const strength = share(line.weight, line.largest);
    const dim = isLit(line.layer, line.from) && isLit(line.layer + 1, line.to) ? "" : " dim";
    set(lineElements[i], {
      x1: line.x1, y1: line.y1, x2: line.x2, y2: line.y2,
      class: (line.known ? sign(line.weight) : "none") + dim,
      "stroke-width": line.known ? (0.5 + 3.5 * strength).toFixed(2) : 0.5,
      "stroke-opacity": line.known ? (0.35 + 0.6 * strength).toFixed(2) : 0.25,
    });
  });

  const barred = places.filter((place) => place.bar);
  const barElements = fit(bars, "rect", barred.length);
  barred.forEach((place, i) => {
    set(barElements[i], { x: place.x - 5, y: TOP, width: 10, height: height - TOP - BOTTOM, rx: 3 });
  });

  const circleElements = fit(circles, "circle", drawn.nodes.length);
  drawn.nodes.forEach((node, i) => {
    const name = describe(frame, node);
    set(circleElements[i], {
      cx: node.x, cy: node.y, r: node.radius,
      class: sign(node.bias) + (isLit(node.layer, node.unit) ? "" : " dim"),
      "stroke-width": (1.2 + 2.8 * share(node.bias, node.largest)).toFixed(2),
      tabindex: frame.clickable ? 0 : null,
      role: frame.clickable ? "button" : null,
      "aria-label": frame.clickable ? name : null,
    });
  });

  const words = placedWords(frame, places, drawn.nodes);
  const textElements = fit(texts, "text", words.length);
  words.forEach((word, i) => {
    set(textElements[i], { x: word.x, y: word.y, class: word.style });
    if (textElements[i].textContent !== word.text) textElements[i].textContent = word.text;
  });
  set(svg, {
    role: frame.clickable ? "group" : "img",
    "aria-label": frame.text,
    class: frame.clickable ? "network clickable" : "network",
  });
  return drawn;
}

function placedLines(frame, places, height) {
  return frame.lines.flatMap((layer, i) =>
    layer.from.map((from, k) => ({
      layer: i, from, to: layer.to[k], largest: layer.largest,
      known: layer.weights !== null, weight: layer.weights?.[k] ?? null,
      x1: places[i].x + (places[i].bar ? 5 : 0),
      y1: round(yOf(places[i], from, frame.columns[i], height)),
      x2: places[i + 1].x,
      y2: round(yOf(places[i + 1], layer.to[k], frame.columns[i + 1], height)),
    })),
  );
}

function placedWords(frame, places, nodes) {
  const titles = frame.columns.flatMap((column, layer) =>
    column.title.map((text, i) => ({ text, x: places[layer].x, y: 13 + 15 * i, style: i ? "faint" : "" })),
  );
  const dots = frame.columns.flatMap((column, layer) =>
    column.more
      ? [{ text: `\u22ee ${column.more.toLocaleString("en")} more`, x: places[layer].x,
           y: places[layer].dots + 4, style: "halo" }]
      : [],
  );
  const last = frame.columns.length - 1;
  const labels = nodes.filter((node) => node.label).map((node) => {
    const within = inside(frame.columns[node.layer]);
    const away = within ? 0 : (node.layer === last ? 1 : -1) * (node.radius + 6);
    const style = within ? "" : node.layer === last ? "start" : "end";
    return { text: node.label, x: node.x + away, y: node.y + 4, style };
  });
  return [...titles, ...dots, ...labels];
}

const round = (value) => Math.round(value * 10) / 10;

/** A circle or a line in words, with its number. */
function describe(frame, item) {
  if ("from" in item) {
    const ends = `${nameOf(frame, item.layer, item.from)} \u2192 ${nameOf(frame, item.layer + 1, item.to)}`;
    return item.known ? `${ends}: weight ${number(item.weight)}` : ends;
  }
  const bias = frame.columns[item.layer].biases ? `: bias ${number(item.bias)}` : "";
  return nameOf(frame, item.layer, item.unit) + bias;
}

function nameOf(frame, layer, unit) {
  const { units, labels } = frame.columns[layer];
  const kind = layer === 0 ? "input" : layer === frame.columns.length - 1 ? "output" : "unit";
  const place = kind === "unit" && frame.columns.length > 3 ? ` of layer ${layer}` : "";
  return labels[units.indexOf(unit)] ? `${kind} ${labels[units.indexOf(unit)]}` : `${kind} ${unit}${place}`;
}

const number = (value) =>
  value === null ? "not a number" : String(value).replace("-", "\u2212");

/** The circle at a point, or else the nearest line that is at most 5 pixels away. */
function itemAt(drawn, x, y) {
  const node = drawn.nodes.find((n) => Math.hypot(n.x - x, n.y - y) <= n.radius + 3);
  if (node) return node;
  let [best, nearest] = [5, null];
  for (const line of drawn.lines) {
    const [dx, dy] = [line.x2 - line.x1, line.y2 - line.y1];
    const along = ((x - line.x1) * dx + (y - line.y1) * dy) / (dx * dx + dy * dy);
    const t = Math.max(0, Math.min(1, along));
    const distance = Math.hypot(line.x1 + t * dx - x, line.y1 + t * dy - y);
    if (distance <= best) [best, nearest] = [distance, line]; // the strongest is last
  }
  return nearest;
}

// What follows ties drawing to Streamlit: one view for each place the component is mounted in.

const views = new WeakMap();

function mount(parent) {
  const view = { turn: 0, pointer: null };
  const svg = parent.querySelector("svg.network");
  const note = parent.querySelector(".note");
  const stop = new AbortController();
  const on = (event, act) => svg.addEventListener(event, act, { signal: stop.signal });

  const say = () => {
    const item = view.pointer && itemAt(view.drawn, ...view.pointer);
    note.textContent = item ? describe(view.frame, item) : view.frame.note;
  };
  const choose = (event) => {
    const i = [...svg.children[2].children].indexOf(event.target);
    if (!view.frame.clickable || i < 0) return;
    const { layer, unit } = view.drawn.nodes[i];
    view.send("clicked", { layer, unit });
  };
  view.redraw = () => {
    const { width, height } = svg.getBoundingClientRect();
    if (!width || !height) return; // in a closed tab
    view.drawn = draw(svg, view.frame, width, height);
    say(); // a number that is looked at changes with the frame
  };
  on("pointermove", (event) => {
    const { left, top } = svg.getBoundingClientRect();
    view.pointer = [event.clientX - left, event.clientY - top];
    if (view.drawn) say();
  });
  on("pointerleave", () => { view.pointer = null; if (view.drawn) say(); });
  on("click", choose);
  on("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose(event);
  });
  const observer = new ResizeObserver(() => view.redraw());
  view.unmount = () => {
    stop.abort();
    observer.disconnect();
    views.delete(parent);
  };
  view.observe = () => observer.observe(svg);
  views.set(parent, view);
  return view;
}

/** Called by Streamlit at the start and for each new frame; what it returns is called at the end. */
export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  const turn = ++view.turn;
  Object.assign(view, { frame: data.at(-1), send: setTriggerValue });
  parentElement.querySelector("figure").style.height = `${view.frame.height}px`;
  view.redraw();
  if (turn === 1) view.observe();
  // Streamlit also ends a turn that a newer one has overtaken: that must not end the newer one.
  return () => { if (view.turn === turn) view.unmount(); };
}
