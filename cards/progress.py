"""The progress of an order: its steps with times, and what comes next."""

from collections.abc import Iterator, Mapping

from approvals.disagreement import disagreement
from approvals.order import Filing, FilingState
from approvals.quorum import tallies
from approvals.request import Decision, Execution, FinalDecision, IntuneStatus, Request
from cards.elements import Container, Part
from cards.sheet import Sheet, rows
from cards.text import Markup, brief_moment, shown


def progress(sheet: Sheet) -> list[Part]:
    """Return a line for each step of an order; nothing for other requests."""
    filing = sheet.request.filing
    return [Container(items=rows(_steps(sheet.request, filing)), spacing="Medium")] if filing else []


def _steps(request: Request, filing: Filing) -> Iterator[tuple[Markup, Markup]]:
    yield shown("✓ Asked"), brief_moment(request.opened_at)
    if request.decided is None:
        yield shown("○ Approved"), shown(_votes(request))
        return
    yield shown(_DECISIONS[request.decided.decision]), brief_moment(request.decided.at)
    if filing.held_at is not None:
        yield shown("✓ Filed"), brief_moment(filing.held_at)
    if filing.completed_at is not None:
        yield shown("✓ Sent"), brief_moment(filing.completed_at)
    yield from _last(request, filing)


def _last(request: Request, filing: Filing) -> Iterator[tuple[Markup, Markup]]:
    """Yield the final step, or the next one."""
    if not request.is_approved:
        return
    if filing.state is FilingState.DROPPED:
        yield shown("■ Ended"), brief_moment(filing.since)
    elif request.execution in (Execution.DONE, Execution.FAILED) and filing.done_at is not None:
        yield shown("✓ Done" if request.execution is Execution.DONE else "✕ Failed"), brief_moment(filing.done_at)
    elif request.execution is Execution.UNKNOWN:
        yield shown("○ Done"), shown("nobody knows")
    elif filing.completed_at is not None:
        yield shown("○ Done"), shown("as soon as Intune says so")
    elif filing.held_at is None:
        yield shown("○ Filed"), shown("as soon as Intune takes it")
    elif (wrong := disagreement(request)) is None or not wrong.dangerous:
        approved = request.intune_status is IntuneStatus.APPROVED and wrong is None
        yield shown("○ Sent"), shown(f"as soon as {'Intune takes it' if approved else 'it is approved in Intune'}")


_DECISIONS: Mapping[FinalDecision, str] = {
    Decision.APPROVED: "✓ Approved",
    Decision.REJECTED: "✕ Rejected",
    Decision.EXPIRED: "■ Expired",
    Decision.WITHDRAWN: "■ Cancelled",
    Decision.BROKEN_GLASS: "✓ Break-glass",
}


def _votes(request: Request) -> str:
    counts = tallies(request)
    return f"{sum(count.have for count in counts)} of {sum(count.need for count in counts)}"
