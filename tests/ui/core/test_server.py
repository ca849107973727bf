"""What rooms share in a server process."""

from ui.core import server


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
