// Shows the prediction for what the pen draws just now, in place of the server's.
//
// The server's heading and caption are elements of the same card. While there is a live reading
// the card is marked, which hides them, and the texts here take their place and their style.

/** Sentences with places to fill, such as `{first}`; `**` marks what is bold.
 *  @typedef {{ sure: string, unsure: string, largest: string, diverged: string, next: string,
 *              noOutputs: string, noProbabilities: string, invitation: string, how: string,
 *              blocked: string }} Sentences */
/** @typedef {{ words: Sentences, names: string[], sure: number, caption: string | null }} VerdictFrame */

/**
 * Returns a heading and a caption for the outputs, as `ui/draw/prediction_text.py` does.
 * @param {VerdictFrame} frame
 * @param {Float32Array | null} outputs
 * @returns {[string, string]}
 */
function describeOutputs({ words, names, sure, caption }, outputs) {
  if (!outputs) return [words.invitation, caption ?? words.how];
  if (!outputs.every(Number.isFinite)) return [words.diverged, caption ?? words.noOutputs];
  const order = [...outputs.keys()].sort((a, b) => outputs[b] - outputs[a] || b - a);
  const [first, second] = order.slice(0, 2).map((place) => withArticle(names[place]));
  const [share, other] = order.slice(0, 2).map((place) => asPercent(outputs[place]));
  const total = outputs.reduce((sum, output) => sum + output, 0);
  const filled = (text) => fill(text, { first, second, share, other, total: total.toFixed(2) });
  const areProbabilities = outputs.every((output) => output >= 0) && Math.abs(total - 1) < 1e-3;
  if (!areProbabilities) return [filled(words.largest), caption ?? filled(words.noProbabilities)];
  const heading = outputs[order[0]] >= sure ? words.sure : words.unsure;
  return [filled(heading), caption ?? filled(words.next)];
}

/** @param {string} name */
function withArticle(name) {
  return name === "8" ? `an **${name}**` : `a **${name}**`;
}

/** @param {number} probability */
function asPercent(probability) {
  if (probability >= 0.01 && probability <= 0.99) return `${(100 * probability).toFixed(0)}%`;
  return probability > 0.5 ? "more than 99%" : "less than 1%";
}

/**
 * @param {string} text
 * @param {Record<string, string>} values
 */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Writes text whose parts between `**` are bold, and those between `*` slanted.
 *  @param {HTMLElement} element @param {string} text */
function write(element, text) {
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  const parts = text.split(/(\*\*.+?\*\*|\*.+?\*)/).map((part) => {
    const mark = /^(\*+)(.+?)\*+$/.exec(part);
    if (!mark) return part;
    const marked = document.createElement(mark[1].length === 2 ? "strong" : "em");
    marked.textContent = mark[2];
    return marked;
  });
  element.replaceChildren(...parts);
}

/** Gives an element the font of another one. @param {HTMLElement} to @param {Element | null} from */
function dress(to, from) {
  if (from) to.style.font = getComputedStyle(from).font;
}

/**
 * Takes the newest frame; Streamlit calls it whenever the data change.
 * @param {ComponentArguments} component
 */
export default function ({ data, parentElement }) {
  /** @type {VerdictFrame} */
  const frame = data.at(-1);
  const live = /** @type {HTMLElement} */ (parentElement.querySelector(".nncore-verdict"));
  const [heading, caption] = /** @type {any} */ (live.children);
  const card = live.closest("[data-testid=stVerticalBlock]");
  const show = () => {
    const pen = window.nncorePen;
    const isShown = !!pen?.isBlocked || !!pen?.live;
    if (isShown && live.hidden) {
      dress(heading, card?.querySelector("[data-testid=stHeading] h2") ?? null);
      dress(caption, card?.querySelector("[data-testid=stCaptionContainer] p") ?? null);
    }
    live.hidden = !isShown;
    card?.toggleAttribute("data-live", isShown);
    if (!isShown) return;
    const outputs = pen?.live?.trace?.values.at(-1) ?? null;
    const texts = pen?.isBlocked ? [frame.words.blocked, ""] : describeOutputs(frame, outputs);
    write(heading, texts[0]);
    write(caption, texts[1]);
  };
  show();
  window.addEventListener("nncore:live", show);
  return () => {
    window.removeEventListener("nncore:live", show);
    card?.removeAttribute("data-live");
  };
}
