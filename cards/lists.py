"""Several requests, or several people, at one look."""

from collections.abc import Sequence
from typing import Any

from approvals.request import Request
from cards import words
from cards.elements import Card, Container, Part
from cards.sheet import heading, line, rows
from cards.status import status_of
from cards.text import joined, moment, shown

MOST = 12
"""More than that nobody reads in a chat."""

PEOPLE = 500


def requests(title: str, found: Sequence[Request], nothing: str) -> dict[str, Any]:
    """Requests, the one that ends first on top; `nothing` says that there are none."""
    ordered = sorted(found, key=lambda request: request.deadline)
    body: list[Part] = [heading(shown(title), size="Large")]
    body += [_request(request) for request in ordered[:MOST]] or [line(shown(nothing))]
    if hidden := len(ordered) - MOST if len(ordered) > MOST else 0:
        body.append(line(shown(f"And {hidden} more."), isSubtle=True))
    return Card(fallback_text=shown(f"{title}: {len(found)}"), body=body).to_dict()


def who_can(operation: str, groups: Sequence[tuple[str, str]], conclusion: str) -> dict[str, Any]:
    """Groups and who is in them, and what it takes."""
    body: list[Part] = [
        heading(shown(f"Who can decide: {operation}", words.TITLE), size="Large"),
        line(shown(conclusion, words.TITLE), weight="Bolder"),
        *rows((shown(group, words.NAME), shown(people, PEOPLE)) for group, people in groups),
    ]
    return Card(fallback_text=shown(f"Who can decide: {operation}", words.TITLE), body=body).to_dict()


def _request(request: Request) -> Container:
    status = status_of(request)
    urgent = " · Urgent" if request.urgent and request.takes_votes else ""
    until = [shown("until"), moment(request.deadline)] if request.takes_votes else []
    return Container(
        spacing="Medium",
        separator=True,
        items=[
            line(shown(words.title(request.subject), words.TITLE), weight="Bolder"),
            line(joined(shown(f"{status.sign} {status.word}{urgent}"), *until), spacing="None"),
            line(
                shown(f"Requested by {words.asker(request)} · {request.id}", words.TITLE), isSubtle=True, spacing="None"
            ),
        ],
    )
