// Finds the drawing canvas on the page, reads its ink, and works its hidden toolbar.
//
// `streamlit-drawable-canvas` has two canvases in a shadow root: the upper one shows the stroke
// under way, the lower one what is drawn. Its toolbar fades in over the canvas when the pen enters,
// takes strokes and can switch to editing. So it is hidden, and the lab has buttons of its own.

const HIDE_TOOLBAR = ".dc-toolbar { display: none !important; }";
const SEND = "Update the app with this drawing";

/** The two canvases, and the shadow root that they are in.
 *  @typedef {{ upper: HTMLCanvasElement, lower: HTMLCanvasElement, root: ShadowRoot }} Drawing */

/** Returns the canvas that is on the page; a cleared one may stay for a while, hidden.
 *  @returns {Drawing | null} */
function findDrawing() {
  for (const host of document.querySelectorAll("[data-testid=stBidiComponentIsolated]")) {
    const root = host.shadowRoot;
    const upper = root?.querySelector("canvas.upper-canvas");
    const lower = root?.querySelector("canvas.dc-canvas.lower-canvas");
    if (upper instanceof HTMLCanvasElement && lower instanceof HTMLCanvasElement && root) {
      if (upper.getClientRects().length) return { upper, lower, root };
    }
  }
  return null;
}

/** @param {ShadowRoot} root */
function hideToolbar(root) {
  if (root.querySelector("style.nncore-toolbar")) return;
  const style = document.createElement("style");
  style.className = "nncore-toolbar";
  style.textContent = HIDE_TOOLBAR;
  root.append(style);
}

/**
 * @param {ShadowRoot} root
 * @param {string} name
 * @returns {HTMLButtonElement | null}
 */
function toolbarButton(root, name) {
  return root.querySelector(`.dc-toolbar button[aria-label="${name}"]`);
}

/** Sends the drawing to the server. @param {Drawing} drawing */
function sendDrawing({ root }) {
  toolbarButton(root, SEND)?.click();
}

/**
 * Returns the ink of a drawing with the stroke under way, 0 to 255 for each pixel.
 * @param {Drawing} drawing
 * @param {CanvasRenderingContext2D} scratch A context of the same size.
 * @param {boolean} dark Whether the ink is white.
 * @param {[number, number]} greys The grey levels of ink and paper.
 */
function readInk({ upper, lower }, scratch, dark, [ink, paper]) {
  const { width, height } = scratch.canvas;
  scratch.clearRect(0, 0, width, height);
  scratch.drawImage(lower, 0, 0, width, height);
  scratch.drawImage(upper, 0, 0, width, height);
  const pixels = scratch.getImageData(0, 0, width, height).data;
  const levels = new Uint8Array(width * height);
  for (let place = 0, from = 0; place < levels.length; place += 1, from += 4) {
    const alpha = pixels[from + 3];
    if (!alpha) continue;
    const likeness = (pixels[from] - paper) / (ink - paper); // the eraser draws in paper's colour
    levels[place] = Math.round(alpha * Math.min(1, Math.max(0, likeness)));
  }
  return levels;
}

/** Returns a context to read canvases with. @param {number} side */
function makeScratch(side) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  return canvas.getContext("2d", { willReadFrequently: true });
}

/**
 * Returns true if the browser lets the page read what it has drawn. Some browsers that protect
 * against fingerprinting give out white or random pixels; small noise in the last digits is fine.
 */
function canReadCanvas() {
  const side = 16;
  const scratch = makeScratch(side);
  if (!scratch) return false;
  scratch.fillStyle = "#000000";
  scratch.fillRect(0, 0, side / 2, side);
  const { data } = scratch.getImageData(0, 0, side, side);
  let wrong = 0;
  for (let place = 0; place < side * side; place += 1) {
    const expected = place % side < side / 2 ? 255 : 0;
    const [red, , , alpha] = data.subarray(4 * place);
    if (Math.abs(alpha - expected) > 16 || (expected && red > 16)) wrong += 1;
  }
  return wrong <= (side * side) / 20;
}
