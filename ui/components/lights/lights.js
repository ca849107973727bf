// Draws layers of a network as grids of lights, and the strongest paths between them.
//
// It only draws frames; __init__.py decides what a frame shows. A frame is
//   { text, height, layers: [{ title, columns, lights, values, labels }],
//     lines: [[layer, source, target, strength]], chosen: null | [layer, unit], sums: boolean }
// The same frame gives the same picture whatever was drawn before. While the pen moves (`../pen`),
// the lights show what the browser reads: `sums` says whether weighted sums instead of values.

const TOP = 24; // a line of titles
const BOTTOM = 4;
const LARGEST = 20; // pixels of a light
const GAP = 22; // the smallest gap between two layers
const LABEL = 16; // for an output's name
const PICTURE = 0.3; // the largest share of the width for the inputs

/** Returns the place of each layer and the size of its lights. */
function layout(frame, width, height) {
  const room = height - TOP - BOTTOM;
  const layers = frame.layers.map(({ lights, columns, labels }, number) => {
    const rows = Math.ceil(lights.length / columns);
    const most = number ? LARGEST : (PICTURE * width) / columns;
    return { columns, rows, cell: Math.min(most, room / rows), label: labels.length ? LABEL : 0 };
  });
  const widths = (some) => some.reduce((sum, { columns, cell }) => sum + columns * cell, 0);
  const [picture, ...units] = layers;
  const fixed = widths([picture]) + layers.reduce((sum, { label }) => sum + label, 2);
  const gaps = layers.length - 1;
  const shrink = Math.min(1, (width - fixed - GAP * gaps) / widths(units));
  for (const layer of units) layer.cell *= shrink;
  const gap = (width - fixed - widths(units)) / Math.max(1, gaps);
  let x = 1;
  for (const layer of layers) {
    layer.x = x;
    layer.y = TOP + (room - layer.rows * layer.cell) / 2;
    x += layer.columns * layer.cell + layer.label + gap;
  }
  return layers;
}

/** Returns the centre of a light. */
function middle(layer, unit) {
  const { x, y, cell, columns } = layer;
  return [x + ((unit % columns) + 0.5) * cell, y + (Math.floor(unit / columns) + 0.5) * cell];
}

function paint(view) {
  view.frame = withReading(view.sent);
  const { canvas, frame } = view;
  const style = getComputedStyle(canvas);
  const colour = (name) => style.getPropertyValue(name).trim();
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, frame.height];
  if (!width) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.font = `12px ${colour("--st-font") || "sans-serif"}`;
  const colours = {
    ink: colour("--st-text-color"),
    paper: colour("--st-secondary-background-color"),
    positive: colour("--positive"),
    negative: colour("--negative"),
  };
  view.layers = layout(frame, width, height);
  view.layers.forEach((layer, number) => paintLayer(pen, layer, frame.layers[number], number, colours));
  paintLines(pen, view, colours);
  if (frame.chosen) paintChosen(pen, view, colours);
}

function paintLayer(pen, layer, { title, lights, labels }, number, colours) {
  const { cell, columns, rows } = layer;
  const slit = cell > 4 && number ? 1 : 0; // between lights; none within a picture
  pen.fillStyle = colours.paper;
  if (!number) pen.fillRect(layer.x, layer.y, columns * cell, rows * cell);
  lights.forEach((light, unit) => {
    const [x, y] = middle(layer, unit);
    const square = [x - cell / 2, y - cell / 2, cell - slit, cell - slit];
    if (number) {
      pen.fillStyle = colours.paper;
      pen.fillRect(...square);
    }
    if (!light) return;
    pen.globalAlpha = Math.min(1, Math.abs(light));
    pen.fillStyle = number ? (light > 0 ? colours.positive : colours.negative) : colours.ink;
    pen.fillRect(...square);
    if (number && light < 0 && cell > 5) paintMinus(pen, x - slit / 2, y - slit / 2, cell, colours);
    pen.globalAlpha = 1;
  });
  pen.fillStyle = colours.ink;
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  labels.forEach((label, unit) => {
    const [x, y] = middle(layer, unit);
    pen.fillText(label, x + cell / 2 + 4, y);
  });
  const wide = columns * cell + layer.label;
  const half = pen.measureText(title).width / 2;
  const most = pen.canvas.clientWidth - half;
  pen.textAlign = "center";
  pen.fillText(title, Math.max(half, Math.min(most, layer.x + wide / 2)), 10);
}

/** Returns the frame for what the pen draws just now; the frame itself while the pen rests. */
function withReading(frame) {
  const live = window.nncorePen?.live;
  if (!live?.trace || !live.paths) return frame;
  const { values, sums } = live.trace;
  const shown = frame.sums ? [values[0], ...sums] : values;
  if (frame.layers.some(({ lights }, number) => lights.length !== shown[number]?.length)) return frame;
  const layers = frame.layers.map((layer, number) => {
    const most = shown[number].reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    const numbers = Array.from(shown[number], (value) => Number(value.toPrecision(4)));
    return { ...layer, lights: numbers.map((value) => value / most), values: number ? numbers : [] };
  });
  const paths = live.paths();
  const strongest = paths.reduce((most, [, , , part]) => Math.max(most, Math.abs(part)), 0) || 1;
  const lines = paths.map(([layer, source, target, part]) => [layer, source, target, part / strongest]);
  return { ...frame, layers, lines };
}

/** Draws the bar of a negative light: its sign must not depend on colour alone. */
function paintMinus(pen, x, y, cell, colours) {
  pen.fillStyle = colours.paper;
  pen.fillRect(x - cell / 4, y - 0.5, cell / 2, 1);
}

function paintLines(pen, { layers, frame }, colours) {
  for (const [layer, source, target, strength] of frame.lines) {
    pen.beginPath();
    pen.moveTo(...middle(layers[layer - 1], source));
    pen.lineTo(...middle(layers[layer], target));
    pen.strokeStyle = strength > 0 ? colours.positive : colours.negative;
    pen.setLineDash(strength > 0 ? [] : [5, 2]);
    pen.lineWidth = 0.8 + 2.2 * Math.abs(strength);
    pen.globalAlpha = 0.75;
    pen.stroke();
  }
  pen.globalAlpha = 1;
  pen.setLineDash([]);
}

function paintChosen(pen, { layers, frame }, colours) {
  const [number, unit] = frame.chosen;
  const [x, y] = middle(layers[number], unit);
  const side = layers[number].cell + 3;
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 2;
  pen.strokeRect(x - side / 2, y - side / 2, side, side);
}

/** Returns the light at a point of the canvas, else the nearest one within a finger's width. */
function find(view, event) {
  const { left, top } = view.canvas.getBoundingClientRect();
  const [x, y] = [event.clientX - left, event.clientY - top];
  /** @type {{ layer: number, unit: number } | null} */
  let found = null;
  let nearest = 14;
  view.layers.forEach((layer, number) => {
    if (!number) return; // inputs have no weighted sum
    view.frame.layers[number].lights.forEach((_, unit) => {
      const [a, b] = middle(layer, unit);
      const far = Math.max(Math.abs(a - x), Math.abs(b - y)) - layer.cell / 2;
      if (far < nearest) [nearest, found] = [far, { layer: number, unit }];
    });
  });
  return found;
}

function name(view, { layer, unit }) {
  const { values, labels } = view.frame.layers[layer];
  const title = labels.length ? `output ${labels[unit]}` : `layer ${layer}, unit ${unit}`;
  return `${title}: ${values[unit]}`;
}

const views = new WeakMap();

function mount(parent) {
  const canvas = parent.querySelector("canvas");
  const view = { canvas, layers: [], turn: 0 };
  view.observer = new ResizeObserver(() => paint(view));
  view.observer.observe(canvas);
  view.follow = () => paint(view);
  window.addEventListener("nncore:live", view.follow);
  canvas.addEventListener("click", (event) => {
    const found = find(view, event);
    if (found) view.send("clicked", found);
  });
  canvas.addEventListener("mousemove", (event) => {
    const found = find(view, event);
    canvas.title = found ? name(view, found) : "";
  });
  views.set(parent, view);
  return view;
}

/**
 * Draws a new frame; Streamlit calls the returned function at the end.
 * @param {ComponentArguments} component
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  const turn = ++view.turn;
  Object.assign(view, { sent: data.at(-1), send: setTriggerValue });
  view.canvas.style.height = `${view.sent.height}px`;
  view.canvas.setAttribute("aria-label", view.sent.text);
  paint(view);
  // Streamlit may end an older turn after a newer one began; that must not end the newer one.
  return () => {
    if (view.turn !== turn) return;
    view.observer.disconnect();
    window.removeEventListener("nncore:live", view.follow);
    views.delete(parentElement);
  };
}
