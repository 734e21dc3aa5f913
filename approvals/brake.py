"""Brakes: which there are, which calls each one stops, who pulls it and who lifts it. docs/adr/0011 says why.

A call is stopped in the step in which it is claimed, so that none is made once a brake is on. Votes, polls and alarms
go on under every brake.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from approvals import lifecycle
from approvals.causes import AcknowledgedLost, Pulled, RequestRanUnheld, StoreDoubted
from approvals.lifecycle import FilingHappening
from approvals.people import Person
from approvals.request import CarryState, IntuneStatus, Request

PAUSE = "pause"
"""The name of the one brake that people pull on everything."""

STORE = "store"
"""The name of the one brake that the bot pulls when its store was reset or went back."""

RECOVERY = "recovery"
"""The name of the one brake that holds while the bot looks for what its store has lost. It lifts itself."""

_TYPE = "type:"
"""Begins the name of a lock, so that a policy type called like another brake stays a lock."""


class Call(StrEnum):
    """A call that changes something in Intune."""

    FILE = "file"
    COMPLETE = "complete"
    APPROVE = "approve"  # carry an approval in a person's name, also after breaking the glass
    ALONE = "alone"  # ask the emergency process
    REJECT = "reject"  # carry a rejection
    TAKE_BACK = "take back"  # cancel what we filed
    WITHDRAW = "withdraw"  # withdraw an approval that Intune holds below the quorum


NEVER_STOPPED = frozenset({Call.REJECT, Call.TAKE_BACK, Call.WITHDRAW})
"""What ends a request or takes a permission away: to stop it would keep something dangerous alive."""


class BrakeKind(StrEnum):
    """What kind of brake it is."""

    PAUSE = "pause"
    LOCK = "lock"
    STORE = "store"
    RECOVERY = "recovery"


class Puller(StrEnum):
    """Who may pull a brake."""

    APPROVER = "approver"
    OPERATOR = "operator"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: who pulls this kind of brake, what it stops, and who lifts it.

    `of_one_type` stops only requests of the policy type that the brake is named for. `in_teams` and `at_shell` are the
    commands that lift it; without one it cannot be lifted there. `people` is how many different people that takes.
    """

    pulled_by: frozenset[Puller]
    stops: frozenset[Call]
    of_one_type: bool
    in_teams: str
    at_shell: str
    people: int

    @property
    def glass_sends(self) -> bool:
        """Whether who breaks the glass can still approve in Intune. It is recorded, and people are asked, anyhow."""
        return Call.APPROVE not in self.stops


TABLE: Mapping[BrakeKind, Rule] = {
    BrakeKind.STORE: Rule(
        pulled_by=frozenset({Puller.BOT}),
        stops=frozenset({Call.FILE, Call.COMPLETE, Call.APPROVE, Call.ALONE}),
        of_one_type=False,
        in_teams="",
        at_shell="python -m bot store accept",
        people=1,
    ),
    BrakeKind.RECOVERY: Rule(
        pulled_by=frozenset({Puller.BOT}),
        stops=frozenset({Call.FILE, Call.COMPLETE, Call.APPROVE, Call.ALONE}),
        of_one_type=False,
        in_teams="",
        at_shell="python -m bot store accept",
        people=1,
    ),
    BrakeKind.PAUSE: Rule(
        pulled_by=frozenset({Puller.APPROVER, Puller.OPERATOR}),
        stops=frozenset({Call.FILE, Call.COMPLETE, Call.APPROVE, Call.ALONE}),
        of_one_type=False,
        in_teams="/resume",
        at_shell="python -m bot resume",
        people=2,
    ),
    BrakeKind.LOCK: Rule(
        pulled_by=frozenset({Puller.BOT}),
        stops=frozenset({Call.FILE, Call.ALONE}),
        of_one_type=True,
        in_teams="/unlock TYPE",
        at_shell="python -m bot unlock TYPE",
        people=1,
    ),
}
"""Every kind of brake, the gravest first: whoever is stopped by several reads the sentence of the first."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody at a shell on a host of the bot: the name of the account there, and of the host."""

    user: str
    host: str

    @property
    def name(self) -> str:
        """How they are called in a sentence."""
        return f"{self.user} at {self.host}"


Mover = Person | Operator
"""Who pulls a brake or wants it lifted."""


@dataclass(frozen=True, slots=True)
class Brake:
    """A brake that is on: who pulled it (nobody for the bot itself), when, and why.

    `why` is what they wrote, in a sentence; `cause` is why the bot did. `lifted_by` holds who wants it off, as long as
    that is not enough. `behind` asked for what made the bot pull it, and cannot lift it.
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
        """Which row of the table holds for it."""
        return BrakeKind.LOCK if self.name.startswith(_TYPE) else BrakeKind(self.name)

    @property
    def rule(self) -> Rule:
        """What the table says of it."""
        return TABLE[self.kind]

    @property
    def policy_type(self) -> str:
        """The policy type that a lock is for; empty for the other kinds."""
        return self.name.removeprefix(_TYPE) if self.rule.of_one_type else ""


def stopping(call: Call, request: Request) -> tuple[str, ...]:
    """Return the names of all brakes that would stop this call for this request, whether they are on or not."""
    names: list[str] = []
    for kind, rule in TABLE.items():
        if call in rule.stops:
            names += map(lock_name, request.subject.policy_types) if rule.of_one_type else [kind.value]
    return tuple(names)


def holding_up(on: Iterable[Brake], request: Request) -> Brake | None:
    """Return the gravest brake of those that are on that keeps a decided request from its next call."""
    call = _awaited(request)
    by_name = {brake.name: brake for brake in on}
    names = stopping(call, request) if call else ()
    return next((by_name[name] for name in names if name in by_name), None)


def _awaited(request: Request) -> Call | None:
    """Return the call that an approved request waits for."""
    if not request.is_approved or request.ended_in_intune:
        return None
    filing = request.filing
    if filing is not None and lifecycle.may(filing.state, FilingHappening.CALLED):
        return Call.FILE
    if filing is not None and request.intune_status is IntuneStatus.APPROVED:
        return Call.COMPLETE if lifecycle.may(filing.state, FilingHappening.CALLED_AGAIN) else None
    carried = request.carry_state in (CarryState.WANTED, CarryState.TROUBLED)
    return Call.APPROVE if carried and request.intune_status is IntuneStatus.NEEDS_APPROVAL else None


def lock_name(policy_type: str) -> str:
    """Return the name of the lock of a policy type, in whatever case that is written."""
    return f"{_TYPE}{policy_type.casefold()}"


def locks_after(request: Request, now: datetime) -> tuple[Brake, ...]:
    """Return one lock for each of the request's types: something of it ran that should have been held."""
    cause = RequestRanUnheld(request.id)
    names = map(lock_name, request.subject.policy_types)
    return tuple(Brake(name, None, "", now, behind=request.initiator, cause=cause) for name in names)


def store_brake(found: str, now: datetime) -> Brake:
    """Return the brake for a store that was reset or went back, with the sentence of what was found."""
    return Brake(STORE, None, "", now, cause=StoreDoubted(found))


def recovery_brake(now: datetime) -> Brake:
    """Return the brake that holds while the bot looks for what its store has lost."""
    return Brake(RECOVERY, None, "", now, cause=AcknowledgedLost())
