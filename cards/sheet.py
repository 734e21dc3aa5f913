"""The input for drawing a card, the room for its texts, and its few shapes."""

import re
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
"""Minimum characters shown of every text, however little room there is."""

LEAST_SHARE = 1 / 3
"""Minimum share of the usual length for names and our own sentences."""

NOTICE = 600
OPERATIONS = 200

LABELS = "104px"
"""Width of the labels' column: a third of a phone."""

LONG_LABEL = 30
"""Characters above which a label stands above its value: beside it, every word would take a line."""

_DATES = re.compile(r"\{\{(?:DATE|TIME)\([^)]*\)\}\}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One request, as one reader sees it.

    `share` is the fraction of their usual lengths that texts and lists get; it shrinks until the card fits.
    """

    request: Request
    view: View
    share: float = 1.0

    def tighter(self, share: float) -> Self:
        """Return this sheet with another share."""
        return replace(self, share=share)

    def length(self, usual: int) -> int:
        """Return the maximum characters of free text, scaled from the usual number."""
        return max(LEAST_LENGTH, int(usual * self.share))

    def count(self, usual: int) -> int:
        """Return the maximum items of a list, scaled from the usual number."""
        return max(1, int(usual * self.share))

    def text(self, raw: str, usual: int) -> Markup:
        """Return a name or a sentence, escaped and shortened."""
        return shown(raw, int(usual * max(self.share, LEAST_SHARE)))

    def free_text(self, raw: str, usual: int, least: int = 0) -> Markup:
        """Return people's long text, escaped; it is shortened first, but keeps `least` characters."""
        return shown(raw, max(self.length(usual), least))

    def told(self, words: Sequence[str | datetime], usual: int, least: int = 0) -> Markup:
        """Return text with times in between, shortened like `free_text`."""
        return told(words, max(self.length(usual), least))

    def button(self, verb: Verb, title: str, *, page: int = 0, **look: str) -> ActionExecute:
        """Return a button that calls the bot; `page` is the requested page of a list."""
        data = Button(verb, self.request.id, fingerprint_of(self.request), page=page).data()
        return ActionExecute(title=title, verb=verb.value, data=data, **look)


def line(text: Markup, **look: object) -> TextBlock:
    """Return a paragraph."""
    return TextBlock(text=text, wrap=True, **look)


def heading(text: Markup, **look: object) -> TextBlock:
    """Return a small heading."""
    return TextBlock(text=text, wrap=True, style="heading", weight="Bolder", **look)


def panel(tone: Tone, *items: Part, bleed: bool = False) -> Container:
    """Return elements on a coloured background."""
    return Container(style=tone.value, bleed=bleed, items=list(items))


def rows(pairs: Iterable[tuple[Markup, Markup]]) -> list[Part]:
    """Return labels and values. Unlike a fact set they align over the whole card, and a hash wraps on a phone."""
    return [part for label, value in pairs for part in _row(label, value)]


def _row(label: Markup, value: Markup) -> list[Part]:
    if len(_DATES.sub("0000-00-00", label)) > LONG_LABEL:  # a client shows a date where its function stands
        return [line(label, isSubtle=True, spacing="Small"), line(value, spacing="None")]
    columns = [
        Column(width=LABELS, items=[line(label, isSubtle=True)]),
        Column(width="stretch", items=[line(value)]),
    ]
    return [ColumnSet(columns=columns, spacing="Small")]


def header(sheet: Sheet, status: Status) -> Container:
    """Return the top of every card: status, title, and the operations that it belongs to."""
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
    """Return the notice above everything else: a refusal, or what has just happened."""
    text = sheet.view.notice
    return [panel(Tone.CAREFUL, line(sheet.text(text, NOTICE), weight="Bolder"))] if text else []
