"""Whether a quorum could be reached if somebody asked now: known before an emergency, not in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from approvals.ladder import Ladder
from approvals.order import Act
from approvals.people import Person
from approvals.policy import PolicyBook, Workflow
from approvals.quorum import Row, seating, tally
from approvals.request import Verdict, Vote

COVERED = "The quorum can be reached."
ON_CALL_COVERS = "Nobody is expected at work now; on-call covers this."
NOBODY_COVERS = "Nobody is expected at work now, and there is no on-call."


@dataclass(frozen=True, slots=True)
class Coverage:
    """How a quorum is covered right now: what is `said` of it, whether that is a gap, and whether it is night."""

    said: str
    is_gap: bool = False
    is_night: bool = False


def watched(workflows: Iterable[Workflow], book: PolicyBook) -> dict[str, tuple[Workflow, ...]]:
    """Every quorum that somebody has to reach here, by its name: each workflow by itself, and what can be asked for in
    chat once more with the guard on top."""
    found: dict[str, tuple[Workflow, ...]] = {flow.operation: (flow,) for flow in workflows if not flow.on_top}
    if book.guard is not None:
        asked = [book.workflows_for((act.policy_type,), act.kind) for act in Act]
        for flows in (flows for flows in asked if all(flow.requesters for flow in flows)):
            name = f"{' and '.join(flow.operation for flow in flows)}, guarded"
            found[name] = (*flows, book.guard.workflow)
    return {name: flows for name, flows in found.items() if all(flow.enabled and flow.groups for flow in flows)}


def imagined_votes(members: Mapping[str, Iterable[Person]], now: datetime) -> tuple[Vote, ...]:
    """An approval of every member of these groups, which are given by their ids."""
    votes = dict[str, Vote]()
    for group_id, people in members.items():
        for person in people:
            vote = votes.get(person.account) or Vote(person, Verdict.APPROVE, now, "", frozenset())
            votes[person.account] = replace(vote, groups=vote.groups | {group_id})
    return tuple(votes.values())


def back_at(workflows: Sequence[Workflow], now: datetime) -> datetime:
    """When people are at work by the business hours of these workflows: now, where it is open or there are none."""
    ladder = _ladder_of(workflows)
    hours = ladder.hours if ladder else None
    return (hours.next_opening(now) if hours else None) or now


def coverage_of(
    workflows: Sequence[Workflow],
    votes: Sequence[Vote],
    unreachable: frozenset[str],
    away: frozenset[str],
    now: datetime,
) -> Coverage:
    """How the quorum of these workflows is covered, with the gravest gap if there is one.

    `votes` are those of everybody who could approve. `unreachable` are the accounts that Teams cannot reach, `away`
    those who are away at `back_at`.
    """
    back = back_at(workflows, now)
    when = "now" if back == now else f"when business hours begin, {back:%Y-%m-%d %H:%M} UTC"
    gap = (
        why_too_few(workflows, votes)
        or why_too_few_left(workflows, votes, unreachable, "can be reached in Teams")
        or why_too_few_left(workflows, votes, unreachable | away, f"are available {when}")
    )
    if gap:
        return Coverage(gap, is_gap=True)
    if back == now:
        return Coverage(COVERED)
    ladder = _ladder_of(workflows)
    return Coverage(ON_CALL_COVERS if ladder and ladder.chat else NOBODY_COVERS, is_night=True)


def why_too_few(workflows: Sequence[Workflow], votes: Sequence[Vote]) -> str:
    """Why the quorum could not be reached if the one who is missed most asks: whoever asks cannot approve it."""
    without = [seating(workflows, [vote for vote in votes if not _same(vote, absent)]) for absent in votes]
    left = min(without, key=lambda rows: tally(rows).have, default=seating(workflows, ()))
    if tally(left).reached:
        return ""
    people = sum(not any(_same(vote, seen) for seen in votes[:number]) for number, vote in enumerate(votes))
    if people > len(left):
        return f"Too few approvers: nobody may be left in {_still_open(left)} besides the person who asks."
    needed = f"{len(left)} {'is' if len(left) == 1 else 'are'} needed besides the person who asks"
    return f"Too few approvers: {needed}; there {'is' if people == 1 else 'are'} {people or 'none'}."


def why_too_few_left(workflows: Sequence[Workflow], votes: Sequence[Vote], absent: frozenset[str], what: str) -> str:
    """The same for those who are left without these accounts; `what` says of them what the others are not."""
    left = tally(seating(workflows, [vote for vote in votes if vote.voter.account not in absent]))
    return "" if left.reached else f"Too few approvers {what}: {left.have} of the {left.need} needed."


def gaps_after(known: Mapping[str, str], found: Mapping[str, Coverage]) -> dict[str, str]:
    """The gaps that there are now, by name, each with why.

    At night people are not missed, so a gap that was known before stays until they should be back.
    """
    now = {name: state.said for name, state in found.items() if state.is_gap}
    return now | {name: why for name, why in known.items() if name in found and found[name].is_night}


def gap_news(known: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """A sentence for every gap that is new or another one than before, and for each that is closed."""
    news = [f"{name}: {why}" for name, why in now.items() if known.get(name) != why]
    return news + [f"{name}: the quorum can be reached again." for name in known if name not in now]


def _ladder_of(workflows: Iterable[Workflow]) -> Ladder | None:
    return next((flow.ladder for flow in workflows if flow.ladder is not None), None)


def _still_open(rows: Sequence[Row]) -> str:
    empty = [" or ".join(group.name for group in row.groups) for row in rows if row.holder is None]
    return " and ".join(dict.fromkeys(empty))


def _same(one: Vote, other: Vote) -> bool:
    return one.voter.is_same_as(other.voter)
