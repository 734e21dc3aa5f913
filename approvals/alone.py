"""What one person alone had done: only where the separate emergency process is deployed, and never by us."""

from dataclasses import replace
from datetime import datetime

from approvals import lifecycle
from approvals.audit import Identified, Kind
from approvals.change import Change
from approvals.effects import Alarm, Follow, Occasion, Reply
from approvals.emergency import Way
from approvals.held import FIRST_LOOK
from approvals.lifecycle import ExecutionHappening, FilingHappening, Happening
from approvals.order import Act, FilingState
from approvals.outcome import Outcome
from approvals.people import Person
from approvals.request import Request

ALONE = frozenset({Act.WIPE, Act.RETIRE})
"""What the emergency process does: to one device that is lost."""


def may_be_done_alone(request: Request) -> bool:
    """Whether the emergency process could do it: an order of that kind that nobody has sent anywhere yet."""
    filing = request.filing
    waits = filing is not None and filing.order.act in ALONE and filing.state is FilingState.WAITS
    return waits and request.takes_votes and not request.drill


def executed_alone(request: Request, person: Person, sentence: str, now: datetime) -> Outcome:
    """The emergency process has done it: nobody is waited for any more, and it is followed to its end."""
    change = Change(request, now)
    change.note(Kind.EXECUTED_ALONE, person, Identified.BY_TOKEN, why=sentence)
    filing = request.filing
    if filing is None or not may_be_done_alone(request):
        return change.outcome()
    state = lifecycle.file(filing.state, FilingHappening.ALONE)
    *before, glass = request.glass
    change.set(
        decision=lifecycle.decide(request.decision, Happening.GLASS_BROKEN),
        decided_at=now,
        decided_digest=request.digest,
        glass=(*before, replace(glass, way=Way.EXECUTED)),
        filing=replace(filing, state=state, since=now, completed_at=now),
        execution=lifecycle.execute(request.execution, ExecutionHappening.SENT),
    )
    change.plan(Reply(request.id, Occasion.GLASS_BROKEN))
    change.plan(Alarm(request.id, Occasion.GLASS_BROKEN))
    change.plan(Follow(request.id), now + FIRST_LOOK)
    return change.outcome()
