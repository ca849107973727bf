"""The public names of `nncore`: all there, from where they are made, and nothing heavy before."""

import subprocess
import sys

import pytest

import nncore


@pytest.mark.parametrize("name", nncore.__all__)
def test_each_public_name_can_be_had(name: str) -> None:
    assert getattr(nncore, name).__name__ == name
    assert name in dir(nncore)


def test_the_names_are_listed_once_in_order_and_where_they_come_from() -> None:
    homes = [name for names in nncore._HOMES.values() for name in names]
    assert sorted(homes) == nncore.__all__


def test_a_name_that_is_not_there_is_named() -> None:
    with pytest.raises(AttributeError, match="no attribute 'fit'"):
        nncore.fit  # noqa: B018 - asking for it is the test


def test_an_experiment_can_be_had_without_numpy() -> None:
    code = "import sys\nfrom nncore import Experiment\nprint('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
