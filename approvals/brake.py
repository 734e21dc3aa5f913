"""Brakes: the kinds, the calls that each one stops, who pulls it and who lifts it. docs/adr/0011 gives the reasons.

A call is stopped in the step that reserves it, so no call is made once a brake is on. Votes, polls and alarms continue
under every brake.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from approvals import lifecycle
from approvals.causes import AcknowledgedLost, Pulled, RequestRanUnheld, StoreDoubted
from approvals.lifecycle import FilingEvent
from approvals.people import Person
from approvals.request import CarryState, IntuneStatus, Request

PAUSE = "pause"
"""Name of the brake with which people stop everything."""

STORE = "store"
"""Name of the brake that the bot pulls when its store was reset or went back."""

RECOVERY = "recovery"
"""Name of the brake that is on while the bot looks for what its store has lost. It is lifted automatically."""

_TYPE = "type:"
"""Prefix of a lock's name, so that a policy type named like another brake is still a lock."""


class BrakedCall(StrEnum):
    """A call that changes something in Intune."""

    FILE = "file"
    COMPLETE = "complete"
    APPROVE = "approve"  # carry an approval in a person's name, also after breaking the glass
    ALONE = "alone"  # ask the emergency process
    REJECT = "reject"  # carry a rejection
    TAKE_BACK = "take back"  # cancel what we filed
    WITHDRAW = "withdraw"  # withdraw an approval that Intune holds below the quorum


NEVER_STOPPED = frozenset({BrakedCall.REJECT, BrakedCall.TAKE_BACK, BrakedCall.WITHDRAW})
"""Calls that end a request or withdraw a permission: stopping them would keep something dangerous open."""


class BrakeKind(StrEnum):
    """The kind of a brake."""

    PAUSE = "pause"
    LOCK = "lock"
    STORE = "store"
    RECOVERY = "recovery"


class Puller(StrEnum):
    """A role that may pull a brake."""

    APPROVER = "approver"
    OPERATOR = "operator"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class BrakeRule:
    """One row of the table: who pulls this kind of brake, which calls it stops, and who lifts it.

    With `of_one_type` it stops only requests of the policy type in its name. `in_teams` and `at_shell` are the commands
    that lift it; without a command it cannot be lifted there. `people` is the number of different people needed to lift
    it.
    """

    pulled_by: frozenset[Puller]
    stops: frozenset[BrakedCall]
    of_one_type: bool
    in_teams: str
    at_shell: str
    people: int

    @property
    def glass_sends(self) -> bool:
        """Return whether break-glass can still approve in Intune. It is recorded, and people are notified, in any
        case."""
        return BrakedCall.APPROVE not in self.stops


TABLE: Mapping[BrakeKind, BrakeRule] = {
    BrakeKind.STORE: BrakeRule(
        pulled_by=frozenset({Puller.BOT}),
        stops=frozenset({BrakedCall.FILE, BrakedCall.COMPLETE, BrakedCall.APPROVE, BrakedCall.ALONE}),
        of_one_type=False,
        in_teams="",
        at_shell="python -m bot store accept",
        people=1,
    ),
    BrakeKind.RECOVERY: BrakeRule(
        pulled_by=frozenset({Puller.BOT}),
        stops=frozenset({BrakedCall.FILE, BrakedCall.COMPLETE, BrakedCall.APPROVE, BrakedCall.ALONE}),
        of_one_type=False,
        in_teams="",
        at_shell="python -m bot store accept",
        people=1,
    ),
    BrakeKind.PAUSE: BrakeRule(
        pulled_by=frozenset({Puller.APPROVER, Puller.OPERATOR}),
        stops=frozenset({BrakedCall.FILE, BrakedCall.COMPLETE, BrakedCall.APPROVE, BrakedCall.ALONE}),
        of_one_type=False,
        in_teams="/resume",
        at_shell="python -m bot resume",
        people=2,
    ),
    BrakeKind.LOCK: BrakeRule(
        pulled_by=frozenset({Puller.BOT}),
        stops=frozenset({BrakedCall.FILE, BrakedCall.ALONE}),
        of_one_type=True,
        in_teams="/unlock TYPE",
        at_shell="python -m bot unlock TYPE",
        people=1,
    ),
}
"""Every kind of brake, the gravest first: if several stop a call, the first one's sentence is shown."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A person at a shell on a host of the bot: the name of the account there, and of the host."""

    user: str
    host: str

    @property
    def name(self) -> str:
        """The operator's name as used in a sentence."""
        return f"{self.user} at {self.host}"


Mover = Person | Operator
"""A person who pulls a brake or wants it lifted."""


@dataclass(frozen=True, slots=True)
class Brake:
    """A brake that is on: who pulled it (`None` for the bot itself), when, and why.

    `why` is what they wrote, as a sentence; `cause` is the bot's own reason. `lifted_by` are those who want it off, as
    long as they are not enough. `behind` requested what made the bot pull it, and cannot lift it.
    """

    name: str
    by: Mover | None
    why: str
    at: datetime
    lifted_by: tuple[Mover, ...] = ()
    behind: Person | None = None
    cause: Pulled | None = None

    @property
    def kind(self) -> BrakeKind:
        """The kind of this brake: its row of the table."""
        return BrakeKind.LOCK if self.name.startswith(_TYPE) else BrakeKind(self.name)

    @property
    def rule(self) -> BrakeRule:
        """The rule for this kind of brake."""
        return TABLE[self.kind]

    @property
    def policy_type(self) -> str:
        """The policy type of a lock; empty for the other kinds."""
        return self.name.removeprefix(_TYPE) if self.rule.of_one_type else ""


def stopping(call: BrakedCall, request: Request) -> tuple[str, ...]:
    """Return the names of all brakes that would stop this call for this request, whether they are on or not."""
    names: list[str] = []
    for kind, rule in TABLE.items():
        if call in rule.stops:
            names += map(lock_name, request.subject.policy_types) if rule.of_one_type else [kind.value]
    return tuple(names)


def holding_up(on: Iterable[Brake], request: Request) -> Brake | None:
    """Return the gravest active brake that stops the next call of a decided request."""
    call = _awaited(request)
    by_name = {brake.name: brake for brake in on}
    names = stopping(call, request) if call else ()
    return next((by_name[name] for name in names if name in by_name), None)


def _awaited(request: Request) -> BrakedCall | None:
    """Return the next call of an approved request."""
    if not request.is_approved or request.ended_in_intune:
        return None
    filing = request.filing
    if filing is not None and lifecycle.may(filing.state, FilingEvent.CALLED):
        return BrakedCall.FILE
    if filing is not None and request.intune_status is IntuneStatus.APPROVED:
        return BrakedCall.COMPLETE if lifecycle.may(filing.state, FilingEvent.CALLED_AGAIN) else None
    carried = request.carry_state in (CarryState.WANTED, CarryState.TROUBLED)
    return BrakedCall.APPROVE if carried and request.intune_status is IntuneStatus.NEEDS_APPROVAL else None


def lock_name(policy_type: str) -> str:
    """Return the name of the lock of a policy type, in any case."""
    return f"{_TYPE}{policy_type.casefold()}"


def locks_after(request: Request, now: datetime) -> tuple[Brake, ...]:
    """Return one lock for each policy type of the request, because it ran without being held."""
    cause = RequestRanUnheld(request.id)
    names = map(lock_name, request.subject.policy_types)
    return tuple(Brake(name, None, "", now, behind=request.initiator, cause=cause) for name in names)


def store_brake(found: str, now: datetime) -> Brake:
    """Return the brake for a store that was reset or went back, with the sentence that describes it."""
    return Brake(STORE, None, "", now, cause=StoreDoubted(found))


def recovery_brake(now: datetime) -> Brake:
    """Return the brake that is on while the bot looks for what its store has lost."""
    return Brake(RECOVERY, None, "", now, cause=AcknowledgedLost())
