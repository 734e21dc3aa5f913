"""Reminders for a waiting request: who gets them, when and how, and what pauses them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from approvals.hours import Hours
from approvals.people import Person


class Rung(StrEnum):
    """The channel of a reminder."""

    THREAD = "thread"  # a line under the card, with mentions of those who can help
    CHAT = "chat"  # a message in the chat of each of them
    MAIL = "mail"  # a mail to each of them
    ON_CALL = "on-call"  # a card in the on-call chat; the people on call are paged one after the other


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a ladder: a rung, and its delay after the start."""

    after: timedelta
    rung: Rung


@dataclass(frozen=True, slots=True)
class Ladder:
    """The reminder schedule of one workflow. Urgent requests have their own steps.

    Outside business hours the first steps are left out (`skips_at_night`), and the others come earlier by as much:
    nobody reads a thread at three in the morning. `chat` is the on-call chat; `acknowledge` is the time to answer
    before the next person is paged.
    """

    standard: tuple[Step, ...] = ()
    urgent: tuple[Step, ...] = ()
    skips_at_night: int = 0
    urgent_skips_at_night: int = 0
    chat: str = ""
    acknowledge: timedelta = timedelta(minutes=10)
    hours: Hours | None = None

    def is_night(self, at: datetime) -> bool:
        """Return whether this is outside business hours; never if none are configured."""
        return self.hours is not None and not self.hours.is_open(at)

    def steps(self, *, urgent: bool, at_night: bool) -> tuple[Step, ...]:
        """Return the steps to take, with their delays."""
        steps = self.urgent if urgent else self.standard
        skipped = min(self.urgent_skips_at_night if urgent else self.skips_at_night, max(len(steps) - 1, 0))
        if not at_night or not skipped:
            return steps
        earlier = steps[skipped].after - steps[0].after
        return tuple(Step(step.after - earlier, step.rung) for step in steps[skipped:])


@dataclass(frozen=True, slots=True)
class Claim:
    """One person is looking at the request: reminders pause until then."""

    by: Person
    until: datetime


@dataclass(frozen=True, slots=True)
class Paging:
    """The on-call chat, when it was asked, and the people paged there, in order."""

    chat: str
    since: datetime
    paged: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Reminders:
    """The state of a request's reminders: the steps of its ladder, and how many have been taken.

    `released` is the claim that expired last.
    """

    steps: tuple[Step, ...] = ()
    climbed: int = 0
    claim: Claim | None = None
    released: Claim | None = None
    paging: Paging | None = None

    @property
    def paged(self) -> tuple[Person, ...]:
        """The people on call who have been paged, in order."""
        return self.paging.paged if self.paging else ()

    def is_claimed(self, at: datetime) -> bool:
        """Return whether a claim holds then."""
        return self.claim is not None and at < self.claim.until


def due_times(steps: tuple[Step, ...], since: datetime) -> Iterator[tuple[int, datetime]]:
    """Yield the number of each step, from 0, and its due time."""
    yield from ((number, since + step.after) for number, step in enumerate(steps))
