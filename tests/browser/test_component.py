"""The end that each component's script gets: the newest of a component's frames is drawn."""

from __future__ import annotations

from playwright.sync_api import Page

from ui.components import component

#: Streamlit's way with two frames that come while the script is on its way: each is handed on once
#: the script is there, and the first is ended at once, since it is not the newest any more.
TWO_FRAMES = """async (script) => {
  let wrong = 0;
  for (let trial = 0; trial < 100; trial += 1) {
    const padding = `// ${trial} ${"x".repeat(50_000)}`;  // another script, which takes a moment
    const url = URL.createObjectURL(new Blob([script, padding], { type: "text/javascript" }));
    window.shown = null;
    let isFirstOver = false;
    const first = import(url).then(({ default: start }) => {
      const end = start({ data: ["old"] });
      if (isFirstOver) return Promise.resolve(end).then((it) => it?.());
    });
    await new Promise((next) => setTimeout(next));
    isFirstOver = true;
    await Promise.all([first, import(url).then(({ default: start }) => start({ data: ["new"] }))]);
    await new Promise((next) => setTimeout(next, 5));
    wrong += window.shown !== "new";
  }
  return wrong;
}"""


def test_a_frame_that_is_over_is_not_drawn_after_the_newest(page: Page) -> None:
    script = "export default function ({ data }) { window.shown = data.at(-1); }"
    page.goto("about:blank")
    assert page.evaluate(TWO_FRAMES, component._finish(script)) == 0
