"""How far an approval has come, in one line."""

from collections.abc import Callable, Sequence

from approvals.quorum import tallies
from approvals.request import Request
from approvals.tally import Tally


def progress(request: Request) -> str:
    """How far the request has come; workflows are named where there are several."""
    return counted(tallies(request))


def figures(request: Request) -> str:
    """The same beside a label that says what is counted: "1 of 2; Change-Advisory-Board still open"."""
    return _by_workflow(tallies(request), lambda tally: _told(tally, f"{tally.have} of {tally.need}"))


def counted(some: Sequence[Tally]) -> str:
    """How far an approval had come when it was counted."""
    return _by_workflow(some, tally_sentence)


def tally_sentence(tally: Tally) -> str:
    """Fit to show: "1 of 2 approvals; Change-Advisory-Board still open"."""
    return f"{tally.have} of {needed(tally)}"


def needed(tally: Tally) -> str:
    """What it takes in all, with what is still empty of it: "2 approvals; Change-Advisory-Board still open"."""
    return _told(tally, f"{tally.need} approval{'' if tally.need == 1 else 's'}")


def _told(tally: Tally, count: str) -> str:
    return f"{count}; {' and '.join(tally.open_groups)} still open" if tally.open_groups else count


def _by_workflow(some: Sequence[Tally], told: Callable[[Tally], str]) -> str:
    return told(some[0]) if len(some) == 1 else " · ".join(f"{tally.operation}: {told(tally)}" for tally in some)
