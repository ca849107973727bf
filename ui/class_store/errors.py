"""The errors of the class store. Each message is one sentence for the person at the page."""

from __future__ import annotations


class ClassError(RuntimeError):
    """Raised if a call cannot be carried out; asking again does not help."""


class StoreUnavailable(ClassError):
    """Raised if the database is locked, full, lost or unreachable; asking again later may help."""


class ClassNotFound(ClassError):
    """Raised if there is no class with this code, or it has ended."""


class NotAllowed(ClassError):
    """Raised if the key is not that of the class's teacher, or not that of one of its members."""


class ClassIsLocked(ClassError):
    """Raised if the teacher has locked the class against new members."""


class LimitReached(ClassError):
    """Raised if a class has all its members, a lab all its classes, or a member all its events."""


class TooManyTries(ClassError):
    """Raised if an address has tried too many codes, or too many people join a class at once."""


class AnswersClosed(ClassError):
    """Raised if the question of an answer is not open, or its answers are already shown."""
