"""Who is reminded of a request that waits, when and how: the ladder, and what pauses it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from approvals.hours import Hours
from approvals.people import Person


class Rung(StrEnum):
    """What one step of the ladder does."""

    THREAD = "thread"  # a line under the card, with mentions of those who can help
    CHAT = "chat"  # a message in the chat of each of them
    MAIL = "mail"  # a mail to each of them
    ON_CALL = "on-call"  # a card in the on-call chat; the people on call are paged one after the other


@dataclass(frozen=True, slots=True)
class Step:
    """So long after the ladder began, do this."""

    after: timedelta
    rung: Rung


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps of one workflow. Urgent requests have their own.

    Outside business hours the first so many steps are left out, and the others come as much earlier: at three in the
    morning nobody reads a thread. `chat` is the on-call chat; whoever is paged has `acknowledge` before the next is.
    """

    standard: tuple[Step, ...] = ()
    urgent: tuple[Step, ...] = ()
    skips_at_night: int = 0
    urgent_skips_at_night: int = 0
    chat: str = ""
    acknowledge: timedelta = timedelta(minutes=10)
    hours: Hours | None = None

    def is_night(self, at: datetime) -> bool:
        """Whether this is outside business hours; never where none are configured."""
        return self.hours is not None and not self.hours.is_open(at)

    def steps(self, *, urgent: bool, at_night: bool) -> tuple[Step, ...]:
        """The steps that are taken, with the delays that hold then."""
        steps = self.urgent if urgent else self.standard
        skipped = min(self.urgent_skips_at_night if urgent else self.skips_at_night, max(len(steps) - 1, 0))
        if not at_night or not skipped:
            return steps
        earlier = steps[skipped].after - steps[0].after
        return tuple(Step(step.after - earlier, step.rung) for step in steps[skipped:])


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody is looking at it: nobody is reminded until then."""

    by: Person
    until: datetime


@dataclass(frozen=True, slots=True)
class Paging:
    """The on-call chat that was asked, since when, and who has been paged there, in order."""

    chat: str
    since: datetime
    paged: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Reminders:
    """How far a request has come in reminding people: the steps of its ladder, and how many of them are behind it.

    `released` is the claim that has last released itself.
    """

    steps: tuple[Step, ...] = ()
    climbed: int = 0
    claim: Claim | None = None
    released: Claim | None = None
    paging: Paging | None = None

    @property
    def paged(self) -> tuple[Person, ...]:
        """Who has been called as one of those on call, in order."""
        return self.paging.paged if self.paging else ()

    def is_claimed(self, at: datetime) -> bool:
        """Whether somebody is looking at it then."""
        return self.claim is not None and at < self.claim.until


def due_times(steps: tuple[Step, ...], since: datetime) -> Iterator[tuple[int, datetime]]:
    """The number of each step, from 0, and when it is due."""
    yield from ((number, since + step.after) for number, step in enumerate(steps))
