"""The catalogue of pages: the one list that navigation, links, runs, sweeps and tests read.

To add a lesson, add its line to `LESSONS`, its page `pages/NAME.py` and its texts
`lessons/NAME.toml`. This file is imported before the first title is painted, so it imports nothing
that takes long.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nncore.experiment import Experiment


@dataclass(frozen=True)
class PageInfo:
    """A page as the navigation shows it.

    Args:
        name: Its file's name, its address and the first part of its keys.
        title: What the navigation calls it.
        icon: A Material icon, as Streamlit writes it.
        section: The heading above it in the navigation.
    """

    name: str
    title: str
    icon: str
    section: str = "Lessons"

    @property
    def path(self) -> str:
        """The page's file, relative to the project's folder."""
        return f"pages/{self.name}.py"


@dataclass(frozen=True)
class LessonInfo(PageInfo):
    """A lesson: a page with a number, on which experiments are trained.

    Args:
        data: Names of the data sets that the page shows; a link may choose among them.
        is_home: Return True for experiments that open on this page where no record says which page
            they came from; no two lessons say so of the same experiment.
        can_sweep: Whether a sweep may start from this lesson's settings.
        settings: Dotted names of the settings that the page has controls for: a teacher's task can
            lock or hide those.
    """

    data: tuple[str, ...] = ()
    is_home: Callable[[Experiment], bool] = lambda experiment: False
    can_sweep: bool = True
    settings: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """Number of the lesson, from 1."""
        return LESSONS.index(self) + 1

    @property
    def label(self) -> str:
        """Number and title, such as `"3 Handwritten digits"`."""
        return f"{self.number} {self.title}"


def _is_own(experiment: Experiment) -> bool:
    return experiment.data.name == "own"


def _is_rounding(experiment: Experiment) -> bool:
    return experiment.data.name == "rounding"


def _is_reader(experiment: Experiment) -> bool:
    """Return True for a network that learns distorted digits, as lesson 4's readers do."""
    return experiment.data.name == "digits" and experiment.fit.augment != "none"


def _is_perceptron(experiment: Experiment) -> bool:
    """Return True for five or not five, and for ten output units without a hidden layer."""
    plain = experiment.fit.loss == "mean_squared_error" and not experiment.model.units
    digits = experiment.data.name == "digits" and not _is_reader(experiment)
    return experiment.data.name == "five" or (digits and plain)


def _is_multilayer(experiment: Experiment) -> bool:
    elsewhere = _is_reader(experiment) or _is_perceptron(experiment)
    return experiment.data.name in ("digits", "fashion") and not elsewhere


#: Settings that each lesson has a control for.
_COMMON = (
    "model.units",
    "fit.optimizer",
    "fit.learning_rate",
    "fit.epochs",
    "fit.batch_size",
    "fit.seed",
)
#: Settings behind "More settings" in lessons 1 to 3.
_MORE = (
    "data.samples",
    "model.output_activation",
    "fit.momentum",
    "fit.loss",
    "fit.validation",
    "fit.validation_split",
)
_AGAINST_OVERFITTING = (
    "model.dropout",
    "model.l1",
    "model.l2",
    "fit.augment",
    "fit.patience",
    "fit.schedule",
)

LESSONS = (
    LessonInfo(
        "rounding",
        "Round a number",
        ":material/looks_one:",
        data=("rounding",),
        is_home=_is_rounding,
        settings=(
            *_COMMON,
            *_MORE,
            "data.threshold",
            "data.label_noise",
            "model.activation",
            "fit.metric",
        ),
    ),
    LessonInfo(
        "perceptron",
        "Five or not five",
        ":material/looks_two:",
        data=("five", "digits"),
        is_home=_is_perceptron,
        settings=(*_COMMON, *_MORE, "data.scaled"),
    ),
    LessonInfo(
        "mnist",
        "Handwritten digits",
        ":material/looks_3:",
        data=("digits", "fashion"),
        is_home=_is_multilayer,
        settings=(
            *_COMMON,
            *_MORE,
            *_AGAINST_OVERFITTING,
            "data.name",
            "data.scaled",
            "model.activation",
        ),
    ),
    LessonInfo(
        "draw",
        "Your handwriting",
        ":material/draw:",
        data=("digits",),
        is_home=_is_reader,
        can_sweep=False,
        settings=(*_COMMON, "model.activation", "fit.augment"),
    ),
    LessonInfo(
        "own",
        "Teach it your own",
        ":material/gesture:",
        data=("own",),
        is_home=_is_own,
        can_sweep=False,
        settings=(
            *_COMMON,
            "data.drawings",
            "data.samples",
            "data.seed",
            "model.activation",
            "model.dropout",
            "model.l2",
            "fit.augment",
            "fit.momentum",
        ),
    ),
)
HOME = PageInfo("home", "Start", ":material/home:", "")
#: What the browser keeps; the frame links to it.
BROWSER = PageInfo("browser", "On this browser", ":material/folder_shared:", "Notebook")
CLASSROOM = PageInfo("classroom", "Class", ":material/groups:", "Teaching")
PAGES: tuple[PageInfo, ...] = (
    HOME,
    *LESSONS,
    PageInfo("runs", "Runs", ":material/list_alt:", "Notebook"),
    PageInfo("sweep", "Sweep", ":material/grid_on:", "Notebook"),
    BROWSER,
    CLASSROOM,
)


def find_lesson(name: str) -> LessonInfo | None:
    """Return the lesson of this name; None where it is no lesson's."""
    return next((lesson for lesson in LESSONS if lesson.name == name), None)


def home_of(experiment: Experiment) -> str:
    """Return the name of the lesson on which an experiment opens where no record says which."""
    return next(lesson.name for lesson in LESSONS if lesson.is_home(experiment))
