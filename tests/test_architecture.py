"""The allowed directions of imports, and the purity of the rules."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from docs import rooms

ROOT = Path(__file__).parent.parent
LAYERS = ["bot", "handlers", "cards", "approvals"]
PURE = {"approvals": set[str](), "cards": {"adaptivecards"}}


def modules(package: str) -> list[Path]:
    """Return every Python file of a package."""
    return sorted((ROOT / package).rglob("*.py"))


@cache
def imports(path: Path) -> set[str]:
    """Return the top-level names that a file imports."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def names(path: Path) -> Iterator[str]:
    """Yield every name that a file uses or imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                yield name


@pytest.mark.parametrize("package", LAYERS)
def test_left_imports_right_only(package: str) -> None:
    """Imports go only this way: bot -> handlers -> cards -> approvals. No package imports the simulator, the tests or
    the benchmarks."""
    forbidden = {*LAYERS[: LAYERS.index(package)], "simulator", "tests", "benchmarks"}

    offences = {(path.name, name) for path in modules(package) for name in imports(path) if name in forbidden}

    assert offences == set()


@pytest.mark.parametrize("package", PURE)
def test_the_core_is_pure(package: str) -> None:
    """Rules and cards use the standard library (and the card package) only: no clock, no I/O, no async, no log."""
    impure = {"asyncio", "io", "logging", "os", "pathlib", "random", "secrets", "socket", "subprocess", "time"}
    allowed = (set(sys.stdlib_module_names) - impure) | set(LAYERS) | PURE[package]

    offences = {(path.name, name) for path in modules(package) for name in imports(path) if name not in allowed}

    assert offences == set()


@pytest.mark.parametrize("package", PURE)
def test_the_core_reads_no_file(package: str) -> None:
    """Rules and cards read no file. Time zones are made where the configuration is read, because making one reads a
    file of the host."""
    reading = [
        f"{path.name}:{node.lineno}"
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"ZoneInfo", "zoneinfo.ZoneInfo", "open"}
    ]

    assert reading == []


def test_the_type_checker_sees_all_of_the_rules() -> None:
    """The rules do not use `Any`: it would let a wrong value into a request, and the type checker would not see it."""
    blind = [path.name for path in modules("approvals") for name in names(path) if name == "Any"]

    assert blind == []


@pytest.mark.parametrize("package", [*PURE, "handlers"])
def test_no_case_is_forgotten(package: str) -> None:
    """Every `match` in rules, cards and flows ends in `assert_never`, so that the type checker reports a forgotten
    case. The one exception passes on the remaining value, and its type says which cases these are."""
    open_ended = [
        f"{path.name}:{node.lineno}"
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Match) and not ast.unparse(node.cases[-1]).startswith("case _:\n    assert_never(")
        if path.name != "click.py"
    ]

    assert open_ended == []


ROOMS = {
    "bot": (
        "__main__",
        "cli",
        "check",
        "app",
        "wiring",
        "journeys",
        "adapters",
        "teams.inbound",
        "signin",
        "jobs",
        "audit_log",
        "store",
        "emergency",
        "oncall",
        "policy",
        "graph",
        "teams.outbound",
        "entra",
        "outside",
        "config",
        "keys",
        "web",
        "logs",
    ),
    "handlers": (
        "click",
        "message",
        "installed",
        "perform",
        "poll",
        "deciding",
        "answers",
        "emergency_page",
        "ordering",
        "emergency",
        "carrying",
        "filing",
        "intune",
        "reminding",
        "showing",
        "gathering",
        "storing",
        "incoming",
        "ports",
        "commands",
    ),
}
"""The parts of a package, from top to bottom. A higher part may import a lower one."""


@pytest.mark.parametrize("package", ROOMS)
def test_no_import_leads_back_up(package: str) -> None:
    """No part of a package imports a higher part, so every part can be read without those above it."""
    order = {f"{package}.{room}": number for number, room in enumerate(ROOMS[package])}
    found = rooms.arrows(package)

    assert set(found) == set(order)
    assert [(room, other) for room in found for other in found[room] if order[room] >= order[other]] == []


MOST_LINES = 300


@pytest.mark.parametrize("package", ROOMS)
def test_a_module_is_short_enough_to_read_at_once(package: str) -> None:
    """No module of the bot and the flows has more than 300 lines."""
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in modules(package)}

    assert {name: number for name, number in lines.items() if number > MOST_LINES} == {}


def test_a_type_name_means_one_thing() -> None:
    """No two types of the product have the same name, be they classes or aliases."""
    found = Counter(name for package in LAYERS for path in modules(package) for name in _types(path))

    assert [name for name, number in found.items() if number > 1] == []


def _types(path: Path) -> Iterator[str]:
    """Yield the public classes and type aliases of a module, but no constants and no type variables."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.ClassDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]):
                if re.fullmatch(r"[A-Z]\w*[a-z]\w*", name):
                    yield name
            case _:
                pass


def journeys() -> Iterator[tuple[str, list[str]]]:
    """Yield every class of the flows that does something, with the types of its constructor's parameters."""
    for path in modules("handlers"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body if "ports" not in path.parts else ():
            if isinstance(node, ast.ClassDef) and any(isinstance(part, ast.AsyncFunctionDef) for part in node.body):
                parts = [part.annotation for part in node.body if isinstance(part, ast.AnnAssign)]
                yield node.name, [ast.unparse(part).split("[")[0].removesuffix(" | None") for part in parts]


def test_a_journey_names_the_few_things_that_it_needs() -> None:
    """A journey has at most six ports and eight parts in all. One that needs more should be two journeys."""
    ports = {
        node.name
        for path in modules("handlers/ports")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and ast.unparse(node.bases[0] if node.bases else node).startswith("Protocol")
    }
    found = dict(journeys())

    assert {name: parts for name, parts in found.items() if len(parts) > 8} == {}
    assert {name: parts for name, parts in found.items() if len(ports.intersection(parts)) > 6} == {}
    assert len(ports) > 20
    assert len(found) > 40


def test_only_the_clouds_know_microsofts_addresses() -> None:
    """Only `clouds.py` contains addresses of Microsoft's public cloud. Elsewhere they would send people of a government
    cloud to a host where they cannot sign in."""
    assert {path.name for package in LAYERS for path in modules(package) if _hosts(path)} == {"clouds.py"}


def _hosts(path: Path) -> list[str]:
    """Return the addresses of Microsoft's public cloud in the code; docstrings may name them as sources."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    owners = "microsoft|microsoftonline|botframework|azure|windows|office"
    public = re.compile(rf"https://[a-zA-Z.*-]*\b(?:{owners})\.(?:com|net)")
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in told and public.search(node.value)
    ]


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("msal", "bot/entra/msal_client.py"),
        ("botbuilder", "bot/teams/inbound/bot_handler.py"),
        ("adaptivecards", "cards/elements.py"),
        ("dateutil", "bot/oncall/times.py"),
    ],
)
def test_an_untyped_neighbour_is_touched_in_one_module(library: str, home: str) -> None:
    """Each untyped library is imported in one module only, so that it can be replaced there."""
    touching = {
        path.relative_to(ROOT).as_posix() for package in LAYERS for path in modules(package) if library in imports(path)
    }

    assert touching == {home}
