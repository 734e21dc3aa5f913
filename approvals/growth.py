"""Growth of groups while a request waits: how much a group may grow before votes are void.

A group of 412 will soon hold 413, and no vote is void for that. What reaches many more than somebody saw is another
thing than they said yes to. So it is where a group that is left out has lost many: they are reached now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from approvals.subject import Size, Subject

LEAST_GROWTH = 20
"""People and devices by which every group may grow, however small it is: for example, when another team joins it."""

USUAL_GROWTH = 10
"""Percent by which a group may grow."""


@dataclass(frozen=True, slots=True)
class Grown:
    """A group with many more members than somebody saw, or many fewer where it is excluded; `before` is nothing if they
    saw no number."""

    group: str
    before: int | None
    after: int


def grown(subject: Subject, seen: Iterable[Size], percent: int) -> Grown | None:
    """Return the first group of this subject that has grown beyond the limit, or nothing.

    A group whose size was not seen may have as many members as one that was seen empty.
    """
    known: Mapping[str, int] = {size.group_id: size.members for size in seen}
    for size in subject.sizes:
        before = known.get(size.group_id, 0)
        more = size.members - before
        if size.group_id in subject.left_out_groups:
            more = abs(more)
        if more > max(LEAST_GROWTH, before * percent // 100):
            return Grown(subject.name_of(size.group_id), known.get(size.group_id), size.members)
    return None
