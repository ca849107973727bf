// Strokes on a field of 280 x 280: drawn with mouse, pen, finger or keyboard, and painted.
//
// One pointer draws; a second one, such as the palm beside a pen, is ignored. A tap makes a dot. With
// the keyboard, arrow keys move a cursor, and Space puts the pen down or lifts it.

/** @typedef {[number, number]} SketchPoint */
/** @typedef {SketchPoint[]} SketchStroke */
/** What happens on a field.
 *  @typedef {{ change: () => void, lift: () => void, finish: () => void }} SketchEvents */
/** @typedef {{ strokes: SketchStroke[], isDown: boolean, undo: () => void, clear: () => void }} Sketch */

const SKETCH_SIDE = 280;
const SKETCH_PEN = 20;
/** Points nearer than this to the one before are left out. */
const NEAREST = 2;
/** Points that all strokes may have together; the server takes no more. */
const MOST_POINTS = 1500;
/** Pixels that an arrow key moves the cursor; with Shift, and without. */
const KEY_STEPS = [2, 10];

/** @type {Record<string, SketchPoint>} */
const arrowSteps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Lets pointers and keys draw on a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} cursor Shows where the keyboard's pen is.
 * @param {SketchEvents} events
 * @returns {Sketch}
 */
function makeSketch(canvas, cursor, events) {
  /** @type {Sketch} */
  const sketch = { strokes: [], isDown: false, undo, clear };
  /** @type {PointerEvent | null} */
  let pointer = null;
  /** @type {SketchPoint} */
  let place = [SKETCH_SIDE / 2, SKETCH_SIDE / 2];
  let isKeyDown = false;

  /** @param {{ clientX: number, clientY: number }} event @returns {SketchPoint} */
  function placeOf({ clientX, clientY }) {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const x = ((clientX - left) / width) * SKETCH_SIDE;
    const y = ((clientY - top) / height) * SKETCH_SIDE;
    return [withinSide(x), withinSide(y)];
  }

  /** @param {SketchPoint} point */
  function extend(point) {
    const stroke = sketch.strokes[sketch.strokes.length - 1];
    const [x, y] = stroke[stroke.length - 1];
    const total = sketch.strokes.reduce((count, { length }) => count + length, 0);
    if (Math.hypot(point[0] - x, point[1] - y) < NEAREST || total >= MOST_POINTS) return;
    stroke.push(point);
    events.change();
  }

  /** @param {SketchPoint} point */
  function begin(point) {
    if (sketch.strokes.flat().length >= MOST_POINTS) return;
    sketch.isDown = true;
    sketch.strokes.push([point]);
    events.change();
  }

  function end() {
    pointer = null;
    sketch.isDown = false;
    events.lift();
  }

  function undo() {
    sketch.strokes.pop();
    events.change();
    events.lift();
  }

  function clear() {
    sketch.strokes = [];
    liftKey();
    events.change();
    events.lift();
  }

  function liftKey() {
    isKeyDown = false;
    cursor.classList.remove("down");
  }

  function showCursor() {
    cursor.hidden = false;
    cursor.style.left = `${(100 * place[0]) / SKETCH_SIDE}%`;
    cursor.style.top = `${(100 * place[1]) / SKETCH_SIDE}%`;
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    const step = arrowSteps[event.key];
    if (step) {
      const length = KEY_STEPS[event.shiftKey ? 0 : 1];
      place = [withinSide(place[0] + length * step[0]), withinSide(place[1] + length * step[1])];
      if (isKeyDown) extend(place);
    } else if (event.key === " ") {
      isKeyDown = !isKeyDown;
      cursor.classList.toggle("down", isKeyDown);
      if (isKeyDown) begin(place);
      else end();
    } else if (event.key === "Enter") events.finish();
    else if (event.key === "Backspace") undo();
    else return;
    event.preventDefault();
    showCursor();
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const isPalm = event.pointerType === "pen" && pointer?.pointerType === "touch";
    if (pointer && !isPalm) return;
    if (isPalm) sketch.strokes.pop();
    liftKey();
    cursor.hidden = true;
    pointer = event;
    try {
      canvas.setPointerCapture(event.pointerId); // the pen may leave the field
    } catch {
      // the pointer is gone already
    }
    begin(placeOf(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer?.pointerId) return;
    const steps = event.getCoalescedEvents?.() ?? [];
    for (const step of steps.length ? steps : [event]) extend(placeOf(step));
  });
  for (const over of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(over, (event) => {
      if (/** @type {PointerEvent} */ (event).pointerId === pointer?.pointerId) end();
    });
  }
  canvas.addEventListener("keydown", press);
  canvas.addEventListener("blur", () => {
    if (isKeyDown) end();
    liftKey();
    cursor.hidden = true;
  });
  return sketch;
}

/** @param {number} value */
function withinSide(value) {
  return Math.min(SKETCH_SIDE, Math.max(0, Math.round(value)));
}

/**
 * Paints strokes as `nncore.digits.strokes` does: a round pen, and curves from middle to middle.
 * @param {CanvasRenderingContext2D} context Its canvas is square.
 * @param {SketchStroke[]} strokes
 * @param {string} colour
 */
function paintStrokes(context, strokes, colour) {
  const scale = context.canvas.width / SKETCH_SIDE;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, SKETCH_SIDE, SKETCH_SIDE);
  Object.assign(context, { lineWidth: SKETCH_PEN, lineCap: "round", lineJoin: "round" });
  context.strokeStyle = context.fillStyle = colour;
  for (const stroke of strokes) {
    context.beginPath();
    if (stroke.length === 1) {
      context.arc(...stroke[0], SKETCH_PEN / 2, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    context.moveTo(...stroke[0]);
    for (let i = 1; i < stroke.length - 1; i += 1) {
      const [[x, y], [nextX, nextY]] = [stroke[i], stroke[i + 1]];
      context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    }
    context.lineTo(...stroke[stroke.length - 1]);
    context.stroke();
  }
}
