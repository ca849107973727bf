"""The learner's digits at a glance: a gallery, who reads how many of them, and their files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from nncore.analysis.metrics import confusion_matrix
from nncore.data.datasets import Dataset
from nncore.digits.collection import CLASSES, Digit, DigitCollection, DigitError
from nncore.digits.pictures import label_from_name, read_picture, to_zip
from nncore.digits.sampling import likely_range
from nncore.nn.losses import predicted_classes
from ui.charts import confusion, digit_gallery
from ui.content.lesson import Lesson
from ui.core import resources, state
from ui.draw import answer as draw_answer
from ui.draw import canvas, digit_collection, fine_tuning, readers
from ui.draw.readers import Reader
from ui.workbench import tables

#: Readers that are compared: who is chosen first, then the list's order.
COMPARED = 12
#: Fewer digits than this say little about a reader.
FEW = 30
#: From how many rows on the gallery scrolls.
ROWS = 12
#: Pictures that can be brought along at once.
FILES = 50
_PLAIN = {"displayModeBar": False}


class Score(NamedTuple):
    """How a reader does on a hand; `learnt` where it has trained on it."""

    key: str
    label: str
    answers: NDArray[np.intp]
    right: int
    learnt: bool


def section(lesson: Lesson, shelf: Mapping[str, Reader], reader: Reader, dataset: Dataset) -> None:
    """Draws the card of the learner's own digits; what is in it only while it is open.

    Args:
        lesson: Whose texts.
        shelf: All readers.
        reader: Who is chosen.
        dataset: The page's data.
    """
    hand = digit_collection.hand()
    state.put("draw.hand.card", state.get("draw.hand.opened", False))  # another label closes it
    card = st.expander(
        f"**Your own digits** · {_counted(hand)}",
        key="draw.hand.card",
        icon=":material/back_hand:",
        on_change=_toggle,
    )
    if not card.open:
        return
    with card:
        st.markdown(lesson.text("hand"))
        if len(hand):
            _shown(lesson, hand, scores(hand, shelf, reader))
        else:
            st.info(lesson.text("hand_empty"), icon=":material/draw:")
        _foot(lesson, hand)
        st.divider()
        fine_tuning.section(lesson, next(iter(shelf)), reader, dataset)


def _toggle() -> None:
    state.put("draw.hand.opened", state.get("draw.hand.card", False))


def _counted(hand: DigitCollection) -> str:
    return "none yet" if not len(hand) else f"{len(hand)} digit{'s' * (len(hand) > 1)}"


# Who reads them.


def scores(hand: DigitCollection, shelf: Mapping[str, Reader], chosen: Reader) -> list[Score]:
    """How the chosen reader and others do on a hand, those that have weights."""
    order = {chosen.key: chosen, **shelf}
    return list(islice(_scores(hand, order.values()), COMPARED))


def _scores(hand: DigitCollection, order: Iterable[Reader]) -> Iterator[Score]:
    for reader in order:
        if not reader.made and reader.checkpoint is None:
            continue
        with suppress(LookupError):  # gone from the store since it was listed
            key = readers.as_far_as(reader)
            answers = predicted_classes(resources.outputs_on(key, reader.load, hand.images))
            right = int((answers == hand.labels).sum())
            learnt = reader.branch is not None
            yield Score(reader.key, readers.label(reader, None), answers, right, learnt)


def _shown(lesson: Lesson, hand: DigitCollection, found: list[Score]) -> None:
    chosen = found[0] if found else None
    left, right = st.columns([1, 1.35], gap="medium")
    with left:
        _gallery(hand, chosen)
    with right:
        if chosen is None:
            st.info(lesson.text("no_network"), icon=":material/hourglass_top:")
        else:
            st.markdown(told(lesson, chosen, len(hand)))
            _table(found, len(hand))
            _confused(hand, found)


def told(lesson: Lesson, score: Score, count: int) -> str:
    """How many a reader has right, and what that says of all that the learner may write."""
    if score.learnt:
        return lesson.text("hand_learnt", right=score.right, count=count)
    low, high = likely_range(score.right, count)
    numbers = {"right": score.right, "count": count, "low": f"{low:.0%}", "high": f"{high:.0%}"}
    return lesson.text("hand_few" if count < FEW else "hand_many", **numbers)


def _table(found: list[Score], count: int) -> None:
    ranges = [likely_range(score.right, count) for score in found]
    likely = [f"{low:.0%} to {high:.0%}" for low, high in ranges]
    columns = {
        "right": [f"{score.right} of {count}" for score in found],
        "likely": ["learnt them" if s.learnt else r for s, r in zip(found, likely, strict=True)],
        "read by": [score.label for score in found],
    }
    tables.show_table(columns, key="draw.hand.scores")


def _confused(hand: DigitCollection, found: list[Score]) -> None:
    labels = {score.key: score.label for score in found}
    if state.get("draw.hand.of", None) not in labels:
        state.put("draw.hand.of", found[0].key)
    key = st.selectbox(
        "What is taken for what by",
        list(labels),
        format_func=labels.__getitem__,
        key="draw.hand.of",
        persist_state="session",
    )
    score = next(score for score in found if score.key == key)
    st.markdown(mixed_up(hand.labels, score.answers))
    if score.right < len(hand):
        matrix = confusion_matrix(hand.labels, score.answers, CLASSES)
        chart = confusion.confusion_matrix(matrix, [str(label) for label in range(CLASSES)])
        st.plotly_chart(chart, key="draw.hand.confusion", config=_PLAIN)


def mixed_up(labels: NDArray[Any], answers: NDArray[Any]) -> str:
    """The mistakes in words, the most frequent first."""
    pairs = zip(labels.tolist(), answers.tolist(), strict=True)
    wrong = Counter((label, answer) for label, answer in pairs if label != answer)
    if not wrong:
        return "No mistake."
    times = [
        f"a **{label}** read as **{answer}**" + (f", {n} times" if n > 1 else "")
        for (label, answer), n in wrong.most_common(6)
    ]
    more = len(wrong) - len(times)
    return "; ".join(times) + (f"; and {more} other kinds." if more else ".")


# The gallery.


def _gallery(hand: DigitCollection, chosen: Score | None) -> None:
    answers = None if chosen is None else chosen.answers
    chart = digit_gallery.gallery(hand, [_address(d) for d in hand.digits], answers)
    name = f"draw.hand.{state.get('draw.hand.version', 0)}"
    tall = max(Counter(d.label for d in hand.digits).values()) > ROWS
    with st.container(height=ROWS * digit_gallery.PLACE + 40 if tall else "content", border=False):
        st.vega_lite_chart(
            *chart, key=name, width="content", on_select=lambda: _pick(name), theme=None
        )
    places = range(len(hand))
    if state.get("draw.hand.picked", None) not in places:
        state.put("draw.hand.picked", None)
    place = st.selectbox(
        "Click one, or choose it here",
        places,
        format_func=lambda i: f"no. {i + 1}: a {hand.digits[i].label}",
        key="draw.hand.picked",
        placeholder="None chosen",
    )
    if place is not None:
        _one(hand, int(place), None if answers is None else int(answers[place]))


def _address(digit: Digit) -> str:
    return canvas.address_of(digit.image, dark=draw_answer.dark())


def _pick(name: str) -> None:
    event: Mapping[str, Any] = state.get(name, {})
    points = event.get("selection", {}).get(digit_gallery.PICKED, [])
    if points:
        state.put("draw.hand.picked", int(points[-1]["place"]))


def _one(hand: DigitCollection, place: int, answer: int | None) -> None:
    """What can be done with one digit."""
    digit = hand.digits[place]
    said = "" if answer is None else f", read as **{answer}**"
    st.markdown(f"No. {place + 1}: a **{digit.label}**{said}")
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Remove",
            icon=":material/delete:",
            key="draw.hand.remove",
            on_click=_change,
            args=(f"removed a {digit.label}", hand.remove(place)),
        )
        with st.popover("It is …", icon=":material/edit:", key=f"draw.hand.relabel.{_version()}"):
            key = _label_key()
            st.pills(
                "Which digit is it?",
                range(CLASSES),
                key=key,
                on_change=_relabel,
                args=(hand, place, key),
            )
        st.button(
            "On the canvas",
            icon=":material/draw:",
            key="draw.hand.put",
            on_click=canvas.put,
            args=(digit.image,),
        )


def _version() -> int:
    return state.get("draw.hand.version", 0)


def _change(done: str, new: DigitCollection) -> None:
    digit_collection.change(done, new)
    state.put("draw.hand.version", _version() + 1)  # another chart, in which nothing is chosen
    state.put("draw.hand.picked", None)


def _label_key() -> str:
    return f"draw.hand.label.{_version()}"


def _relabel(hand: DigitCollection, place: int, key: str) -> None:
    label = state.get(key, None)
    if key != _label_key():  # told again, and late: this hand is not the present one any more
        return
    if label is not None and label != hand.digits[place].label:
        _change(f"a {hand.digits[place].label} became a {label}", hand.relabel(place, label))


# Undo, and files.


def _foot(lesson: Lesson, hand: DigitCollection) -> None:
    st.caption(digit_collection.kept())
    with st.container(horizontal=True, gap="small"):
        digit_collection.undo_button("draw.hand.undo")
        if len(hand):
            st.button(
                "Remove all",
                icon=":material/delete_sweep:",
                key="draw.hand.empty",
                on_click=_change,
                args=(f"removed all {len(hand)}", DigitCollection()),
            )
            _download("All as JSON", hand.to_json, "my-digits.json", "application/json")
            _download("Pictures as ZIP", lambda: to_zip(hand), "my-digits.zip", "application/zip")
    _upload(lesson)


def _download(label: str, make: Any, name: str, kind: str) -> None:
    st.download_button(
        label,
        make,
        name,
        kind,
        icon=":material/download:",
        on_click="ignore",
        key=f"draw.hand.{kind.partition('/')[2]}",
    )


def _upload(lesson: Lesson) -> None:
    """Takes digits from files: into the hand where the label is known, else it is asked for."""
    turn = state.get("draw.hand.turn", 0)  # another key empties it
    st.file_uploader(
        lesson.text("hand_upload", most=FILES),
        type=["json", "png"],
        accept_multiple_files=True,
        key=f"draw.hand.files.{turn}",
        on_change=_take,
        args=(f"draw.hand.files.{turn}",),
    )
    complaints: tuple[str, ...] = state.get("draw.hand.complaints", ())
    for complaint in complaints:
        st.error(complaint, icon=":material/upload_file:")
    _ask_for_labels()


def _take(key: str) -> None:
    files: list[Any] = state.get(key, [])
    state.put("draw.hand.turn", state.get("draw.hand.turn", 0) + 1)
    if not files:
        return
    found = read_files([(file.name, file.getvalue()) for file in files[:FILES]])
    complaints = list(found.complaints)
    if len(files) > FILES:
        complaints.append(f"At most {FILES} files at once: {len(files) - FILES} were left out.")
    try:
        joined = digit_collection.hand().add(*found.digits)
        if len(joined) > len(digit_collection.hand()):
            _change(f"added {len(joined) - len(digit_collection.hand())} from files", joined)
    except DigitError as error:
        complaints.append(str(error))
    state.put("draw.hand.complaints", tuple(complaints))
    state.put("draw.hand.unlabelled", found.unlabelled)


#: Pictures whose label nobody has said yet, with their files' names.
Unlabelled: TypeAlias = list[tuple[str, NDArray[np.uint8]]]


class Files(NamedTuple):
    """What was found in files."""

    digits: list[Digit]
    unlabelled: Unlabelled
    complaints: list[str]


def read_files(files: Iterable[tuple[str, bytes]]) -> Files:
    """Reads digits from the lab's JSON and from PNG pictures.

    Args:
        files: Names and bytes; anything.

    Returns:
        Digits whose label is known; pictures whose name does not begin with it; and a sentence for
        each file that is neither.
    """
    found = Files([], [], [])
    for name, data in files:
        short = name if len(name) <= 40 else f"{name[:37]}…"
        try:
            if name.lower().endswith(".json"):
                found.digits.extend(DigitCollection.from_json(data).digits)
                continue
            image, label = read_picture(data), label_from_name(name)
            if label is None:
                found.unlabelled.append((short, image))
            else:
                found.digits.append(Digit.from_image(image, label))
        except DigitError as error:
            found.complaints.append(f"{short}: {error}")
    return found


def _ask_for_labels() -> None:
    """Shows the next picture without a label, and asks which digit it is."""
    waiting: Unlabelled = state.get("draw.hand.unlabelled", [])
    if not waiting:
        return
    name, image = waiting[0]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.image(_address(Digit.from_image(image, 0)), width=84, alt="The picture, 28 by 28 pixels")
        key = _ask_key(waiting)
        with st.container(gap="xsmall"):
            st.pills(
                f"Which digit is {name}? ({len(waiting)} to go)",
                range(CLASSES),
                key=key,
                on_change=_label,
                args=(key,),
            )
            st.button("Leave it out", key="draw.hand.skip", on_click=_label, args=("",))


def _ask_key(waiting: Unlabelled) -> str:
    return f"draw.hand.ask.{state.get('draw.hand.turn', 0)}.{len(waiting)}"


def _label(key: str) -> None:
    waiting: Unlabelled = state.get("draw.hand.unlabelled", [])
    if not waiting or (key and key != _ask_key(waiting)):  # told again, and late
        return
    (_, image), *rest = waiting
    state.put("draw.hand.unlabelled", rest)
    label = state.get(key, None) if key else None
    if label is not None:
        digit_collection.add(image, int(label))
        state.put("draw.hand.version", _version() + 1)
