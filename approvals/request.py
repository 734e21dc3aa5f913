"""A request: its content, the people behind it, and its state so far."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Self, assert_never

from approvals.emergency import BreakGlassRecord, Review, Way
from approvals.growth import Grown, grown
from approvals.ladder import Reminders
from approvals.order import Filing, FilingState
from approvals.people import Application, Person, Requestor
from approvals.policy import Workflow, growth_of
from approvals.problems import Problem
from approvals.subject import Size, Subject
from approvals.void import Void


class IntuneStatus(StrEnum):
    """The status in Intune, spelled exactly as in Graph; `UNKNOWN` for every other value."""

    NEEDS_APPROVAL = "needsApproval"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


INTUNE_IS_DONE = frozenset(
    {IntuneStatus.REJECTED, IntuneStatus.CANCELLED, IntuneStatus.COMPLETED, IntuneStatus.EXPIRED}
)


class Decision(StrEnum):
    """The decision here. Every value except `OPEN` is final."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    BROKEN_GLASS = "broken-glass"

    @property
    def word(self) -> str:
        """The decision as used in a sentence."""
        return "approved with break-glass" if self is Decision.BROKEN_GLASS else self.value

    @property
    def verdict(self) -> "Verdict | None":
        """The verdict to send to Intune; nothing if there is none."""
        match self:
            case Decision.APPROVED | Decision.BROKEN_GLASS:
                return Verdict.APPROVE
            case Decision.REJECTED:
                return Verdict.REJECT
            case Decision.OPEN | Decision.EXPIRED | Decision.WITHDRAWN:
                return None
            case _:
                assert_never(self)


FinalDecision = Literal[
    Decision.APPROVED, Decision.REJECTED, Decision.EXPIRED, Decision.WITHDRAWN, Decision.BROKEN_GLASS
]
"""Every decision except `OPEN`."""


class Execution(StrEnum):
    """The state of the operation itself. `UNKNOWN` can still change if something is seen later."""

    NONE = "none"
    SENT = "sent"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """A person's answer."""

    APPROVE = "approve"
    REJECT = "reject"


class Source(StrEnum):
    """The place where a vote was cast."""

    CARD = "card"
    PORTAL = "portal"


class DecisionsMode(StrEnum):
    """What the bot does with decisions: it carries them to Intune in the deciding person's name, or only counts and
    follows."""

    TRACK = "track"
    CARRY = "carry"


class CarryState(StrEnum):
    """The progress of carrying a decision to Intune."""

    NONE = "none"
    WANTED = "wanted"
    CALLING = "calling"
    DONE = "done"
    TROUBLED = "troubled"


CarryingState = Literal[CarryState.WANTED, CarryState.CALLING, CarryState.DONE, CarryState.TROUBLED]
"""The state of a decision that is to be carried, or was."""


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote of one person, on the content with this `digest`; `groups` are the approver groups they were in, `sizes`
    are those of the target groups that they saw."""

    voter: Person
    verdict: Verdict
    at: datetime
    digest: str
    groups: frozenset[str]
    note: str = ""
    source: Source = Source.CARD
    sizes: tuple[Size, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, its time, and its source.

    `digest` identifies the content that was decided on. It is empty if nobody decided here, because the deadline passed
    or Intune ended the request. `sizes` are the sizes of its groups at that time.
    """

    decision: FinalDecision
    at: datetime
    digest: str = ""
    source: Source = Source.CARD
    sizes: tuple[Size, ...] = ()


@dataclass(frozen=True, slots=True)
class Carry:
    """A decision on its way to Intune: its state, the person whose token is used, the time, and the problem."""

    state: CarryingState
    by: Person
    since: datetime
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class NativeApproval:
    """An approval that was given in Intune.

    `seen_at` is when it was first seen. `digest` identifies the content, and `sizes` the groups' sizes, at that time.
    `given_at` is `None` if unknown. `void` is why it does not count, if it does not. `gone` says that Intune no longer
    showed it.
    """

    digest: str
    seen_at: datetime
    given_at: datetime | None = None
    void: Void | None = None
    gone: bool = False
    sizes: tuple[Size, ...] = ()


@dataclass(frozen=True, slots=True)
class OnDevice:
    """The state of an operation on one of many devices; `id` is empty if Intune does not name the device."""

    id: str
    execution: Execution = Execution.SENT
    missing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """An operation that was sent at `at`.

    Where Intune does not say when it was sent, `at` is when that was seen; `since` is then when it was sent at the
    earliest. What its target shows since `shown_since` is of this operation: Intune has one open request per target.

    `missing_since` is when its target was first not found, if it was not found by the last look; `doubted_at` is when
    it was said that nothing shows that it has happened. `devices` are all of them, where it is one on many.
    """

    at: datetime
    missing_since: datetime | None = None
    doubted_at: datetime | None = None
    devices: tuple[OnDevice, ...] = ()
    since: datetime | None = None

    @property
    def shown_since(self) -> datetime:
        """From when on what its target shows may be of this operation."""
        return min(self.since or self.at, self.at)


@dataclass(frozen=True, slots=True)
class Request:
    """One request, from when it was first seen to its end in Intune. One with `revision` 0 has never been stored.

    An order from chat has an `initiator` and a `filing`, and an `intune_id` only once Intune holds it. `hidden` names
    parts of the subject that could be read earlier and cannot be read now: the earlier content is kept, and no call to
    Intune is made. `outgrown` is the group whose growth last voided votes. `opened_urgent` says that it was urgent from
    the start, `urgent_since` when a person made it urgent. A `drill` never reaches Intune.
    """

    id: str
    intune_id: str | None
    subject: Subject
    workflows: tuple[Workflow, ...]
    config_digest: str
    decisions: DecisionsMode
    requestor: Requestor
    initiator: Person | None
    justification: str
    filed_at: datetime
    opened_at: datetime
    deadline: datetime
    intune_expires_at: datetime
    revision: int = 0
    opened_urgent: bool = False
    urgent_since: datetime | None = None
    intune_status: IntuneStatus | None = None
    decided: Decided | None = None
    execution: Execution = Execution.NONE
    sent: Sent | None = None
    votes: tuple[Vote, ...] = ()
    carry: Carry | None = None
    hidden: tuple[str, ...] = ()
    intune_approver: Person | None = None
    native: NativeApproval | None = None
    filing: Filing | None = None
    drill: bool = False
    glass: tuple[BreakGlassRecord, ...] = ()
    review: Review | None = None
    outgrown: Grown | None = None
    reminders: Reminders = field(default_factory=Reminders)

    @property
    def digest(self) -> str:
        """The digest of the present content."""
        return self.subject.digest()

    @property
    def urgent(self) -> bool:
        """Return whether it is urgent."""
        return self.opened_urgent or self.urgent_since is not None

    @property
    def decision(self) -> Decision:
        """The decision here; `OPEN` until there is one."""
        return self.decided.decision if self.decided else Decision.OPEN

    @property
    def carry_state(self) -> CarryState:
        """The progress of carrying the decision to Intune."""
        return self.carry.state if self.carry else CarryState.NONE

    @property
    def ended_in_intune(self) -> bool:
        """Return whether its status in Intune is final."""
        return self.intune_status in INTUNE_IS_DONE

    @property
    def is_over(self) -> bool:
        """Return whether it can no longer change, and has no open review."""
        return self.is_closed and not (self.review is not None and self.review.is_open)

    @property
    def is_closed(self) -> bool:
        """Return whether it can no longer affect its target, here or in Intune."""
        if self.filing is None or self.intune_id is not None:
            return self.ended_in_intune
        return self.filing.state in _NEVER_HELD

    @property
    def takes_votes(self) -> bool:
        """Return whether votes are still possible here."""
        return self.decision is Decision.OPEN and not self.ended_in_intune

    @property
    def is_approved(self) -> bool:
        """Return whether it was approved here, by its quorum or by break-glass."""
        return self.decision in (Decision.APPROVED, Decision.BROKEN_GLASS)

    @property
    def is_called_off(self) -> bool:
        """Return whether it ended here without an approval, or was cancelled after one."""
        dropped = self.filing is not None and self.filing.state is FilingState.DROPPED
        return dropped or not (self.decision is Decision.OPEN or self.is_approved)

    @property
    def broken_by(self) -> BreakGlassRecord | None:
        """The use of break-glass that decided it."""
        decides = (glass for glass in self.glass if glass.way is Way.DECIDED and not glass.drill)
        return next(decides, None) if self.decision is Decision.BROKEN_GLASS else None

    @property
    def needs_one(self) -> bool:
        """Return whether one approver is enough, because break-glass was used by a person who cannot decide it."""
        return any(glass.calls_for_another for glass in self.glass)

    @property
    def is_asked_alone(self) -> bool:
        """Return whether the emergency process is being called for it now."""
        return any(glass.alone is not None and glass.alone.is_open for glass in self.glass)

    @property
    def changed_after_decision(self) -> bool:
        """Return whether the present content differs from what was decided on."""
        return bool(self._decided_digest) and self._decided_digest != self.digest

    @property
    def grown_after_decision(self) -> Grown | None:
        """The group that now has many more members than at the approval; nothing if there is none."""
        if self.decided is None or not self.decided.digest:
            return None
        approvals = (vote.sizes for vote in self.votes if vote.verdict is Verdict.APPROVE)
        found = (grown(self.subject, seen, self.growth) for seen in (self.decided.sizes, *approvals))
        return next(filter(None, found), None)

    @property
    def growth(self) -> int:
        """The percentage by which a target group may grow: the smallest of the workflows."""
        return growth_of(self.workflows)

    @property
    def approved_for_other_content(self) -> bool:
        """Return whether the approval in Intune does not match the decision here."""
        native = self.native
        return native is not None and (native.void is not None or native.digest != self._decided_digest)

    @property
    def _decided_digest(self) -> str:
        return self.decided.digest if self.decided else ""

    def vote_of(self, person: Person) -> Vote | None:
        """Return this person's vote, cast with any of their accounts."""
        return next((vote for vote in self.votes if vote.voter.is_same_as(person)), None)

    def is_own_of(self, person: Person) -> bool:
        """Return whether this person requested it: as requestor, as initiator, or as owner of the application that
        did."""
        owners = self.requestor.owners if isinstance(self.requestor, Application) else (self.requestor,)
        return any(own is not None and own.is_same_as(person) for own in (*owners, self.initiator))

    @property
    def asker_is_known(self) -> bool:
        """Return whether the accounts of everybody behind it are known, so that they can be excluded from approving
        it."""
        if self.initiator is not None:
            return True
        behind = self.requestor.owners if isinstance(self.requestor, Application) else (self.requestor,)
        return all(person is not None and person.known for person in behind)

    def is_called_by(self, person: Person) -> bool:
        """Return whether this person used break-glass and so called for another person to approve it."""
        return any(glass.calls_for_another and glass.counts(person) for glass in self.glass)

    def with_vote(self, vote: Vote) -> Self:
        """Return the request with this vote, which replaces any earlier one of the same person."""
        others = tuple(cast for cast in self.votes if not cast.voter.is_same_as(vote.voter))
        return replace(self, votes=(*others, vote))


_NEVER_HELD = frozenset({FilingState.DROPPED, FilingState.RAN, FilingState.COMPLETED})
"""Final states of an order that Intune may never have held."""


def deadline_for(
    workflows: tuple[Workflow, ...], opened_at: datetime, intune_expires_at: datetime, urgent: bool
) -> datetime:
    """Return our deadline, by the shortest of the workflows, or Intune's if that is earlier."""
    ours: list[timedelta] = [flow.urgent_deadline if urgent else flow.deadline for flow in workflows]
    return min([opened_at + span for span in ours] + [intune_expires_at])
