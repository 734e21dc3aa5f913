"""Lists of requests, reviews, workflows and people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from approvals.coverage import Coverage
from approvals.request import Request
from cards import words
from cards.causes import causes_told
from cards.coverage import coverage_sentence
from cards.elements import Card, Container, Part
from cards.sheet import heading, line
from cards.status import status_of
from cards.text import joined, moment, shown

MOST = 12
"""Maximum entries: nobody reads more in a chat."""

PEOPLE = 500


def requests(title: str, found: Sequence[Request], nothing: str) -> dict[str, Any]:
    """Return a list of requests, the earliest deadline first; `nothing` is the text of an empty list."""
    ordered = sorted(found, key=lambda request: request.deadline)
    body: list[Part] = [heading(shown(title), size="Large")]
    body += [_request(request) for request in ordered[:MOST]] or [line(shown(nothing))]
    if hidden := len(ordered) - MOST if len(ordered) > MOST else 0:
        body.append(line(shown(f"And {hidden} more."), isSubtle=True))
    return Card(fallback_text=shown(f"{title}: {len(found)}"), body=body).to_dict()


def reviews(found: Sequence[Request], now: datetime) -> dict[str, Any]:
    """Return a list of open reviews, the earliest due first."""
    ordered = sorted((request for request in found if request.review), key=_due)
    body: list[Part] = [heading(shown("Open reviews"), size="Large")]
    body += [_review(request, now) for request in ordered[:MOST]] or [line(shown("No review is open."))]
    if len(ordered) > MOST:
        body.append(line(shown(f"And {len(ordered) - MOST} more."), isSubtle=True))
    return Card(fallback_text=shown(f"Open reviews: {len(ordered)}"), body=body).to_dict()


def coverage(watched: Sequence[tuple[str, Coverage]]) -> dict[str, Any]:
    """Return which workflows can reach their quorum now, and why the others cannot."""
    body: list[Part] = [heading(shown("Coverage"), size="Large")]
    for name, found in watched:
        texts = [
            line(shown(f"{_sign(found)} {name}", words.TITLE), weight="Bolder"),
            line(shown(coverage_sentence(found), PEOPLE), spacing="None"),
        ]
        body.append(Container(items=texts, spacing="Medium"))
    gaps = sum(found.gap is not None for _, found in watched)
    return Card(fallback_text=shown(f"Coverage: {gaps} of {len(watched)} have a gap"), body=body).to_dict()


def _sign(found: Coverage) -> str:
    """Return the sign before a workflow's name."""
    return "▲" if found.gap else "○" if found.night else "✓"


def _due(request: Request) -> datetime:
    return request.review.due if request.review else request.deadline


def _review(request: Request, now: datetime) -> Container:
    review = request.review
    overdue = review is not None and review.is_overdue(now)
    cause = causes_told(review.causes) if review else ""
    return Container(
        spacing="Medium",
        separator=True,
        items=[
            line(shown(words.title_of(request), words.TITLE), weight="Bolder"),
            line(joined(shown("▲ Overdue since" if overdue else "○ Due"), moment(_due(request))), spacing="None"),
            line(shown(f"{request.id} · {cause}", words.TITLE), isSubtle=True, spacing="None"),
        ],
    )


def who_can(operation: str, groups: Sequence[tuple[str, str]], conclusion: str) -> dict[str, Any]:
    """Return the groups with their members, and how many are needed."""
    body: list[Part] = [
        heading(shown(f"Who can decide: {operation}", words.TITLE), size="Large"),
        line(shown(conclusion, words.TITLE), weight="Bolder"),
        *[_group(group, people) for group, people in groups],
    ]
    return Card(fallback_text=shown(f"Who can decide: {operation}", words.TITLE), body=body).to_dict()


def _group(name: str, people: str) -> Container:
    """Return a group above its members: on a phone, a column of groups leaves no room for people."""
    texts = [line(shown(name, words.NAME), weight="Bolder"), line(shown(people, PEOPLE), spacing="None")]
    return Container(items=texts, spacing="Medium")


def _request(request: Request) -> Container:
    status = status_of(request)
    said = [shown(f"{status.sign} {status.word}")]
    if request.takes_votes:
        said += [shown("Urgent" if request.urgent else ""), joined(shown("until"), moment(request.deadline))]
    return Container(
        spacing="Medium",
        separator=True,
        items=[
            line(shown(words.title_of(request), words.TITLE), weight="Bolder"),
            line(joined(*said, by=" · "), spacing="None"),
            line(
                shown(f"Requested by {words.asker(request)} · {request.id}", words.TITLE), isSubtle=True, spacing="None"
            ),
        ],
    )
