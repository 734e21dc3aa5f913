"""Every way in which a decision, an execution and a carry can change, as tables, and the disagreements with Intune.

What is not in a table does not happen. docs/lifecycle.md is drawn from these tables.
"""

from collections.abc import Mapping
from enum import StrEnum

from approvals.quorum import is_only_followed
from approvals.request import INTUNE_IS_DONE, CarryState, Decision, Execution, IntuneStatus, Request


class Happening(StrEnum):
    """What can happen to an undecided request."""

    QUORUM_REACHED = "quorum reached"
    REJECTED = "rejected by an approver"
    DEADLINE_PASSED = "our deadline passed"
    REJECTED_IN_INTUNE = "rejected in Intune"
    CANCELLED_IN_INTUNE = "cancelled in Intune"
    EXPIRED_IN_INTUNE = "expired in Intune"


DECISIONS: Mapping[Decision, Mapping[Happening, Decision]] = {
    Decision.OPEN: {
        Happening.QUORUM_REACHED: Decision.APPROVED,
        Happening.REJECTED: Decision.REJECTED,
        Happening.DEADLINE_PASSED: Decision.EXPIRED,
        Happening.REJECTED_IN_INTUNE: Decision.REJECTED,
        Happening.CANCELLED_IN_INTUNE: Decision.WITHDRAWN,
        Happening.EXPIRED_IN_INTUNE: Decision.EXPIRED,
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
    CarryState.DONE: {},
}

EXECUTIONS: Mapping[Execution, Mapping[IntuneStatus, Execution]] = {
    Execution.NONE: {IntuneStatus.COMPLETED: Execution.SENT},
    Execution.SENT: {},
    Execution.RUNNING: {},
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


def execute(execution: Execution, status: IntuneStatus) -> Execution:
    """How far the operation has come when Intune says so; unchanged where that says nothing about it."""
    return EXECUTIONS[execution].get(status, execution)


def is_over(status: IntuneStatus) -> bool:
    """Whether Intune will never move a request of this status again."""
    return status in INTUNE_IS_DONE


class Disagreement(StrEnum):
    """Intune and we do not say the same. Dangerous ones raise an alarm."""

    APPROVED_BELOW_QUORUM = "approved in Intune below quorum"
    COMPLETED_BELOW_QUORUM = "completed in Intune below quorum"
    APPROVED_AFTER_REJECTION = "rejected here, approved in Intune"
    APPROVED_AFTER_EXPIRY = "expired here, approved in Intune"
    APPROVED_AFTER_WITHDRAWAL = "withdrawn here, approved in Intune"
    CHANGED_AFTER_DECISION = "changed after the decision"
    UNKNOWN_STATUS = "unknown status in Intune"
    APPROVED_HERE_OPEN_IN_INTUNE = "approved here, still open in Intune"
    REJECTED_HERE_OPEN_IN_INTUNE = "rejected here, still open in Intune"
    EXPIRED_HERE_OPEN_IN_INTUNE = "expired here, still open in Intune"
    APPROVED_HERE_ENDED_IN_INTUNE = "approved here, ended otherwise in Intune"

    @property
    def dangerous(self) -> bool:
        """Whether something may run, or has run, that nobody here has decided."""
        return self in _DANGEROUS

    @property
    def sentence(self) -> str:
        """What it means and what to do, for the card."""
        return _SENTENCES[self]


_DANGEROUS = frozenset(
    {
        Disagreement.APPROVED_BELOW_QUORUM,
        Disagreement.COMPLETED_BELOW_QUORUM,
        Disagreement.APPROVED_AFTER_REJECTION,
        Disagreement.APPROVED_AFTER_EXPIRY,
        Disagreement.APPROVED_AFTER_WITHDRAWAL,
        Disagreement.CHANGED_AFTER_DECISION,
        Disagreement.UNKNOWN_STATUS,
    }
)

_SENTENCES: Mapping[Disagreement, str] = {
    Disagreement.APPROVED_BELOW_QUORUM: (
        "Intune already says approved, but the quorum here is not reached. "
        "An approver can withdraw that approval as long as it is not completed."
    ),
    Disagreement.COMPLETED_BELOW_QUORUM: "It was completed in Intune without the quorum that is asked for here.",
    Disagreement.APPROVED_AFTER_REJECTION: (
        "Rejected here, but somebody approved it in Intune. An approver can withdraw that approval "
        "as long as it is not completed."
    ),
    Disagreement.APPROVED_AFTER_EXPIRY: (
        "The deadline here had passed, and then somebody approved it in Intune. An approver can withdraw "
        "that approval as long as it is not completed."
    ),
    Disagreement.APPROVED_AFTER_WITHDRAWAL: "It was withdrawn, but Intune says approved. Look at it in Intune.",
    Disagreement.CHANGED_AFTER_DECISION: (
        "What Intune holds is no longer what was decided on. The decision is not carried to Intune; "
        "reject it there and have it filed again."
    ),
    Disagreement.UNKNOWN_STATUS: (
        "Intune uses a state for this request that is not known here. Nobody may decide here; look at it in Intune."
    ),
    Disagreement.APPROVED_HERE_OPEN_IN_INTUNE: "Approved here. Intune does not show the approval yet.",
    Disagreement.REJECTED_HERE_OPEN_IN_INTUNE: "Rejected here. In Intune it is still open until somebody rejects it.",
    Disagreement.EXPIRED_HERE_OPEN_IN_INTUNE: "The deadline here has passed. In Intune it is still open.",
    Disagreement.APPROVED_HERE_ENDED_IN_INTUNE: "Approved here, but Intune has ended the request without running it.",
}

_RUNS = frozenset({IntuneStatus.APPROVED, IntuneStatus.COMPLETED})

_OPEN_IN_INTUNE: Mapping[Decision, Disagreement] = {
    Decision.APPROVED: Disagreement.APPROVED_HERE_OPEN_IN_INTUNE,
    Decision.REJECTED: Disagreement.REJECTED_HERE_OPEN_IN_INTUNE,
    Decision.EXPIRED: Disagreement.EXPIRED_HERE_OPEN_IN_INTUNE,
}

_RUNS_IN_INTUNE: Mapping[Decision, Disagreement] = {
    Decision.REJECTED: Disagreement.APPROVED_AFTER_REJECTION,
    Decision.EXPIRED: Disagreement.APPROVED_AFTER_EXPIRY,
    Decision.WITHDRAWN: Disagreement.APPROVED_AFTER_WITHDRAWAL,
}


def disagreement(request: Request) -> Disagreement | None:
    """The name of what Intune and we do not agree on, the gravest if there are several."""
    status = request.intune_status
    if status is IntuneStatus.UNKNOWN:
        return Disagreement.UNKNOWN_STATUS
    if request.decision is Decision.APPROVED and request.changed_after_decision:
        return Disagreement.CHANGED_AFTER_DECISION
    if status is IntuneStatus.NEEDS_APPROVAL:
        return _OPEN_IN_INTUNE.get(request.decision)
    if status in _RUNS:
        return None if is_only_followed(request) else _running_without_us(request)
    if request.decision is Decision.APPROVED and request.ended_in_intune:
        return Disagreement.APPROVED_HERE_ENDED_IN_INTUNE
    return None


def _running_without_us(request: Request) -> Disagreement | None:
    if request.decision is not Decision.OPEN:
        return _RUNS_IN_INTUNE.get(request.decision)
    if request.intune_status is IntuneStatus.COMPLETED:
        return Disagreement.COMPLETED_BELOW_QUORUM
    return Disagreement.APPROVED_BELOW_QUORUM
