"""What a learner reads when something fails: one sentence, and no path of the server."""

from __future__ import annotations

import logging

import pytest
from distributed.comm.core import CommClosedError

from nncore.data.datasets import DataMismatch
from nncore.experiment import Experiment
from nncore.runtime import tasks
from nncore.runtime.errors import (
    INTERNAL,
    TOO_LARGE,
    StoreError,
    TaskError,
    reason_of,
    sentence_of,
    start_sentence,
)
from nncore.runtime.versions import difference, versions


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("fit.epochs must be at least 1."), "fit.epochs must be at least 1."),
        (DataMismatch("The data here differ."), "The data here differ."),
        (ValueError("cannot read /home/lab/secret/file.npz"), INTERNAL),
        (FileNotFoundError(2, "No such file", "/srv/lab/x"), INTERNAL),
        (TypeError("'NoneType' object is not callable"), INTERNAL),
        (ValueError(), INTERNAL),
        (MemoryError(), TOO_LARGE),
    ],
)
def test_the_sentence_of_an_error(error: Exception, sentence: str) -> None:
    assert sentence_of(error) == sentence


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(28, "No space left on device", "/srv/lab/x"), "No space left on device"),
        (
            FileNotFoundError(2, "No usable folder found in ['/var/tmp']"),
            "the server's log says why",
        ),
        (ConnectionError("NNCORE_TLS_CA must name a file: '/a/b'"), "the server's log says why"),
        (StoreError("It is too large."), "It is too large"),
        (TypeError("'NoneType' object is not callable"), "the server's log says why"),
    ],
)
def test_the_reason_of_an_error_has_no_path(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PermissionError(13, "Permission denied", "/srv/x"), "Permission denied"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (CommClosedError("in <TLS (closed) local=tls://there>"), "the server's log says why"),
    ],
)
def test_workers_that_cannot_be_used_have_a_sentence(error: Exception, sentence: str) -> None:
    assert start_sentence(error) == f"The worker could not start: {sentence}."
    said = ConnectionError("The scheduler at tls://there does not answer.")
    assert start_sentence(said) == str(said)


def test_a_workers_error_is_logged_whole_and_reaches_the_page_as_a_sentence(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(experiment: Experiment) -> str:
        raise OSError(28, "No space left on device", "/srv/lab/cache/file")

    monkeypatch.setattr("nncore.training.model.summary", fail)
    with caplog.at_level(logging.ERROR), pytest.raises(TaskError) as caught:
        tasks.summary(Experiment())
    assert str(caught.value) == INTERNAL
    assert "/srv/lab/cache/file" in caplog.text


def test_the_same_versions_have_no_difference() -> None:
    assert difference(versions(), versions(), "here") == ""


def test_a_version_that_differs_is_said_with_both() -> None:
    there = versions() | {"keras": "1.0"}
    text = difference(versions(), there, "tls://there")
    assert text.startswith("The worker at tls://there has keras 1.0, but the lab has keras ")


def test_a_package_that_is_missing_is_said() -> None:
    assert "has no numpy, but" in difference(versions(), versions() | {"numpy": ""}, "there")
