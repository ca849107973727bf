// A dense network in the browser: its packed weights, its forward pass and its strongest paths.
//
// The weights come packed from `nncore.nn.packing`. The formulas are those of `nncore.nn`; a test
// compares the outputs with Keras's.

/** A layer as it is described beside the packed bytes.
 *  @typedef {{ inputs: number, units: number, activation: string, kind: string }} LayerForm */
/** @typedef {{ inputs: number, units: number, activation: string,
 *              kernel: Float32Array, bias: Float32Array }} DenseLayer */
/** @typedef {{ layers: DenseLayer[], scaled: boolean }} DenseNetwork */
/** The values of every layer for one input: `values` begins with the inputs, `sums` are those of
 *  the layers after them.
 *  @typedef {{ values: Float32Array[], sums: Float32Array[] }} DenseTrace */
/** A connection: [the target's layer, source, target, the source's value times the weight].
 *  @typedef {[number, number, number, number]} DensePath */

const LEAKY_SLOPE = 0.2;
/** Connections followed from an output to the layer before, and from each unit further back. */
const FIRST_PATHS = 6;
const FURTHER_PATHS = 2;

/**
 * Returns a network of its packed weights.
 * @param {ArrayBuffer} bytes
 * @param {LayerForm[]} forms
 * @param {boolean} scaled Whether pixels are divided by 255.
 * @returns {DenseNetwork}
 */
function unpackNetwork(bytes, forms, scaled) {
  let place = 0;
  const take = (count) => bytes.slice(place, (place += count));
  const layers = forms.map(({ inputs, units, activation, kind }) => {
    const bias = new Float32Array(take(4 * units));
    const kernel =
      kind === "int8"
        ? scaleBytes(new Float32Array(take(4 * units)), new Int8Array(take(inputs * units)))
        : fromHalves(new Uint16Array(take(2 * inputs * units)));
    return { inputs, units, activation, kernel, bias };
  });
  return { layers, scaled };
}

/**
 * @param {Float32Array} scales One for each unit.
 * @param {Int8Array} numbers Row by row, a row for each input.
 */
function scaleBytes(scales, numbers) {
  return Float32Array.from(numbers, (number, place) => number * scales[place % scales.length]);
}

/** Returns the numbers that IEEE 754 half-precision floats stand for. @param {Uint16Array} halves */
function fromHalves(halves) {
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) return sign * 2 ** -24 * fraction;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
  });
}

/**
 * Returns the values of every layer.
 * @param {DenseNetwork} network
 * @param {Uint8Array} pixels
 * @returns {DenseTrace}
 */
function traceNetwork({ layers, scaled }, pixels) {
  const values = [Float32Array.from(pixels, (pixel) => (scaled ? pixel / 255 : pixel))];
  /** @type {Float32Array[]} */
  const sums = [];
  layers.forEach((layer, number) => {
    const weighted = weightedSums(layer, values[number]);
    sums.push(weighted);
    values.push(activateSums(layer.activation, weighted));
  });
  return { values, sums };
}

/**
 * @param {DenseLayer} layer
 * @param {Float32Array} inputs
 */
function weightedSums({ units, kernel, bias }, inputs) {
  const sums = Float32Array.from(bias);
  for (let input = 0, row = 0; input < inputs.length; input += 1, row += units) {
    const value = inputs[input];
    if (value === 0) continue; // most pixels, and units that are off
    for (let unit = 0; unit < units; unit += 1) sums[unit] += value * kernel[row + unit];
  }
  return sums;
}

/** @type {Record<string, (z: number) => number>} */
const activationFormulas = {
  linear: (z) => z,
  relu: (z) => (z > 0 ? z : z === z ? 0 : z),
  leaky_relu: (z) => (z > 0 ? z : LEAKY_SLOPE * z),
  elu: (z) => (z > 0 ? z : Math.expm1(z)),
  tanh: Math.tanh,
  sigmoid: (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z))),
};

/**
 * @param {string} name
 * @param {Float32Array} sums
 */
function activateSums(name, sums) {
  if (name !== "softmax") return sums.map(activationFormulas[name]);
  const largest = sums.reduce((most, sum) => Math.max(most, sum), -Infinity);
  const powers = sums.map((sum) => Math.exp(sum - largest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/**
 * Returns the place of the largest number; the first of equals, and that of the first NaN.
 * @param {Float32Array} numbers
 */
function placeOfLargest(numbers) {
  const nan = numbers.findIndex(Number.isNaN);
  return nan >= 0 ? nan : numbers.indexOf(numbers.reduce((a, b) => Math.max(a, b), -Infinity));
}

/**
 * Returns the connections that contribute most to the largest output, traced back to the inputs.
 * @param {DenseNetwork} network
 * @param {DenseTrace} trace
 */
function strongestPaths({ layers }, { values }) {
  /** @type {DensePath[]} */
  const paths = [];
  let targets = [placeOfLargest(values[values.length - 1])];
  for (let number = layers.length; number > 0; number -= 1) {
    const most = paths.length ? FURTHER_PATHS : FIRST_PATHS;
    const found = targets.flatMap((target) =>
      strongestParts(layers[number - 1], values[number - 1], target, most).map(
        ([source, part]) => /** @type {DensePath} */ ([number, source, target, part]),
      ),
    );
    paths.push(...found);
    targets = [...new Set(found.map(([, source]) => source))].sort((a, b) => a - b);
  }
  return paths;
}

/**
 * @param {DenseLayer} layer
 * @param {Float32Array} inputs
 * @param {number} target
 * @param {number} most
 * @returns {[number, number][]} Sources with their parts, the largest first.
 */
function strongestParts({ units, kernel }, inputs, target, most) {
  /** @type {[number, number][]} */
  const parts = [];
  inputs.forEach((value, source) => {
    const part = value * kernel[source * units + target];
    if (part && Number.isFinite(part)) parts.push([source, part]);
  });
  return parts.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, most);
}
