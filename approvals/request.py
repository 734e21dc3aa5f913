"""What is asked for, by whom, and everything that has been said about it so far."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Self, assert_never

from approvals.emergency import Glass, Review, Way
from approvals.growth import Grown, grown
from approvals.ladder import Reminders
from approvals.order import Filing, FilingState
from approvals.people import Application, Person, Requestor
from approvals.policy import Workflow, growth_of
from approvals.problems import Problem
from approvals.subject import Size, Subject
from approvals.void import Void


class IntuneStatus(StrEnum):
    """Intune's own word on a request, exactly as Graph spells it; `UNKNOWN` for every word we do not know."""

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
    """What was decided here. Everything but `OPEN` is final."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    BROKEN_GLASS = "broken-glass"

    @property
    def word(self) -> str:
        """How it is said in a sentence."""
        return "approved with break-glass" if self is Decision.BROKEN_GLASS else self.value

    @property
    def verdict(self) -> "Verdict | None":
        """What Intune is told of it; nothing where there is nothing to tell."""
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
"""What can have been decided: everything but `OPEN`."""


class Execution(StrEnum):
    """How far the operation itself has come. `UNKNOWN` says that nobody can tell; what is seen later counts."""

    NONE = "none"
    SENT = "sent"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What a person says."""

    APPROVE = "approve"
    REJECT = "reject"


class Source(StrEnum):
    """Where a vote was cast."""

    CARD = "card"
    PORTAL = "portal"


class DecisionsMode(StrEnum):
    """Whether the bot carries decisions to Intune for the deciding person, or only counts and follows."""

    TRACK = "track"
    CARRY = "carry"


class CarryState(StrEnum):
    """How far a decision has come on its way to Intune."""

    NONE = "none"
    WANTED = "wanted"
    CALLING = "calling"
    DONE = "done"
    TROUBLED = "troubled"


CarryingState = Literal[CarryState.WANTED, CarryState.CALLING, CarryState.DONE, CarryState.TROUBLED]
"""The state of a decision that is to be carried, or was."""


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's verdict, on the content that `digest` names; `groups` are the approver groups they were in, `sizes`
    those of the target groups that they saw."""

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
    """What was decided, when, and where.

    `digest` names the content that it was decided on; empty where nobody here judged any: it ran out of time, or Intune
    ended it. `sizes` are those that its groups had then.
    """

    decision: FinalDecision
    at: datetime
    digest: str = ""
    source: Source = Source.CARD
    sizes: tuple[Size, ...] = ()


@dataclass(frozen=True, slots=True)
class Carry:
    """The way of a decision to Intune: its state, whose token it takes, since when, and what went wrong."""

    state: CarryingState
    by: Person
    since: datetime
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class NativeApproval:
    """An approval that was given in Intune.

    `digest` names the content at which it was first seen, at `seen_at`, and `sizes` are those of its groups then.
    `given_at` is nothing where nobody says it. `void` is why it counts for nothing, if it does. `gone` says that Intune
    did not show it any more.
    """

    digest: str
    seen_at: datetime
    given_at: datetime | None = None
    void: Void | None = None
    gone: bool = False
    sizes: tuple[Size, ...] = ()


@dataclass(frozen=True, slots=True)
class OnDevice:
    """How far an operation on many devices has come on this one; its `id` is empty where Intune does not name it."""

    id: str
    execution: Execution = Execution.SENT
    missing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """An operation that is on its way since `at`.

    `missing_since` is when its target was first not found, if it was not found by the last look; `doubted_at` is when
    it was said that nothing shows that it has happened. `devices` are all of them, where it is one on many.
    """

    at: datetime
    missing_since: datetime | None = None
    doubted_at: datetime | None = None
    devices: tuple[OnDevice, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One request, from the moment it was seen to Intune's own end. `revision` 0 has never been stored.

    What was asked for in chat has an `initiator` and a `filing`, and an `intune_id` only once Intune holds it.
    `hidden` names what of the subject could be read and cannot be now: what was read stands, and nothing goes on in
    Intune.
    `outgrown` is the group whose growth made votes void last.
    `opened_urgent` says that it was urgent from the start, `urgent_since` when somebody made it so. A `drill` never
    reaches Intune.
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
    glass: tuple[Glass, ...] = ()
    review: Review | None = None
    outgrown: Grown | None = None
    reminders: Reminders = field(default_factory=Reminders)

    @property
    def digest(self) -> str:
        """The digest of what is under review now."""
        return self.subject.digest()

    @property
    def urgent(self) -> bool:
        """Whether it cannot wait for long."""
        return self.opened_urgent or self.urgent_since is not None

    @property
    def decision(self) -> Decision:
        """What was decided here; open as long as nothing was."""
        return self.decided.decision if self.decided else Decision.OPEN

    @property
    def carry_state(self) -> CarryState:
        """How far the decision has come on its way to Intune."""
        return self.carry.state if self.carry else CarryState.NONE

    @property
    def ended_in_intune(self) -> bool:
        """Whether Intune will never move this request again."""
        return self.intune_status in INTUNE_IS_DONE

    @property
    def is_over(self) -> bool:
        """Whether nothing can happen to it any more, and no review of it is open."""
        return self.is_settled and not (self.review is not None and self.review.is_open)

    @property
    def is_settled(self) -> bool:
        """Whether nothing can happen to its target any more by it, neither here nor in Intune."""
        if self.filing is None or self.intune_id is not None:
            return self.ended_in_intune
        return self.filing.state in _NEVER_HELD

    @property
    def takes_votes(self) -> bool:
        """Whether anybody may still vote here."""
        return self.decision is Decision.OPEN and not self.ended_in_intune

    @property
    def is_approved(self) -> bool:
        """Whether it was approved here, by its quorum or by breaking the glass."""
        return self.decision in (Decision.APPROVED, Decision.BROKEN_GLASS)

    @property
    def is_called_off(self) -> bool:
        """Whether it ended here without an approval, or was taken back after one."""
        dropped = self.filing is not None and self.filing.state is FilingState.DROPPED
        return dropped or not (self.decision is Decision.OPEN or self.is_approved)

    @property
    def broken_by(self) -> Glass | None:
        """The breaking of the glass that decided it."""
        decides = (glass for glass in self.glass if glass.way is Way.DECIDED and not glass.drill)
        return next(decides, None) if self.decision is Decision.BROKEN_GLASS else None

    @property
    def needs_one(self) -> bool:
        """Whether one approver is enough, because the glass was broken by somebody who cannot decide it."""
        return any(glass.calls_for_another for glass in self.glass)

    @property
    def is_asked_alone(self) -> bool:
        """Whether the emergency process is asked to do it at this moment."""
        return any(glass.alone is not None and glass.alone.is_open for glass in self.glass)

    @property
    def changed_after_decision(self) -> bool:
        """Whether what Intune holds is no longer what was decided on."""
        return bool(self._decided_digest) and self._decided_digest != self.digest

    @property
    def grown_after_decision(self) -> Grown | None:
        """The group that holds many more by now than when this was approved; nothing where none does."""
        if self.decided is None or not self.decided.digest:
            return None
        approvals = (vote.sizes for vote in self.votes if vote.verdict is Verdict.APPROVE)
        found = (grown(self.subject, seen, self.growth) for seen in (self.decided.sizes, *approvals))
        return next(filter(None, found), None)

    @property
    def growth(self) -> int:
        """Percent by which a target group may grow, by the strictest of the workflows."""
        return growth_of(self.workflows)

    @property
    def approved_for_other_content(self) -> bool:
        """Return whether the approval that Intune shows is none of what was decided here."""
        native = self.native
        return native is not None and (native.void is not None or native.digest != self._decided_digest)

    @property
    def _decided_digest(self) -> str:
        return self.decided.digest if self.decided else ""

    def vote_of(self, person: Person) -> Vote | None:
        """This human's vote, cast with whichever account."""
        return next((vote for vote in self.votes if vote.voter.is_same_as(person)), None)

    def is_own_of(self, person: Person) -> bool:
        """Whether this human asked for it: as requestor, as initiator, or as owner of the application that did."""
        owners = self.requestor.owners if isinstance(self.requestor, Application) else (self.requestor,)
        return any(own is not None and own.is_same_as(person) for own in (*owners, self.initiator))

    @property
    def asker_is_known(self) -> bool:
        """Whether the accounts of everybody who stands behind it are known, and so cannot approve it."""
        if self.initiator is not None:
            return True
        behind = self.requestor.owners if isinstance(self.requestor, Application) else (self.requestor,)
        return all(person is not None and person.known for person in behind)

    def is_called_by(self, person: Person) -> bool:
        """Whether this human broke the glass and so called for another one to approve it."""
        return any(glass.calls_for_another and glass.counts(person) for glass in self.glass)

    def with_vote(self, vote: Vote) -> Self:
        """The request with this vote in place of any earlier one of the same human."""
        others = tuple(cast for cast in self.votes if not cast.voter.is_same_as(vote.voter))
        return replace(self, votes=(*others, vote))


_NEVER_HELD = frozenset({FilingState.DROPPED, FilingState.RAN, FilingState.COMPLETED})
"""How an order ends without Intune ever having held it."""


def deadline_for(
    workflows: tuple[Workflow, ...], opened_at: datetime, intune_expires_at: datetime, urgent: bool
) -> datetime:
    """The earlier of ours, by the shortest of the workflows, and Intune's."""
    ours: list[timedelta] = [flow.urgent_deadline if urgent else flow.deadline for flow in workflows]
    return min([opened_at + span for span in ours] + [intune_expires_at])
