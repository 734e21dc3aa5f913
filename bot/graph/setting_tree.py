"""Settings as a tree, and what differs between two: one inserted setting is one line, not all lines after it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import takewhile, zip_longest


@dataclass(frozen=True, slots=True)
class Node:
    """A setting. `key` is its definition's id, by which it is found again among its neighbours; `name` is for people.

    `elements` are those of a collection, which have no names of their own and are found again by what they say. What is
    secret has no value here: that it is set is all that is known.
    """

    key: str
    name: str = field(compare=False)
    value: str | None = None
    parts: tuple["Node", ...] = ()
    elements: tuple["Node", ...] = ()
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A value with the names that lead to it. Places in collections are counted from one."""

    name: str
    value: str
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A value before and after, `None` where it is not set. Two secrets may be the same or not; nobody can say."""

    name: str
    before: str | None
    after: str | None
    is_secret: bool = False


MOST_COMPARED = 250_000
"""Pairs of elements that are compared with each other; where there are more, a place is compared with the same one."""

_Pair = tuple[int | None, int | None]


def lines(nodes: Iterable[Node]) -> Iterator[Line]:
    """Every value, in the order in which they stand."""
    for node in nodes:
        yield from _lines(node, node.name)


def changes(before: Sequence[Node], after: Sequence[Node]) -> Iterator[Change]:
    """What differs, in the order in which it stands afterwards; what is gone stands last among its neighbours."""
    yield from _changes(before, after, "")


def _lines(node: Node, name: str) -> Iterator[Line]:
    if node.value is not None or node.is_secret:
        yield Line(name, node.value or "", node.is_secret)
    elif not node.parts and not node.elements:
        yield Line(name, "")  # a group or a collection that is set and holds nothing
    for part in node.parts:
        yield from _lines(part, f"{name} > {part.name}")
    for number, element in enumerate(node.elements, start=1):
        yield from _lines(element, f"{name}[{number}]")


def _changes(before: Sequence[Node], after: Sequence[Node], within: str) -> Iterator[Change]:
    former: dict[str, list[Node]] = {}
    for node in before:
        former.setdefault(node.key, []).append(node)
    latter: dict[str, list[Node]] = {}
    for node in after:
        latter.setdefault(node.key, []).append(node)
    for key in dict.fromkeys([*latter, *former]):
        old, new = former.get(key, []), latter.get(key, [])
        for was, becomes in _aligned(old, new):
            one, other = _at(old, was), _at(new, becomes)
            name = (other or one or old[0]).name
            yield from _change(one, other, f"{within} > {name}" if within else name)


def _change(old: Node | None, new: Node | None, name: str) -> Iterator[Change]:
    if old is not None and new is not None:
        yield from _within(old, new, name)
    elif new is not None:
        yield from (Change(line.name, None, line.value, line.is_secret) for line in _lines(new, name))
    elif old is not None:
        yield from (Change(line.name, line.value, None, line.is_secret) for line in _lines(old, name))


def _within(old: Node, new: Node, name: str) -> Iterator[Change]:
    is_secret = old.is_secret or new.is_secret
    if is_secret or old.value != new.value:
        yield Change(name, old.value or "", new.value or "", is_secret)
    yield from _changes(old.parts, new.parts, name)
    for was, becomes in _aligned(old.elements, new.elements):
        number = (was or 0) if becomes is None else becomes
        yield from _change(_at(old.elements, was), _at(new.elements, becomes), f"{name}[{number + 1}]")


def _at(nodes: Sequence[Node], place: int | None) -> Node | None:
    return None if place is None else nodes[place]


def _aligned(old: Sequence[Node], new: Sequence[Node]) -> list[_Pair]:
    """Which element was which, by what they say and else by their order; what is gone stands last."""
    first = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    rest = zip(reversed(old[first:]), reversed(new[first:]), strict=False)
    last = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], rest))
    ends = len(old) - last, len(new) - last
    same = [(place, place) for place in range(first)] + [(ends[0] + place, ends[1] + place) for place in range(last)]
    pairs = [*same, *_between(old, new, first, ends)]
    pairs.sort(key=lambda pair: (pair[1] is None, pair[1] if pair[1] is not None else pair[0]))
    return list(pairs)


def _between(old: Sequence[Node], new: Sequence[Node], first: int, ends: tuple[int, int]) -> Iterator[_Pair]:
    """Pairs of what stands between a common beginning and a common end."""
    before, after = range(first, ends[0]), range(first, ends[1])
    if len(before) * len(after) > MOST_COMPARED:
        yield from zip_longest(before, after)
        return
    matcher = SequenceMatcher(None, old[first : ends[0]], new[first : ends[1]], autojunk=False)
    for _, was, was_end, becomes, becomes_end in matcher.get_opcodes():
        yield from zip_longest(before[was:was_end], after[becomes:becomes_end])
