"""Labels and values: who requested it and why, and what is under review."""

from collections.abc import Iterable

from approvals.quorum import is_decidable
from cards import words
from cards.elements import Container, Part
from cards.reviewing import SHA, Line, lines
from cards.sheet import Sheet, line, rows
from cards.text import Markup, joined, shown

REASON = 800
LABEL = 60
VALUE = 240

HASHED = 160
"""Minimum characters shown of a value with a hash: a part of a hash proves nothing."""

WORDS = 480
"""Maximum characters of an assignment's value, from old to new."""

FIRST_FACTS = 6
"""Facts shown at first; the others are under Details."""


def length_of(told: Line) -> int:
    """Return how many characters the line's value may have."""
    return WORDS if told.words else VALUE


def in_brief(told: Line) -> Line:
    """Return the line with its brief value, if it has one."""
    return Line(told.label, told.brief) if told.brief else told


def asked(sheet: Sheet) -> list[Part]:
    """Return who requested it, why, and who can approve it."""
    request = sheet.request
    told = [
        (shown("Requested by"), sheet.text(words.asker(request), words.NAME)),
        (shown("Reason"), sheet.free_text(request.justification or "none given", REASON)),
    ]
    if request.takes_votes and is_decidable(request):
        told.append((shown("Approvers"), sheet.text(words.approvers(request), VALUE)))
    return [Container(items=rows(told), spacing="Medium")]


def first_look(sheet: Sheet) -> list[Part]:
    """Return what the request would do, from old to new, in brief and without hashes."""
    told = lines(sheet.request.subject)
    fitting = told[: sheet.count(FIRST_FACTS)]
    hashes = any(SHA in f"{one.value} {one.before}" for one in fitting)
    return _listed(sheet, map(in_brief, fitting), _elsewhere(len(told) - len(fitting), hashes=hashes))


def everything(sheet: Sheet, most: int) -> list[Part]:
    """Return all lines with every hash and code, but without the number of devices if their list is shown."""
    told = [one for one in lines(sheet.request.subject) if not (one.counts and sheet.view.devices)]
    fitting = told[: sheet.count(most)]
    hidden = len(told) - len(fitting)
    return _listed(sheet, fitting, f"{_more(hidden)} in Intune." if hidden else "")


def _elsewhere(hidden: int, *, hashes: bool) -> str:
    """Return the note about what is under Details."""
    if not hidden:
        return "Every SHA-256 is under Details." if hashes else ""
    return f"{_more(hidden)}{' and every SHA-256' if hashes else ''} under Details."


def _more(hidden: int) -> str:
    return f"{hidden} more line{'' if hidden == 1 else 's'}"


def _listed(sheet: Sheet, told: Iterable[Line], note: str) -> list[Part]:
    parts = rows(_pair(sheet, one) for one in told)
    if note:
        parts.append(line(shown(note), isSubtle=True, size="Small", spacing="Small"))
    return [Container(items=parts, separator=True, spacing="Medium")] if parts else []


def _pair(sheet: Sheet, told: Line) -> tuple[Markup, Markup]:
    least = HASHED if told.brief else 0
    value = sheet.told(told.told, length_of(told), least)
    if told.before:
        value = joined(sheet.free_text(told.before, VALUE, least), shown("→"), value)
    return shown(told.label, LABEL), value
