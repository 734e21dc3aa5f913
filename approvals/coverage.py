"""Coverage: whether a quorum could be reached now. Gaps become known before an emergency."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from approvals.ladder import Ladder
from approvals.order import Act
from approvals.people import Person
from approvals.policy import PolicyBook, Workflow
from approvals.quorum import SeatRow, seating, tally
from approvals.request import Verdict, Vote
from approvals.tally import Tally


@dataclass(frozen=True, slots=True)
class TooFewPeople:
    """The number of people needed besides the requestor, and the smaller number that there are."""

    needed: int
    people: int
    code: Literal["too-few-people"] = "too-few-people"


@dataclass(frozen=True, slots=True)
class NobodyLeft:
    """Seats for which nobody may be left besides the requestor; each given by the names of its groups."""

    seats: tuple[tuple[str, ...], ...]
    code: Literal["nobody-left"] = "nobody-left"


@dataclass(frozen=True, slots=True)
class TooFewReachable:
    """Teams can reach only `have` of the `need` people."""

    have: int
    need: int
    code: Literal["too-few-reachable"] = "too-few-reachable"


@dataclass(frozen=True, slots=True)
class TooFewAvailable:
    """Only `have` of the `need` people are available: when people are `back` at work, or now."""

    have: int
    need: int
    back: datetime | None = None
    code: Literal["too-few-available"] = "too-few-available"


Gap = TooFewPeople | NobodyLeft | TooFewReachable | TooFewAvailable
"""Reason why a quorum could not be reached."""


class NightCover(StrEnum):
    """Coverage of a quorum outside business hours."""

    ON_CALL = "on-call"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage of a quorum right now: enough people, unless there is a gap or it is night."""

    gap: Gap | None = None
    night: NightCover | None = None


@dataclass(frozen=True, slots=True)
class CoverageNews:
    """Changes of gaps: new or different ones by name, and the names of closed ones."""

    gaps: Mapping[str, Gap]
    closed: tuple[str, ...]


def watched(workflows: Iterable[Workflow], book: PolicyBook) -> dict[str, tuple[Workflow, ...]]:
    """Return every quorum that has to be reachable here, by name: each workflow by itself, and every chat operation
    again with the guard on top."""
    found: dict[str, tuple[Workflow, ...]] = {flow.operation: (flow,) for flow in workflows if not flow.on_top}
    if book.guard is not None:
        asked = [book.workflows_for((act.policy_type,), act.kind) for act in Act]
        for flows in (flows for flows in asked if all(flow.requesters for flow in flows)):
            name = f"{' and '.join(flow.operation for flow in flows)}, guarded"
            found[name] = (*flows, book.guard.workflow)
    return {name: flows for name, flows in found.items() if all(flow.enabled and flow.groups for flow in flows)}


def imagined_votes(members: Mapping[str, Iterable[Person]], now: datetime) -> tuple[Vote, ...]:
    """Return an approval of every member of these groups, which are given by id."""
    votes = dict[str, Vote]()
    for group_id, people in members.items():
        for person in people:
            vote = votes.get(person.account) or Vote(person, Verdict.APPROVE, now, "", frozenset())
            votes[person.account] = replace(vote, groups=vote.groups | {group_id})
    return tuple(votes.values())


def back_at(workflows: Sequence[Workflow], now: datetime) -> datetime:
    """Return when people are at work by these workflows' business hours: now, if it is open or there are none."""
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
    """Return the coverage of these workflows' quorum, with the gravest gap if there is one.

    `votes` are those of everybody who could approve. `unreachable` are the accounts that Teams cannot reach, `away`
    those who are away at `back_at`.
    """
    back = back_at(workflows, now)
    gap = (
        why_too_few(workflows, votes)
        or why_too_few_reached(workflows, votes, unreachable)
        or why_too_few_there(workflows, votes, unreachable | away, None if back == now else back)
    )
    if gap is not None:
        return Coverage(gap)
    if back == now:
        return Coverage()
    ladder = _ladder_of(workflows)
    return Coverage(night=NightCover.ON_CALL if ladder and ladder.chat else NightCover.NOBODY)


def why_too_few(workflows: Sequence[Workflow], votes: Sequence[Vote]) -> Gap | None:
    """Return why the quorum could not be reached if the most needed person is the requestor, who cannot approve."""
    without = [seating(workflows, [vote for vote in votes if not _same(vote, absent)]) for absent in votes]
    left = min(without, key=lambda rows: tally(rows).have, default=seating(workflows, ()))
    if tally(left).reached:
        return None
    people = sum(not any(_same(vote, seen) for seen in votes[:number]) for number, vote in enumerate(votes))
    return NobodyLeft(_still_open(left)) if people > len(left) else TooFewPeople(len(left), people)


def why_too_few_reached(
    workflows: Sequence[Workflow], votes: Sequence[Vote], unreachable: frozenset[str]
) -> Gap | None:
    """Return the gap, if any, among the people whom Teams can reach."""
    left = _left(workflows, votes, unreachable)
    return None if left.reached else TooFewReachable(left.have, left.need)


def why_too_few_there(
    workflows: Sequence[Workflow], votes: Sequence[Vote], absent: frozenset[str], back: datetime | None
) -> Gap | None:
    """Return the gap, if any, among the people who are not absent when people are `back`; `None` means now."""
    left = _left(workflows, votes, absent)
    return None if left.reached else TooFewAvailable(left.have, left.need, back)


def gaps_after(known: Mapping[str, Gap], found: Mapping[str, Coverage]) -> dict[str, Gap]:
    """Return the present gaps, by name.

    Absence at night is expected, so a gap that was known before stays until people should be back.
    """
    now = {name: state.gap for name, state in found.items() if state.gap is not None}
    return now | {name: gap for name, gap in known.items() if name in found and found[name].night is not None}


def gap_news(known: Mapping[str, Gap], now: Mapping[str, Gap]) -> CoverageNews:
    """Return the changes from the known gaps to the present ones."""
    gaps = {name: gap for name, gap in now.items() if known.get(name) != gap}
    return CoverageNews(gaps, tuple(name for name in known if name not in now))


def _left(workflows: Sequence[Workflow], votes: Sequence[Vote], absent: frozenset[str]) -> Tally:
    return tally(seating(workflows, [vote for vote in votes if vote.voter.account not in absent]))


def _ladder_of(workflows: Iterable[Workflow]) -> Ladder | None:
    return next((flow.ladder for flow in workflows if flow.ladder is not None), None)


def _still_open(rows: Sequence[SeatRow]) -> tuple[tuple[str, ...], ...]:
    empty = (tuple(group.name for group in row.groups) for row in rows if row.holder is None)
    return tuple(dict.fromkeys(empty))


def _same(one: Vote, other: Vote) -> bool:
    return one.voter.is_same_as(other.voter)
