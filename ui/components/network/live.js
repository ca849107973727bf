// Ties the drawing in network.js, which precedes this in one file, to Streamlit: live pictures.

/**
 * Draws a new frame; Streamlit calls the returned function at the end.
 * @param {ComponentArguments} component
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  const turn = ++view.turn;
  Object.assign(view, { frame: data.at(-1), send: setTriggerValue });
  const figure = /** @type {HTMLElement} */ (parentElement.querySelector("figure"));
  figure.style.height = `${view.frame.height}px`;
  view.redraw();
  if (turn === 1) view.observe();
  // Streamlit may end an older turn after a newer one began; that must not end the newer one.
  return () => { if (view.turn === turn) view.unmount(); };
}
