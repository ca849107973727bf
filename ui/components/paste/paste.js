// Puts pasted files into a file uploader, see __init__.py. data is a list with one { class }.

/**
 * Listens for pasted files; Streamlit calls it whenever the part of the page is drawn.
 * @param {ComponentArguments} component
 */
export default function ({ data }) {
  const uploader = data[0].class;
  /** @param {ClipboardEvent} event */
  const take = (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const input = document.querySelector(`.${CSS.escape(uploader)} input[type=file]`);
    if (!files.length || !(input instanceof HTMLInputElement)) return; // text, or no uploader
    const pasted = new DataTransfer();
    for (const file of files) pasted.items.add(file);
    input.files = pasted.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    event.preventDefault();
  };
  document.addEventListener("paste", take);
  return () => document.removeEventListener("paste", take);
}
