// Draws the network's input, 28 x 28 pixels: the server's, or what the pen draws just now.

/** @typedef {{ pixels: string | null, greys: [number, number], words: string, blank: string }} PixelsFrame */

const SIDE = 28;
const frames = new WeakMap();

/**
 * Draws the newest frame; Streamlit calls it whenever the data change.
 * @param {ComponentArguments} component
 */
export default function ({ data, parentElement }) {
  /** @type {PixelsFrame} */
  const frame = data.at(-1);
  frames.set(parentElement, frame);
  const sent = frame.pixels === null ? null : fromText(frame.pixels);
  const canvas = /** @type {HTMLCanvasElement} */ (parentElement.querySelector("canvas"));
  const show = () => {
    const live = window.nncorePen?.live;
    paint(canvas, frame, live ? live.image : sent);
  };
  window.nncorePen?.answered(sent);
  show();
  window.addEventListener("nncore:live", show);
  return () => window.removeEventListener("nncore:live", show);
}

/** @param {string} text Base64. */
function fromText(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {PixelsFrame} frame
 * @param {Uint8Array | null} pixels
 */
function paint(canvas, { greys: [ink, paper], words, blank }, pixels) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const picture = context.createImageData(SIDE, SIDE);
  for (let place = 0; place < SIDE * SIDE; place += 1) {
    const grey = paper + ((ink - paper) * (pixels ? pixels[place] : 0)) / 255;
    picture.data.set([grey, grey, grey, 255], 4 * place);
  }
  context.putImageData(picture, 0, 0);
  canvas.setAttribute("aria-label", pixels ? words : blank);
}
