// Reads the drawing at every animation frame while the pen moves, without asking the server.
//
// The parts before this in one file do the work; this ties them together. What it reads it hands
// to the page's other components as `window.nncorePen.live`, with the event `nncore:live`. The
// server is asked when the pen has been lifted; its own answer then replaces the live one.

/** @typedef {{ digest: string, layers: LayerForm[], scaled: boolean }} ReaderForm */
/** @typedef {{ side: number, greys: [number, number], dark: boolean, erases: boolean, mount: number,
 *              reader: ReaderForm | null, weights: string | null }} PenFrame */

/** Milliseconds without a stroke after which the drawing is sent: the strokes of a digit follow
 *  each other faster. */
const LIFTED = 200;
/** Frames after a stroke or an undo in which the canvas may still change. */
const SETTLING = 3;
/** Frames in which an undo must have changed the canvas. */
const UNDOING = 60;
/** The mean difference, in grey levels, up to which the server read the same drawing. */
const SAME = 8;
/** Milliseconds after which a live answer is given up where the server has not answered. */
const PATIENCE = 15000;

const pen = (window.nncorePen ??= makePen());

function makePen() {
  /** @type {NonNullable<Window["nncorePen"]>} */
  const made = { isDown: false, isReady: false, live: null, isBlocked: false, history: null, press, answered };
  /** @type {PenFrame | null} */
  let frame = null;
  /** @type {Drawing | null} */
  let drawing = null;
  /** @type {CanvasRenderingContext2D | null} */
  let scratch = null;
  /** @type {DenseNetwork | null} */
  let network = null;
  /** @type {Map<string, DenseNetwork>} */
  const networks = new Map();
  let changed = false; // since the last frame was read
  let waiting = 0; // the timer that sends the drawing
  let patience = 0; // the timer that gives a live answer up
  let observer = new MutationObserver(noteHistory);

  /** Draws a new frame of the server's. @param {PenFrame} sent @param {(d: string) => void} ask */
  async function update(sent, ask) {
    const isNewCanvas = sent.mount !== frame?.mount;
    frame = sent;
    scratch ??= makeScratch(sent.side);
    if (isNewCanvas) stop();
    attach(isNewCanvas ? drawing?.root : undefined);
    made.isBlocked = !canReadCanvas();
    if (made.isBlocked) announce();
    else await load(sent, ask);
  }

  /** Finds the canvas, which may be mounted after this. @param {ShadowRoot} [old] One that goes. */
  function attach(old, tries = 100) {
    const found = findDrawing();
    if (!found || found.root === old) {
      if (frame && tries) setTimeout(() => attach(old, tries - 1), 50);
      return;
    }
    if (found.root === drawing?.root) return;
    drawing = found;
    hideToolbar(found.root);
    if (toolbarButton(found.root, "Undo")?.disabled === false) settle(0, () => true); // drawn early
    observer.disconnect();
    const toolbar = found.root.querySelector(".dc-toolbar");
    if (toolbar) observer.observe(toolbar, { subtree: true, attributeFilter: ["disabled"] });
    noteHistory();
  }

  /** Gets the reader's weights: from memory, from what the browser keeps, or from the server. */
  async function load({ reader, weights }, ask) {
    network = null;
    made.isReady = false;
    if (!reader) return;
    const { digest, layers, scaled } = reader;
    if (!networks.has(digest)) {
      const bytes = weights ? toBytes(weights) : await keptWeights(digest);
      if (!bytes) {
        askUntilHeard(() => {
          if (networks.has(digest) || digest !== frame?.reader?.digest) return false;
          if (!made.isDown) ask(digest);
          return true;
        });
        return;
      }
      if (weights) void keepWeights(digest, bytes);
      networks.set(digest, unpackNetwork(bytes, layers, scaled));
    }
    if (digest === frame?.reader?.digest) network = networks.get(digest) ?? null;
    made.isReady = !!network;
  }

  /** Tells the buttons which of them can do something. */
  function noteHistory() {
    /** @param {string} name */
    const can = (name) => !!drawing && toolbarButton(drawing.root, name)?.disabled === false;
    made.history = drawing && { Undo: can("Undo"), Redo: can("Redo") };
    window.dispatchEvent(new Event("nncore:history"));
  }

  /** Undoes or redoes a stroke. @param {string} name */
  function press(name) {
    if (!drawing || made.isDown) return;
    const before = drawing.lower.toDataURL();
    toolbarButton(drawing.root, name)?.click();
    settle(UNDOING, () => drawing?.lower.toDataURL() !== before);
  }

  function begin() {
    made.isDown = true;
    clearTimeout(waiting);
    waiting = 0;
    attach(undefined, 0);
    changed = true;
    requestAnimationFrame(follow);
  }

  function follow() {
    if (!made.isDown) return;
    if (changed) read();
    changed = false;
    requestAnimationFrame(follow);
  }

  function end() {
    made.isDown = false;
    settle(SETTLING, () => false);
  }

  /**
   * Reads the drawing once it has changed, and sends it.
   * @param {number} frames The most frames to wait.
   * @param {() => boolean} isDone
   */
  function settle(frames, isDone) {
    requestAnimationFrame(() => {
      if (made.isDown) return;
      if (frames > 0 && !isDone()) return settle(frames - 1, isDone);
      read();
      clearTimeout(waiting);
      waiting = setTimeout(sendNow, LIFTED);
    });
  }

  function sendNow() {
    clearTimeout(waiting);
    waiting = 0;
    if (drawing && !made.isDown) sendDrawing(drawing);
  }

  /** Sends what is still to be sent before a click elsewhere, which may leave the page.
   *  @param {Event} event */
  function hurry(event) {
    if (waiting && !canvasAt(event)) sendNow();
  }

  /** Reads the drawing as it is now. */
  function read() {
    if (!drawing || !scratch || !frame || !network || made.isBlocked) return;
    const begun = performance.now();
    const { side, dark, greys } = frame;
    const image = toField(readInk(drawing, scratch, dark, greys), side, side);
    const trace = image && traceNetwork(network, image);
    const paths = trace ? () => strongestPaths(/** @type {DenseNetwork} */ (network), trace) : null;
    made.live = { image, trace, paths, begun };
    clearTimeout(patience);
    patience = setTimeout(stop, PATIENCE);
    announce();
  }

  /** Takes note of the drawing that the server has read. @param {Uint8Array | null} image */
  function answered(image) {
    if (!made.live || made.isDown) return;
    const mine = made.live.image ?? new Uint8Array(FIELD * FIELD);
    const other = image ?? new Uint8Array(FIELD * FIELD);
    const difference = mine.reduce((sum, level, place) => sum + Math.abs(level - other[place]), 0);
    if (difference / mine.length < SAME) stop();
  }

  /** Lets the server's answer be shown again. */
  function stop() {
    clearTimeout(patience);
    if (!made.live) return;
    made.live = null;
    announce();
  }

  function announce() {
    window.dispatchEvent(new Event("nncore:live"));
  }

  /** Forgets the canvas: it has left the page. */
  function leave() {
    clearTimeout(waiting);
    waiting = 0;
    observer.disconnect();
    frame = drawing = network = null;
    made.isBlocked = false;
    clearTimeout(patience);
    made.live = null;
    announce();
    noteHistory();
  }

  for (const act of ["pointerdown", "keydown"]) window.addEventListener(act, hurry, true);
  filterPointers({ erases: () => !!frame?.erases, begin, move: () => (changed = true), end });
  return Object.assign(made, { update, leave });
}

const turns = new WeakMap();

/**
 * Takes what the server says; Streamlit calls it whenever that changes.
 * @param {ComponentArguments} component
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const turn = (turns.get(parentElement) ?? 0) + 1;
  turns.set(parentElement, turn);
  void pen.update(data.at(-1), (digest) => setTriggerValue("wanted", digest));
  // Streamlit may end an older turn after a newer one began; that must not end the newer one.
  return () => {
    if (turns.get(parentElement) === turn) pen.leave();
  };
}
