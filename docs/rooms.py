"""Counts packages, imports, levels and cycles: `python docs/rooms.py bot handlers`.

A package is a folder of modules, or a module at the top level. An import leads from one package to another. A cycle is
a set of packages that import each other. Levels are the packages in the longest chain of imports; a cycle counts once.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent

Imports = Mapping[str, set[str]]
"""The packages that each package imports."""


def arrows(top: str) -> Imports:
    """Return the imports between the packages below this one."""
    files = [path for path in sorted((ROOT / top).rglob("*.py")) if path.name != "__init__.py"]
    found: dict[str, set[str]] = {package_of(path): set() for path in files}
    for path in files:
        own = package_of(path)
        others = {_package_named(name, top, found) for name in imported(path)}
        found[own] |= others - {"", own}
    return found


def package_of(path: Path) -> str:
    """Return the import name of the package that contains a file."""
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


def _package_named(name: str, top: str, packages: Mapping[str, object]) -> str:
    """Return the package of an imported name: the longest one that it begins with; empty if it is not below `top`."""
    parts = name.split(".")
    if parts[0] != top:
        return ""
    candidates = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((package for package in candidates if package in packages), "")


def cycles(found: Imports) -> list[set[str]]:
    """Return the sets of packages that import each other, directly or through others."""
    reached = {package: _reached(package, found) for package in found}
    mutual = {frozenset(other for other in reached[package] if package in reached[other]) for package in found}
    return sorted((set(one) for one in mutual if len(one) > 1), key=sorted)


def _reached(start: str, found: Imports) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for package in found[waiting.pop()] - seen:
            seen.add(package)
            waiting.append(package)
    return seen


def levels(found: Imports) -> int:
    """Return the number of packages in the longest chain of imports."""
    mutual = cycles(found)
    name = {package: next((min(cycle) for cycle in mutual if package in cycle), package) for package in found}
    graph: dict[str, set[str]] = {}
    for package, others in found.items():
        graph.setdefault(name[package], set()).update(name[other] for other in others if name[other] != name[package])
    height: dict[str, int] = {}
    for package in TopologicalSorter(graph).static_order():
        height[package] = 1 + max((height[other] for other in graph.get(package, ())), default=0)
    return max(height.values(), default=0)


def main(packages: list[str]) -> None:
    """Print a line for each top-level package."""
    print("| below | packages | imports | levels | cycles |\n|---|---|---|---|---|")  # noqa: T201
    for top in packages:
        found = arrows(top)
        count = sum(map(len, found.values()))
        print(f"| `{top}/` | {len(found)} | {count} | {levels(found)} | {len(cycles(found))} |")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:] or ["bot", "handlers"])
