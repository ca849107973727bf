// Lets one pointer draw: the first that touches the canvas, mouse, pen or finger.
//
// The canvas (Fabric.js) listens to mouse and touch events and draws with every one of them. Here
// they are held back, and the canvas gets the mouse events of one pointer instead:
// - a second pointer, such as the palm beside a pen, is ignored;
// - a tap that does not move makes no dot, which would shrink the digit and move it;
// - the canvas's own toolbar, which lies over the canvas until it has faded in, takes no strokes.

/** A pointer that moves less than this, in pixels, only taps. */
const TAP = 4;

/** @typedef {{ id: number, canvas: HTMLCanvasElement, start: PointerEvent, isStroke: boolean }} Stroke */

/**
 * Installs the filter, once for the page.
 * @param {{ erases: () => boolean, begin: () => void, move: () => void, end: () => void }} pen Is
 *   told about strokes.
 */
function filterPointers(pen) {
  /** @type {Stroke | null} */
  let stroke = null;

  /** @param {PointerEvent} event */
  function down(event) {
    const canvas = canvasAt(event);
    if (!canvas || event.button !== 0) return;
    const mayReplace = event.pointerType === "pen" && stroke && !stroke.isStroke; // a resting palm
    if (stroke && !mayReplace) return;
    stroke = { id: event.pointerId, canvas, start: event, isStroke: false };
    capture(stroke);
    if (pen.erases()) draw(stroke);
  }

  /** @param {PointerEvent} event */
  function move(event) {
    if (event.pointerId !== stroke?.id) return;
    const far = Math.max(
      Math.abs(event.clientX - stroke.start.clientX),
      Math.abs(event.clientY - stroke.start.clientY),
    );
    if (!stroke.isStroke && far > TAP) draw(stroke);
    if (!stroke.isStroke) return;
    const steps = event.getCoalescedEvents?.() ?? [];
    for (const step of steps.length ? steps : [event]) send(stroke.canvas, "mousemove", step);
    pen.move();
  }

  /** @param {PointerEvent} event */
  function up(event) {
    if (event.pointerId !== stroke?.id) return;
    const { canvas, isStroke } = stroke;
    stroke = null;
    if (!isStroke) return;
    send(canvas, "mouseup", event);
    pen.end();
  }

  /** @param {Stroke} begun */
  function draw(begun) {
    begun.isStroke = true;
    send(begun.canvas, "mousedown", begun.start);
    pen.begin();
  }

  /** @param {Event} event */
  function holdBack(event) {
    if (!event.isTrusted || !(stroke || canvasAt(event))) return;
    if (event.type === "mousemove" && !stroke) return; // it only sets the cursor
    if (event.type === "touchstart" && canvasAt(event)) event.preventDefault(); // no scrolling
    if (canvasAt(event) || event.type.startsWith("mouse")) event.stopImmediatePropagation();
  }

  const options = { capture: true, passive: false };
  window.addEventListener("pointerdown", down, options);
  window.addEventListener("pointermove", move, options);
  window.addEventListener("pointerup", up, options);
  window.addEventListener("pointercancel", up, options);
  for (const device of ["mousedown", "mousemove", "mouseup"]) {
    window.addEventListener(device, holdBack, options);
  }
  for (const device of ["touchstart", "touchmove", "touchend", "touchcancel"]) {
    window.addEventListener(device, holdBack, options);
  }
  window.addEventListener("dragstart", (event) => canvasAt(event) && event.preventDefault(), options);
}

/**
 * Returns the drawing canvas in which an event happened, also where its toolbar lies above it.
 * @param {Event} event
 * @returns {HTMLCanvasElement | null}
 */
function canvasAt(event) {
  for (const place of event.composedPath()) {
    if (place instanceof ShadowRoot) return place.querySelector("canvas.upper-canvas");
  }
  return null;
}

/** Has the browser send the pointer's moves also from outside the canvas. @param {Stroke} stroke */
function capture({ canvas, id }) {
  try {
    canvas.setPointerCapture(id);
  } catch {
    // the pointer is gone already
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} type
 * @param {PointerEvent} event
 */
function send(canvas, type, event) {
  const { clientX, clientY, screenX, screenY } = event;
  const place = { clientX, clientY, screenX, screenY, button: 0, buttons: type === "mouseup" ? 0 : 1 };
  const options = { bubbles: true, cancelable: true, composed: true, view: window };
  canvas.dispatchEvent(new MouseEvent(type, { ...place, ...options }));
}
