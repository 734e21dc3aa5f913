"""Lines about incidents, and lines about requests for readers outside the tenant.

Those readers may not be colleagues. The lines hold names and what happened, but no accounts, no addresses, and no
reasons that somebody typed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from approvals.change import ALARMS
from approvals.disagreement import disagreement
from approvals.effects import NotificationKind
from approvals.incident import Concern, Incident
from approvals.request import Request
from cards import words
from cards.disagreements import sentence_on
from cards.tallies import progress
from cards.text import listed, moment_utc, plain

MOST = 10
"""Maximum rows named in one line."""

_ADDRESS = re.compile(r"[^\s,;:()<>]+@[^\s,;:()<>]+")
_OBJECT_ID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")


def not_polled(since: datetime, stuck: Sequence[str], now: datetime) -> Incident:
    """Report that Intune has not been read completely for too long; `stuck` are the rows that cannot be taken in."""
    line = f"Alarm: Intune has not been read completely since {moment_utc(since)}."
    rows = listed([*stuck[:MOST], *([f"{len(stuck) - MOST} more"] if len(stuck) > MOST else [])])
    why = (
        f"These of its requests cannot be taken in: {rows}. Decide them in the portal, and look at row_not_taken_in in "
        "the log."
        if stuck
        else "New requests are not noticed. Look at round_interrupted in the log, at Graph's health and at the way out."
    )
    return Incident.at_once(Concern.POLLING, f"{line} {why}", now)


def polled_again(now: datetime) -> Incident:
    """Report that Intune is read completely again."""
    return Incident.at_once(Concern.POLLING, "Intune is read completely again.", now, over=True)


def held_again(policy_types: Sequence[str]) -> str:
    """Return the line that an access policy in Intune holds these types again."""
    return f"An access policy in Intune holds {listed(policy_types)} again. Filing stays stopped until it is unlocked."


def outside(request: Request, notification: NotificationKind) -> str:
    """Return one line about a request for readers outside the tenant."""
    said = _LINES.get(notification, _look)(request)
    line = f"{words.title_of(request)}, requested by {words.asker(request)}. {said} (request {request.id})"
    return without_accounts(_OBJECT_ID.sub("[id]", line))


def without_accounts(line: str) -> str:
    """Replace addresses and sign-in names in the line; they appear for people without another name."""
    return _ADDRESS.sub("[address]", line)


def _look(_request: Request) -> str:
    return "Look at the operations channel."


def _danger(request: Request) -> str:
    wrong = disagreement(request)
    return sentence_on(request, wrong) if wrong else "It is settled meanwhile."


def _paged(request: Request) -> str:
    if not request.reminders.paged or not request.takes_votes:
        return "It does not wait any more."
    who = plain(request.reminders.paged[-1].name, words.NAME)
    return f"{who} is on call and has been paged. {_waits(request)}"


def _waits(request: Request) -> str:
    if not request.takes_votes:
        return "It does not wait any more."
    return f"It waits for approval: {plain(progress(request), words.TITLE)}. Decide by {moment_utc(request.deadline)}."


def _glass(request: Request) -> str:
    if not request.glass:
        return "The glass was not broken."
    drill = "Drill: " if request.glass[-1].drill or request.drill else ""
    return f"{drill}{words.invoker(request.glass[-1])} broke the glass. {words.what_it_did(request, request.glass[-1])}"


_LINES: Mapping[NotificationKind, Callable[[Request], str]] = {
    **dict.fromkeys(ALARMS.values(), _danger),
    NotificationKind.PAGED: _paged,
    NotificationKind.NOBODY_ANSWERS: lambda request: f"Nobody on call has answered. {_waits(request)}",
    NotificationKind.GLASS_BROKEN: _glass,
    NotificationKind.POLICY_CHANGE: lambda _: (
        "It changes who has to approve what in Intune. Make sure that this is meant."
    ),
    NotificationKind.REVIEW_OPENED: lambda _: "An emergency needs a review.",
    NotificationKind.REVIEW_OVERDUE: lambda _: "The review of an emergency is overdue.",
}
