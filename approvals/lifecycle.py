"""Every possible change of a decision, a carry, a filing and an execution, as tables.

A change that is not in a table is impossible. docs/lifecycle.md is generated from these tables.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar, assert_never, overload

from approvals.order import FilingState
from approvals.request import (
    INTUNE_IS_DONE,
    CarryingState,
    CarryState,
    Decision,
    Execution,
    FinalDecision,
    IntuneStatus,
)


class DecisionEvent(StrEnum):
    """Events of an undecided request."""

    QUORUM_REACHED = "quorum reached"
    REJECTED = "rejected by an approver"
    DEADLINE_PASSED = "our deadline passed"
    REJECTED_IN_INTUNE = "rejected in Intune"
    CANCELLED_IN_INTUNE = "cancelled in Intune"
    EXPIRED_IN_INTUNE = "expired in Intune"
    CANCELLED_HERE = "cancelled by the initiator"
    GLASS_BROKEN = "decided by break-glass, or run by the emergency process"


DECISIONS: Mapping[Decision, Mapping[DecisionEvent, FinalDecision]] = {
    Decision.OPEN: {
        DecisionEvent.QUORUM_REACHED: Decision.APPROVED,
        DecisionEvent.REJECTED: Decision.REJECTED,
        DecisionEvent.DEADLINE_PASSED: Decision.EXPIRED,
        DecisionEvent.REJECTED_IN_INTUNE: Decision.REJECTED,
        DecisionEvent.CANCELLED_IN_INTUNE: Decision.WITHDRAWN,
        DecisionEvent.EXPIRED_IN_INTUNE: Decision.EXPIRED,
        DecisionEvent.CANCELLED_HERE: Decision.WITHDRAWN,
        DecisionEvent.GLASS_BROKEN: Decision.BROKEN_GLASS,
    },
    Decision.APPROVED: {},
    Decision.REJECTED: {},
    Decision.EXPIRED: {},
    Decision.WITHDRAWN: {},
    Decision.BROKEN_GLASS: {},
}


class CarryEvent(StrEnum):
    """Events of a decision that is carried to Intune."""

    DECIDED = "decided here"
    CALLED = "call reserved for one person"
    ANSWERED = "accepted by Intune"
    FAILED = "no token, refused, no answer, or stopped by a brake"
    CONFIRMED = "Intune already shows the decision"
    TOO_LATE = "the request has ended otherwise in Intune"
    UNDONE = "approval in Intune withdrawn, or for other content"


CARRIES: Mapping[CarryState, Mapping[CarryEvent, CarryingState]] = {
    CarryState.NONE: {CarryEvent.DECIDED: CarryState.WANTED},
    CarryState.WANTED: {
        CarryEvent.CALLED: CarryState.CALLING,
        CarryEvent.FAILED: CarryState.TROUBLED,
        CarryEvent.CONFIRMED: CarryState.DONE,
        CarryEvent.TOO_LATE: CarryState.TROUBLED,
    },
    CarryState.CALLING: {
        CarryEvent.CALLED: CarryState.CALLING,
        CarryEvent.ANSWERED: CarryState.DONE,
        CarryEvent.FAILED: CarryState.TROUBLED,
        CarryEvent.CONFIRMED: CarryState.DONE,
        CarryEvent.TOO_LATE: CarryState.TROUBLED,
    },
    CarryState.TROUBLED: {
        CarryEvent.CALLED: CarryState.CALLING,
        CarryEvent.FAILED: CarryState.TROUBLED,
        CarryEvent.CONFIRMED: CarryState.DONE,
        CarryEvent.TOO_LATE: CarryState.TROUBLED,
    },
    CarryState.DONE: {CarryEvent.UNDONE: CarryState.TROUBLED},
}


class FilingEvent(StrEnum):
    """Events of an order on its way through Intune."""

    CALLED = "filing call reserved"
    CALLED_AGAIN = "completing call reserved"
    TAKEN = "Intune holds it"
    REFUSED = "nothing was filed or completed"
    UNANSWERED = "no answer"
    UNHELD = "Intune ran it at once"
    ANSWERED = "completed in Intune"
    DROPPED = "cancelled, rejected, expired, ended in Intune, or a drill"
    ALONE = "run by the emergency process"


FILINGS: Mapping[FilingState, Mapping[FilingEvent, FilingState]] = {
    FilingState.WAITS: {
        FilingEvent.CALLED: FilingState.CALLING,
        FilingEvent.TAKEN: FilingState.HELD,
        FilingEvent.REFUSED: FilingState.BLOCKED,
        FilingEvent.UNHELD: FilingState.RAN,
        FilingEvent.DROPPED: FilingState.DROPPED,
        FilingEvent.ALONE: FilingState.COMPLETED,
    },
    FilingState.CALLING: {
        FilingEvent.TAKEN: FilingState.HELD,
        FilingEvent.REFUSED: FilingState.BLOCKED,
        FilingEvent.UNANSWERED: FilingState.LOST,
        FilingEvent.UNHELD: FilingState.RAN,
    },
    FilingState.LOST: {
        FilingEvent.TAKEN: FilingState.HELD,
        FilingEvent.REFUSED: FilingState.BLOCKED,
        FilingEvent.UNHELD: FilingState.RAN,
    },
    FilingState.BLOCKED: {
        FilingEvent.CALLED: FilingState.CALLING,
        FilingEvent.TAKEN: FilingState.HELD,
        FilingEvent.REFUSED: FilingState.BLOCKED,
        FilingEvent.UNHELD: FilingState.RAN,
        FilingEvent.DROPPED: FilingState.DROPPED,
    },
    FilingState.HELD: {
        FilingEvent.CALLED_AGAIN: FilingState.COMPLETING,
        FilingEvent.ANSWERED: FilingState.COMPLETED,
        FilingEvent.DROPPED: FilingState.DROPPED,
    },
    FilingState.COMPLETING: {
        FilingEvent.ANSWERED: FilingState.COMPLETED,
        FilingEvent.REFUSED: FilingState.HELD,
        FilingEvent.UNANSWERED: FilingState.HELD,
        FilingEvent.DROPPED: FilingState.DROPPED,
    },
    FilingState.COMPLETED: {},
    FilingState.RAN: {},
    FilingState.DROPPED: {},
}


class ExecutionEvent(StrEnum):
    """Observations of the operation itself.

    A device that is wiped or retired leaves Intune (learn.microsoft.com/mem/intune/remote-actions/devices-wipe), but so
    does one that a person deletes: leaving counts only if the operation was seen before.
    """

    SENT = "Intune completed the request"
    STARTED = "it is running"
    ENDED = "it is done"
    BROKE = "it failed"
    STOPPED = "failed or canceled, at an unknown time"
    LEFT = "its device is no longer in Intune"
    ANEW = "its device was enrolled again"
    LOST = "no result until following ended"


EXECUTIONS: Mapping[Execution, Mapping[ExecutionEvent, Execution]] = {
    Execution.NONE: {ExecutionEvent.SENT: Execution.SENT},
    Execution.SENT: {
        ExecutionEvent.STARTED: Execution.RUNNING,
        ExecutionEvent.ENDED: Execution.DONE,
        ExecutionEvent.BROKE: Execution.FAILED,
        ExecutionEvent.LEFT: Execution.UNKNOWN,
        ExecutionEvent.LOST: Execution.UNKNOWN,
    },
    Execution.RUNNING: {
        ExecutionEvent.ENDED: Execution.DONE,
        ExecutionEvent.BROKE: Execution.FAILED,
        ExecutionEvent.STOPPED: Execution.FAILED,
        ExecutionEvent.LEFT: Execution.DONE,
        ExecutionEvent.ANEW: Execution.DONE,
        ExecutionEvent.LOST: Execution.UNKNOWN,
    },
    Execution.UNKNOWN: {
        ExecutionEvent.STARTED: Execution.RUNNING,
        ExecutionEvent.ENDED: Execution.DONE,
        ExecutionEvent.BROKE: Execution.FAILED,
    },
    Execution.DONE: {},
    Execution.FAILED: {},
}


class Impossible(Exception):
    """A change that is in no table. This is a bug; nothing was changed."""


@overload
def may(state: Decision, event: DecisionEvent) -> bool: ...


@overload
def may(state: CarryState, event: CarryEvent) -> bool: ...


@overload
def may(state: FilingState, event: FilingEvent) -> bool: ...


@overload
def may(state: Execution, event: ExecutionEvent) -> bool: ...


def may(
    state: Decision | CarryState | FilingState | Execution,
    event: DecisionEvent | CarryEvent | FilingEvent | ExecutionEvent,
) -> bool:
    """Return whether the table allows this event in this state."""
    match state:
        case Decision():
            return event in DECISIONS[state]
        case CarryState():
            return event in CARRIES[state]
        case FilingState():
            return event in FILINGS[state]
        case Execution():
            return event in EXECUTIONS[state]
        case _:
            assert_never(state)


def decide(decision: Decision, event: DecisionEvent) -> FinalDecision:
    """Return the decision after this event. Raises `Impossible` if the decision is final."""
    return _after(DECISIONS, decision, event)


def carry(state: CarryState, event: CarryEvent) -> CarryingState:
    """Return the carry's state after this event. Raises `Impossible` for a pair that is in no table."""
    return _after(CARRIES, state, event)


def file(state: FilingState, event: FilingEvent) -> FilingState:
    """Return the filing's state after this event. Raises `Impossible` for a pair that is in no table."""
    return _after(FILINGS, state, event)


def execute(execution: Execution, event: ExecutionEvent) -> Execution:
    """Return the operation's state after this event. Raises `Impossible` for a pair that is in no table."""
    return _after(EXECUTIONS, execution, event)


def is_final(state: FilingState) -> bool:
    """Return whether an order in this state can no longer change."""
    return not FILINGS[state]


def is_over(status: IntuneStatus) -> bool:
    """Return whether this status is final in Intune."""
    return status in INTUNE_IS_DONE


_State = TypeVar("_State", bound=StrEnum)
_Next = TypeVar("_Next", bound=StrEnum)
_Happening = TypeVar("_Happening", bound=StrEnum)


def _after(table: Mapping[_State, Mapping[_Happening, _Next]], state: _State, event: _Happening) -> _Next:
    try:
        return table[state][event]
    except KeyError:
        raise Impossible(f"nothing follows {state!r} by {event!r}") from None
