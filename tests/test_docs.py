"""The documentation is true: its files, names, links and commands exist, and its pages keep their form."""

import ast
import importlib.util
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parent.parent
PACKAGES = ("approvals", "benchmarks", "bot", "cards", "docs", "handlers", "manifest", "simulator", "tests")
SOURCES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
PAGES = sorted(
    page
    for page in [*ROOT.glob("*.md"), *(found for package in PACKAGES for found in (ROOT / package).rglob("*.md"))]
    if "node_modules" not in page.parts
)
RECORDS = sorted((ROOT / "docs" / "adr").glob("*.md"))

FILE = re.compile(r"[a-z_]+/[A-Za-z0-9_./-]*|[a-z_]+\.(?:py|lua)")
"""A path in the repository, or a source file in the folder of the path before it."""
NAME = re.compile(r"[A-Za-z_]\w*(?:\.[a-z_]\w*)?(?:\(.*\))?")
"""Text that may be a name in a module: `function`, `Class`, `Class.method`, `function(argument)`."""
CODE = re.compile(r"[A-Z][a-z]\w*\.[a-z_]\w*|[A-Za-z_]\w*\(.*\)")
"""Text that can only be a name in a module: `Class.method`, `function(argument)`."""
CALL = re.compile(r"\b(\w+)\(([\w, ]*)\)|\b([a-z]+_[a-z_]+)\b")
"""A function in a sequence diagram: with arguments, or recognised by an underscore in its name."""


def name_of(page: Path) -> str:
    """Return the name of a page in the list of tests."""
    return page.relative_to(ROOT).as_posix()


every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)
every_record = pytest.mark.parametrize("page", RECORDS, ids=name_of)


@dataclass(frozen=True)
class Span:
    """A code span, and the text between the span before it and this one."""

    text: str
    before: str


@cache
def tokens(page: Path) -> Sequence[Token]:
    """Return the tokens of the page, read as CommonMark with tables, as GitHub does."""
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def blocks(page: Path) -> Iterator[list[Span]]:
    """Yield the code spans of each paragraph, heading and table row."""
    row: list[Span] | None = None
    for token in tokens(page):
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            yield row or []
            row = None
        elif token.type == "inline":
            found = list(spans(token))
            yield from [found] if row is None else ()
            row = None if row is None else row + found


def spans(inline: Token) -> Iterator[Span]:
    """Yield the code spans of one run of text."""
    before = ""
    for child in inline.children or ():
        if child.type == "code_inline":
            yield Span(child.content, before)
            before = ""
        else:
            before += " " if child.type == "softbreak" else child.content


def fences(page: Path) -> Iterator[str]:
    """Yield the code blocks of a page."""
    yield from (token.content for token in tokens(page) if token.type == "fence")


def headings(page: Path) -> list[str]:
    """Return the headings of a page, as they are written."""
    found = tokens(page)
    return [found[place + 1].content for place, token in enumerate(found) if token.type == "heading_open"]


def files(page: Path, block: Sequence[Span]) -> Iterator[tuple[int, Path]]:
    """Yield the files and folders that a block names, each with the position of its span."""
    folder = page.parent
    for place, span in enumerate(block):
        if FILE.fullmatch(span.text):
            path = ROOT / span.text if "/" in span.text else folder / span.text
            folder = path.parent
            yield place, path


@cache
def defined(path: Path) -> frozenset[str]:
    """Return every name that a module defines or imports, with `Class.attribute` for the members of a class."""
    return frozenset(_defined(ast.parse(path.read_text(encoding="utf-8"))))


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name, body=body):
                yield from (name, *(f"{name}.{part}" for member in body for part in _names(member)))
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                yield from (alias.asname or alias.name for alias in names)
            case _:
                yield from _names(node)


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))


@cache
def everywhere() -> frozenset[str]:
    """Return every name that any module defines or imports."""
    return frozenset(name for path in SOURCES for name in defined(path))


@cache
def parameters() -> Mapping[str, set[str]]:
    """Return the parameters of all functions, by function name."""
    found: dict[str, set[str]] = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                taken = node.args
                names = {one.arg for one in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)}
                found.setdefault(node.name, set()).update(names)
    return found


def wrong_names(page: Path, block: Sequence[Span]) -> Iterator[str]:
    """Yield the names that are not in the module beside them, or, without one, in none of the modules that the block
    names."""
    modules = {place: path for place, path in files(page, block) if path.suffix == ".py" and path.exists()}
    known = frozenset[str]().union(*map(defined, modules.values())) if modules else everywhere()
    for place, span in enumerate(block):
        name, beside = span.text.partition("(")[0], _beside(block, modules, place)
        if FILE.fullmatch(span.text) or not NAME.fullmatch(span.text):
            continue
        if beside and name not in defined(beside):
            yield f"{name_of(beside)} has no {name}"
        elif not beside and CODE.fullmatch(span.text) and name not in known:
            yield f"{name} is in no module that is named there"


def _beside(block: Sequence[Span], modules: Mapping[int, Path], place: int) -> Path | None:
    """Return the module in "`module.py`, `name` and `name`" or in "`name` and `name` in `module.py`"."""
    before = place
    while before not in modules and before > 0 and block[before].before.strip() in {",", "and", ", and", ":"}:
        before -= 1
    behind = place + 1
    while behind not in modules and behind < len(block) and block[behind].before.strip() in {",", "and", ", and"}:
        behind += 1
    if behind in modules and block[behind].before.strip() in {"in", "of", "("}:
        return modules[behind]
    return modules.get(before)


@every_page
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    """Every path in backticks on a page exists."""
    named = [path for block in blocks(page) for _, path in files(page, block)]

    assert [name_of(path) for path in named if not path.exists()] == []


@every_page
def test_every_name_beside_a_file_is_in_it(page: Path) -> None:
    """Every name beside a file on a page is in that file."""
    assert [wrong for block in blocks(page) for wrong in wrong_names(page, block)] == []


def test_a_wrong_name_is_found() -> None:
    """A wrong name is found in a sentence, a list and a table row. A name that only looks like one is ignored."""
    beside = Span("approvals/quorum.py", " in ")

    assert list(wrong_names(ROOT, [Span("seating", ""), beside])) == []
    assert list(wrong_names(ROOT, [Span("seatings", ""), beside])) == ["approvals/quorum.py has no seatings"]
    assert list(wrong_names(ROOT, [beside, Span("Row.seat", " holds ")])) == [
        "Row.seat is in no module that is named there"
    ]
    assert list(wrong_names(ROOT, [beside, Span("deviceActionResults", " reads ")])) == []
    several = [beside, Span("SeatRow", ", "), Span("no_row", " and ")]
    assert list(wrong_names(ROOT, several)) == ["approvals/quorum.py has no no_row"]
    several = [Span("no_row", ""), Span("SeatRow", ", "), Span("approvals/quorum.py", " (")]
    assert list(wrong_names(ROOT, several)) == ["approvals/quorum.py has no no_row"]
    assert list(wrong_names(ROOT, [Span("nothing_like_it()", "")])) == [
        "nothing_like_it is in no module that is named there"
    ]


@every_page
def test_every_call_in_a_diagram_is_one_of_ours(page: Path) -> None:
    """Every call in a sequence diagram is a function of ours, and takes the arguments that the diagram shows."""
    diagrams = [text for text in fences(page) if text.startswith("sequenceDiagram")]
    messages = [line.partition(":")[2] for text in diagrams for line in text.splitlines() if "->>" in line]
    calls = [(call or word, given) for line in messages for call, given, word in CALL.findall(line)]

    assert [call for call, _ in calls if call not in parameters()] == []
    assert [
        (call, one) for call, given in calls for one in re.findall(r"\w+", given) if one not in parameters()[call]
    ] == []


def test_every_check_of_the_security_page_names_its_function() -> None:
    """Every row in the table of checks on the security page names a function, so that no row can outlive its check."""
    page = ROOT / "docs" / "security.md"
    table = page.read_text(encoding="utf-8").partition("| what | where |")[2].partition("\n\n")[0]

    assert table.count("\n") > 20
    assert [row for row in table.splitlines() for _ in re.findall(r"`[a-z_/]+\.py`(?!, `)", row)] == []


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    """Every relative link on a page leads to a file that exists, and to a heading in it."""
    links = [
        str(child.attrs["href"])
        for token in tokens(page)
        for child in token.children or ()
        if child.type == "link_open" and not re.match(r"[a-z]+:", str(child.attrs["href"]))
    ]
    pictures = re.findall(r'(?:src|srcset)="([^"]+)"', page.read_text(encoding="utf-8"))

    assert [link for link in (*links, *pictures) if not _leads_somewhere(page, link)] == []


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in map(_anchor, headings(target)))


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading: small letters and hyphens, without punctuation."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@every_page
def test_every_command_can_be_given(page: Path) -> None:
    """Every command on a page works: `make` has the target, and Python has the module or file."""
    codes = [*fences(page), *(span.text for block in blocks(page) for span in block)]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {found for text in codes for found in re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)}
    modules = {found for text in codes for found in re.findall(r"python -m ([\w.]+)", text)} - {"venv", "pytest"}
    scripts = {found for text in codes for found in re.findall(r"python (\w+/[\w/]+\.py)", text)}

    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
    assert [name for name in modules if name.split(".")[0] in PACKAGES and not importlib.util.find_spec(name)] == []
    assert [script for script in scripts if not (ROOT / script).exists()] == []


@every_record
def test_a_record_has_every_part(page: Path) -> None:
    """Every decision record has a number, a status, a date, and the four sections."""
    text = page.read_text(encoding="utf-8")

    assert re.match(rf"# {int(page.name[:4])}\. .+\n\n- Status: .+\n- Date: \d{{4}}-\d\d-\d\d\n", text)
    assert headings(page)[1:] == ["Context", "Alternatives considered", "Decision", "Consequences"]


def test_records_are_numbered_without_a_gap() -> None:
    """Decision records are numbered without a gap and without a repetition."""
    assert [int(page.name[:4]) for page in RECORDS] == list(range(1, len(RECORDS) + 1))


def test_the_glossary_is_in_order() -> None:
    """The glossary has one line for each word, in alphabetical order, and CONTRIBUTING.md links to it."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("## Glossary")[2].partition("\n## ")[0]
    words = [word for row in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)[2:] for word in row.split(", ")]
    firsts = [row.split(", ")[0].lower() for row in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)[2:]]

    assert len(firsts) > 80
    assert firsts == sorted(firsts)
    assert [word for word, times in Counter(words).items() if times > 1] == []
    assert "docs/architecture.md#glossary" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_dependency_has_its_reason() -> None:
    """The architecture page names every package that is installed."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Dependencies")[2]
    lines = [line for name in ("requirements.txt", "requirements-dev.txt") for line in _lines(ROOT / name)]
    packages = [line.partition("==")[0] for line in lines if "==" in line]

    assert len(packages) > 30
    assert [package for package in packages if f"`{package}`" not in page] == []


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_the_lifecycle_page_is_drawn_from_the_tables() -> None:
    """The lifecycle page matches the tables. Run `python docs/lifecycle.py` after changing them."""
    spec = importlib.util.spec_from_file_location("lifecycle_page", ROOT / "docs" / "lifecycle.py")
    assert spec is not None
    assert spec.loader is not None
    drawing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drawing)

    assert drawing.PAGE.read_text(encoding="utf-8") == drawing.page()
