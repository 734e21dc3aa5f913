"""Groups that grow while a request waits: up to where a vote still stands for what it was given for.

A group of 412 will soon hold 413, and no vote is void for that. What reaches many more than somebody saw is another
thing than they said yes to. So it is where a group that is left out has lost many: they are reached now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from approvals.subject import Size, Subject

LEAST_GROWTH = 20
"""People and devices by which every group may grow, however small it is: a team that is joined by another one."""

USUAL_GROWTH = 10
"""Percent by which a group may grow."""


@dataclass(frozen=True, slots=True)
class Grown:
    """A group that holds many more than somebody saw, or many fewer where it is left out; `before` is 0 where they saw
    no number."""

    group: str
    before: int
    after: int


def grown(subject: Subject, seen: Iterable[Size], percent: int) -> Grown | None:
    """The first group of this subject that has outgrown what was seen of it; nothing if each is about as large.

    A group of which no size was seen may hold as many as one that was empty.
    """
    known: Mapping[str, int] = {size.group_id: size.members for size in seen}
    for size in subject.sizes:
        before = known.get(size.group_id, 0)
        more = size.members - before
        if size.group_id in subject.left_out_groups:
            more = abs(more)
        if more > max(LEAST_GROWTH, before * percent // 100):
            return Grown(subject.name_of(size.group_id), before, size.members)
    return None
