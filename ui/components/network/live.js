// Ties the drawing of network.js, which stands before this in one file, to Streamlit: live pictures.

/** Called by Streamlit for each new frame; what it returns is called at the end. */
export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? mount(parentElement);
  const turn = ++view.turn;
  Object.assign(view, { frame: data.at(-1), send: setTriggerValue });
  parentElement.querySelector("figure").style.height = `${view.frame.height}px`;
  view.redraw();
  if (turn === 1) view.observe();
  // Streamlit also ends a turn that a newer one has overtaken: that must not end the newer one.
  return () => { if (view.turn === turn) view.unmount(); };
}
