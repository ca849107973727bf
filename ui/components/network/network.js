// Draws a dense network: a column of circles for each layer, a line for each weight.
//
// It only draws frames; __init__.py decides what a frame shows. A frame is
//   { text, note, height, clickable,
//     columns: [{ size, units, more, title, labels, biases, largest }],
//     lines: [{ from, to, weights, largest }],   // from each column to the next, by unit number
//     lit: null | [[layer, unit], ...] }
// The same frame gives the same picture whatever was drawn before, so a film is a list of frames.
// live.js or film.js follows this in one file and ties it to Streamlit.

const SVG = "http://www.w3.org/2000/svg";
const TOP = 40; // two lines of titles
const BOTTOM = 6;
const LETTER = 6.1; // approximate width of a letter of 12 pixels

/**
 * Returns the place of each column in a picture of this size.
 * @param {any} frame
 * @param {number} width
 * @param {number} height
 */
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
  const mostBeside = (1.2 * width) / columns.length;
  const shorter = columns.map(({ title }) => [title[0].split(" ")[0]]); // "784" for "784 inputs"
  for (const titles of [columns.map(({ title }) => title), shorter]) {
    const longest = titles.map((title) => longestOf(title) * LETTER);
    const margins = [0, -1].map((end) => {
      const [column, place] = [columns.at(end), places.at(end)];
      return Math.max(beside(column, place, mostBeside), longest.at(end) / 2, place.radius + 2) + 2;
    });
    const step = (width - margins[0] - margins[1]) / (columns.length - 1);
    places.forEach((place, i) => {
      Object.assign(place, { x: margins[0] + step * i, step, title: titles[i] });
    });
    if (Math.max(...longest) + 4 <= step) break;
  }
  return places;
}

/** Returns the length of the longest text.
 *  @param {string[]} texts */
const longestOf = (texts) => Math.max(0, ...texts.map((text) => text.length));

/**
 * Returns the width of a column's labels; labels wider than `most` are left out.
 * @param {any} column
 * @param {any} place
 * @param {number} most
 */
function beside(column, place, most) {
  if (inside(column)) return 0;
  const room = longestOf(column.labels) * LETTER + place.radius + 6;
  place.unlabelled = room > most;
  return place.unlabelled ? 0 : room;
}

/**
 * Returns true if a column's labels fit into its circles.
 * @param {any} column
 */
function inside(column) {
  return column.labels.every((label) => label.length <= 2);
}

/**
 * Returns the vertical position of a unit; on a bar every unit has its own.
 * @param {any} place
 * @param {number} unit
 * @param {any} column
 * @param {number} height
 */
function yOf(place, unit, column, height) {
  const room = height - TOP - BOTTOM;
  return place.bar ? TOP + (room * (unit + 0.5)) / column.size : place.y.get(unit);
}

/**
 * Gives `group` exactly `count` children of this tag. Existing ones are kept, so nothing flickers.
 * @param {any} group
 * @param {string} tag
 * @param {number} count
 */
function fit(group, tag, count) {
  while (group.childElementCount > count) group.lastElementChild.remove();
  while (group.childElementCount < count) group.append(document.createElementNS(SVG, tag));
  return group.children;
}

/**
 * @param {Element} element
 * @param {Record<string, any>} attributes Null removes an attribute.
 */
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

/**
 * Draws one child of `group` for each item, with the attributes that `styled` returns.
 * @param {any} group
 * @param {string} tag
 * @param {any[]} items
 * @param {(item: any) => Record<string, any>} styled
 */
function each(group, tag, items, styled) {
  const elements = fit(group, tag, items.length);
  items.forEach((item, i) => set(elements[i], styled(item)));
}

/**
 * @param {Element} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const sign = (value) => (value === null ? "none" : value < 0 ? "negative" : "positive");
const share = (value, largest) => (largest ? Math.min(1, Math.abs(value ?? 0) / largest) : 0);

/**
 * Draws `frame` into the groups of `svg`; returns its lines and circles with their places.
 * @param {SVGElement} svg
 * @param {any} frame
 * @param {number} width
 * @param {number} height
 */
function draw(svg, frame, width, height) {
  const places = layout(frame, width, height);
  const lines = placedLines(frame, places, height);
  const nodes = placedNodes(frame, places);
  const words = placedWords(frame, places, nodes);
  const bars = places.filter((place) => place.bar);
  const lit = frame.lit && new Set(frame.lit.map(String));
  const dim = (layer, unit) => (!lit || lit.has(`${layer},${unit}`) ? "" : " dim");

  const groups = fit(svg, "g", 4); // from the back to the front
  each(groups[0], "line", lines, (line) => lineStyle(line, dim));
  each(groups[1], "rect", bars, ({ x }) => ({
    x: x - 5, y: TOP, width: 10, height: height - TOP - BOTTOM, rx: 3,
  }));
  each(groups[2], "circle", nodes, (node) => ({
    ...circleStyle(node, dim),
    tabindex: frame.clickable ? 0 : null,
    role: frame.clickable ? "button" : null,
    "aria-label": frame.clickable ? describe(frame, node) : null,
  }));
  each(groups[3], "text", words, ({ x, y, style }) => ({ x, y, class: style }));
  words.forEach(({ text }, i) => write(groups[3].children[i], text));
  set(svg, {
    role: frame.clickable ? "group" : "img",
    "aria-label": frame.text,
    class: frame.clickable ? "network clickable" : "network",
  });
  return { lines, nodes };
}

function lineStyle(line, dim) {
  const strength = share(line.weight, line.largest);
  return {
    x1: line.x1, y1: line.y1, x2: line.x2, y2: line.y2,
    class: (line.known ? sign(line.weight) : "none") +
      (dim(line.layer, line.from) || dim(line.layer + 1, line.to)),
    "stroke-width": line.known ? (0.5 + 3.5 * strength).toFixed(2) : 0.5,
    "stroke-opacity": line.known ? (0.35 + 0.6 * strength).toFixed(2) : 0.3,
  };
}

function circleStyle(node, dim) {
  return {
    cx: node.x, cy: node.y, r: node.radius,
    class: sign(node.bias) + dim(node.layer, node.unit),
    "stroke-width": (1.2 + 2.8 * share(node.bias, node.largest)).toFixed(2),
  };
}

function placedNodes(frame, places) {
  return frame.columns.flatMap((column, layer) =>
    column.units.map((unit, i) => ({
      layer, unit, label: column.labels[i],
      bias: column.biases?.[i] ?? null, largest: column.largest,
      x: places[layer].x, y: places[layer].y.get(unit), radius: places[layer].radius,
    })),
  );
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
  const titles = places.flatMap(({ x, title }) =>
    title.map((text, i) => ({ text, x, y: 13 + 15 * i, style: i ? "faint" : "" })),
  );
  const dots = places.flatMap(({ x, dots: y, step }, layer) => {
    const more = step < 70 ? "" : ` ${frame.columns[layer].more.toLocaleString("en")} more`;
    return y === null ? [] : [{ text: `\u22ee${more}`, x, y: y + 4, style: "halo" }];
  });
  const last = frame.columns.length - 1;
  const labelled = nodes.filter((node) => node.label && !places[node.layer].unlabelled);
  const labels = labelled.map((node) => {
    const within = inside(frame.columns[node.layer]);
    const away = within ? 0 : (node.layer === last ? 1 : -1) * (node.radius + 6);
    const style = within ? "" : node.layer === last ? "start" : "end";
    return { text: node.label, x: node.x + away, y: node.y + 4, style };
  });
  return [...titles, ...dots, ...labels];
}

const round = (value) => Math.round(value * 10) / 10;

/**
 * Returns a circle or a line in words, with its number.
 * @param {any} frame
 * @param {any} item
 */
function describe(frame, item) {
  if ("from" in item) {
    const [from, to] = [item.from, item.to].map((unit, i) => nameOf(frame, item.layer + i, unit));
    const ends = `${from} \u2192 ${to}`;
    return item.known ? `${ends}: weight ${number(item.weight)}` : ends;
  }
  const bias = frame.columns[item.layer].biases ? `: bias ${number(item.bias)}` : "";
  return nameOf(frame, item.layer, item.unit) + bias;
}

function nameOf(frame, layer, unit) {
  const { units, labels } = frame.columns[layer];
  const kind = layer === 0 ? "input" : layer === frame.columns.length - 1 ? "output" : "unit";
  const place = kind === "unit" && frame.columns.length > 3 ? ` of layer ${layer}` : "";
  return `${kind} ${labels[units.indexOf(unit)] ?? unit + place}`;
}

const number = (value) => (value === null ? "not finite" : String(value).replace("-", "\u2212"));

/**
 * Returns the circle at a point, else the nearest line within 5 pixels.
 * @param {any} drawn
 * @param {number} x
 * @param {number} y
 */
function itemAt(drawn, x, y) {
  const node = drawn.nodes.find((n) => Math.hypot(n.x - x, n.y - y) <= n.radius + 3);
  if (node) return node;
  let best = 5;
  let nearest = null;
  for (const line of drawn.lines) {
    const [dx, dy] = [line.x2 - line.x1, line.y2 - line.y1];
    const along = ((x - line.x1) * dx + (y - line.y1) * dy) / (dx * dx + dy * dy);
    const t = Math.max(0, Math.min(1, along));
    const distance = Math.hypot(line.x1 + t * dx - x, line.y1 + t * dy - y);
    if (distance <= best) [best, nearest] = [distance, line]; // the strongest is last
  }
  return nearest;
}

// The rest makes a drawing respond to the pointer: one view for each place that holds a drawing.

const views = new WeakMap();

/**
 * Makes the view of a place.
 * @param {any} parent
 */
function mount(parent) {
  /** @type {any} */
  const view = { turn: 0, pointer: null };
  const svg = parent.querySelector("svg.network");
  const note = parent.querySelector(".note");
  const stop = new AbortController();
  const on = (event, act) => svg.addEventListener(event, act, { signal: stop.signal });

  const say = () => {
    const item = view.pointer && itemAt(view.drawn, view.pointer[0], view.pointer[1]);
    write(note, item ? describe(view.frame, item) : view.frame.note);
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
    say(); // the number under the pointer changes with the frame
  };
  const point = (event) => {
    const { left, top } = svg.getBoundingClientRect();
    view.pointer = [event.clientX - left, event.clientY - top];
    if (view.drawn) say();
  };
  on("pointermove", point);
  on("pointerdown", point); // a finger does not hover
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
