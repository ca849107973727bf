"""What rooms share in a server process."""

import gc
import weakref
from types import SimpleNamespace

import pytest

from nncore.data import datasets
from nncore.digits.starters import starter
from nncore.experiment import Experiment
from ui.core import server
from ui.core.tabs import Tab


def test_a_shared_object_is_made_once() -> None:
    def make() -> object:
        return object()

    assert server.share(make) is server.share(make)


def test_each_function_has_an_object() -> None:
    def one() -> object:
        return object()

    def other() -> object:
        return object()

    assert server.share(one) is not server.share(other)


def test_the_drawings_of_a_tab_that_is_given_up_are_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released: list[str] = []
    runner = SimpleNamespace(release=released.append)
    monkeypatch.setattr(server, "lab", lambda: SimpleNamespace(runner=runner))
    own = Experiment().updated({"data.name": "own", "data.drawings": "faces"})
    private = own.with_drawings(starter("faces").remove(0))
    datasets.load(private.data)
    drawings = weakref.ref(private.data.own)
    del private
    server._end_runs(Tab("a", owners=("ann",)))
    gc.collect()
    assert released == ["ann"]
    assert drawings() is None
