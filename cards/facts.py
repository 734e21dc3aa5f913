"""Labels and values: who asks for it and why, and what is reviewed."""

from approvals.quorum import is_decidable
from cards import words
from cards.elements import Container, Part
from cards.reviewing import Line, lines
from cards.sheet import Sheet, line, rows
from cards.text import Markup, joined, shown

REASON = 800
LABEL = 60
VALUE = 240

WORDS = 480
"""What an assignment does, from old to new."""

FIRST_FACTS = 6
"""What a reader takes in at one look; the others are under Details."""


def length_of(told: Line) -> int:
    """How many characters its value may have."""
    return WORDS if told.words else VALUE


def asked(sheet: Sheet) -> list[Part]:
    """Who wants it, why, and who can say yes."""
    request = sheet.request
    told = [
        (shown("Requested by"), sheet.text(words.asker(request), words.NAME)),
        (shown("Reason"), sheet.free_text(request.justification or "none given", REASON)),
    ]
    if request.takes_votes and is_decidable(request):
        told.append((shown("Approvers"), sheet.text(words.approvers(request), VALUE)))
    return [Container(items=rows(told), spacing="Medium")]


def reviewed(sheet: Sheet, most: int, where_else: str) -> list[Part]:
    """What the request would do, from old to new; what has no room is said to be `where_else`."""
    told = lines(sheet.request.subject)
    fitting = told[: sheet.count(most)]
    parts = rows(_pair(sheet, one) for one in fitting)
    if hidden := len(told) - len(fitting):
        more = f"{hidden} more line{'' if hidden == 1 else 's'} {where_else}."
        parts.append(line(shown(more), isSubtle=True, size="Small", spacing="Small"))
    return [Container(items=parts, separator=True, spacing="Medium")] if parts else []


def _pair(sheet: Sheet, told: Line) -> tuple[Markup, Markup]:
    value = sheet.told(told.told, length_of(told))
    if told.before:
        value = joined(sheet.free_text(told.before, VALUE), shown("→"), value)
    return sheet.free_text(told.label, LABEL), value
