"""The status of a request: a sign, a few words and a tone. The words carry the meaning, the rest only helps."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, assert_never

from approvals import lifecycle
from approvals.disagreement import disagreement
from approvals.lifecycle import CarryEvent
from approvals.many import count_of
from approvals.order import Filing, FilingState
from approvals.quorum import is_decidable
from approvals.request import Decision, Execution, IntuneStatus, Request
from cards.rules import is_out_of_time


class Tone(StrEnum):
    """Colour of a part of the card, as Adaptive Cards name container styles."""

    QUIET = "emphasis"
    CALLING = "accent"
    GOOD = "good"
    CAREFUL = "warning"
    GRAVE = "attention"


@dataclass(frozen=True, slots=True)
class Status:
    """A sign, the words beside it, and the tone of both."""

    sign: str
    word: str
    tone: Tone


def status_of(request: Request) -> Status:
    """Return the status that a reader should see first."""
    wrong = disagreement(request)
    if wrong is not None and wrong.dangerous:
        return Status("▲", f"Alarm: {wrong}", Tone.GRAVE)
    if request.decision is Decision.OPEN:
        return _open(request)
    if request.is_approved:
        return _approved(request) if request.filing is None else _ordered(request, request.filing)
    if request.decision is Decision.REJECTED:
        still_open = request.intune_status is IntuneStatus.NEEDS_APPROVAL
        return Status("✕", "Rejected here, still open in Intune" if still_open else "Rejected", Tone.GRAVE)
    taken_back = request.decision is Decision.WITHDRAWN and request.filing is not None
    return Status("■", "Cancelled" if taken_back else str(request.decision).capitalize(), Tone.QUIET)


def _open(request: Request) -> Status:
    if not is_decidable(request):
        return _decided_in_intune(request)
    if request.votes:
        return Status("◐", "Waiting for more approvals", Tone.CALLING)
    return Status("○", "Waiting for approval", Tone.CALLING)


def _decided_in_intune(request: Request) -> Status:
    if request.intune_status is IntuneStatus.COMPLETED:
        return _completed(request)
    if request.intune_status is IntuneStatus.APPROVED:
        return Status("✓", "Approved in Intune, not completed yet", Tone.GOOD)
    return Status("→", "To be decided in Intune", Tone.CAREFUL)


def _ordered(request: Request, filing: Filing) -> Status:
    """Return the status of an approved order, which we file and complete."""
    match filing.state:
        case FilingState.COMPLETED | FilingState.RAN:
            return _EXECUTIONS[request.execution]
        case FilingState.DROPPED:
            return Status("■", _dropped(request), Tone.QUIET)
        case FilingState.WAITS | FilingState.CALLING | FilingState.LOST | FilingState.BLOCKED:
            return Status("◐", _filed(filing.state), Tone.CAREFUL)
        case FilingState.HELD:
            return Status("◐", _held(request, filing), Tone.CAREFUL)
        case FilingState.COMPLETING:
            return Status("◐", "Approved, being carried out", Tone.CAREFUL)
        case _:
            assert_never(filing.state)


_Unfiled = Literal[FilingState.WAITS, FilingState.CALLING, FilingState.LOST, FilingState.BLOCKED]


def _filed(state: _Unfiled) -> str:
    match state:
        case FilingState.WAITS:
            return "Approved, about to be filed in Intune"
        case FilingState.CALLING:
            return "Approved, being filed in Intune"
        case FilingState.LOST:
            return "Approved, being looked for in Intune"
        case FilingState.BLOCKED:
            return "Approved, but not filed in Intune"
        case _:
            assert_never(state)


def _held(request: Request, filing: Filing) -> str:
    if request.intune_status is not IntuneStatus.APPROVED:
        return "Approved here, not yet in Intune"
    return "Approved, but not carried out yet" if filing.problem is not None else "Approved, about to be carried out"


def _dropped(request: Request) -> str:
    if request.intune_status in (IntuneStatus.REJECTED, IntuneStatus.EXPIRED):
        return f"Approved, but {request.intune_status} in Intune"
    return "Approved, but not filed in time" if is_out_of_time(request) else "Cancelled"


_EXECUTIONS = {
    Execution.NONE: Status("✓", "Sent", Tone.GOOD),
    Execution.SENT: Status("✓", "Sent", Tone.GOOD),
    Execution.RUNNING: Status("✓", "Sent and running", Tone.GOOD),
    Execution.DONE: Status("✓", "Done", Tone.GOOD),
    Execution.FAILED: Status("✕", "Failed", Tone.GRAVE),
    Execution.UNKNOWN: Status("○", "Sent, outcome unknown", Tone.CAREFUL),
}

_COMPLETED = _EXECUTIONS | {
    Execution.NONE: Status("✓", "Completed", Tone.GOOD),
    Execution.SENT: Status("✓", "Completed", Tone.GOOD),
    Execution.RUNNING: Status("✓", "Completed and running", Tone.GOOD),
    Execution.UNKNOWN: Status("○", "Completed, outcome unknown", Tone.CAREFUL),
}
"""Statuses of requests that somebody else completed in Intune."""


def _completed(request: Request) -> Status:
    """Return the status of a request that somebody else completed in Intune; of many devices how many are done."""
    status, devices = _COMPLETED[request.execution], request.sent.devices if request.sent is not None else ()
    if request.execution is not Execution.RUNNING or not devices:
        return status
    count = count_of(devices)
    return replace(status, word=f"Completed, {count.done} of {count.of} done")


def _approved(request: Request) -> Status:
    broken = request.decision is Decision.BROKEN_GLASS
    how = "Approved with break-glass" if broken else "Approved"
    if request.intune_status is IntuneStatus.COMPLETED:
        return _completed(request)
    if request.intune_status is IntuneStatus.APPROVED:
        return Status("✓", f"{how}, not completed yet", Tone.GOOD)
    if request.ended_in_intune:
        return Status("■", f"{how}, but {request.intune_status} in Intune", Tone.CAREFUL)
    if lifecycle.may(request.carry_state, CarryEvent.CONFIRMED):
        return Status("◐", f"{how}, Intune not told yet", Tone.CAREFUL)
    return Status("◐", f"{how} here, not yet in Intune", Tone.CAREFUL)
