// Copies a link, or selects it where the clipboard is closed; __init__.py says where that is.

/** @typedef {{ link: string, large: boolean }} Frame */

const COPIED = "Copied.";
const SELECTED = "Selected. Now press Ctrl+C, on a Mac ⌘C, to copy it.";

/**
 * Shows the newest link; Streamlit calls it whenever the link changes.
 * @param {ComponentArguments} component
 */
export default function ({ data, parentElement }) {
  /** @type {Frame} */
  const { link, large } = data.at(-1);
  const [row, field, button, status] = [".copy-link", "textarea", "button", "p"].map((name) =>
    /** @type {any} */ (parentElement.querySelector(name)),
  );
  if (field.value !== link) {
    field.value = link;
    status.textContent = "";
  }
  row.classList.toggle("large", large);
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`; // the whole link, and the border
  field.onfocus = () => field.select();

  function select() {
    field.focus();
    field.select();
    status.textContent = SELECTED;
  }

  button.onclick = () => {
    if (!navigator.clipboard) select();
    else
      navigator.clipboard.writeText(field.value).then(() => (status.textContent = COPIED), select);
  };
}
