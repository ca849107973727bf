// Two buttons that undo and redo strokes on the drawing canvas (`../pen`), without the server.

const pressed = { Undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-2", Redo: "m15 14 5-5-5-5M20 9H10a6 6 0 0 0 0 12h2" };

/**
 * Draws the buttons; Streamlit calls it once.
 * @param {ComponentArguments} component
 */
export default function ({ parentElement }) {
  const row = /** @type {HTMLElement} */ (parentElement.querySelector(".undo"));
  if (!row.childElementCount) row.append(...Object.entries(pressed).map(makeButton));
  const show = () => {
    for (const button of row.querySelectorAll("button")) {
      button.disabled = !window.nncorePen?.history?.[button.title];
    }
  };
  show();
  window.addEventListener("nncore:history", show);
  return () => window.removeEventListener("nncore:history", show);
}

/** @param {[string, string]} entry Its name, and the lines of its icon. */
function makeButton([name, lines]) {
  const button = document.createElement("button");
  button.type = "button";
  button.title = name;
  button.setAttribute("aria-label", name);
  button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${lines}"/></svg>`;
  button.onclick = () => window.nncorePen?.press(name);
  return button;
}
