"""Distinct people matched to seats, and how far it has come.

A seat is one needed approval. In the mode `EACH` every group owns one seat that only its members fill; seats beyond
those are open to members of any of the groups. One human fills one seat, in however many groups they are. Workflows
are matched each by itself; with a guard among them all seats are matched together, so that nobody sits in two.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from approvals.people import Application, Group, Person
from approvals.policy import QuorumMode, Workflow
from approvals.request import Request, Verdict, Vote
from approvals.tally import Tally


@dataclass(frozen=True, slots=True)
class Row:
    """One seat: of which workflow, for members of which groups, and who holds it or may still fill it.

    `is_own` says that it is one group's own. `open_to` are the ids of the groups of which one more member would fill
    it, perhaps because somebody who sits elsewhere moves over; none where it is held.
    """

    workflow: Workflow
    groups: tuple[Group, ...]
    is_own: bool = False
    holder: Vote | None = None
    open_to: frozenset[str] = frozenset()

    @property
    def group_ids(self) -> frozenset[str]:
        """The object ids of the groups that it is for."""
        return frozenset(group.id for group in self.groups)


def seating(workflows: Sequence[Workflow], votes: Iterable[Vote], extra: int = 0) -> tuple[Row, ...]:
    """Return every seat of these workflows, with as many of them held by the people who approved as can be.

    `extra` raises the quorum (an application filed it and nobody owns that). Which seats are held does not depend on
    the order of the votes: groups' own seats are filled first, those of a guard last.
    """
    people = _people(votes)
    guarded = any(workflow.on_top for workflow in workflows)
    together = [workflows] if guarded else [(workflow,) for workflow in workflows]
    return tuple(row for some in together for row in _matched(_seats(some, extra), people))


def seats_of(request: Request) -> tuple[Row, ...]:
    """Return every seat that the request has to fill, over votes on what is under review now."""
    votes = [vote for vote in request.votes if vote.digest == request.digest]
    return seating(binding(request), votes, extra_seats(request))


def tally(rows: Iterable[Row], operation: str = "") -> Tally:
    """Count these seats."""
    seats = tuple(rows)
    empty = [row for row in seats if row.holder is None]
    open_groups = tuple(row.groups[0].name for row in empty if row.is_own)
    return Tally(have=len(seats) - len(empty), need=len(seats), open_groups=open_groups, operation=operation)


def tallies(request: Request) -> tuple[Tally, ...]:
    """One tally for every workflow that the request must satisfy, over votes on what is under review now."""
    rows = seats_of(request)
    return tuple(tally((row for row in rows if row.workflow == flow), flow.operation) for flow in binding(request))


def binding(request: Request) -> tuple[Workflow, ...]:
    """The workflows that the request must satisfy. Where the glass was broken by somebody who cannot decide it, one
    member of any of their groups is enough, under a guard as well; what nobody may decide stays so."""
    if not request.needs_one or not is_decidable(request):
        return request.workflows
    groups = {group.id: group for workflow in request.workflows for group in workflow.groups}
    first = request.workflows[0]
    return (replace(first, required=1, mode=QuorumMode.ANY, groups=tuple(groups.values()), on_top=False),)


def quorum_reached(request: Request) -> bool:
    """Whether every workflow has what it asks for, and none of them is closed to decisions."""
    return is_decidable(request) and all(count.reached for count in tallies(request))


def is_decidable(request: Request) -> bool:
    """Whether anybody at all may decide here: every workflow is enabled and names approver groups."""
    return bool(request.workflows) and all(flow.enabled and flow.groups for flow in request.workflows)


def is_only_followed(request: Request) -> bool:
    """Whether no workflow asks anybody here: the request is shown, and Intune alone decides it."""
    return not any(flow.enabled and flow.groups for flow in request.workflows)


def would_help(request: Request, vote: Vote) -> bool:
    """Whether this approval would fill a seat that is still empty; never one of somebody who holds a seat."""
    rows = seats_of(request)
    seated = any(row.holder is not None and row.holder.voter.is_same_as(vote.voter) for row in rows)
    return not seated and any(row.open_to & vote.groups for row in rows)


def possible_approval(request: Request, person: Person, groups: frozenset[str]) -> Vote:
    """The approval that this person, who is in these groups, could give to what is under review."""
    return Vote(person, Verdict.APPROVE, request.opened_at, request.digest, groups, sizes=request.subject.sizes)


def would_decide(request: Request, approvals: Sequence[Vote]) -> bool:
    """Whether the quorum is reached with these approvals on top of the votes that there are."""
    others = [vote for vote in request.votes if not any(vote.voter.is_same_as(new.voter) for new in approvals)]
    return quorum_reached(replace(request, votes=(*others, *approvals)))


def extra_seats(request: Request) -> int:
    """One more for a request that an application without known owners filed: nobody can be excluded by name.

    Whoever is behind what we filed ourselves is known.
    """
    nameless = isinstance(request.requestor, Application) and not request.requestor.owners
    return int(nameless and request.initiator is None)


def _seats(workflows: Sequence[Workflow], extra: int) -> list[Row]:
    """The empty seats, in the order in which they are filled."""
    rows = [row for flow in workflows for row in _seats_of_one(flow, 0 if flow.on_top else extra)]
    return sorted(rows, key=lambda row: (row.workflow.on_top, not row.is_own))


def _seats_of_one(workflow: Workflow, extra: int) -> list[Row]:
    each = workflow.mode is QuorumMode.EACH
    own = [Row(workflow, (group,), is_own=True) for group in workflow.groups if each]
    return own + [Row(workflow, workflow.groups)] * max(workflow.required + extra - len(own), 0)


def _people(votes: Iterable[Vote]) -> list[Vote]:
    """One approval of every human who gave one, with the groups of all the accounts that they gave it with."""
    by_account: dict[str, Vote] = {}
    for vote in votes:
        if vote.verdict is not Verdict.APPROVE:
            continue
        accounts, one = vote.voter.accounts, vote
        for account in sorted(accounts & by_account.keys()):
            known = by_account[account]
            accounts |= known.voter.accounts
            one = replace(known, voter=replace(known.voter, accounts=accounts), groups=known.groups | one.groups)
        by_account |= dict.fromkeys(sorted(accounts), one)
    return list({vote.voter.account: vote for vote in by_account.values()}.values())


def _matched(seats: Sequence[Row], people: Sequence[Vote]) -> list[Row]:
    """The seats with those who hold them, in the largest matching there is (Kuhn's augmenting paths)."""
    holder: dict[int, Vote] = {}
    wanted = [row.group_ids for row in seats]

    def seat_somebody(number: int, tried: set[str]) -> bool:
        taken = {vote.voter.account: seat for seat, vote in holder.items()}
        for vote in people:
            account = vote.voter.account
            if account in tried or not vote.groups & wanted[number]:
                continue
            tried.add(account)
            if account not in taken or seat_somebody(taken[account], tried):
                holder[number] = vote
                return True
        return False

    for number in range(len(seats)):
        seat_somebody(number, set())
    return [
        replace(row, holder=holder[number]) if number in holder else replace(row, open_to=_open_to(row, seats, holder))
        for number, row in enumerate(seats)
    ]


def _open_to(empty: Row, seats: Sequence[Row], holder: Mapping[int, Vote]) -> frozenset[str]:
    """The groups of the empty seat, and of every seat whose holder could move up so that somebody fills the gap."""
    groups, grown = empty.group_ids, True
    while grown:
        wider = groups.union(*(seats[number].group_ids for number, vote in holder.items() if vote.groups & groups))
        groups, grown = wider, wider != groups
    return groups
