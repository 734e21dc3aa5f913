"""The state of every request, computed from the lines of the exported audit alone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from approvals.audit import Kind
from approvals.emergency import Way
from approvals.ladder import Rung
from approvals.request import Decision, Execution, Request, Verdict

Fields = Mapping[str, Any]


@dataclass
class Told:
    """The state of one request according to the log."""

    target: str = ""
    asker: str = ""
    intune_id: str = ""
    decision: str = Decision.OPEN
    votes: dict[str, str] = field(default_factory=dict)
    execution: str = Execution.NONE
    urgent: bool = False
    paged: list[str] = field(default_factory=list)
    glass: int = 0
    alone: int = 0  # number of the last break-glass that asked the emergency process
    review: str = ""


def stories(lines: Iterable[Fields]) -> dict[str, Told]:
    """Return the state of each request, by its id."""
    found: dict[str, Told] = {}
    for line in lines:
        if line["request"]:
            tell(found.setdefault(line["request"], Told()), line)
    return found


def tell(story: Told, line: Fields) -> None:
    """Apply the next line of one request."""
    story.intune_id = line["evidence"].get("intune_id", story.intune_id)
    _TELLS.get(Kind(line["kind"]), _nothing)(story, line)


def truth(request: Request) -> Told:
    """Return the state of a request according to the store, in the same form."""
    asker, review = request.initiator or request.requestor, request.review
    opened_urgent = any(flow.urgent for flow in request.workflows)
    return Told(
        target=request.subject.target,
        asker=getattr(asker, "account", "") or getattr(asker, "app_id", ""),
        intune_id=request.intune_id or "",
        decision=request.decision,
        votes={vote.voter.account: vote.verdict for vote in request.votes},
        execution=request.execution,
        urgent=request.urgent_since is not None and not opened_urgent and not request.drill,
        paged=[person.account for person in request.reminders.paged],
        glass=len(request.glass),
        alone=max((number for number, glass in enumerate(request.glass, 1) if glass.alone), default=0),
        review="" if review is None else str(review.closing.finding if review.closing else "open"),
    )


def _nothing(_story: Told, _line: Fields) -> None:
    """Ignore a line that does not change the state."""


def _begins(story: Told, line: Fields) -> None:
    story.target, story.asker = line["evidence"]["target"], line["who"]


def _votes(story: Told, line: Fields) -> None:
    story.votes.pop(line["evidence"].get("in_place_of", ""), None)
    story.votes[line["who"]] = line["after"]


def _unvotes(story: Told, line: Fields) -> None:
    for account in (line["who"], line["evidence"].get("in_place_of", "")):
        story.votes.pop(account, None)


def _voids(story: Told, _line: Fields) -> None:
    story.votes.clear()


def _decides(story: Told, line: Fields) -> None:
    story.decision = line["after"]


def _decides_outside(story: Told, line: Fields) -> None:
    """Apply an end in the portal: an approval is a vote, anything else a decision."""
    (_votes if line["after"] == Verdict.APPROVE else _decides)(story, line)


def _breaks(story: Told, line: Fields) -> None:
    story.glass += 1
    if line["kind"] == Kind.GLASS_BROKEN:
        story.decision = Decision.BROKEN_GLASS if line["after"] == Way.DECIDED else story.decision
        story.urgent = story.urgent or line["after"] == Way.ESCALATED
        story.paged = [] if line["after"] == Way.ESCALATED else story.paged


def _asks_alone(story: Told, _line: Fields) -> None:
    story.alone = story.glass


def _runs(story: Told, line: Fields) -> None:
    story.execution = Execution.SENT if story.execution == Execution.NONE else story.execution
    if line["kind"] == Kind.EXECUTED_ALONE and story.decision == Decision.OPEN:
        story.decision = Decision.BROKEN_GLASS


def _moves(story: Told, line: Fields) -> None:
    if line["after"] == "completed":
        _runs(story, line)


def _executes(story: Told, line: Fields) -> None:
    story.execution = line["after"]


def _hurries(story: Told, _line: Fields) -> None:
    story.urgent = True


def _reminds(story: Told, line: Fields) -> None:
    """Clear the people who were paged when the on-call step begins: it starts with the first one again."""
    if line["after"] == Rung.ON_CALL:
        story.paged.clear()


def _pages(story: Told, line: Fields) -> None:
    story.paged += [line["evidence"]["paged"]] if "paged" in line["evidence"] else []


def _reviews(story: Told, line: Fields) -> None:
    story.review = "open" if line["kind"] == Kind.REVIEW_OPENED else line["after"]


_TELLS: Mapping[Kind, Callable[[Told, Fields], None]] = {
    Kind.PICKED_UP: _begins,
    Kind.ASKED: _begins,
    Kind.VOTED: _votes,
    Kind.VOTE_WITHDRAWN: _unvotes,
    Kind.VOTE_FELL: _unvotes,
    Kind.VOTES_VOID: _voids,
    Kind.QUORUM_REACHED: _decides,
    Kind.REJECTED: _decides,
    Kind.EXPIRED: _decides,
    Kind.CANCELLED: _decides,
    Kind.DECIDED_OUTSIDE: _decides_outside,
    Kind.GLASS_BROKEN: _breaks,
    Kind.DRILL: _breaks,
    Kind.ASKED_ALONE: _asks_alone,
    Kind.EXECUTED_ALONE: _runs,
    Kind.COMPLETED: _runs,
    Kind.RAN_UNHELD: _runs,
    Kind.RECONCILED: _moves,
    Kind.EXECUTED: _executes,
    Kind.URGENT: _hurries,
    Kind.REMINDED: _reminds,
    Kind.ESCALATED: _pages,
    Kind.REVIEW_OPENED: _reviews,
    Kind.REVIEW_CLOSED: _reviews,
}
