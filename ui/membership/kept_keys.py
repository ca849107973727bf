"""The keys to classes that this browser keeps: the learner's own, and those of a teacher."""

from __future__ import annotations

from collections.abc import Mapping

from ui.class_store import codes
from ui.class_store.values import MemberKey, TeacherKey
from ui.components import keep
from ui.components.keep.shapes import Entries, Fields, Text

#: Classes whose teacher's key one browser keeps at most.
MOST_TAUGHT = 20
_CODE = Text(codes.LENGTH, f"[{codes.LETTERS}]{{{codes.LENGTH}}}")
#: The class that the learner is in.
MEMBER = keep.Slot[Mapping[str, str]](
    "class.member",
    Fields({"code": _CODE, "token": Text(32, "[0-9a-f]{32}")}),
    "The class that you are in",
    count=lambda value: 1,
)
#: The teacher's secrets by the classes' codes.
TAUGHT = keep.Slot[Mapping[str, str]](
    "class.taught", Entries(_CODE, Text(64, r"[\w-]{16,64}"), MOST_TAUGHT), "Classes that you lead"
)


def find_member_key() -> MemberKey | None:
    """Return the learner's key; None for a learner who is in no class."""
    kept = keep.get(MEMBER)
    return None if kept is None else MemberKey(kept["code"], kept["token"])


def keep_member_key(key: MemberKey | None) -> None:
    """Have this browser keep the learner's key; None forgets it."""
    keep.put(MEMBER, None if key is None else {"code": key.code, "token": key.token})


def list_teacher_keys() -> dict[str, TeacherKey]:
    """Return the keys of the classes that this browser leads, by code, the newest last."""
    return {code: TeacherKey(code, secret) for code, secret in (keep.get(TAUGHT) or {}).items()}


def keep_teacher_key(key: TeacherKey) -> None:
    """Have this browser keep a teacher's key."""
    keep.add(TAUGHT, key.code, key.secret)


def forget_teacher_key(code: str) -> None:
    """Have this browser forget the key of a class."""
    others = {name: secret for name, secret in (keep.get(TAUGHT) or {}).items() if name != code}
    keep.put(TAUGHT, others or None)
