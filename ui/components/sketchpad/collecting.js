// The buttons of the classes, and the drawings that are on their way to the server.
//
// A drawing that is added waits here until the server has it, so nobody has to wait for the server
// between two drawings. Messages name each drawing by a number: one that comes twice counts once.

/** @typedef {{ key: number, name: string, total: number }} SketchClass */
/** @typedef {{ number: number, key: number, strokes: SketchStroke[] }} SketchDrawing */

/** Drawings that may wait for the server. */
const MOST_WAITING = 20;
/** Milliseconds after which drawings that the server has not confirmed are sent again: twice as long
 *  each time, for every message has a busy server draw the page anew. */
const UNCONFIRMED = [3000, 30000];

/** One queue for the page: Streamlit can mount a field anew, and the drawings have to outlive it. */
const onTheWay = makeQueue();

/** @typedef {{ token: string, turn: number, drawings: SketchDrawing[] }} SketchMessage */

function makeQueue() {
  const token = Math.random().toString(36).slice(2);
  /** @type {SketchDrawing[]} */
  let waiting = [];
  /** @type {SketchDrawing[]} */
  let late = []; // drawings that were on their way when the page was loaded anew
  /** @type {{ root: HTMLElement, send: (message: SketchMessage) => void } | null} */
  let field = null; // the newest field, which sends
  let isReady = false; // whether the server knows the classes that the learner has
  let [last, turn, timer] = [0, 0, 0];
  let [patience] = UNCONFIRMED;

  function sendAll() {
    clearTimeout(timer);
    if (!waiting.length || !isReady) return;
    turn += 1; // so that each message is a new one, also with the same drawings
    if (field?.root.isConnected) field.send({ token, turn, drawings: waiting });
    timer = setTimeout(sendAll, patience); // a message can be lost
    patience = Math.min(2 * patience, UNCONFIRMED[1]);
  }

  /** @param {number} key @param {SketchStroke[]} strokes */
  function push(key, strokes) {
    last += 1;
    waiting.push({ number: last, key, strokes });
    [patience] = UNCONFIRMED;
  }

  return {
    list: () => [...late, ...waiting],
    isFull: () => late.length + waiting.length >= MOST_WAITING,
    /** @param {number} key */
    count: (key) => waiting.filter((drawing) => drawing.key === key).length,
    /** Sends by this field from now on.
     *  @param {HTMLElement} root @param {(message: SketchMessage) => void} send */
    connect(root, send) {
      field = { root, send };
    },
    /** @param {number} key @param {SketchStroke[]} strokes */
    add(key, strokes) {
      push(key, strokes);
      sendAll();
    },
    /** Holds drawings until the classes are there. @param {SketchDrawing[]} drawings */
    bring(drawings) {
      late.push(...drawings);
    },
    /** Sends what was held as soon as the server knows the classes. @param {boolean} isNow */
    setReady(isNow) {
      const becomesReady = isNow && !isReady;
      isReady = isNow;
      if (!isReady || !(becomesReady || late.length)) return;
      for (const { key, strokes } of late.splice(0)) push(key, strokes);
      sendAll();
    },
    /** Forgets what the server has. @param {{ token: string, number: number }} heard */
    hear(heard) {
      const rest = heard.token === token ? waiting.filter(({ number }) => number > heard.number) : waiting;
      if (rest.length < waiting.length) [patience] = UNCONFIRMED;
      waiting = rest;
    },
  };
}

/**
 * Shows a button for each class. Existing ones are kept, so that none loses the focus.
 * @param {HTMLElement} row
 * @param {SketchClass[]} classes
 * @param {number} chosen The key of the chosen class.
 * @param {(key: number) => void} choose
 */
function showClasses(row, classes, chosen, choose) {
  while (row.childElementCount > classes.length) row.lastElementChild?.remove();
  while (row.childElementCount < classes.length) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "radio");
    button.append(document.createElement("span"), document.createElement("b"));
    row.append(button);
  }
  classes.forEach(({ key, name, total }, place) => {
    const button = /** @type {HTMLButtonElement} */ (row.children[place]);
    button.children[0].textContent = name;
    button.children[1].textContent = String(total);
    button.setAttribute("aria-label", `${name}, ${total}`);
    button.setAttribute("aria-checked", String(key === chosen));
    button.tabIndex = key === chosen ? 0 : -1;
    button.onclick = () => choose(key);
    button.onkeydown = ({ key: pressed }) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[pressed] ?? 0;
      const next = /** @type {HTMLButtonElement | undefined} */ (row.children[place + step]);
      if (step) next?.focus();
      if (step) next?.click();
    };
  });
}
