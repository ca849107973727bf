"""Widgets for settings. Their keys are `<page>.<setting>`, such as `mnist.fit.epochs`.

A widget shows what the page's `Experiment` says, and its change makes a new `Experiment`; no
setting is stored anywhere else. Some changes bring others along (`_CONSEQUENCES`). A change that
still does not fit is refused with the experiment's own sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

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
)
from nncore.validation import SettingError
from ui.content.lesson import term
from ui.content.settings import HIDDEN_LAYERS, SETTINGS
from ui.core import page_settings, state
from ui.core.keys import PageKey

if TYPE_CHECKING:
    from ui.workbench.lesson_page import LessonPage

#: Draws the control of one setting.
Control: TypeAlias = Callable[["LessonPage"], None]

LABELS = PageKey("labels", "")
LAYER_COUNT = PageKey[int | None]("layers", None)
#: The units of each hidden layer, counted from 0.
UNITS = PageKey[int | None]("units", None)


def choice(page: LessonPage, setting: str, options: Sequence[Any]) -> None:
    """Draw a select box for a setting.

    Args:
        page: The page whose setting it is.
        setting: The setting's dotted name.
        options: Values to choose from; the present value is added where it is not among them.
    """
    value = _value(page, setting)
    listed = list(options) if value in options else [*options, value]
    words = SETTINGS[setting].word
    _widget(st.selectbox, page, setting, options=listed, format_func=words)


def whole(page: LessonPage, setting: str, low: int, high: int) -> None:
    """Draw a number field for a whole-numbered setting."""
    value = _value(page, setting)
    bounds = {"min_value": min(low, value), "max_value": max(high, value)}
    _widget(st.number_input, page, setting, **bounds, step=1)


def slider(page: LessonPage, setting: str, low: Any, high: Any, **more: Any) -> None:
    """Draw a slider for a setting; `more` is passed on to `st.slider`."""
    value = _value(page, setting)
    bounds = {"min_value": min(low, value), "max_value": max(high, value)}
    _widget(st.slider, page, setting, **bounds, **more)


def segments(page: LessonPage, setting: str, options: Sequence[Any]) -> None:
    """Draw a row of buttons, one of them pressed, for a setting with few values.

    Args:
        page: The page whose setting it is.
        setting: The setting's dotted name.
        options: Values to choose from; the present value is added where it is not among them.
    """
    value = _value(page, setting)
    _widget(
        st.segmented_control,
        page,
        setting,
        options=list(dict.fromkeys((*options, value))),
        format_func=SETTINGS[setting].word,
        required=True,
        width="stretch",
    )


def learning_rate(page: LessonPage) -> None:
    """Draw the learning rate: powers of ten, and about three times each."""
    rates = (0.000001, 0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
    choice(page, "fit.learning_rate", rates)


def optimizer(page: LessonPage) -> None:
    """Draw the optimizer."""
    choice(page, "fit.optimizer", tuple(LEARNING_RATES))


#: The optimizer and its learning rate, which all lessons draw next to each other.
STEP_SIZE: Mapping[str, Control] = {"fit.optimizer": optimizer, "fit.learning_rate": learning_rate}


def activation(page: LessonPage) -> None:
    """Draw the activation of the hidden layers."""
    choice(page, "model.activation", ACTIVATIONS)


def output_activation(page: LessonPage, options: Sequence[str]) -> None:
    """Draw the activation of the output layer."""
    choice(page, "model.output_activation", options)


def loss(page: LessonPage, options: Sequence[str] = LOSSES) -> None:
    """Draw the loss."""
    choice(page, "fit.loss", options)


def labels(page: LessonPage) -> None:
    """Draw the form of the labels, and the losses that take it: the loss decides the form."""
    if is_hidden(page, "fit.loss"):
        return
    is_integer = page.experiment.labels == "integer"
    key = state.bind_widget(LABELS.on(page.name), "integers" if is_integer else "one-hot")
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
    loss(page, (sparse,) if is_integer else tuple(name for name in LOSSES if name != sparse))


def metric(page: LessonPage) -> None:
    """Draw the metric; integer labels allow accuracy only."""
    options = ("accuracy",) if page.experiment.labels == "integer" else METRICS
    choice(page, "fit.metric", options)


def validation(page: LessonPage, options: Sequence[str] = VALIDATIONS) -> None:
    """Draw which samples are held out."""
    choice(page, "fit.validation", options)


def validation_split(page: LessonPage) -> None:
    """Draw the share of the samples that is held out."""
    slider(page, "fit.validation_split", 0.01, 0.5)


def momentum(page: LessonPage) -> None:
    """Draw the momentum of plain gradient descent."""
    slider(page, "fit.momentum", 0.0, 0.99)


def list_applicable(page: LessonPage, controls: Mapping[str, Control]) -> dict[str, Control]:
    """Return the controls without those that the other settings make meaningless.

    Only SGD has a momentum, and only a split of the training samples has a size.
    """
    fit = page.experiment.fit
    without = set() if fit.optimizer == "sgd" else {"fit.momentum"}
    without |= set() if fit.validation in ("last", "first") else {"fit.validation_split"}
    return {name: draw for name, draw in controls.items() if name not in without}


def seed(page: LessonPage) -> None:
    """Draw the seed of everything random in the run."""
    whole(page, "fit.seed", 0, 2**32 - 1)


def pair(page: LessonPage, controls: Mapping[str, Control]) -> None:
    """Draw controls next to each other; those of hidden settings leave no gap.

    Args:
        page: The page.
        controls: Draw a control each, by their settings' dotted names.
    """
    visible = _list_visible(page, controls)
    if not visible:
        return
    columns = st.columns(len(visible), gap="small", vertical_alignment="bottom")
    for column, draw in zip(columns, visible, strict=True):
        with column:
            draw(page)


def expander(page: LessonPage, title: str, controls: Mapping[str, Control]) -> None:
    """Draw controls below each other in an expander; without a visible one there is no expander.

    Args:
        page: The page.
        title: The expander's title.
        controls: Draw a control each, by their settings' dotted names.
    """
    visible = _list_visible(page, list_applicable(page, controls))
    if visible:
        with st.expander(title):
            for draw in visible:
                draw(page)


def _list_visible(page: LessonPage, controls: Mapping[str, Control]) -> list[Control]:
    return [draw for setting, draw in controls.items() if not is_hidden(page, setting)]


def epochs(page: LessonPage, high: int = 100) -> None:
    """Draw the number of epochs."""
    whole(page, "fit.epochs", 1, high)


def batch_size(page: LessonPage, high: int = 8192) -> None:
    """Draw the number of samples in a batch."""
    whole(page, "fit.batch_size", 1, high)


def length(page: LessonPage, most_epochs: int = 100) -> None:
    """Draw what decides how long training takes: the epochs, and next to them the batch size."""
    pair(page, {"fit.epochs": partial(epochs, high=most_epochs), "fit.batch_size": batch_size})


def hidden_layers(page: LessonPage) -> None:
    """Draw the number of hidden layers, and the units of each."""
    if is_hidden(page, "model.units"):
        return
    units = _value(page, "model.units")
    key = state.bind_widget(LAYER_COUNT.on(page.name), len(units))
    st.segmented_control(
        HIDDEN_LAYERS.label,
        range(MAX_LAYERS + 1),
        key=key,
        on_change=_change_layers,
        args=(page.name, key),
        disabled=is_locked(page, "model.units"),
        help=term(HIDDEN_LAYERS.term),
        required=True,
        width="stretch",
    )
    if units:
        for index, column in enumerate(st.columns(len(units), gap="small")):
            with column:
                _units(page, index, f"Layer {index + 1}")


def units(page: LessonPage, high: int) -> None:
    """Draw a slider for the units of the only hidden layer."""
    if is_hidden(page, "model.units"):
        return
    value = _value(page, "model.units")[0]
    key = state.bind_widget(UNITS.on(page.name).of(0), value)
    st.slider(
        SETTINGS["model.units"].label,
        1,
        max(high, value),
        key=key,
        on_change=_change_units,
        args=(page.name, 0, key),
        disabled=is_locked(page, "model.units"),
        help=term("unit"),
    )


def is_hidden(page: LessonPage, setting: str) -> bool:
    """Return True if a teacher's link hides this setting."""
    return setting in page_settings.get_assignment(page.name).hidden


def is_locked(page: LessonPage, setting: str) -> bool:
    """Return True if a teacher's link shows this setting but fixes it."""
    return setting in page_settings.get_assignment(page.name).locked


def set_experiment(page: str, settings: Mapping[str, Any]) -> None:
    """Change settings of a page from a button's callback; say why if they do not go together."""
    try:
        page_settings.set_experiment(page, changed(_experiment(page), settings))
    except SettingError as error:
        st.toast(str(error), icon=":material/error:")


def changed(experiment: Experiment, settings: Mapping[str, Any]) -> Experiment:
    """Return an experiment with some settings changed, and the settings that follow from them.

    Args:
        experiment: The experiment before.
        settings: New values by dotted name.

    Raises:
        nncore.validation.SettingError: If the settings do not go together even so.
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
    return page_settings.get_experiment(page)


def _value(page: LessonPage, setting: str) -> Any:
    return page.experiment.settings()[setting]


def _widget(draw: Callable[..., Any], page: LessonPage, setting: str, **more: Any) -> None:
    """Draw a setting's widget, unless a teacher's link hides it."""
    if is_hidden(page, setting):
        return
    key = state.bind_widget(PageKey[Any](setting, None).on(page.name), _value(page, setting))
    draw(
        SETTINGS[setting].label,
        key=key,
        on_change=_change,
        args=(page.name, setting, key),
        disabled=is_locked(page, setting),
        help=help_of(setting),
        **more,
    )


def help_of(setting: str) -> str | None:
    """Return the glossary's definition of a setting's term; None for a setting without one."""
    word = SETTINGS[setting].term
    return term(word) if word else None


def _change(page: str, setting: str, key: str) -> None:
    value = state.read_bound(key)
    if value is not None:
        set_experiment(page, {setting: value})


def _change_layers(page: str, key: str) -> None:
    units = _experiment(page).model.units
    count = state.read_bound(key)
    if count is not None:
        grown = units + (units[-1:] or (32,)) * (count - len(units))
        set_experiment(page, {"model.units": grown[:count]})


def _change_labels(page: str, key: str) -> None:
    form = state.read_bound(key)
    if form is not None:
        loss = "sparse_" * (form == "integers") + "categorical_crossentropy"
        set_experiment(page, {"fit.loss": loss})


def _units(page: LessonPage, index: int, label: str) -> None:
    key = state.bind_widget(UNITS.on(page.name).of(index), _value(page, "model.units")[index])
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
    value = state.read_bound(key)
    if value is not None and index < len(units):
        units[index] = int(value)
        set_experiment(page, {"model.units": tuple(units)})
