"""Growth of groups while a request waits: how much a group may grow before votes are void.

A group of 412 may soon have 413 members, and no vote becomes void for that. But a voter has not approved a change that
reaches many more members than they saw.
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
    """A group with many more members than a person saw; `before` is 0 if they saw no number."""

    group: str
    before: int
    after: int


def grown(subject: Subject, seen: Iterable[Size], percent: int) -> Grown | None:
    """Return the first group of this subject that has grown beyond the limit, or nothing.

    A group whose size was not seen may have as many members as one that was seen empty.
    """
    known: Mapping[str, int] = {size.group_id: size.members for size in seen}
    for size in subject.sizes:
        before = known.get(size.group_id, 0)
        if size.members - before > max(LEAST_GROWTH, before * percent // 100):
            return Grown(subject.name_of(size.group_id), before, size.members)
    return None
