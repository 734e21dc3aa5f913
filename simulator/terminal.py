"""Shows cards and steps of a story as text in a terminal."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

WIDTH = 76
"""Width of a card in columns; with its indentation it fits into 80."""

_LABEL_WIDTH = 18
"""Width of the longest label, a time, and two spaces."""

_DATE = re.compile(r"\{\{DATE\(([^,)]+)[^)]*\)\}\}")
_TIME = re.compile(r"\{\{TIME\(([^)]+)\)\}\}")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|~<>&])")


def draw(card: dict[str, Any], where: str) -> Panel:
    """Return a card as people see it; `where` is the title."""
    lines = [*_elements(card.get("body") or ())]
    buttons = [str(action.get("title")) for action in card.get("actions") or ()]
    if buttons:
        lines += [Text(), Text("  ".join(f"[{title}]" for title in buttons), style="bold cyan")]
    return Panel(Group(*lines), title=where, title_align="left", width=WIDTH, border_style="blue")


def _elements(items: Any) -> Iterator[Text]:
    for item in items:
        match item.get("type"):
            case "TextBlock" | "RichTextBlock":
                yield _text(item)
            case "ColumnSet":
                yield _columns(item)
            case "Container":
                if item.get("separator"):
                    yield Text("─" * (WIDTH - 4), style="dim")
                yield from _elements(item.get("items") or ())
            case "Input.Text":
                label = item.get("label") or item.get("placeholder") or item["id"]
                yield Text(f"{label}: ______________________", style="italic")
            case "ActionSet":
                yield Text("  ".join(f"[{action.get('title')}]" for action in item.get("actions") or ()), style="cyan")


def _columns(item: dict[str, Any]) -> Text:
    cells = [Text("\n").join(_elements(column.get("items") or ())) for column in item.get("columns") or ()]
    if len(cells) != 2:
        return Text("  ").join(cells)
    label, value = cells
    label.pad_right(max(0, _LABEL_WIDTH - label.cell_len))
    return label.append_text(value)


def _text(item: dict[str, Any]) -> Text:
    words = "".join(str(run.get("text", "")) for run in item.get("inlines") or ()) or str(item.get("text", ""))
    style = "bold" if item.get("weight") == "Bolder" else "dim" if item.get("isSubtle") else ""
    return Text(plain(words), style=style)


def plain(words: str) -> str:
    """Return the text with times in the local time zone and without Markdown escapes."""
    words = _DATE.sub(lambda found: f"{_local(found[1]):%a %d %b}", words)
    words = _TIME.sub(lambda found: f"{_local(found[1]):%H:%M}", words)
    return _ESCAPED.sub(r"\1", words)


def _local(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone()


class Narrator:
    """Prints a story step by step."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def chapter(self, title: str) -> None:
        """Print the title of a new chapter."""
        self._console.print()
        self._console.rule(Text(title, style="bold"), align="left")

    def done(self, what: str) -> None:
        """Print a step that has happened."""
        self._line(Text("✔", style="green"), Text(what))

    def says(self, who: str, what: str) -> None:
        """Print an answer."""
        self._line(Text(" "), Text.assemble((f"{who}: ", "dim"), (plain(what), "italic")))

    def shows(self, card: dict[str, Any], where: str) -> None:
        """Print a card with its place."""
        self._console.print(Padding(draw(card, where), (0, 0, 0, 2)))

    def failed(self, what: str) -> None:
        """Print the failure that ends the story."""
        self._line(Text("✘", style="bold red"), Text(what))

    def waiting(self, what: str) -> Any:
        """Return a context that shows this text until the block ends."""
        return self._console.status(Text(what))

    def _line(self, mark: Text, words: Text) -> None:
        line = Table.grid(padding=(0, 1))
        line.add_row(mark, words)
        self._console.print(Padding(line, (0, 0, 0, 2)))
