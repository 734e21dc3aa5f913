"""Counts rooms, arrows, floors and knots of packages: `python docs/rooms.py bot handlers`.

A room is a package that contains modules, or a top-level module. An arrow is an import from one room to another. A
knot is a set of rooms that import each other. Floors are the rooms of the longest chain of arrows; a knot counts once.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent

Arrows = Mapping[str, set[str]]
"""The rooms that each room imports."""


def arrows(package: str) -> Arrows:
    """Return the arrows between the rooms of this package."""
    files = [path for path in sorted((ROOT / package).rglob("*.py")) if path.name != "__init__.py"]
    found: dict[str, set[str]] = {room_of(path): set() for path in files}
    for path in files:
        own = room_of(path)
        found[own] |= {room for name in imported(path) if (room := _room_named(name, package, found)) not in ("", own)}
    return found


def room_of(path: Path) -> str:
    """Return the import name of the room that contains a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1]) if len(parts) > 2 else ".".join(parts)


@cache
def imported(path: Path) -> frozenset[str]:
    """Return the full names of everything that a file imports."""
    return frozenset(_imported(ast.parse(path.read_text(encoding="utf-8"))))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _room_named(name: str, package: str, rooms: Mapping[str, object]) -> str:
    """Return the room of an imported name: the longest one that it begins with; empty outside this package."""
    parts = name.split(".")
    if parts[0] != package:
        return ""
    candidates = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((room for room in candidates if room in rooms), "")


def knots(found: Arrows) -> list[set[str]]:
    """Return the sets of rooms that import each other, directly or through others."""
    reached = {room: _reached(room, found) for room in found}
    tied = {frozenset(other for other in reached[room] if room in reached[other]) for room in found}
    return sorted((set(one) for one in tied if len(one) > 1), key=sorted)


def _reached(start: str, found: Arrows) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for room in found[waiting.pop()] - seen:
            seen.add(room)
            waiting.append(room)
    return seen


def floors(found: Arrows) -> int:
    """Return the number of rooms in the longest chain of arrows."""
    tied = knots(found)
    name = {room: next((min(knot) for knot in tied if room in knot), room) for room in found}
    graph: dict[str, set[str]] = {}
    for room, others in found.items():
        graph.setdefault(name[room], set()).update(name[other] for other in others if name[other] != name[room])
    height: dict[str, int] = {}
    for room in TopologicalSorter(graph).static_order():
        height[room] = 1 + max((height[other] for other in graph.get(room, ())), default=0)
    return max(height.values(), default=0)


def main(packages: list[str]) -> None:
    """Print a line for each package."""
    print("| package | rooms | arrows | floors | knots |\n|---|---|---|---|---|")  # noqa: T201
    for package in packages:
        found = arrows(package)
        count = sum(map(len, found.values()))
        print(f"| `{package}/` | {len(found)} | {count} | {floors(found)} | {len(knots(found))} |")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:] or ["bot", "handlers"])
