"""Break-glass data: who may use it, what was done with it, and the review that follows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from approvals.causes import ReviewCause
from approvals.people import Group, Person
from approvals.tally import Tally

ANSWER_TIME = timedelta(seconds=60)
"""Longer than any caller waits for the emergency process's answer. After it the caller is gone, and the call is in
doubt."""


@dataclass(frozen=True, slots=True)
class EmergencyAccount:
    """An account that may break glass. A shared one has custodians: any of them may be using it."""

    person: Person
    custodians: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Emergency:
    """The configuration of break-glass.

    Members of `groups` may use it with their own accounts. `reviewers` close reviews; if there are none, the approvers
    of the request do, and if it has none, all `approvers`. `ticket` is a regular expression that a whole ticket number
    must match; empty for none. `channels` receive the alarm card: the on-call chat and the operations channel.
    """

    open: bool
    accounts: tuple[EmergencyAccount, ...]
    groups: tuple[Group, ...] = ()
    reviewers: tuple[Group, ...] = ()
    approvers: tuple[Group, ...] = ()
    review_due: timedelta = timedelta(hours=72)
    ticket: str = ""
    channels: tuple[str, ...] = ()

    @property
    def group_ids(self) -> frozenset[str]:
        """The object ids of the groups whose members may use it."""
        return frozenset(group.id for group in self.groups)

    def people_behind(self, person: Person) -> tuple[Person, ...]:
        """Return this person, and for a shared account all of its custodians: they all count as one."""
        known = self.account_of(person.account)
        return (person, *(known.custodians if known else ()))

    def account_of(self, account: str) -> EmergencyAccount | None:
        """Return the emergency account with this object id. A linked account of the same person does not count."""
        return next((one for one in self.accounts if one.person.account == account), None)


class Way(StrEnum):
    """The result of break-glass."""

    DECIDED = "decided"  # the quorum was set aside: the invoker is not the requestor
    ESCALATED = "escalated"  # one other person has to approve; the people on call were paged
    EXECUTED = "executed"  # the separate emergency process did it


@dataclass(frozen=True, slots=True)
class ExecutionAnswer:
    """What the emergency process answered, or what is known without its answer. `in_doubt` means that the operation may
    or may not have run."""

    sentence: str
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to the emergency process: its time, and its `answer`, if there is one yet."""

    asked_at: datetime
    answer: ExecutionAnswer | None = None

    @property
    def is_open(self) -> bool:
        """Return whether the answer may still come; if none comes in time, that is recorded as well."""
        return self.answer is None

    @property
    def in_doubt(self) -> bool:
        """Return whether it may or may not have been done, and no answer will come."""
        return self.answer is not None and self.answer.in_doubt


@dataclass(frozen=True, slots=True)
class BreakGlassRecord:
    """One use of break-glass: who, why, and its result.

    `acting` is the custodian who says that they use a shared account, `custodians` are all who could. `progress` is the
    count of approvals at that time. A `drill` changes nothing. `locked` says that a review of theirs was overdue, so
    that nothing could be done without a second person. `alone` is the call to the emergency process.
    """

    invoker: Person
    why: str
    at: datetime
    way: Way
    progress: tuple[Tally, ...]
    acting: Person | None = None
    custodians: tuple[Person, ...] = ()
    ticket: str = ""
    drill: bool = False
    locked: bool = False
    channels: tuple[str, ...] = ()
    alone: Attempt | None = None

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody who counts as the invoker."""
        return (self.invoker, *self.custodians)

    @property
    def calls_for_another(self) -> bool:
        """Return whether one other person is needed now."""
        return self.way is Way.ESCALATED and not self.drill

    def counts(self, person: Person) -> bool:
        """Return whether this person counts as the invoker."""
        return any(one.is_same_as(person) for one in self.people)


class Finding(StrEnum):
    """The result of a review."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not-justified"


@dataclass(frozen=True, slots=True)
class ReviewClosing:
    """The closing of a review: time, reviewer, finding, and text."""

    at: datetime
    by: Person
    finding: Finding
    text: str


@dataclass(frozen=True, slots=True)
class Review:
    """The review of an emergency: open until a person without a part in it has written their finding.

    `causes` are the reasons for opening it, each once. `people` had a part in it and can never close it. `channels`
    have its card if the request has none. `reminded` counts the reminders.
    """

    causes: tuple[ReviewCause, ...]
    opened_at: datetime
    due: datetime
    people: tuple[Person, ...]
    reviewers: tuple[Group, ...]
    channels: tuple[str, ...] = ()
    drill: bool = False
    reminded: int = 0
    closing: ReviewClosing | None = None

    @property
    def is_open(self) -> bool:
        """Return whether the review still has to be closed."""
        return self.closing is None

    def is_overdue(self, now: datetime) -> bool:
        """Return whether it should have been closed by now."""
        return self.is_open and now >= self.due

    def has_part(self, person: Person) -> bool:
        """Return whether this person had a part in what is reviewed."""
        return any(one.is_same_as(person) for one in self.people)
