// Reads a drawing with the page's network while it is drawn, and shows the outputs as bars.
//
// The parts of `../pen` do the work: `field.js` prepares the drawing, `dense.js` has the network,
// `weights.js` keeps its weights in the browser. The server reads the drawing too, once the pen has
// been lifted; only the server can tell that it is none of the classes.

/** @typedef {{ sure: string, unsure: string, blank: string, untrained: string, none: string,
 *              closest: string, diverged: string }} SketchWords */
/** @typedef {{ turn: string, isNone: boolean }} SketchAnswer */
/** @typedef {{ digest: string, layers: LayerForm[], scaled: boolean }} SketchReader */
/** @typedef {{ reader: SketchReader | null, weights: string | null, names: string[],
 *              words: SketchWords, sure: number,
 *              answer: SketchAnswer | null }} SketchReading */

/** @type {Map<string, DenseNetwork>} */
const sketchNetworks = new Map();

/**
 * Gets a reader's network: from memory, from what the browser keeps, or from the server.
 * @param {SketchReading} frame
 * @param {(digest: string) => boolean} ask Asks the server; returns false where that reader is not wanted any more.
 * @returns {Promise<DenseNetwork | null>}
 */
async function loadSketchNetwork({ reader, weights }, ask) {
  if (!reader) return null;
  const { digest, layers, scaled } = reader;
  if (!sketchNetworks.has(digest)) {
    const bytes = weights ? toBytes(weights) : await keptWeights(digest);
    if (!bytes) {
      askUntilHeard(() => !sketchNetworks.has(digest) && ask(digest));
      return null;
    }
    if (weights) void keepWeights(digest, bytes);
    sketchNetworks.clear(); // each training makes another network; the browser's database has these
    sketchNetworks.set(digest, unpackNetwork(bytes, layers, scaled));
  }
  return sketchNetworks.get(digest) ?? null;
}

/** How much larger the prepared drawing gets, and by how many pixels it moves.
 *  @typedef {{ size: number, across: number, down: number }} SketchChange */

/**
 * Returns the network's input for strokes; null where nothing is drawn.
 * @param {SketchStroke[]} strokes
 * @param {SketchChange} change
 */
function sketchInput(strokes, change) {
  const scratch = makeScratch(SKETCH_SIDE);
  if (!scratch || !strokes.length || !canReadCanvas()) return null;
  paintStrokes(scratch, strokes, "#000000");
  const { data } = scratch.getImageData(0, 0, SKETCH_SIDE, SKETCH_SIDE);
  const levels = new Uint8Array(SKETCH_SIDE * SKETCH_SIDE);
  for (let place = 0; place < levels.length; place += 1) levels[place] = data[4 * place + 3];
  const { size, across, down } = change;
  if (size === 1 && !across && !down) return toField(levels, SKETCH_SIDE, SKETCH_SIDE);
  return changedField(dropStrayInk(levels, SKETCH_SIDE, SKETCH_SIDE), change);
}

/**
 * Does what `toField` does with a box of another size, and moves the result.
 * @param {Uint8Array} levels
 * @param {SketchChange} change
 */
function changedField(levels, { size, across, down }) {
  const side = Math.max(1, Math.round(BOX * size));
  const boxed = scaleToBox(levels, SKETCH_SIDE, extentOf(levels, SKETCH_SIDE, SKETCH_SIDE), side);
  const [top, left] = corner(boxed, side);
  const field = new Uint8Array(FIELD * FIELD);
  boxed.forEach((level, place) => {
    const y = top + down + Math.floor(place / side);
    const x = left + across + (place % side);
    if (y >= 0 && y < FIELD && x >= 0 && x < FIELD) field[FIELD * y + x] = level;
  });
  return field;
}

/**
 * Shows what the network makes of a drawing.
 * @param {HTMLElement} root
 * @param {SketchReading} frame
 * @param {Float32Array | null} outputs Null where nothing is drawn.
 * @param {boolean} isNone Whether the server has found that it is none of the classes.
 */
function showReading(root, frame, outputs, isNone) {
  const [heading, caption, rows] = ["h3", "p", "ul"].map((name) => /** @type {any} */ (root.querySelector(name)));
  const [first, rest] = describeReading(frame, outputs, isNone);
  writeSketch(heading, ...first);
  writeSketch(caption, ...rest);
  showBars(rows, frame.names, outputs);
}

/**
 * Returns the heading and the caption: a sentence each, with the values of its places.
 * @param {SketchReading} frame
 * @param {Float32Array | null} outputs
 * @param {boolean} isNone
 * @returns {[string, Record<string, string>][]}
 */
function describeReading({ words, names, sure, reader }, outputs, isNone) {
  if (!reader) return [[words.untrained, {}], ["", {}]];
  if (!outputs) return [[words.blank, {}], ["", {}]];
  if (!outputs.every(Number.isFinite)) return [[words.diverged, {}], ["", {}]];
  const order = [...outputs.keys()].sort((a, b) => outputs[b] - outputs[a]);
  const values = {
    first: names[order[0]],
    share: sketchPercent(outputs[order[0]]),
    second: names[order[1]] ?? "",
    other: sketchPercent(outputs[order[1]] ?? 0),
  };
  if (isNone) return [[words.none, {}], [words.closest, values]];
  return [[outputs[order[0]] >= sure ? words.sure : words.unsure, values], ["", {}]];
}

/** @param {number} probability */
function sketchPercent(probability) {
  if (probability >= 0.01 && probability <= 0.99) return `${(100 * probability).toFixed(0)}%`;
  return probability > 0.5 ? "more than 99%" : "less than 1%";
}

/**
 * Writes a sentence; a class's name appears as it was typed, in bold.
 * @param {HTMLElement} element
 * @param {string} sentence Such as `"{first}, {share} confident."`
 * @param {Record<string, string>} values
 */
function writeSketch(element, sentence, values) {
  const parts = sentence.split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1] ?? "";
    if (!(name in values)) return part;
    const strong = document.createElement("strong");
    strong.textContent = values[name];
    return strong;
  });
  element.replaceChildren(...parts);
}

/**
 * @param {HTMLElement} list
 * @param {string[]} names
 * @param {Float32Array | null} outputs
 */
function showBars(list, names, outputs) {
  while (list.childElementCount > names.length) list.lastElementChild?.remove();
  while (list.childElementCount < names.length) {
    const row = document.createElement("li");
    for (const part of ["name", "track", "value"]) {
      row.append(Object.assign(document.createElement("span"), { className: part }));
    }
    row.children[1].append(document.createElement("span"));
    list.append(row);
  }
  const best = outputs ? outputs.indexOf(Math.max(...outputs)) : -1;
  names.forEach((name, number) => {
    const row = list.children[number];
    const [label, track, value] = /** @type {any} */ (row.children);
    const output = Math.min(1, Math.max(0, outputs?.[number] || 0));
    row.classList.toggle("best", number === best);
    label.textContent = name;
    label.title = name;
    track.firstElementChild.style.transform = `scaleX(${output})`;
    value.textContent = outputs ? `${(100 * output).toFixed(0)}%` : "";
  });
}

/**
 * Paints the network's input.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8Array | null} image
 * @param {boolean} dark
 */
function paintInput(canvas, image, dark) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const picture = context.createImageData(FIELD, FIELD);
  const [ink, paper] = dark ? [255, 22] : [0, 255];
  for (let place = 0; place < FIELD * FIELD; place += 1) {
    const grey = paper + ((ink - paper) * (image ? image[place] : 0)) / 255;
    picture.data.set([grey, grey, grey, 255], 4 * place);
  }
  context.putImageData(picture, 0, 0);
}
