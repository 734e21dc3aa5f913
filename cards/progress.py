"""How far an order has come, step by step and with times; and what comes next."""

from collections.abc import Iterator

from approvals.order import Filing, FilingState
from approvals.quorum import tallies
from approvals.request import Decision, Execution, Request
from cards.elements import Container, Part
from cards.sheet import Sheet, rows
from cards.text import Markup, moment, shown


def progress(sheet: Sheet) -> list[Part]:
    """A line for each step of what was asked for in chat; nothing for other requests."""
    filing = sheet.request.filing
    return [Container(items=rows(_steps(sheet.request, filing)), spacing="Medium")] if filing else []


def _steps(request: Request, filing: Filing) -> Iterator[tuple[Markup, Markup]]:
    yield shown("✓ Asked"), moment(request.opened_at)
    if request.decision is Decision.OPEN:
        yield shown("○ Approved"), shown(_votes(request))
        return
    sign = "✓" if request.decision is Decision.APPROVED else "■"
    if request.decided_at is not None:
        yield shown(f"{sign} {str(request.decision).capitalize()}"), moment(request.decided_at)
    if filing.held_at is not None:
        yield shown("✓ Filed"), moment(filing.held_at)
    if filing.completed_at is not None:
        yield shown("✓ Sent"), moment(filing.completed_at)
    yield from _last(request, filing)


def _last(request: Request, filing: Filing) -> Iterator[tuple[Markup, Markup]]:
    """The step that is over, or the one that comes next."""
    if filing.state is FilingState.DROPPED or request.decision is not Decision.APPROVED:
        return
    if request.execution in (Execution.DONE, Execution.FAILED) and filing.ended_at is not None:
        yield shown("✓ Done" if request.execution is Execution.DONE else "✕ Failed"), moment(filing.ended_at)
    elif filing.completed_at is not None:
        yield shown("○ Done"), shown("as soon as Intune says so")
    else:
        yield shown("○ Sent"), shown("as soon as Intune has approved it")


def _votes(request: Request) -> str:
    counts = [count for _, count in tallies(request)]
    return f"{sum(count.have for count in counts)} of {sum(count.need for count in counts)}"
