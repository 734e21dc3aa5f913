"""The emergency path: who may take it, what was done on it, and the review that follows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from approvals.causes import ReviewCause
from approvals.people import Group, Person
from approvals.tally import Tally

ANSWER_TIME = timedelta(seconds=60)
"""Longer than anybody waits for the emergency process' answer; after it whoever asked is gone, and it is in doubt."""


@dataclass(frozen=True, slots=True)
class EmergencyAccount:
    """An account that may break glass. A shared one has custodians: any of them may be behind it."""

    person: Person
    custodians: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Emergency:
    """The emergency path as it is configured.

    Members of `groups` may take it with their own accounts. `reviewers` close reviews; without them the approvers of
    the request do, and where it has none all `approvers`. `ticket` is a regular expression that a ticket's number must
    match as a whole; empty for none. `channels` are where the alarm card goes: the on-call chat and the operations
    channel.
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
        """The object ids of the groups whose members may take it."""
        return frozenset(group.id for group in self.groups)

    def people_behind(self, person: Person) -> tuple[Person, ...]:
        """This person, and with a shared account everybody who may be behind it: all of them count as one."""
        known = self.account_of(person.account)
        return (person, *(known.custodians if known else ()))

    def account_of(self, account: str) -> EmergencyAccount | None:
        """The emergency account with this object id. A linked account of the same person is another one."""
        return next((one for one in self.accounts if one.person.account == account), None)


class Way(StrEnum):
    """What breaking the glass did."""

    DECIDED = "decided"  # the quorum was set aside: the invoker is somebody else than the one who asked
    ESCALATED = "escalated"  # one other person has to approve, and those on call were asked
    EXECUTED = "executed"  # the separate emergency process did it


@dataclass(frozen=True, slots=True)
class Answer:
    """What the emergency process said, or what was found in place of that. `in_doubt` means that it may have done it,
    or not."""

    sentence: str
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """The emergency process was asked to do it, since when, and what came of it; nothing yet without an `answer`."""

    asked_at: datetime
    answer: Answer | None = None

    @property
    def is_open(self) -> bool:
        """Whether its answer may still come; if none does in time, that is written down as well."""
        return self.answer is None

    @property
    def in_doubt(self) -> bool:
        """Whether it may have done it, or not, and nobody will say any more."""
        return self.answer is not None and self.answer.in_doubt


@dataclass(frozen=True, slots=True)
class Glass:
    """One breaking of the glass: who, why, and what it did.

    `acting` is the custodian who says that they are behind a shared account, `custodians` all who could be.
    `progress` is how far the approval had come. A `drill` changes nothing. `locked` says that a review of theirs was
    overdue, so that nothing could be done without a second person. `alone` is what the emergency process was asked.
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
        """Everybody who counts as having done it."""
        return (self.invoker, *self.custodians)

    @property
    def calls_for_another(self) -> bool:
        """Whether it takes one other person now."""
        return self.way is Way.ESCALATED and not self.drill

    def counts(self, person: Person) -> bool:
        """Whether this human counts as having done it."""
        return any(one.is_same_as(person) for one in self.people)


class Finding(StrEnum):
    """What a review finds."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not-justified"


@dataclass(frozen=True, slots=True)
class Closing:
    """How a review was closed: when, by whom, with which finding, and in which words."""

    at: datetime
    by: Person
    finding: Finding
    text: str


@dataclass(frozen=True, slots=True)
class Review:
    """The review of an emergency: open until somebody with no part in it has written what they found.

    `causes` are why it was opened, each once. `people` had a part in it and never close it. `channels` are where its
    card stands if the request has none. `reminded` counts the reminders.
    """

    causes: tuple[ReviewCause, ...]
    opened_at: datetime
    due: datetime
    people: tuple[Person, ...]
    reviewers: tuple[Group, ...]
    channels: tuple[str, ...] = ()
    drill: bool = False
    reminded: int = 0
    closing: Closing | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still has to be closed."""
        return self.closing is None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should have been closed by now."""
        return self.is_open and now >= self.due

    def has_part(self, person: Person) -> bool:
        """Whether this human had a part in what is reviewed."""
        return any(one.is_same_as(person) for one in self.people)
