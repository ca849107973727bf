"""The class's bar: how often each member looks at the class."""

import pytest

from ui.membership.class_bar import seconds_between_looks


@pytest.mark.parametrize(("members", "seconds"), [(0, 3.0), (15, 3.0), (30, 6.0), (200, 10.0)])
def test_members_of_large_classes_look_less_often(members: int, seconds: float) -> None:
    assert seconds_between_looks(members) == seconds
