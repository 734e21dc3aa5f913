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


class Happening(StrEnum):
    """Events of an undecided request."""

    QUORUM_REACHED = "quorum reached"
    REJECTED = "rejected by an approver"
    DEADLINE_PASSED = "our deadline passed"
    REJECTED_IN_INTUNE = "rejected in Intune"
    CANCELLED_IN_INTUNE = "cancelled in Intune"
    EXPIRED_IN_INTUNE = "expired in Intune"
    CANCELLED_HERE = "cancelled by the one who asked"
    GLASS_BROKEN = "glass broken by somebody else than the one who asked"


DECISIONS: Mapping[Decision, Mapping[Happening, FinalDecision]] = {
    Decision.OPEN: {
        Happening.QUORUM_REACHED: Decision.APPROVED,
        Happening.REJECTED: Decision.REJECTED,
        Happening.DEADLINE_PASSED: Decision.EXPIRED,
        Happening.REJECTED_IN_INTUNE: Decision.REJECTED,
        Happening.CANCELLED_IN_INTUNE: Decision.WITHDRAWN,
        Happening.EXPIRED_IN_INTUNE: Decision.EXPIRED,
        Happening.CANCELLED_HERE: Decision.WITHDRAWN,
        Happening.GLASS_BROKEN: Decision.BROKEN_GLASS,
    },
    Decision.APPROVED: {},
    Decision.REJECTED: {},
    Decision.EXPIRED: {},
    Decision.WITHDRAWN: {},
    Decision.BROKEN_GLASS: {},
}


class CarryHappening(StrEnum):
    """Events of a decision that is carried to Intune."""

    DECIDED = "decided here"
    CALLED = "a person's token is used"
    ANSWERED = "Intune answered yes"
    FAILED = "Intune or Entra said no, or did not answer"
    SETTLED = "Intune shows the decision already"
    TOO_LATE = "Intune ended the request"
    UNDONE = "Intune took the approval back, or it is for other content"


CARRIES: Mapping[CarryState, Mapping[CarryHappening, CarryingState]] = {
    CarryState.NONE: {CarryHappening.DECIDED: CarryState.WANTED},
    CarryState.WANTED: {
        CarryHappening.CALLED: CarryState.CALLING,
        CarryHappening.FAILED: CarryState.TROUBLED,
        CarryHappening.SETTLED: CarryState.DONE,
        CarryHappening.TOO_LATE: CarryState.TROUBLED,
    },
    CarryState.CALLING: {
        CarryHappening.CALLED: CarryState.CALLING,
        CarryHappening.ANSWERED: CarryState.DONE,
        CarryHappening.FAILED: CarryState.TROUBLED,
        CarryHappening.SETTLED: CarryState.DONE,
        CarryHappening.TOO_LATE: CarryState.TROUBLED,
    },
    CarryState.TROUBLED: {
        CarryHappening.CALLED: CarryState.CALLING,
        CarryHappening.FAILED: CarryState.TROUBLED,
        CarryHappening.SETTLED: CarryState.DONE,
        CarryHappening.TOO_LATE: CarryState.TROUBLED,
    },
    CarryState.DONE: {CarryHappening.UNDONE: CarryState.TROUBLED},
}


class FilingHappening(StrEnum):
    """Events of an order on its way through Intune."""

    CALLED = "we file it"
    CALLED_AGAIN = "we complete it"
    TAKEN = "Intune holds it"
    REFUSED = "Intune takes nothing"
    UNANSWERED = "no answer"
    UNHELD = "it ran at once"
    ANSWERED = "Intune took the approved call"
    DROPPED = "cancelled, or out of time"
    ALONE = "the emergency process has done it"


FILINGS: Mapping[FilingState, Mapping[FilingHappening, FilingState]] = {
    FilingState.WAITS: {
        FilingHappening.CALLED: FilingState.CALLING,
        FilingHappening.TAKEN: FilingState.HELD,
        FilingHappening.REFUSED: FilingState.BLOCKED,
        FilingHappening.UNHELD: FilingState.RAN,
        FilingHappening.DROPPED: FilingState.DROPPED,
        FilingHappening.ALONE: FilingState.COMPLETED,
    },
    FilingState.CALLING: {
        FilingHappening.TAKEN: FilingState.HELD,
        FilingHappening.REFUSED: FilingState.BLOCKED,
        FilingHappening.UNANSWERED: FilingState.LOST,
        FilingHappening.UNHELD: FilingState.RAN,
    },
    FilingState.LOST: {
        FilingHappening.TAKEN: FilingState.HELD,
        FilingHappening.REFUSED: FilingState.BLOCKED,
        FilingHappening.UNHELD: FilingState.RAN,
    },
    FilingState.BLOCKED: {
        FilingHappening.CALLED: FilingState.CALLING,
        FilingHappening.TAKEN: FilingState.HELD,
        FilingHappening.REFUSED: FilingState.BLOCKED,
        FilingHappening.UNHELD: FilingState.RAN,
        FilingHappening.DROPPED: FilingState.DROPPED,
    },
    FilingState.HELD: {
        FilingHappening.CALLED_AGAIN: FilingState.COMPLETING,
        FilingHappening.ANSWERED: FilingState.COMPLETED,
        FilingHappening.DROPPED: FilingState.DROPPED,
    },
    FilingState.COMPLETING: {
        FilingHappening.ANSWERED: FilingState.COMPLETED,
        FilingHappening.REFUSED: FilingState.HELD,
        FilingHappening.UNANSWERED: FilingState.HELD,
        FilingHappening.DROPPED: FilingState.DROPPED,
    },
    FilingState.COMPLETED: {},
    FilingState.RAN: {},
    FilingState.DROPPED: {},
}


class ExecutionHappening(StrEnum):
    """Observations of the operation itself.

    A device that is wiped or retired leaves Intune (learn.microsoft.com/mem/intune/remote-actions/devices-wipe), but so
    does one that a person deletes: leaving counts only if the operation was seen before.
    """

    SENT = "Intune completed the request"
    STARTED = "it is running"
    ENDED = "it is done"
    BROKE = "it failed"
    STOPPED = "one of its kind failed or was canceled, and nothing says when"
    LEFT = "its device has left Intune"
    ANEW = "its device was enrolled anew"
    LOST = "it was followed to the end, and nothing has shown it"


EXECUTIONS: Mapping[Execution, Mapping[ExecutionHappening, Execution]] = {
    Execution.NONE: {ExecutionHappening.SENT: Execution.SENT},
    Execution.SENT: {
        ExecutionHappening.STARTED: Execution.RUNNING,
        ExecutionHappening.ENDED: Execution.DONE,
        ExecutionHappening.BROKE: Execution.FAILED,
        ExecutionHappening.LEFT: Execution.UNKNOWN,
        ExecutionHappening.LOST: Execution.UNKNOWN,
    },
    Execution.RUNNING: {
        ExecutionHappening.ENDED: Execution.DONE,
        ExecutionHappening.BROKE: Execution.FAILED,
        ExecutionHappening.STOPPED: Execution.FAILED,
        ExecutionHappening.LEFT: Execution.DONE,
        ExecutionHappening.ANEW: Execution.DONE,
        ExecutionHappening.LOST: Execution.UNKNOWN,
    },
    Execution.UNKNOWN: {
        ExecutionHappening.STARTED: Execution.RUNNING,
        ExecutionHappening.ENDED: Execution.DONE,
        ExecutionHappening.BROKE: Execution.FAILED,
    },
    Execution.DONE: {},
    Execution.FAILED: {},
}


class Impossible(Exception):
    """A change that is in no table. This is a bug; nothing was changed."""


@overload
def may(state: Decision, happening: Happening) -> bool: ...


@overload
def may(state: CarryState, happening: CarryHappening) -> bool: ...


@overload
def may(state: FilingState, happening: FilingHappening) -> bool: ...


@overload
def may(state: Execution, happening: ExecutionHappening) -> bool: ...


def may(
    state: Decision | CarryState | FilingState | Execution,
    happening: Happening | CarryHappening | FilingHappening | ExecutionHappening,
) -> bool:
    """Return whether the table allows this event in this state."""
    match state:
        case Decision():
            return happening in DECISIONS[state]
        case CarryState():
            return happening in CARRIES[state]
        case FilingState():
            return happening in FILINGS[state]
        case Execution():
            return happening in EXECUTIONS[state]
        case _:
            assert_never(state)


def decide(decision: Decision, happening: Happening) -> FinalDecision:
    """Return the decision after this event. Raises `Impossible` if the decision is final."""
    return _after(DECISIONS, decision, happening)


def carry(state: CarryState, happening: CarryHappening) -> CarryingState:
    """Return the carry's state after this event. Raises `Impossible` for a pair that is in no table."""
    return _after(CARRIES, state, happening)


def file(state: FilingState, happening: FilingHappening) -> FilingState:
    """Return the filing's state after this event. Raises `Impossible` for a pair that is in no table."""
    return _after(FILINGS, state, happening)


def execute(execution: Execution, happening: ExecutionHappening) -> Execution:
    """Return the operation's state after this event. Raises `Impossible` for a pair that is in no table."""
    return _after(EXECUTIONS, execution, happening)


def is_final(state: FilingState) -> bool:
    """Return whether an order in this state can no longer change."""
    return not FILINGS[state]


def is_over(status: IntuneStatus) -> bool:
    """Return whether this status is final in Intune."""
    return status in INTUNE_IS_DONE


_State = TypeVar("_State", bound=StrEnum)
_Next = TypeVar("_Next", bound=StrEnum)
_Happening = TypeVar("_Happening", bound=StrEnum)


def _after(table: Mapping[_State, Mapping[_Happening, _Next]], state: _State, happening: _Happening) -> _Next:
    try:
        return table[state][happening]
    except KeyError:
        raise Impossible(f"nothing follows {state!r} by {happening!r}") from None
