"""Widgets for settings. The keys are `<page>.<setting>`, such as `mnist.fit.epochs`.

A widget shows what the page's `Experiment` says, and its change makes a new `Experiment`; no
setting is kept anywhere else. Settings that no longer go together are put right by `_CONSEQUENCES`
and, where that is not enough, the change is refused with the experiment's own sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from nncore.experiment import (
    ACTIVATIONS,
    LEARNING_RATES,
    LOSSES,
    MAX_LAYERS,
    MAX_UNITS,
    METRICS,
    VALIDATIONS,
    Experiment,
    SettingError,
)
from ui.content.lesson import term
from ui.core import state

if TYPE_CHECKING:
    from ui.workbench.lesson_page import LessonPage

_NAMES = {
    "sgd": "SGD",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "mean_squared_error": "mean squared error",
    "mean_absolute_error": "mean absolute error",
    "binary_crossentropy": "binary cross-entropy",
    "categorical_crossentropy": "categorical cross-entropy",
    "sparse_categorical_crossentropy": "sparse categorical cross-entropy",
    "none": "none",
    "last": "split (the last part)",
    "first": "split (the first part)",
    "test": "the test set",
    "cosine": "cosine, to 0 at the end",
    "exponential": "a tenth less each epoch",
    "affine": "turn, shift, stretch",
    "affine_thickness": "turn, shift, stretch, stroke",
    "elastic": "turn, shift, stretch, stroke, bend",
    "styles": "all that, and other ways of writing",
}


def shown(value: str) -> str:
    """A setting's value in words."""
    return _NAMES.get(value, value.replace("_", " "))


def choice(page: LessonPage, name: str, label: str, options: Sequence[Any], **more: Any) -> None:
    """A select box for a setting.

    Args:
        page: The page whose setting it is.
        name: The setting's dotted name.
        label: What stands above the box.
        options: Values to choose from; one that is set but not among them is added.
        **more: Passed on to `st.selectbox`.
    """
    value = _value(page, name)
    listed = list(options) if value in options else [*options, value]
    more.setdefault("format_func", lambda option: shown(str(option)))
    _widget(st.selectbox, page, name, label, value, options=listed, **more)


def whole(page: LessonPage, name: str, label: str, low: int, high: int, **more: Any) -> None:
    """A number field for a whole-numbered setting."""
    value = _value(page, name)
    bounds = {"min_value": min(low, value), "max_value": max(high, value)}
    _widget(st.number_input, page, name, label, value, **bounds, **{"step": 1} | more)


def number(page: LessonPage, name: str, label: str, low: float, high: float, **more: Any) -> None:
    """A number field for a setting with a fraction."""
    value = _value(page, name)
    bounds = {"min_value": min(low, value), "max_value": max(high, value)}
    _widget(st.number_input, page, name, label, value, **bounds, **more)


def slider(page: LessonPage, name: str, label: str, low: Any, high: Any, **more: Any) -> None:
    """A slider for a setting."""
    value = _value(page, name)
    bounds = {"min_value": min(low, value), "max_value": max(high, value)}
    _widget(st.slider, page, name, label, value, **bounds, **more)


def switch(page: LessonPage, name: str, label: str, **more: Any) -> None:
    """A toggle for a setting that is true or false."""
    _widget(st.toggle, page, name, label, _value(page, name), **more)


def segments(
    page: LessonPage, name: str, label: str, options: Mapping[Any, str], **more: Any
) -> None:
    """A row of buttons for a setting with few values, one of them pressed.

    Args:
        page: The page whose setting it is.
        name: The setting's dotted name.
        label: What stands above the row.
        options: What to call each value; one that is set but not among them is added.
        **more: Passed on to `st.segmented_control`.
    """
    value = _value(page, name)
    listed = {**options, value: options.get(value, shown(str(value)))}
    _widget(
        st.segmented_control,
        page,
        name,
        label,
        value,
        options=list(listed),
        format_func=listed.__getitem__,
        required=True,
        width="stretch",
        **more,
    )


def learning_rate(page: LessonPage) -> None:
    """The learning rate, by powers of ten and thirds of them."""
    rates = (0.000001, 0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
    choice(
        page,
        "fit.learning_rate",
        "Learning rate",
        rates,
        format_func=lambda rate: f"{rate:.7f}".rstrip("0").rstrip("."),
        help=term("learning rate"),
    )


def optimizer(page: LessonPage) -> None:
    """The optimizer; its momentum too where it has one."""
    choice(page, "fit.optimizer", "Optimizer", tuple(LEARNING_RATES), help=term("optimizer"))


def activation(page: LessonPage) -> None:
    """The hidden layers' activation."""
    choice(page, "model.activation", "Activation", ACTIVATIONS, help=term("activation"))


def output_activation(page: LessonPage, options: Sequence[str]) -> None:
    """The output layer's activation."""
    choice(page, "model.output_activation", "Output", options, help=term("output activation"))


def loss(page: LessonPage, options: Sequence[str] = LOSSES) -> None:
    """What is made small."""
    choice(page, "fit.loss", "Loss", options, help=term("loss"))


def labels(page: LessonPage) -> None:
    """The labels' form, and the losses that go with it: the form follows from the loss."""
    if is_hidden(page, "fit.loss"):
        return
    integer = page.experiment.labels == "integer"
    key = state.bind_widget(f"{page.name}.labels", "integers" if integer else "one-hot")
    st.segmented_control(
        "Labels",
        ("one-hot", "integers"),
        key=key,
        on_change=_change_labels,
        args=(page.name, key),
        disabled=is_locked(page, "fit.loss"),
        help=term("one-hot"),
        required=True,
        width="stretch",
    )
    sparse = "sparse_categorical_crossentropy"
    loss(page, (sparse,) if integer else tuple(name for name in LOSSES if name != sparse))


def metric(page: LessonPage) -> None:
    """What is watched; integers as labels can be compared by accuracy only."""
    integer = page.experiment.labels == "integer"
    options = ("accuracy",) if integer else METRICS
    choice(page, "fit.metric", "Metric", options, help=term("metric"))


def validation(page: LessonPage, options: Sequence[str] = VALIDATIONS) -> None:
    """What is held out, and how much."""
    choice(page, "fit.validation", "Validation", options, help=term("validation"))
    if _value(page, "fit.validation") in ("last", "first"):
        slider(page, "fit.validation_split", "Share held out", 0.01, 0.5)


def seed(page: LessonPage) -> None:
    """The seed of all that is random in the run."""
    whole(page, "fit.seed", "Seed", 0, 2**32 - 1, help=term("seed"))


def pair(left: Callable[[], None], right: Callable[[], None]) -> None:
    """Two widgets side by side."""
    for column, draw in zip(st.columns(2, gap="small"), (left, right), strict=True):
        with column:
            draw()


def epochs(page: LessonPage, high: int = 100) -> None:
    """How many epochs."""
    whole(page, "fit.epochs", "Epochs", 1, high, help=term("epoch"))


def batch_size(page: LessonPage, high: int = 8192) -> None:
    """How many samples a gradient update."""
    whole(page, "fit.batch_size", "Batch size", 1, high, help=term("batch"))


def hidden_layers(page: LessonPage) -> None:
    """How many hidden layers, and the units of each."""
    if is_hidden(page, "model.units"):
        return
    units = _value(page, "model.units")
    key = state.bind_widget(f"{page.name}.layers", len(units))
    st.segmented_control(
        "Hidden layers",
        range(MAX_LAYERS + 1),
        key=key,
        on_change=_change_layers,
        args=(page.name, key),
        disabled=is_locked(page, "model.units"),
        help=term("hidden layer"),
        required=True,
        width="stretch",
    )
    if units:
        for number_, column in enumerate(st.columns(len(units), gap="small")):
            with column:
                _units(page, number_, f"Layer {number_ + 1}")


def units(page: LessonPage, high: int, label: str = "Hidden units") -> None:
    """A slider for the units of the only hidden layer."""
    if is_hidden(page, "model.units"):
        return
    value = _value(page, "model.units")[0]
    key = state.bind_widget(f"{page.name}.units.0", value)
    st.slider(
        label,
        1,
        max(high, value),
        key=key,
        on_change=_change_units,
        args=(page.name, 0, key),
        disabled=is_locked(page, "model.units"),
        help=term("unit"),
    )


def is_hidden(page: LessonPage, name: str) -> bool:
    """Whether a teacher's link leaves out the control of this setting."""
    return name in state.assignment(page.name).hidden


def is_locked(page: LessonPage, name: str) -> bool:
    """Whether a teacher's link shows the control of this setting, but fixed."""
    return name in state.assignment(page.name).locked


def set_experiment(page: str, settings: Mapping[str, Any]) -> None:
    """Changes settings of a page from a button's callback; says so where they do not go."""
    try:
        state.set_experiment(page, changed(_experiment(page), settings))
    except SettingError as error:
        st.toast(str(error), icon=":material/error:")


def changed(experiment: Experiment, settings: Mapping[str, Any]) -> Experiment:
    """An experiment with some settings changed, and with what follows from the change.

    Args:
        experiment: What there was.
        settings: New values by dotted name.

    Raises:
        nncore.experiment.SettingError: If the settings do not go together even so.
    """
    wanted = dict(settings)
    for name, value in settings.items():
        for consequence in _CONSEQUENCES.get(name, ()):
            for other, follows in consequence(value).items():
                wanted.setdefault(other, follows)
    return experiment.updated(wanted)


def _after_optimizer(optimizer: str) -> dict[str, Any]:
    rate = {"fit.learning_rate": LEARNING_RATES[optimizer]}
    return rate if optimizer == "sgd" else rate | {"fit.momentum": 0.0}


def _after_loss(loss: str) -> dict[str, Any]:
    integer = loss == "sparse_categorical_crossentropy"
    return {"fit.metric": "accuracy"} if integer else {}


_CONSEQUENCES: Mapping[str, tuple[Callable[[Any], dict[str, Any]], ...]] = {
    "fit.optimizer": (_after_optimizer,),
    "fit.loss": (_after_loss,),
}


def _experiment(page: str) -> Experiment:
    return state.experiment(page, Experiment())


def _value(page: LessonPage, name: str) -> Any:
    return page.experiment.settings()[name]


def _widget(
    draw: Callable[..., Any], page: LessonPage, name: str, label: str, value: Any, **more: Any
) -> None:
    if is_hidden(page, name):
        return
    key, fixed = state.bind_widget(f"{page.name}.{name}", value), is_locked(page, name)
    draw(label, key=key, on_change=_change, args=(page.name, name, key), disabled=fixed, **more)


def _change(page: str, name: str, key: str) -> None:
    value = state.get(key, _experiment(page).settings()[name])
    if value is not None and state.is_current(key):
        set_experiment(page, {name: value})


def _change_layers(page: str, key: str) -> None:
    units = _experiment(page).model.units
    count: int | None = state.get(key, None)
    if count is not None and state.is_current(key):
        grown = units + (units[-1:] or (32,)) * (count - len(units))
        set_experiment(page, {"model.units": grown[:count]})


def _change_labels(page: str, key: str) -> None:
    if not state.is_current(key):
        return
    sparse = state.get(key, "") == "integers"
    loss = "sparse_categorical_crossentropy" if sparse else "categorical_crossentropy"
    set_experiment(page, {"fit.loss": loss})


def _units(page: LessonPage, index: int, label: str) -> None:
    key = state.bind_widget(f"{page.name}.units.{index}", _value(page, "model.units")[index])
    st.number_input(
        label,
        1,
        MAX_UNITS,
        key=key,
        step=1,
        on_change=_change_units,
        args=(page.name, index, key),
        disabled=is_locked(page, "model.units"),
        help=term("unit"),
    )


def _change_units(page: str, index: int, key: str) -> None:
    units = list(_experiment(page).model.units)
    if index >= len(units) or not state.is_current(key):
        return
    value = state.get(key, units[index])
    if value is not None:
        units[index] = int(value)
        set_experiment(page, {"model.units": tuple(units)})
