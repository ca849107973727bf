"""The rooms of the house: which folder imports which, and that no arrow leads back.

`python -m tests.test_rooms` prints the rooms, their arrows and their circles.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.test_house import FOLDERS, ROOT, File, imports, key_calls, tree

Arrows = Mapping[str, set[str]]


def room_of(module: str) -> str:
    """Return the room that a module lies in: its folder, or itself at the top of a package."""
    parts = module.split(".")
    if parts[0] == "pages":
        return "pages"
    return ".".join(parts[:2])


def find_arrows(files: Iterable[File]) -> dict[str, set[str]]:
    """Return the rooms that each room imports."""
    arrows: dict[str, set[str]] = defaultdict(set)
    for file in files:
        source = file.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for _, name in imports(file, file.nodes):
            if name.split(".")[0] not in FOLDERS:
                continue
            module = name if is_module(name) else name.rpartition(".")[0]
            if room_of(module) != room_of(source):
                arrows[room_of(source)].add(room_of(module))
    return dict(arrows)


def is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


def find_circles(arrows: Arrows) -> list[set[str]]:
    """Return the largest groups of rooms that reach each other along the arrows."""
    reach = {room: reachable(room, arrows) for room in arrows}
    groups = [{other for other in reach[room] if room in reach.get(other, ())} for room in arrows]
    return [group for place, group in enumerate(groups) if group and group not in groups[:place]]


def reachable(room: str, arrows: Arrows) -> set[str]:
    found: set[str] = set()
    waiting = [room]
    while waiting:
        new = arrows.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def test_a_circle_is_found_and_a_tree_is_none() -> None:
    assert find_circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [{"b", "c"}]
    assert find_circles({"a": {"b", "c"}, "b": {"c"}}) == []


def test_an_arrow_leads_from_room_to_room() -> None:
    file = File.of("ui/sweep/a.py", "from ui.core import state\nfrom ui.sweep import draft")
    assert find_arrows([file]) == {"ui.sweep": {"ui.core"}}


def test_no_arrow_between_rooms_leads_back() -> None:
    assert find_circles(find_arrows(tree())) == []


def test_the_core_imports_no_other_room_of_the_application() -> None:
    assert not {room for room in find_arrows(tree())["ui.core"] if room.startswith("ui.")}


def test_every_folder_says_what_is_in_it() -> None:
    folders = {path.parent for top in ("nncore", "ui") for path in (ROOT / top).rglob("*.py")}
    silent = [
        folder.relative_to(ROOT).as_posix()
        for folder in sorted(folders)
        if not docstring_of(folder / "__init__.py")
    ]
    assert not silent


def docstring_of(path: Path) -> str:
    if not path.is_file():
        return ""
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def key_names(file: File) -> list[str]:
    """Return the names of the keys that a file declares; `{PAGE}` is replaced by its value."""
    constants = {
        node.targets[0].id: node.value.value
        for node in file.tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    names = (
        ("<page>." if "PageKey" in ast.unparse(call.func) else "") + ast.unparse(call.args[0])
        for call in key_calls(file.tree)
    )
    return [
        re.sub(r"\{(\w+)\}", lambda m: str(constants.get(m[1], m[0])), re.sub(r"f?'", "", name))
        for name in names
    ]


def test_a_keys_name_is_read_with_the_page_in_it() -> None:
    file = File.of("ui/a.py", "PAGE = 'a'\nA = Key(f'{PAGE}.b', 0)\nB = PageKey[int]('c', 0)")
    assert key_names(file) == ["a.b", "<page>.c"]


def test_a_key_is_declared_in_one_place() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for file in tree():
        for name in key_names(file):
            places[name].append(file.path)
    assert not {name: files for name, files in places.items() if len(files) > 1}


if __name__ == "__main__":
    found = find_arrows(tree())
    for name, targets in sorted(found.items()):
        print(f"{name:24} -> {', '.join(sorted(targets))}")  # noqa: T201 - printed on purpose
    print(f"{sum(map(len, found.values()))} arrows, circles: {find_circles(found)}")  # noqa: T201
