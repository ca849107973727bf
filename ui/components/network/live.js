// Ties the drawing in network.js to Streamlit: live pictures. beat.js, which comes first in one file
// with both, says how far a picture is on its way to the newest frame.

/** Numbers are drawn in so many digits, as they are sent. */
const DIGITS = 4;

/**
 * Returns the number at a share of the way; one that is not finite on either end has no way.
 * @param {number | null} from
 * @param {number | null} to
 * @param {number} share
 */
function numberBetween(from, to, share) {
  if (from === null || to === null || share === 1) return to;
  return Number(between(from, to, share).toPrecision(DIGITS));
}

/**
 * Returns a function that gives the frame at a share of the way between two; null where they are not
 * two states of one network.
 * @param {any} before
 * @param {any} after
 */
function wayTo(before, after) {
  const shape = (frame) => JSON.stringify(frame.columns.map(({ size, units }) => [size, units]));
  const isKnown = (frame) => frame.lines.every(({ weights }) => weights !== null);
  if (!before || !isKnown(before) || !isKnown(after) || shape(before) !== shape(after)) return null;
  const starts = after.lines.map((layer, i) => {
    const old = before.lines[i];
    const known = new Map(old.from.map((unit, k) => [`${unit},${old.to[k]}`, old.weights[k]]));
    return layer.from.map((unit, k) => known.get(`${unit},${layer.to[k]}`) ?? layer.weights[k]);
  });
  return (share) => ({
    ...after,
    lines: after.lines.map((layer, i) => ({
      ...layer,
      weights: layer.weights.map((weight, k) => numberBetween(starts[i][k], weight, share)),
      largest: between(before.lines[i].largest, layer.largest, share),
    })),
    columns: after.columns.map((column, i) => ({
      ...column,
      biases: column.biases?.map((bias, k) =>
        numberBetween(before.columns[i].biases?.[k] ?? bias, bias, share)) ?? null,
      largest: between(before.columns[i].largest, column.largest, share),
    })),
  });
}

/**
 * Draws a new frame; Streamlit calls the returned function at the end.
 * @param {ComponentArguments} component
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  const turn = ++view.turn;
  const [before, frame] = [view.frame, data.at(-1)];
  const at = wayTo(before, frame);
  view.send = setTriggerValue;
  const figure = /** @type {HTMLElement} */ (parentElement.querySelector("figure"));
  figure.style.height = `${frame.height}px`;
  beat.play(view, (share) => {
    view.frame = at ? at(share) : frame;
    view.redraw();
  });
  if (turn === 1) view.observe();
  // Streamlit may end an older turn after a newer one began; that must not end the newer one.
  return () => {
    if (view.turn !== turn) return;
    beat.forget(view);
    view.unmount();
  };
}
