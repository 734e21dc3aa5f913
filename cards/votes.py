"""The progress of a request: the count, every vote, and the deadlines."""

from approvals.quorum import is_decidable
from approvals.request import Decision, Request, Source, Verdict, Vote
from cards import words
from cards.elements import Container, Part
from cards.sheet import Sheet, heading, line, rows
from cards.tallies import progress
from cards.text import joined, listed, moment, shown

NOTE = 400
PROGRESS = 300

MOST_VOTES = 12
"""Maximum votes shown: more than any sensible quorum."""

_DECIDED = {Decision.BROKEN_GLASS: "Glass broken"}


def votes(sheet: Sheet) -> list[Part]:
    """Return the count while votes are taken, then each vote, the earliest first, then the deadlines."""
    request = sheet.request
    fitting = request.votes[: sheet.count(MOST_VOTES)]
    parts: list[Part] = [_entry(sheet, vote) for vote in fitting]
    if hidden := len(request.votes) - len(fitting):
        parts.append(line(shown(f"And {hidden} more."), isSubtle=True))
    if request.takes_votes and is_decidable(request):
        parts.insert(0, heading(sheet.text(progress(request), PROGRESS)))
    if times := _times(request):
        parts.append(Container(items=times, spacing="Medium"))
    return [Container(items=parts, separator=True, spacing="Medium")] if parts else []


def _entry(sheet: Sheet, vote: Vote) -> Part:
    sign, said = ("✓", "approved") if vote.verdict is Verdict.APPROVE else ("✕", "rejected")
    where = " in Intune" if vote.source is Source.PORTAL else ""
    seat = sheet.text(_seat(sheet.request, vote), words.NAME)
    items = [
        line(sheet.text(f"{sign} {vote.voter.name} {said}{where}", words.NAME)),
        line(joined(seat, moment(vote.at), by=" · "), isSubtle=True, size="Small", spacing="None"),
    ]
    if vote.note:
        items.insert(1, line(sheet.free_text(f"“{vote.note}”", NOTE), spacing="None"))
    return Container(items=items, spacing="Small")


def _seat(request: Request, vote: Vote) -> str:
    """Return the approver groups that this vote counts for."""
    groups = [group for workflow in request.workflows for group in workflow.groups if group.id in vote.groups]
    return listed(dict.fromkeys(group.name for group in groups))


def _times(request: Request) -> list[Part]:
    times = {} if request.filing else {"Filed": request.filed_at}  # an order has its own line for each step
    if request.takes_votes:
        times = {"Decide by": request.deadline}
        if request.intune_expires_at != request.deadline and request.filing is None:
            times["Intune closes"] = request.intune_expires_at
    elif request.decided is not None and request.filing is None:
        times[_DECIDED.get(request.decision) or request.decision.capitalize()] = request.decided.at
    return rows((shown(what), moment(at)) for what, at in times.items())
