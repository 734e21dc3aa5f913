"""What a card is drawn from, how much room its texts have, and the few shapes that it is made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from approvals.request import Request
from cards import words
from cards.actions import Button, Verb, fingerprint_of
from cards.elements import ActionExecute, Column, ColumnSet, Container, Part, TextBlock
from cards.status import Status, Tone
from cards.text import Markup, joined, shown, told
from cards.view import View

LEAST_LENGTH = 12
"""However tight it gets, so many characters of every text are shown."""

LEAST_SHARE = 1 / 3
"""And so much of what names things and of our own sentences."""

NOTICE = 600
OPERATIONS = 200

LABELS = "104px"
"""How wide the labels' column is: a third of a phone."""

LONG_LABEL = 30
"""A label of more characters stands above its value: beside it, it would take a line for every word."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One request, and one reader's look at it.

    `share` is the part of their usual lengths that texts and lists get; it shrinks until the card fits.
    """

    request: Request
    view: View
    share: float = 1.0

    def tighter(self, share: float) -> Self:
        """The same with another share."""
        return replace(self, share=share)

    def length(self, usual: int) -> int:
        """How many characters free text may have that usually has so many."""
        return max(LEAST_LENGTH, int(usual * self.share))

    def count(self, usual: int) -> int:
        """How many items a list may have that usually has so many."""
        return max(1, int(usual * self.share))

    def text(self, raw: str, usual: int) -> Markup:
        """A name or a sentence, safe and not too long."""
        return shown(raw, int(usual * max(self.share, LEAST_SHARE)))

    def free_text(self, raw: str, usual: int, least: int = 0) -> Markup:
        """What people write at length, safe; it gives way first, down to what it has at `least`."""
        return shown(raw, max(self.length(usual), least))

    def told(self, words: Sequence[str | datetime], usual: int, least: int = 0) -> Markup:
        """The same for text with times in between."""
        return told(words, max(self.length(usual), least))

    def button(self, verb: Verb, title: str, *, page: int = 0, **look: str) -> ActionExecute:
        """A button that asks the bot; `page` is which part of a list it wants to see."""
        data = Button(verb, self.request.id, fingerprint_of(self.request), page=page).data()
        return ActionExecute(title=title, verb=verb.value, data=data, **look)


def line(text: Markup, **look: object) -> TextBlock:
    """A paragraph."""
    return TextBlock(text=text, wrap=True, **look)


def heading(text: Markup, **look: object) -> TextBlock:
    """A small title above what belongs together."""
    return TextBlock(text=text, wrap=True, style="heading", weight="Bolder", **look)


def panel(tone: Tone, *items: Part, bleed: bool = False) -> Container:
    """Elements on a coloured ground."""
    return Container(style=tone.value, bleed=bleed, items=list(items))


def rows(pairs: Iterable[tuple[Markup, Markup]]) -> list[Part]:
    """Labels and values. Unlike a fact set they are aligned all over the card, and a hash wraps on a phone."""
    return [part for label, value in pairs for part in _row(label, value)]


def _row(label: Markup, value: Markup) -> list[Part]:
    if len(label) > LONG_LABEL:
        return [line(label, isSubtle=True, spacing="Small"), line(value, spacing="None")]
    columns = [
        Column(width=LABELS, items=[line(label, isSubtle=True)]),
        Column(width="stretch", items=[line(value)]),
    ]
    return [ColumnSet(columns=columns, spacing="Small")]


def header(sheet: Sheet, status: Status) -> Container:
    """What every card begins with: where it stands, what is asked for, and under which operations that falls."""
    urgent = " · Urgent" if sheet.request.urgent and sheet.request.takes_votes else ""
    operations = " · ".join(workflow.operation for workflow in sheet.request.workflows)
    return panel(
        status.tone,
        line(joined(shown(status.sign), shown(status.word + urgent)), weight="Bolder"),
        heading(sheet.text(words.title_of(sheet.request), words.TITLE), size="Large", spacing="Small"),
        line(sheet.text(operations, OPERATIONS), isSubtle=True, spacing="None"),
        bleed=True,
    )


def notice(sheet: Sheet) -> list[Part]:
    """A refusal, or what has just happened, above everything else."""
    text = sheet.view.notice
    return [panel(Tone.CAREFUL, line(sheet.text(text, NOTICE), weight="Bolder"))] if text else []
