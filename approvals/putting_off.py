"""Trying again by itself what was refused in passing: when, and for how long.

Graph answers 429 when it is busy, and for moments 403 and 404 where it would answer otherwise a little later
(microsoftgraph/microsoft-graph-docs#11430, microsoftgraph/msgraph-sdk-dotnet#760). Such a call was not carried out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from approvals.order import Filing
from approvals.problems import Problem, Trouble

TRIED_FOR = timedelta(minutes=10)
"""Who is refused, or does not find something, for so long is not so in passing."""

_SOONEST, _LATEST = timedelta(seconds=10), timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class PutOff:
    """What went wrong, for how long the neighbour asked to be left alone, and what the problem is if it does not pass.

    `answer_id` is Graph's request-id, where a call was answered.
    """

    trouble: Trouble
    lasting: Problem
    wait: timedelta = timedelta(0)
    answer_id: str = ""


def may_pass(filing: Filing, trouble: Trouble, now: datetime) -> bool:
    """Return whether it may still pass. Who is busy, or silent, says nothing about what was asked for."""
    since = filing.put_off_since
    return trouble in (Trouble.BUSY, Trouble.SILENT) or since is None or now < since + TRIED_FOR


def next_try(filing: Filing, wait: timedelta, now: datetime) -> datetime:
    """Return when to try again: what has been so for long may be so for longer."""
    so_far = now - (filing.put_off_since or now)
    return now + max(wait, min(max(so_far / 2, _SOONEST), _LATEST))
