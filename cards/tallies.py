"""The progress of an approval, in one line."""

from collections.abc import Callable, Sequence

from approvals.quorum import tallies
from approvals.request import Request
from approvals.tally import Tally


def progress(request: Request) -> str:
    """Return the request's progress; workflows are named if there are several."""
    return counted(tallies(request))


def figures(request: Request) -> str:
    """Return the progress without "approvals", to stand beside a label: "1 of 2; Change-Advisory-Board still open"."""
    return _by_workflow(tallies(request), lambda tally: _told(tally, f"{tally.have} of {tally.need}"))


def counted(some: Sequence[Tally]) -> str:
    """Return the progress as it was when it was counted."""
    return _by_workflow(some, tally_sentence)


def tally_sentence(tally: Tally) -> str:
    """Return a tally in words: "1 of 2 approvals; Change-Advisory-Board still open"."""
    return f"{tally.have} of {needed(tally)}"


def needed(tally: Tally) -> str:
    """Return the total needed, and the groups still open: "2 approvals; Change-Advisory-Board still open"."""
    return _told(tally, f"{tally.need} approval{'' if tally.need == 1 else 's'}")


def _told(tally: Tally, count: str) -> str:
    return f"{count}; {' and '.join(tally.open_groups)} still open" if tally.open_groups else count


def _by_workflow(some: Sequence[Tally], told: Callable[[Tally], str]) -> str:
    return told(some[0]) if len(some) == 1 else " · ".join(f"{tally.operation}: {told(tally)}" for tally in some)
