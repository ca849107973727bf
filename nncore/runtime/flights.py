"""The tasks that workers compute at present, and which slices have been alone. Not thread-safe."""

from __future__ import annotations

from typing import NamedTuple


class Flight(NamedTuple):
    """A slice under way.

    Attributes:
        memory_kills: How often memory had run out when it was sent.
        is_alone: True if no other task was under way since then.
    """

    memory_kills: int
    is_alone: bool


class Flights:
    """All tasks under way: slices by the number of their job, and questions as a count."""

    def __init__(self) -> None:
        self.count = 0
        self._slices: dict[int, Flight] = {}

    def begin(self) -> None:
        """Count one more task: the slices beside it are no longer alone."""
        self.count += 1
        for number, flight in self._slices.items():
            self._slices[number] = flight._replace(is_alone=False)

    def begin_slice(self, number: int, memory_kills: int) -> None:
        """Count one more slice.

        Args:
            number: Its job's number.
            memory_kills: How often memory has run out so far.
        """
        self.begin()
        self._slices[number] = Flight(memory_kills, self.count == 1)

    def end(self) -> None:
        """Count one task less."""
        self.count -= 1

    def end_slice(self, number: int) -> Flight:
        """Count one slice less, and return what is known of it."""
        self.end()
        return self._slices.pop(number)
