"""Every way in which a decision, a carry, a filing and an execution can change, as tables.

What is not in a table does not happen. docs/lifecycle.md is drawn from these tables.
"""

from collections.abc import Mapping
from enum import StrEnum

from approvals.order import FilingState
from approvals.request import INTUNE_IS_DONE, CarryState, Decision, Execution, IntuneStatus


class Happening(StrEnum):
    """What can happen to an undecided request."""

    QUORUM_REACHED = "quorum reached"
    REJECTED = "rejected by an approver"
    DEADLINE_PASSED = "our deadline passed"
    REJECTED_IN_INTUNE = "rejected in Intune"
    CANCELLED_IN_INTUNE = "cancelled in Intune"
    EXPIRED_IN_INTUNE = "expired in Intune"
    CANCELLED_HERE = "cancelled by the one who asked"
    GLASS_BROKEN = "glass broken by somebody else than the one who asked"


DECISIONS: Mapping[Decision, Mapping[Happening, Decision]] = {
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
    """What can happen to a decision on its way to Intune."""

    DECIDED = "decided here"
    CALLED = "a person's token is used"
    ANSWERED = "Intune answered yes"
    FAILED = "Intune or Entra said no, or did not answer"
    SETTLED = "Intune shows the decision already"
    TOO_LATE = "Intune ended the request"
    UNDONE = "Intune took the approval back, or it is for other content"


CARRIES: Mapping[CarryState, Mapping[CarryHappening, CarryState]] = {
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
    """What can happen to an order on its way through Intune."""

    CALLED = "we call"
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
        FilingHappening.CALLED: FilingState.COMPLETING,
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
    """What can be seen of the operation itself."""

    SENT = "Intune completed the request"
    STARTED = "it is running"
    ENDED = "it is done"
    BROKE = "it failed"


EXECUTIONS: Mapping[Execution, Mapping[ExecutionHappening, Execution]] = {
    Execution.NONE: {ExecutionHappening.SENT: Execution.SENT},
    Execution.SENT: {
        ExecutionHappening.STARTED: Execution.RUNNING,
        ExecutionHappening.ENDED: Execution.DONE,
        ExecutionHappening.BROKE: Execution.FAILED,
    },
    Execution.RUNNING: {
        ExecutionHappening.ENDED: Execution.DONE,
        ExecutionHappening.BROKE: Execution.FAILED,
    },
    Execution.DONE: {},
    Execution.FAILED: {},
}


class Impossible(Exception):
    """A change that is in no table: a bug, and nothing has changed."""


def decide(decision: Decision, happening: Happening) -> Decision:
    """The decision after that; `Impossible` for everything that is final already."""
    try:
        return DECISIONS[decision][happening]
    except KeyError:
        raise Impossible(f"{decision} cannot follow {happening!r}") from None


def carry(state: CarryState, happening: CarryHappening) -> CarryState:
    """The carry's state after that; `Impossible` for a pair that is in no table."""
    try:
        return CARRIES[state][happening]
    except KeyError:
        raise Impossible(f"carry {state} cannot follow {happening!r}") from None


def file(state: FilingState, happening: FilingHappening) -> FilingState:
    """The filing's state after that; `Impossible` for a pair that is in no table."""
    try:
        return FILINGS[state][happening]
    except KeyError:
        raise Impossible(f"filing {state} cannot follow {happening!r}") from None


def execute(execution: Execution, happening: ExecutionHappening) -> Execution:
    """How far the operation has come after that; what is behind it already changes nothing."""
    return EXECUTIONS[execution].get(happening, execution)


def is_over(status: IntuneStatus) -> bool:
    """Whether Intune will never move a request of this status again."""
    return status in INTUNE_IS_DONE
