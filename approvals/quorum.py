"""Distinct people matched to seats, and the sentence that explains how far it has come.

A seat is one needed approval. In the mode `EACH` every group owns one seat that only its members fill; seats beyond
those are open to members of any of the groups. One human fills one seat, in however many groups they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from approvals.people import Application, Group
from approvals.policy import QuorumMode, Workflow
from approvals.request import Request, Verdict, Vote

Seat = Group | None
"""A group's own seat, or one for a member of any of the groups."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many seats are filled, how many there are, and which group's own seat is still empty."""

    have: int
    need: int
    open_groups: tuple[str, ...]

    @property
    def reached(self) -> bool:
        """Whether every seat is filled."""
        return self.have >= self.need

    @property
    def sentence(self) -> str:
        """Fit to show: "1 of 2 approvals; Change-Advisory-Board still open"."""
        return self._told(f"{self.have} of {self.need} approval{'' if self.need == 1 else 's'}")

    @property
    def figures(self) -> str:
        """The same beside a label that says what is counted: "1 of 2; Change-Advisory-Board still open"."""
        return self._told(f"{self.have} of {self.need}")

    def _told(self, count: str) -> str:
        return f"{count}; {' and '.join(self.open_groups)} still open" if self.open_groups else count


def tally(workflow: Workflow, votes: Iterable[Vote], extra: int = 0) -> Tally:
    """Seat the people who approved. `extra` raises the quorum (an application filed it and nobody owns that)."""
    seats = _seats(workflow, extra)
    filled = _match(seats, _distinct_approvals(votes), workflow.group_ids)
    empty = tuple(seat.name for number, seat in enumerate(seats) if seat is not None and number not in filled)
    return Tally(have=len(filled), need=len(seats), open_groups=empty)


def tallies(request: Request) -> tuple[tuple[Workflow, Tally], ...]:
    """One tally for every workflow that the request must satisfy, over votes on what is under review now."""
    extra = extra_seats(request)
    votes = [vote for vote in request.votes if vote.digest == request.digest]
    return tuple((workflow, tally(workflow, votes, extra)) for workflow in binding(request))


def binding(request: Request) -> tuple[Workflow, ...]:
    """The workflows that the request must satisfy. Where the glass was broken by somebody who cannot decide it, one
    member of any of their groups is enough; what nobody may decide stays so."""
    if not request.needs_one or not is_decidable(request):
        return request.workflows
    groups = {group.id: group for workflow in request.workflows for group in workflow.groups}
    first = request.workflows[0]
    return (replace(first, required=1, mode=QuorumMode.ANY, groups=tuple(groups.values())),)


def quorum_reached(request: Request) -> bool:
    """Whether every workflow has what it asks for, and none of them is closed to decisions."""
    return is_decidable(request) and all(count.reached for _, count in tallies(request))


def is_decidable(request: Request) -> bool:
    """Whether anybody at all may decide here: every workflow is enabled and names approver groups."""
    return bool(request.workflows) and all(flow.enabled and flow.groups for flow in request.workflows)


def is_only_followed(request: Request) -> bool:
    """Whether no workflow asks anybody here: the request is shown, and Intune alone decides it."""
    return not any(flow.enabled and flow.groups for flow in request.workflows)


def progress(request: Request) -> str:
    """How far the request has come, in one line; workflows are named where there are several."""
    return _by_workflow([(workflow, count.sentence) for workflow, count in tallies(request)])


def figures(request: Request) -> str:
    """The same beside a label that says what is counted."""
    return _by_workflow([(workflow, count.figures) for workflow, count in tallies(request)])


def _by_workflow(told: Sequence[tuple[Workflow, str]]) -> str:
    return told[0][1] if len(told) == 1 else " · ".join(f"{workflow.operation}: {said}" for workflow, said in told)


def would_help(request: Request, vote: Vote) -> bool:
    """Whether this approval would fill a seat that is still empty."""
    after = tallies(request.with_vote(vote))
    return any(new.have > old.have for (_, old), (_, new) in zip(tallies(request), after, strict=True))


def extra_seats(request: Request) -> int:
    """One more for a request that an application without known owners filed: nobody can be excluded by name.

    Whoever is behind what we filed ourselves is known.
    """
    nameless = isinstance(request.requestor, Application) and not request.requestor.owners
    return int(nameless and request.initiator is None)


def _seats(workflow: Workflow, extra: int) -> list[Seat]:
    own: list[Seat] = list(workflow.groups) if workflow.mode is QuorumMode.EACH else []
    return own + [None] * max(workflow.required + extra - len(own), 0)


def _distinct_approvals(votes: Iterable[Vote]) -> list[Vote]:
    people: list[Vote] = []
    for vote in votes:
        if vote.verdict is Verdict.APPROVE and not any(vote.voter.is_same_as(seen.voter) for seen in people):
            people.append(vote)
    return people


def _match(seats: Sequence[Seat], votes: Sequence[Vote], groups: frozenset[str]) -> dict[int, int]:
    """The largest matching of people to seats (Kuhn's augmenting paths); groups' own seats are filled first."""
    holder: dict[int, int] = {}

    def fits(person: int, seat: Seat) -> bool:
        return bool(votes[person].groups & groups) if seat is None else seat.id in votes[person].groups

    def seat_somebody(number: int, tried: set[int]) -> bool:
        for person in range(len(votes)):
            if person in tried or not fits(person, seats[number]):
                continue
            tried.add(person)
            current = next((taken for taken, who in holder.items() if who == person), None)
            if current is None or seat_somebody(current, tried):
                holder[number] = person
                return True
        return False

    for number in range(len(seats)):
        seat_somebody(number, set())
    return holder
