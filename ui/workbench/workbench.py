"""The workbench that all lessons share: run buttons, settings, two live pictures and the curves.

While a run goes on, a fragment looks at its progress and redraws the pictures alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TypeAlias

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nncore.data.datasets import Dataset
from nncore.data.splits import training_rows, updates_per_epoch
from nncore.experiment import Experiment
from nncore.runtime.jobs import Progress
from nncore.runtime.run import Run
from ui.charts import learning_curves
from ui.components import clock, replay
from ui.components.network import draw_network
from ui.core import page_runs, server
from ui.core.keys import Key, PageKey
from ui.core.wording import count
from ui.workbench import predictions, run_controls
from ui.workbench.lesson_page import LessonPage
from ui.workbench.run_controls import BENCH, BUILD, LIVE
from ui.workbench.run_line import show_run_line
from ui.workbench.run_view import View, view_of

CLOCK = PageKey("clock", None)
CURVES = Key("bench", None)
NETWORK = PageKey("network", None)
REPLAY = PageKey("replay", None)

#: Seconds between two looks at a run, before its curve begins and after. A look keeps the browser
#: busy for a tenth of a second, in which nothing moves; between two, pictures move evenly.
FIRST_LOOK, LOOK = 0.05, 0.3
#: Seconds that a page waits for a run's first numbers, which then come sooner than the next look.
PATIENCE = 0.15
#: With several runs in training, a run gets a slice every so many seconds times their number.
TURN = 0.1
#: Pixels of a curve: with it all of the workbench fits on a screen of 1280 by 800.
CURVE_HEIGHT = 128
#: Pixels of a network in its card.
NETWORK_HEIGHT = 236

Picture: TypeAlias = Callable[[LessonPage, View], None]


def show_workbench(
    page: LessonPage,
    *,
    settings: Callable[[LessonPage], None],
    pictures: tuple[Picture, Picture],
    question: Picture | None = None,
    speed: str = run_controls.FULL_SPEED,
) -> View:
    """Draw the run buttons, the settings, two live pictures and the curves.

    Args:
        page: The page.
        settings: Draws the settings' widgets.
        pictures: Draw the two cards to the right of the settings, above the curves.
        question: Draws above the pictures, such as a question about the finished run.
        speed: One of `run_controls.SPEEDS`, for a learner who has not chosen one.

    Returns:
        The run that is shown, for the parts of the page below.
    """
    run = page_runs.get_run(page.name)
    is_moving = run is not None and not _is_settled(run.peek())  # before the run is looked at below
    shown = _hide_answer(page, view_of(run, page.experiment, page.dataset))
    with st.container(key=BENCH.on(page.name).name):
        line = run_controls.show_run_controls(page, run, shown, speed)
        build, live = st.columns([1, 2.2], gap="small")
        with build:
            _show_build(page, settings)
        with live, st.container(key=LIVE.on(page.name).name):
            if question is not None:
                question(page, shown)
            _show_live(page, run if is_moving else None, shown, pictures, line)
        replay.mount(LIVE.on(page.name).name, key=REPLAY.on(page.name).name)
    return shown


def _show_build(page: LessonPage, settings: Callable[[LessonPage], None]) -> None:
    with st.container(border=True, gap="small", key=BUILD.on(page.name).name):
        st.header("2 Build", anchor=False)
        settings(page)
        for problem in page.experiment.warnings:
            st.warning(problem.sentence, icon=":material/help:")
        st.caption(describe_size(page.experiment, page.dataset))


def _hide_answer(page: LessonPage, shown: View) -> View:
    """Return an untrained view in place of a stored result that must not open by itself."""
    if shown.stored and predictions.stays_closed(page.lesson, shown.experiment):
        return View(page.experiment, page.dataset)
    return shown


def describe_size(experiment: Experiment, dataset: Dataset) -> str:
    """Return how the numbers of parameters and updates come about, in Markdown."""
    sizes, fit = experiment.layer_sizes, experiment.fit
    terms = " + ".join(f"{b:,} × ({a:,} + 1)" for a, b in pairwise(sizes))
    rows = training_rows(len(dataset.x_train), fit)
    updates = updates_per_epoch(len(dataset.x_train), fit)
    at_most = "at most " if fit.patience else ""
    return (
        f"{terms} = **{count(experiment.parameters, 'parameter')}**  \n"
        f"{count(rows.stop - rows.start, 'sample')} / {fit.batch_size:,} a batch "
        f"= {count(updates, 'update')} an epoch; "
        f"× {fit.epochs:,} = **{at_most}{count(updates * fit.epochs, 'update')}**"
    )


def show_curves(shown: View) -> None:
    """Draw the loss and the chosen metric over the epochs, next to each other.

    Their text has values only once they rest: with another text Streamlit draws a new chart. So a
    click on Train does not wait for two of them.
    """
    checkpoint, fit = shown.checkpoint, shown.experiment.fit
    for column, field in zip(st.columns(2, gap="small"), ("loss", fit.metric), strict=True):
        history = checkpoint.history if checkpoint else {}
        chart = learning_curves.learning_curve(
            field,
            history,
            checkpoint.trace if checkpoint else (),
            epochs=fit.epochs,
            validated=fit.validation != "none",
            height=CURVE_HEIGHT,
        )
        with column:
            if not shown.is_moving and history.get(field):
                chart = chart.described(learning_curves.describe_curve(field, history))
            st.vega_lite_chart(*chart, key=CURVES.of(field).name, height=CURVE_HEIGHT)


@contextmanager
def card(title: str) -> Iterator[None]:
    """Draw a bordered card with a title around the body of the `with`."""
    with st.container(border=True, gap="small"):
        st.markdown(f"**{title}**")
        yield


def show_network(page: LessonPage, shown: View, classes: Sequence[str]) -> None:
    """Draw the card of a network with its weights and activations.

    Args:
        page: The page.
        shown: The run on the page.
        classes: A label for each output.
    """
    with card("The network"):
        model = shown.experiment.model
        draw_network(
            shown.experiment.layer_sizes,
            (shown.checkpoint.weights if shown.checkpoint else None) or None,
            key=NETWORK.on(page.name).name,
            activations=(*(model.activation,) * len(model.units), model.output_activation),
            labels=((), classes),
            height=NETWORK_HEIGHT,
        )


def _show_live(
    page: LessonPage,
    moving: Run | None,
    settled: View,
    pictures: tuple[Picture, Picture],
    line: DeltaGenerator,
) -> None:
    """Draw pictures, curves and the line on the run, again and again while a run is moving.

    Args:
        page: The page.
        moving: The page's run while it trains; None where nothing moves.
        settled: What the page shows where nothing moves.
        pictures: Draw the two cards.
        line: The place of the line on the run.
    """

    @st.fragment
    def frame() -> None:
        shown = settled if moving is None else _look_at(page, moving)
        with line.container():
            show_run_line(page, shown)
        for column, picture in zip(st.columns(2, gap="small"), pictures, strict=True):
            with column:
                picture(page, shown)
        with st.container(border=True):
            show_curves(shown)
        if moving is not None:
            progress = moving.peek()
            if _is_settled(progress):
                st.rerun()
            clock.again(CLOCK.on(page.name).name, _seconds_to_next_look(progress))

    frame()


def _look_at(page: LessonPage, run: Run) -> View:
    """Return what to show of a run that moves; wait a moment for its first numbers."""
    if server.lab().runner.active() == 1:
        run.wait_for_first(PATIENCE)
    return view_of(run, page.experiment, page.dataset)


def _seconds_to_next_look(progress: Progress) -> float:
    """Return when a run may have something new to show: later where several take turns."""
    active = server.lab().runner.active()
    return max(LOOK if progress.checkpoint.trace else FIRST_LOOK, TURN * (active - 1))


def _is_settled(progress: Progress) -> bool:
    return not progress.state.active and not progress.stepping
