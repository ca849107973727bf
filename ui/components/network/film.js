// Plays a film: pictures that move together, without the server. It follows network.js in one file.
//
// It only shows frames; film.py decides what they hold. A film is
//   { name, updates: [...], captions: [...], pictures: [{ kind, title, frames, ... }] }
// and each of its pictures has as many frames as there are captions.

const PACE = 140; // milliseconds per frame
const CALM_PACE = 600; // if the learner's system asks for reduced motion
const PLOT = { left: 50, right: 10, top: 40, bottom: 36 }; // margins of a chart, in pixels

/** Makes an element inside another. */
function add(parent, tag, name, text = "") {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  parent.append(element);
  return element;
}

// Pictures: each kind is built once and can then draw any of its frames.

const KINDS = { network: networkPicture, chart: chartPicture, weights: weightsPicture };

function networkPicture(place, picture, template) {
  place.append(template.content.cloneNode(true));
  const figure = place.querySelector("figure");
  figure.style.height = `${picture.height}px`;
  const view = mount(figure);
  let observed = false;
  return {
    draw(at) {
      view.frame = { ...picture.frames[at], clickable: false };
      view.redraw();
      if (!observed) view.observe();
      observed = true;
    },
    close: () => view.unmount(),
  };
}

function chartPicture(place, picture) {
  const svg = document.createElementNS(SVG, "svg");
  set(svg, { class: "chart", role: "img", "aria-label": picture.text });
  svg.style.height = `${picture.height}px`;
  place.append(svg);
  let shown = 0;
  const redraw = () => {
    const { width, height } = svg.getBoundingClientRect();
    if (width && height) drawChart(svg, picture, picture.frames[shown], width, height);
  };
  const observer = new ResizeObserver(redraw);
  observer.observe(svg);
  return {
    draw(at) { shown = at; redraw(); },
    close: () => observer.disconnect(),
  };
}

function drawChart(svg, chart, now, width, height) {
  const plot = {
    left: PLOT.left, right: width - PLOT.right, top: PLOT.top, bottom: height - PLOT.bottom,
  };
  const axes = { x: now.x ?? chart.x, y: chart.y };
  const across = scale(axes.x.domain, plot.left, plot.right);
  const up = scale(chart.y.domain, plot.bottom, plot.top);
  const key = placedKey(chart.key, plot.left);
  const bars = [...chart.always.bars, ...now.bars].map(([x, x2, y, y2, style]) => ({
    x: across(x), width: round(across(x2) - across(x)),
    y: up(y2), height: round(up(y) - up(y2)), class: style,
  }));
  const rules = [...chart.always.rules, ...now.rules].map(([x, style]) => ({
    d: `M${across(x)} ${plot.top}V${plot.bottom}`, class: style,
  }));
  const lines = now.lines.map(([style, heights]) => ({
    d: pathOf(heights, plot, up), class: style,
  }));
  const groups = fit(svg, "g", 4); // from the back to the front
  each(groups[0], "line", chart.y.ticks, ([value]) => ({
    x1: plot.left, x2: plot.right, y1: up(value), y2: up(value),
  }));
  each(groups[1], "rect", [...bars, ...key.boxes], (bar) => bar);
  each(groups[2], "path", [...rules, ...lines, ...key.lines], (line) => line);
  const words = [
    ...axisWords(axes, plot, across, up), ...cornerWords(chart.corners, plot), ...key.words,
    ...now.marks.map(([x, text, style]) => ({ text, x: across(x), y: plot.top + 15, class: style })),
    { text: now.said, x: plot.left, y: 30, class: "start" },
  ];
  each(groups[3], "text", words, ({ x, y, class: style, transform = null }) => ({
    x, y, class: style, transform,
  }));
  words.forEach(({ text }, i) => write(groups[3].children[i], text));
}

/** Returns a function from numbers to positions, clipped to the ends of the axis. */
function scale([low, high], from, to) {
  const pixels = (to - from) / (high - low);
  return (value) => round(from + (Math.max(low, Math.min(high, value)) - low) * pixels);
}

/** Returns a path through evenly spaced heights, with a gap where a height is missing. */
function pathOf(heights, plot, up) {
  const step = (plot.right - plot.left) / (heights.length - 1);
  let pen = "M";
  return heights.map((value, i) => {
    if (value === null) { pen = "M"; return ""; }
    const point = `${pen}${round(plot.left + step * i)} ${up(value)}`;
    pen = "L";
    return point;
  }).join("");
}

function axisWords({ x, y }, plot, across, up) {
  const middle = (plot.top + plot.bottom) / 2;
  const below = plot.bottom + 14;
  return [
    ...x.ticks.map(([value, text]) => ({ text, x: across(value), y: below, class: "faint" })),
    ...y.ticks.map(([value, text]) => (
      { text, x: plot.left - 5, y: up(value) + 4, class: "faint end" }
    )),
    { text: x.title, x: (plot.left + plot.right) / 2, y: below + 17, class: "faint" },
    { text: y.title, x: 12, y: middle, class: "faint", transform: `rotate(-90 12 ${middle})` },
  ];
}

const cornerWords = ([above, below], plot) => [
  { text: above, x: plot.left + 5, y: plot.top + 12, class: "start halo" },
  { text: below, x: plot.left + 5, y: plot.bottom - 6, class: "start halo" },
];

/** Returns the legend above the chart: a sample of each style and its name. */
function placedKey(key, left) {
  /** @type {{ boxes: any[], lines: any[], words: any[] }} */
  const placed = { boxes: [], lines: [], words: [] };
  let x = left;
  for (const [style, name] of key) {
    const box = style === "right" || style === "wrong";
    if (box) placed.boxes.push({ x, y: 4, width: 10, height: 10, class: style });
    else placed.lines.push({ d: `M${x} 9h20`, class: style });
    x += box ? 15 : 25;
    placed.words.push({ text: name, x, y: 13, class: "start" });
    x += name.length * LETTER + 16;
  }
  return placed;
}

function weightsPicture(place, picture) {
  const [units, height, width] = picture.size;
  const grid = add(place, "div", units === 1 ? "units one" : "units");
  set(grid, { role: "img", "aria-label": picture.text });
  const canvases = Array.from({ length: units }, (_, i) => {
    const unit = add(grid, "div", "unit");
    const canvas = add(unit, "canvas", "");
    Object.assign(canvas, { width, height });
    if (picture.names.length) add(unit, "div", "", picture.names[i]);
    return canvas;
  });
  const style = getComputedStyle(grid);
  const colours = ["--positive", "--negative"].map((name) => rgb(style.getPropertyValue(name)));
  return {
    draw(at) {
      const bytes = Int8Array.from(atob(picture.frames[at]), (letter) => letter.charCodeAt(0));
      canvases.forEach((canvas, i) => {
        const own = bytes.subarray(i * width * height, (i + 1) * width * height);
        canvas.getContext("2d").putImageData(painted(own, width, height, colours), 0, 0);
      });
    },
    close() {},
  };
}

/**
 * Returns weights from -127 to 127 as colours, transparent near 0, so they fit any background.
 * @param {Int8Array} weights
 * @param {number} width
 * @param {number} height
 * @param {number[][]} colours red, green and blue: of positive weights, then of negative ones
 */
function painted(weights, width, height, [positive, negative]) {
  const image = new ImageData(width, height);
  weights.forEach((weight, i) => {
    const known = weight !== -128;
    const colour = known ? (weight < 0 ? negative : positive) : [128, 128, 128];
    image.data.set([...colour, known ? Math.round((Math.abs(weight) * 255) / 127) : 255], i * 4);
  });
  return image;
}

const rgb = (colour) => colour.match(/[0-9a-f]{2}/gi).map((digits) => parseInt(digits, 16));

// The player.

const players = new WeakMap();

function open(parent) {
  const [play, back, slider, forth] = parent.querySelector(".player").children;
  const caption = parent.querySelector(".caption");
  const places = parent.querySelector(".pictures");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const stop = new AbortController();
  const on = (element, event, act) => element.addEventListener(event, act, { signal: stop.signal });
  /** @type {any} */
  const player = { turn: 0, film: null, at: 0, timer: null, pictures: [] };

  const last = () => player.film.captions.length - 1;
  const show = (at) => {
    player.at = Math.max(0, Math.min(last(), at));
    slider.value = player.at;
    set(slider, { "aria-valuetext": player.film.captions[player.at] });
    write(caption, player.film.captions[player.at]);
    player.pictures.forEach((picture) => picture.draw(player.at));
  };
  const pause = () => {
    clearInterval(player.timer);
    player.timer = null;
    write(play, "\u25b6\ufe0e Play");
  };
  const go = () => {
    if (player.at === last()) show(0);
    const tick = () => { show(player.at + 1); if (player.at === last()) pause(); };
    player.timer = setInterval(tick, calm.matches ? CALM_PACE : PACE);
    write(play, "\u275a\u275a Pause");
  };
  const step = (by) => { pause(); show(player.at + by); };
  on(play, "click", () => (player.timer === null ? go() : pause()));
  on(back, "click", () => step(-1));
  on(forth, "click", () => step(1));
  on(slider, "input", () => { pause(); show(Number(slider.value)); });

  /** Takes a film and shows its end, or the update that the learner was looking at. */
  player.take = (film) => {
    if (film.name === player.film?.name) return;
    const seen = player.film && player.at < last() ? player.film.updates[player.at] : Infinity;
    const later = film.updates.findIndex((updates) => updates >= seen);
    pause();
    player.close();
    player.film = film;
    slider.max = last();
    const template = parent.querySelector("template");
    player.pictures = film.pictures.map((picture) => {
      const place = add(places, "div", `picture ${picture.kind}`);
      add(place, "div", "title", picture.title);
      return KINDS[picture.kind](place, picture, template);
    });
    show(later < 0 ? last() : later);
  };
  player.close = () => {
    player.pictures.forEach((picture) => picture.close());
    player.pictures = [];
    places.replaceChildren();
  };
  player.unmount = () => {
    clearInterval(player.timer);
    stop.abort();
    player.close();
    players.delete(parent);
  };
  players.set(parent, player);
  return player;
}

/**
 * Shows a film; Streamlit calls the returned function at the end.
 * @param {ComponentArguments} component
 */
export default function ({ data, parentElement }) {
  const player = players.get(parentElement) ?? open(parentElement);
  const turn = ++player.turn;
  player.take(data.at(-1));
  return () => { if (player.turn === turn) player.unmount(); };
}
