// A field to draw in: it collects drawings of classes, or reads a drawing while it is drawn.
//
// The parts before this in one file do the work; this ties them together. The server says with each
// frame what the field is for; what is drawn stays when a new frame comes.

/** @typedef {{ classes: SketchClass[], heard: { token: string, number: number },
 *              isReady: boolean }} SketchCollecting */
/** @typedef {{ dark: boolean, label: string, buttons: Record<string, string>,
 *              collecting: SketchCollecting | null, reading: SketchReading | null }} SketchFrame */

/** Milliseconds without a stroke after which a drawing is sent to be read. */
const RESTING = 250;
/** Pixels of the canvas for one of the field: fine lines also on a screen with small pixels. */
const FINE = 2;

const pads = new WeakMap();

/** @param {HTMLElement} root @param {ComponentArguments} component */
function makePad(root, component) {
  const find = (name) => /** @type {any} */ (root.querySelector(name));
  const canvas = find(".paper");
  canvas.width = canvas.height = FINE * SKETCH_SIDE;
  const context = canvas.getContext("2d");
  /** @type {SketchFrame} */
  let frame = component.data.at(-1);
  /** @type {DenseNetwork | null} */
  let network = null;
  let chosen = -1;
  let wanted = -1; // the class that was chosen before a reload: the first frames may not have it
  let resting = 0; // the timer that sends a drawing to be read
  let turn = ""; // names the drawing that was sent last
  let turns = 0;
  let isDue = false; // whether a repaint is on its way
  const token = Math.random().toString(36).slice(2);
  let { setStateValue, setTriggerValue } = component;
  const sketch = makeSketch(canvas, find(".cursor"), { change, lift, finish: add });
  const kind = frame.collecting ? "collecting" : "reading";
  keepUnfinished(kind, root, () => {
    const waiting = frame.collecting ? onTheWay.list() : [];
    return { strokes: sketch.strokes, chosen: wanted < 0 ? chosen : wanted, waiting };
  });

  function change() {
    forgetUnfinished(kind);
    clearTimeout(resting);
    turn = "";
    if (!isDue) requestAnimationFrame(repaint);
    isDue = true;
  }

  /** @returns {SketchChange} */
  function changeOf() {
    const [size, across, down] = ["size", "across", "down"].map((name) => Number(find(`.${name}`).value));
    return { size: size / 100, across, down };
  }

  function repaint() {
    isDue = false;
    const isEmpty = !sketch.strokes.length;
    paintStrokes(context, sketch.strokes, frame.dark ? "#ffffff" : "#000000");
    find(".hint").hidden = !isEmpty;
    for (const name of [".undo", ".clear", ".add"]) find(name).disabled = isEmpty;
    if (frame.reading) read(frame.reading);
  }

  /** @param {SketchReading} reading */
  function read(reading) {
    const image = sketchInput(sketch.strokes, changeOf());
    paintInput(find(".input"), image, frame.dark);
    const outputs = image && network ? traceNetwork(network, image).values.at(-1) ?? null : null;
    const isNone = !!turn && reading.answer?.turn === turn && reading.answer.isNone;
    showReading(find(".reading"), reading, outputs, isNone);
  }

  function lift() {
    if (!frame.reading) return;
    clearTimeout(resting);
    resting = setTimeout(() => {
      turns += 1;
      turn = `${token}.${turns}`;
      setStateValue("drawn", { turn, strokes: sketch.strokes, ...changeOf() });
    }, RESTING);
  }

  function add() {
    if (!frame.collecting || !sketch.strokes.length || onTheWay.isFull()) return;
    onTheWay.add(chosen, sketch.strokes);
    sketch.clear();
    collect(frame.collecting);
  }

  /** @param {SketchCollecting} collecting */
  function collect({ classes, heard, isReady }) {
    onTheWay.hear(heard);
    onTheWay.setReady(isReady);
    if (classes.some(({ key }) => key === wanted)) chosen = wanted;
    if (!classes.some(({ key }) => key === chosen)) chosen = classes[0]?.key ?? -1;
    const counted = classes.map((one) => ({ ...one, total: one.total + onTheWay.count(one.key) }));
    showClasses(find(".classes"), counted, chosen, (key) => {
      chosen = key;
      wanted = -1;
      if (frame.collecting) collect(frame.collecting);
    });
    const one = counted.find(({ key }) => key === chosen);
    writeSketch(find(".add"), frame.buttons.add, { name: one?.name ?? "" });
    find(".status").textContent = one ? `${one.name}: ${one.total}` : "";
  }

  /** @param {ComponentArguments} sent */
  async function update(sent) {
    ({ setStateValue, setTriggerValue } = sent);
    frame = sent.data.at(-1);
    if (frame.collecting) onTheWay.connect(root, (message) => setStateValue("added", message));
    root.classList.toggle("dark", frame.dark);
    canvas.setAttribute("aria-label", frame.label);
    for (const name of ["undo", "clear", "reset"]) find(`.${name}`).textContent = frame.buttons[name];
    for (const name of ["size", "across", "down"]) {
      find(`.${name}`).previousElementSibling.textContent = frame.buttons[name];
    }
    find(".hint").textContent = frame.buttons.hint;
    for (const part of [".classes", ".add"]) find(part).hidden = !frame.collecting;
    for (const part of [".reading", ".changes"]) find(part).hidden = !frame.reading;
    if (frame.collecting) collect(frame.collecting);
    repaint();
    if (!frame.reading) return;
    network = await loadSketchNetwork(frame.reading, askFor);
    repaint();
  }

  /** @param {string} digest */
  function askFor(digest) {
    const isWanted = root.isConnected && digest === frame.reading?.reader?.digest;
    if (isWanted) setTriggerValue("wanted", digest);
    return isWanted;
  }

  function reset() {
    Object.assign(find(".size"), { value: 100 });
    for (const name of ["across", "down"]) Object.assign(find(`.${name}`), { value: 0 });
  }

  const before = recallUnfinished(kind);
  if (before) {
    ({ strokes: sketch.strokes, chosen: wanted } = before);
    onTheWay.bring(before.waiting);
    lift();
  }

  find(".undo").onclick = () => sketch.undo();
  find(".clear").onclick = () => {
    reset();
    sketch.clear();
  };
  find(".add").onclick = add;
  for (const name of ["size", "across", "down"]) {
    find(`.${name}`).oninput = () => {
      change();
      lift();
    };
  }
  find(".reset").onclick = () => {
    reset();
    change();
    lift();
  };
  return { update };
}

/**
 * Takes the newest frame; Streamlit calls it whenever the data change.
 * @param {ComponentArguments} component
 */
export default function (component) {
  const root = /** @type {HTMLElement} */ (component.parentElement.querySelector(".sketchpad"));
  if (!pads.has(root)) pads.set(root, makePad(root, component));
  void pads.get(root).update(component);
}
