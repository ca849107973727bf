// Turns ink into the 28 x 28 pixels that a network reads, as `nncore.digits.preprocess` does.
//
// The steps and their names are those of `nncore/digits`: drop stray ink, crop, scale to a box of
// 20 x 20, place the centre of mass at the centre. A test compares the two on 1,000 drawings.

const FIELD = 28;
const BOX = 20;
const CENTRE = 14;
const LEAST_CONTRAST = 0.1;
const STRONG = 0.25;
const FAINT = 0.08;
const MAIN = 0.1;

/** A part of a picture: rows from `top` to before `bottom`, columns likewise.
 *  @typedef {{ top: number, left: number, bottom: number, right: number }} Extent */

/**
 * Returns the network's input for a drawing, or null where nothing is drawn.
 * @param {Uint8Array} levels The ink of each pixel, 0 to 255, row by row.
 * @param {number} width
 * @param {number} height
 * @returns {Uint8Array | null} 784 pixels.
 */
function toField(levels, width, height) {
  let most = 0;
  for (let place = 0; place < levels.length; place += 1) {
    if (levels[place] > most) most = levels[place];
  }
  if (most / 255 < LEAST_CONTRAST) return null;
  const kept = dropStrayInk(levels, width, height);
  return placeInField(kept, width, extentOf(kept, width, height));
}

/**
 * Returns the ink that belongs to a strong piece, or lies near one; 0 elsewhere.
 * @param {Uint8Array} levels
 * @param {number} width
 * @param {number} height
 */
function dropStrayInk(levels, width, height) {
  const level = typicalLevel(levels);
  const { labels, pieces } = findPieces(levels, width, height, STRONG * level);
  const heaviest = pieces.reduce((mass, piece) => Math.max(mass, piece.mass), 0);
  const main = pieces.filter(({ mass }) => mass >= MAIN * heaviest);
  const around = main.reduce(unite, { top: height, left: width, bottom: 0, right: 0 });
  const pixel = longerSide(around) / BOX;
  const counts = pieces.map((piece) => main.includes(piece) || longerSide(piece) >= pixel);
  const strong = new Uint8Array(levels.length); // loops, since `from` and `map` are slow
  for (let place = 0; place < strong.length; place += 1) {
    if (labels[place] && counts[labels[place] - 1]) strong[place] = 1;
  }
  const near = dilate(strong, width, height, Math.ceil(pixel));
  const kept = new Uint8Array(levels.length);
  for (let place = 0; place < kept.length; place += 1) {
    if (near[place] && levels[place] >= FAINT * level) kept[place] = levels[place];
  }
  return kept;
}

/**
 * Returns the level that divides the ink in two halves of equal mass.
 * @param {Uint8Array} levels
 */
function typicalLevel(levels) {
  const masses = new Float64Array(256);
  let total = 0;
  for (let place = 0; place < levels.length; place += 1) {
    masses[levels[place]] += levels[place];
    total += levels[place];
  }
  let mass = 0;
  for (let level = 1; level < 256; level += 1) {
    mass += masses[level];
    if (mass >= total / 2) return level;
  }
  return 0;
}

/**
 * Finds the connected pieces of strong ink; diagonal neighbours are connected.
 * @param {Uint8Array} levels
 * @param {number} width
 * @param {number} height
 * @param {number} least The level from which ink is strong.
 */
function findPieces(levels, width, height, least) {
  const labels = new Uint16Array(levels.length);
  /** @type {(Extent & { mass: number })[]} */
  const pieces = [];
  const waiting = new Int32Array(levels.length);
  for (let start = 0; start < levels.length; start += 1) {
    if (labels[start] || levels[start] < least) continue;
    const piece = { mass: 0, top: height, left: width, bottom: 0, right: 0 };
    pieces.push(piece);
    const label = pieces.length;
    let count = 1;
    waiting[0] = start;
    labels[start] = label;
    while (count) {
      const place = waiting[--count];
      const y = Math.floor(place / width);
      const x = place - y * width;
      piece.mass += levels[place];
      if (y < piece.top) piece.top = y;
      if (y >= piece.bottom) piece.bottom = y + 1;
      if (x < piece.left) piece.left = x;
      if (x >= piece.right) piece.right = x + 1;
      const [up, down] = [y ? -1 : 0, y < height - 1 ? 1 : 0];
      const [left, right] = [x ? -1 : 0, x < width - 1 ? 1 : 0];
      for (let dy = up; dy <= down; dy += 1) {
        for (let dx = left; dx <= right; dx += 1) {
          const near = place + dy * width + dx;
          if (labels[near] || levels[near] < least) continue;
          labels[near] = label;
          waiting[count++] = near;
        }
      }
    }
  }
  return { labels, pieces };
}

/**
 * @param {Extent} one
 * @param {Extent} other
 * @returns {Extent}
 */
function unite(one, other) {
  return {
    top: Math.min(one.top, other.top),
    left: Math.min(one.left, other.left),
    bottom: Math.max(one.bottom, other.bottom),
    right: Math.max(one.right, other.right),
  };
}

/** @param {Extent} extent */
function longerSide({ top, left, bottom, right }) {
  return Math.max(bottom - top, right - left);
}

/**
 * Marks each pixel from which a marked one is at most `reach` rows and columns away.
 * @param {Uint8Array} marks
 * @param {number} width
 * @param {number} height
 * @param {number} reach
 */
function dilate(marks, width, height, reach) {
  const across = new Uint8Array(marks.length);
  const both = new Uint8Array(marks.length);
  for (let y = 0; y < height; y += 1) spread(marks, across, y * width, 1, width, reach);
  for (let x = 0; x < width; x += 1) spread(across, both, x, width, height, reach);
  return both;
}

/**
 * Does what `dilate` does along one line of pixels.
 * @param {Uint8Array} from
 * @param {Uint8Array} to
 * @param {number} start The line's first pixel.
 * @param {number} step From one of its pixels to the next.
 * @param {number} length
 * @param {number} reach
 */
function spread(from, to, start, step, length, reach) {
  let covered = 0; // everything before this is done
  for (let i = 0; i < length; i += 1) {
    if (!from[start + i * step]) continue;
    const end = Math.min(length, i + reach + 1);
    for (let j = Math.max(covered, i - reach); j < end; j += 1) to[start + j * step] = 1;
    covered = Math.max(covered, end);
  }
}

/**
 * Returns the part of a picture that holds any ink.
 * @param {ArrayLike<number>} levels
 * @param {number} width
 * @param {number} height
 * @returns {Extent}
 */
function extentOf(levels, width, height) {
  const extent = { top: height, left: width, bottom: 0, right: 0 };
  for (let y = 0, place = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, place += 1) {
      if (!levels[place]) continue;
      if (y < extent.top) extent.top = y;
      extent.bottom = y + 1;
      if (x < extent.left) extent.left = x;
      if (x >= extent.right) extent.right = x + 1;
    }
  }
  return extent;
}

/**
 * Scales ink to a box and places it in the field. The box shrinks where centring would push ink
 * over the edge.
 * @param {Uint8Array} levels
 * @param {number} width
 * @param {Extent} extent
 */
function placeInField(levels, width, extent) {
  for (let side = BOX; side > 0; side -= 1) {
    const boxed = scaleToBox(levels, width, extent, side);
    const [top, left] = corner(boxed, side);
    const used = extentOf(boxed, side, side);
    const fits =
      Math.min(top + used.top, left + used.left) >= 0 &&
      Math.max(top + used.bottom, left + used.right) <= FIELD;
    if (fits || side === 1) return paste(boxed, side, used, top, left);
  }
  return new Uint8Array(FIELD * FIELD);
}

/**
 * Averages ink to `side` x `side` pixels, the darkest of which becomes 255.
 * @param {Uint8Array} levels
 * @param {number} width
 * @param {Extent} extent
 * @param {number} side
 */
function scaleToBox(levels, width, extent, side) {
  const span = longerSide(extent);
  const rows = cellWeights(extent.bottom - extent.top, span, side);
  const columns = cellWeights(extent.right - extent.left, span, side);
  const across = extent.right - extent.left;
  const scaled = new Float64Array(side * side);
  const line = new Float64Array(across);
  rows.forEach((row, y) => {
    line.fill(0);
    row.weights.forEach((weight, i) => {
      const start = (extent.top + row.first + i) * width + extent.left;
      for (let x = 0; x < across; x += 1) line[x] += weight * levels[start + x];
    });
    columns.forEach((column, x) => {
      let sum = 0;
      column.weights.forEach((weight, i) => (sum += weight * line[column.first + i]));
      scaled[y * side + x] = sum;
    });
  });
  const most = scaled.reduce((largest, value) => Math.max(largest, value), 0);
  // Rounded twice, as on the server: a half stays a half in spite of the last bits.
  const rounded = (/** @type {number} */ value) => Math.round((255e6 * value) / most) / 1e6;
  return Uint8Array.from(scaled, (value) => roundHalfToEven(rounded(value)));
}

/**
 * Returns the share of each cell that each pixel of a line covers. The cells together are as long
 * as `span` pixels; the line lies in their middle, to a whole pixel.
 * @param {number} length
 * @param {number} span
 * @param {number} cells
 * @returns {{ first: number, weights: number[] }[]}
 */
function cellWeights(length, span, cells) {
  const before = Math.floor((span - length) / 2);
  return Array.from({ length: cells }, (_, cell) => {
    const start = (cell * span) / cells - before;
    const end = ((cell + 1) * span) / cells - before;
    const first = Math.max(0, Math.floor(start));
    const last = Math.min(length, Math.ceil(end));
    const weights = [];
    for (let pixel = first; pixel < last; pixel += 1) {
      const overlap = Math.min(end, pixel + 1) - Math.max(start, pixel);
      weights.push((Math.max(overlap, 0) * cells) / span);
    }
    return { first, weights };
  });
}

/**
 * Returns the row and column of the field where the box's top left corner goes.
 * @param {Uint8Array} boxed
 * @param {number} side
 */
function corner(boxed, side) {
  let [mass, down, across] = [0, 0, 0];
  boxed.forEach((value, place) => {
    mass += value;
    down += value * Math.floor(place / side);
    across += value * (place % side);
  });
  return [roundHalfToEven(CENTRE - down / mass), roundHalfToEven(CENTRE - across / mass)];
}

/**
 * Returns the field with the box in it. Empty parts of the box may lie outside.
 * @param {Uint8Array} boxed
 * @param {number} side
 * @param {Extent} used
 * @param {number} top
 * @param {number} left
 */
function paste(boxed, side, used, top, left) {
  const field = new Uint8Array(FIELD * FIELD);
  for (let y = used.top; y < used.bottom; y += 1) {
    for (let x = used.left; x < used.right; x += 1) {
      field[(top + y) * FIELD + left + x] = boxed[y * side + x];
    }
  }
  return field;
}

/** Rounds as NumPy and Python do. @param {number} value */
function roundHalfToEven(value) {
  const rounded = Math.round(value);
  return value % 1 === 0.5 || value % 1 === -0.5 ? 2 * Math.round(value / 2) : rounded;
}
