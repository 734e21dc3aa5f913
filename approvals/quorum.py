"""Matching people to seats, and counting the filled seats.

A seat is one required approval. In the mode `EACH` every group has one seat of its own, for its members only; further
seats are open to members of any of the groups. One person fills one seat, in however many groups they are. Each
workflow is matched separately; if there is a guard, all seats are matched together, so that nobody fills two.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from approvals.people import Application, Group, Person
from approvals.policy import QuorumMode, Workflow
from approvals.request import Request, Verdict, Vote
from approvals.tally import Tally


@dataclass(frozen=True, slots=True)
class SeatRow:
    """One seat: its workflow, its groups, and who fills it or may still fill it.

    `is_own` says that it belongs to one group alone. `open_to` are the ids of the groups from which one more member
    would fill it, perhaps because a person in another seat moves; empty if it is filled.
    """

    workflow: Workflow
    groups: tuple[Group, ...]
    is_own: bool = False
    holder: Vote | None = None
    open_to: frozenset[str] = frozenset()

    @property
    def group_ids(self) -> frozenset[str]:
        """The object ids of the seat's groups."""
        return frozenset(group.id for group in self.groups)


def seating(workflows: Sequence[Workflow], votes: Iterable[Vote], extra: int = 0) -> tuple[SeatRow, ...]:
    """Return every seat of these workflows, with as many as possible filled by the people who approved.

    `extra` raises the quorum (an application without owners filed the request). Which seats are filled does not depend
    on the order of the votes: groups' own seats come first, those of a guard last.
    """
    people = _people(votes)
    guarded = any(workflow.on_top for workflow in workflows)
    together = [workflows] if guarded else [(workflow,) for workflow in workflows]
    return tuple(row for some in together for row in _matched(_seats(some, extra), people))


def seats_of(request: Request) -> tuple[SeatRow, ...]:
    """Return every seat of the request, filled by votes on its present content."""
    votes = [vote for vote in request.votes if vote.digest == request.digest]
    return seating(binding(request), votes, extra_seats(request))


def tally(rows: Iterable[SeatRow], operation: str = "") -> Tally:
    """Count these seats."""
    seats = tuple(rows)
    empty = [row for row in seats if row.holder is None]
    open_groups = tuple(row.groups[0].name for row in empty if row.is_own)
    return Tally(have=len(seats) - len(empty), need=len(seats), open_groups=open_groups, operation=operation)


def tallies(request: Request) -> tuple[Tally, ...]:
    """Return one tally for each workflow of the request, from votes on its present content."""
    rows = seats_of(request)
    return tuple(tally((row for row in rows if row.workflow == flow), flow.operation) for flow in binding(request))


def binding(request: Request) -> tuple[Workflow, ...]:
    """Return the workflows that the request must satisfy. After break-glass by a person who cannot decide it, one
    member of any of their groups is enough, also under a guard; a request that nobody may decide stays undecidable."""
    if not request.needs_one or not is_decidable(request):
        return request.workflows
    groups = {group.id: group for workflow in request.workflows for group in workflow.groups}
    first = request.workflows[0]
    return (replace(first, required=1, mode=QuorumMode.ANY, groups=tuple(groups.values()), on_top=False),)


def quorum_reached(request: Request) -> bool:
    """Return whether every workflow has the approvals it needs, and can be decided here."""
    return is_decidable(request) and all(count.reached for count in tallies(request))


def is_decidable(request: Request) -> bool:
    """Return whether anybody may decide here: every workflow is enabled and has approver groups."""
    return bool(request.workflows) and all(flow.enabled and flow.groups for flow in request.workflows)


def is_only_followed(request: Request) -> bool:
    """Return whether no workflow can be decided here: the request is shown, and only Intune decides it."""
    return not any(flow.enabled and flow.groups for flow in request.workflows)


def would_help(request: Request, vote: Vote) -> bool:
    """Return whether this approval would fill an empty seat; never if its voter already fills one."""
    rows = seats_of(request)
    seated = any(row.holder is not None and row.holder.voter.is_same_as(vote.voter) for row in rows)
    return not seated and any(row.open_to & vote.groups for row in rows)


def possible_approval(request: Request, person: Person, groups: frozenset[str]) -> Vote:
    """Return the approval of the present content that this person, with these groups, could give."""
    return Vote(person, Verdict.APPROVE, request.opened_at, request.digest, groups, sizes=request.subject.sizes)


def would_decide(request: Request, approvals: Sequence[Vote]) -> bool:
    """Return whether these approvals, added to the present votes, reach the quorum."""
    others = [vote for vote in request.votes if not any(vote.voter.is_same_as(new.voter) for new in approvals)]
    return quorum_reached(replace(request, votes=(*others, *approvals)))


def extra_seats(request: Request) -> int:
    """Return 1 for a request that an application without known owners filed, because nobody can be excluded by name;
    else 0.

    The initiator of our own requests is known.
    """
    nameless = isinstance(request.requestor, Application) and not request.requestor.owners
    return int(nameless and request.initiator is None)


def _seats(workflows: Sequence[Workflow], extra: int) -> list[SeatRow]:
    """Return the empty seats, in the order in which they are filled."""
    rows = [row for flow in workflows for row in _seats_of_one(flow, 0 if flow.on_top else extra)]
    return sorted(rows, key=lambda row: (row.workflow.on_top, not row.is_own))


def _seats_of_one(workflow: Workflow, extra: int) -> list[SeatRow]:
    each = workflow.mode is QuorumMode.EACH
    own = [SeatRow(workflow, (group,), is_own=True) for group in workflow.groups if each]
    return own + [SeatRow(workflow, workflow.groups)] * max(workflow.required + extra - len(own), 0)


def _people(votes: Iterable[Vote]) -> list[Vote]:
    """Return one approval for each person, with the groups of all accounts that they voted with."""
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


def _matched(seats: Sequence[SeatRow], people: Sequence[Vote]) -> list[SeatRow]:
    """Return the seats with their people, in a largest possible matching (Kuhn's augmenting paths)."""
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


def _open_to(empty: SeatRow, seats: Sequence[SeatRow], holder: Mapping[int, Vote]) -> frozenset[str]:
    """Return the groups of the empty seat, and of every seat whose holder could move so that the gap is filled."""
    groups, grown = empty.group_ids, True
    while grown:
        wider = groups.union(*(seats[number].group_ids for number, vote in holder.items() if vote.groups & groups))
        groups, grown = wider, wider != groups
    return groups
