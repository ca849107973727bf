"""Links: short addresses of today, long ones of before, and what mail programs make of both."""

from __future__ import annotations

import random
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.experiment import Experiment
from nncore.validation import SettingError
from ui.core.assignment import Assignment
from ui.core.catalog import LESSONS
from ui.core.links import FROZEN, FULL_NAMES, NAMES, TASK_NAMES, is_own, read_link, write_link

DEFAULT = Experiment()
#: A lesson's own settings, which differ from those that a version 2 address leaves out.
OWN = Experiment().updated({"fit.epochs": 10, "fit.optimizer": "adam", "fit.learning_rate": 0.01})
#: Links that the lab wrote before it wrote `v=2`, and the settings that they stand for.
OLD_LINKS = {
    "data.name=digits&data.samples=0&data.scaled=true&data.threshold=0.5&data.label_noise=0.0"
    "&data.seed=0&model.units=128&model.activation=relu&model.output_activation=softmax"
    "&model.dropout=0.0&model.l1=0.0&model.l2=0.0&fit.optimizer=rmsprop&fit.learning_rate=0.001"
    "&fit.momentum=0.0&fit.loss=categorical_crossentropy&fit.metric=accuracy&fit.epochs=12"
    "&fit.batch_size=128&fit.validation=none&fit.validation_split=0.1&fit.augment=none"
    "&fit.seed=0": {"model.units": (128,), "fit.epochs": 12},
    "fit.epochs=12&model.units=128": {
        "fit.epochs": 12,
        "model.units": (128,),
        "fit.optimizer": "adam",
        "fit.learning_rate": 0.01,
    },
    "model.units=none&fit.seed=7": {
        "model.units": (),
        "fit.seed": 7,
        "fit.epochs": 10,
        "fit.optimizer": "adam",
        "fit.learning_rate": 0.01,
    },
}


def parse(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True))


@pytest.mark.parametrize("query", OLD_LINKS)
def test_a_link_of_before_keeps_its_meaning(query: str) -> None:
    link = read_link(parse(query), "mnist", OWN)
    assert link.experiment == Experiment().updated(OLD_LINKS[query])
    assert not link.complaints


def test_a_task_of_before_keeps_its_meaning() -> None:
    query = "class.instruction=Reach+it&class.target=0.95&class.locked=fit.epochs,model.units"
    link = read_link(parse(query), "mnist", DEFAULT)
    assert link.assignment == Assignment("Reach it", 0.95, ("fit.epochs", "model.units"))


def test_an_address_is_short() -> None:
    experiment = DEFAULT.updated({"model.units": (64,), "fit.epochs": 10})
    assert urlencode(write_link(experiment, OWN)) == "v=2&units=64&epochs=10"


def test_the_lessons_own_settings_need_no_address() -> None:
    assert write_link(OWN, OWN) == {}
    assert read_link({}, "mnist", OWN).experiment == OWN


def test_an_address_with_a_version_starts_from_the_frozen_defaults() -> None:
    link = read_link({"v": "2", "epochs": "7"}, "mnist", OWN)
    assert link.experiment == DEFAULT.updated({"fit.epochs": 7})


def test_an_address_without_a_version_starts_from_the_lesson() -> None:
    assert read_link({"epochs": "7"}, "mnist", OWN).experiment == OWN.updated({"fit.epochs": 7})


def test_the_frozen_defaults_are_those_of_version_2() -> None:
    # A changed default of `Experiment` must not change what addresses mean: FROZEN stays.
    assert {**Experiment().settings(), **FROZEN} == FROZEN
    assert set(FROZEN) == set(NAMES) == set(Experiment().settings())


def test_names_are_told_apart() -> None:
    assert len(FULL_NAMES) == len(NAMES)
    assert not {*FULL_NAMES, "v"} & {*TASK_NAMES.values()}
    assert not any("." in name for name in FULL_NAMES)


@given(st.data())
def test_what_is_written_is_read(data: st.DataObject) -> None:
    changes = {
        "model.units": data.draw(st.sampled_from([(), (1,), (300, 100), (8, 8, 8)])),
        "fit.learning_rate": data.draw(st.floats(1e-6, 1.0)),
        "fit.batch_size": data.draw(st.integers(1, 500)),
        "fit.patience": data.draw(st.integers(0, 5)),
        "data.samples": data.draw(st.integers(100, 1000)),
        "fit.validation": "last",
    }
    try:
        experiment = OWN.updated(changes)
    except SettingError:
        return
    task = Assignment("Reach it", 0.5, ("fit.epochs",), ("fit.seed",), is_closed=True)
    link = read_link(parse(urlencode(write_link(experiment, OWN, task))), "mnist", OWN)
    assert link.experiment == experiment
    assert link.assignment == task
    assert not link.complaints


@pytest.mark.parametrize(
    "query",
    [
        {"v": "2", "amp;epochs": "10", "amp;units": "64"},
        {"v": "2", "epochs": "10", "units": "64."},
        {"v": "2", "epochs": "10", "units": "64)"},
        {"v": "2", "epochs": "10", "units": "64>,"},
        {"v": "2", "epochs": "10%20", "units": "%2064"},
        {"v": "2.", "units": "64", "epochs": " 10 "},
        {"v": "2", "units": "64", "epochs": "10", "utm_source": "mail", "fbclid": "1", "page": "3"},
    ],
)
def test_what_transport_does_to_a_link_is_undone(query: dict[str, str]) -> None:
    link = read_link(query, "mnist", OWN)
    assert link.experiment == DEFAULT.updated({"model.units": (64,), "fit.epochs": 10})
    assert not link.complaints


def test_a_decimal_comma_is_a_decimal_point() -> None:
    link = read_link({"v": "2", "rate": "0,01"}, "mnist", OWN)
    assert link.experiment.fit.learning_rate == 0.01
    assert not link.complaints


def test_names_of_others_are_not_the_labs() -> None:
    assert not any(is_own(name) for name in ("utm_source", "fbclid", "gclid", "embed", "x", ""))
    assert all(is_own(name) for name in ("v", "epochs", "amp;epochs", "fit.epochs", "task"))


def test_a_setting_that_cannot_be_used_is_reported_and_replaced() -> None:
    link = read_link({"v": "2", "epochs": "many", "units": "64"}, "mnist", OWN)
    assert link.experiment == DEFAULT.updated({"model.units": (64,)})
    assert len(link.complaints) == 1


def test_data_of_another_lesson_are_reported_and_replaced() -> None:
    link = read_link({"v": "2", "data": "rounding", "epochs": "3"}, "mnist", OWN)
    assert link.experiment == DEFAULT.updated({"fit.epochs": 3})
    assert "another lesson" in link.complaints[0]


def test_a_newer_version_is_reported() -> None:
    link = read_link({"v": "3", "epochs": "7"}, "mnist", OWN)
    assert link.experiment.fit.epochs == 7
    assert "newer version" in link.complaints[0]


def _default_of(page: str) -> Experiment:
    if page == "rounding":
        return Experiment().updated(
            {
                "data.name": "rounding",
                "data.samples": 100,
                "fit.loss": "sparse_categorical_crossentropy",
            }
        )
    if page == "perceptron":
        return Experiment().updated(
            {
                "data.name": "five",
                "model.units": (),
                "model.output_activation": "sigmoid",
                "fit.loss": "binary_crossentropy",
            }
        )
    if page == "own":
        return Experiment().updated({"data.name": "own", "data.drawings": "faces"})
    return DEFAULT


OWNS = {page.name: _default_of(page.name) for page in LESSONS}
#: Characters and pieces that replace others in a mutilated link.
PIECES = (
    "",
    "&",
    "=",
    ".",
    ",",
    "%",
    ";",
    "<",
    ">",
    "ä",
    "e",
    "0",
    "9",
    "-",
    "\x00",
    " ",
    "+",
    "%2",
)
#: Links that are mutilated: short, with a task, with a sweep's and a view's parameters, and long.
WHOLE = (
    "v=2&units=300-100&epochs=10&rate=0.01&augment=affine&task=Reach%20it&target=0.9&locked=units",
    "v=2&data=rounding&samples=100&threshold=0.25&noise=0.1&tool=Film&hidden=seed,batch&seed=7",
    "epochs=12&sweep.epochs=1,2&chosen=run-1&utm_source=mail&target=95%25&split=0.3&dropout=0.5",
    next(iter(OLD_LINKS)),
)


def mutilate(whole: str, chance: random.Random) -> str:
    """Return a link with characters lost, doubled, replaced or moved, cut off or joined twice."""
    text = list(whole)
    for _ in range(chance.randint(1, 6)):
        at, other = chance.randrange(len(text)), chance.randrange(len(text))
        text[at] = chance.choice(["", text[at] * 2, text[other], chance.choice(PIECES)])
    found = "".join(text)
    return chance.choice([found, found, found[: chance.randrange(len(found) + 1)], found * 2])


@pytest.mark.parametrize("whole", range(len(WHOLE)))
def test_no_mutilated_link_breaks_a_page(whole: int) -> None:
    """Read 10,000 links: no error, no setting out of its limits, and each is written as it is read.

    Each of the four is mutilated 2,500 times and read by all lessons; one in turn writes it again.
    """
    chance = random.Random(whole)
    for number in range(2_500):
        query = mutilate(WHOLE[whole], chance)
        links = {page.name: read_link(parse(query), page.name, OWNS[page.name]) for page in LESSONS}
        assert all(links[page.name].experiment.data.name in page.data for page in LESSONS), query
        page = LESSONS[number % len(LESSONS)]
        link, own = links[page.name], OWNS[page.name]
        assert Experiment.from_settings(link.experiment.settings()) == link.experiment, query
        again = read_link(write_link(link.experiment, own, link.assignment), page.name, own)
        assert (again.experiment, again.assignment) == (link.experiment, link.assignment), query
        assert not again.complaints, query


def test_complaints_repeat_nothing_that_is_not_a_setting() -> None:
    link = read_link({"v": "2", "fit.nothing": "<b>1</b>"}, "mnist", OWN)
    assert not any("<b>" in complaint for complaint in link.complaints)
    assert replace(link, complaints=()).experiment == DEFAULT
