"""Settings as a tree, and how two trees differ: one inserted setting is one line, not all lines after it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import takewhile, zip_longest


@dataclass(frozen=True, slots=True)
class Node:
    """A setting. `key` is Intune's name for it, which identifies it among its siblings; `value` is as Intune holds it.
    `name` and `says` are the definition's words for both, empty if there are none.

    `elements` are those of a collection, which have no names and are matched by their content. A secret has no value
    here: only that it is set is known.
    """

    key: str
    value: str | None = None
    name: str = field(default="", compare=False)
    says: str = field(default="", compare=False)
    parts: tuple["Node", ...] = ()
    elements: tuple["Node", ...] = ()
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class SettingLine:
    """A value with its path: `code` and `value` in Intune's terms, `name` and `says` in words for people, if known.

    Positions in collections are counted from one.
    """

    code: str
    value: str
    name: str = ""
    says: str = ""
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A value before and after, `None` if it is not set. It is unknown whether two secrets are the same."""

    before: SettingLine | None
    after: SettingLine | None


MOST_COMPARED = 250_000
"""Pairs of elements that are compared with each other; if there are more, elements are compared by position."""

_Pair = tuple[int | None, int | None]


def lines(nodes: Iterable[Node]) -> Iterator[SettingLine]:
    """Yield every value, in order."""
    for node in nodes:
        yield from _lines(node, _START.to(node))


def changes(before: Sequence[Node], after: Sequence[Node]) -> Iterator[SettingChange]:
    """Yield the differences in the new order; what is removed comes last among its siblings."""
    yield from _changes(before, after, _START)


@dataclass(frozen=True, slots=True)
class _Way:
    """The path to a node."""

    code: str = ""
    name: str = ""
    is_named: bool = False

    def to(self, part: Node) -> "_Way":
        """Return the path to a part of it."""
        name = part.name or part.key
        return _Way(
            f"{self.code}.{part.key}" if self.code else part.key,
            f"{self.name} > {name}" if self.name else name,
            self.is_named or bool(part.name),
        )

    def at(self, place: int) -> "_Way":
        """Return the path to one of its elements."""
        return _Way(f"{self.code}[{place + 1}]", f"{self.name}[{place + 1}]", self.is_named)

    def line(self, node: Node) -> SettingLine:
        """Return the line for a node at this path."""
        name = self.name if self.is_named else ""
        return SettingLine(self.code, node.value or "", name, node.says, node.is_secret)


_START = _Way()


def _lines(node: Node, way: _Way) -> Iterator[SettingLine]:
    # An empty group or collection that is set is a line, too.
    if node.value is not None or node.is_secret or not (node.parts or node.elements):
        yield way.line(node)
    for part in node.parts:
        yield from _lines(part, way.to(part))
    for place, element in enumerate(node.elements):
        yield from _lines(element, way.at(place))


def _changes(before: Sequence[Node], after: Sequence[Node], way: _Way) -> Iterator[SettingChange]:
    former, latter = _by_key(before), _by_key(after)
    for key in dict.fromkeys([*latter, *former]):
        old, new = former.get(key, []), latter.get(key, [])
        for was, becomes in _aligned(old, new):
            one, other = _at(old, was), _at(new, becomes)
            yield from _change(one, other, way.to(other or one or Node(key)))


def _by_key(nodes: Iterable[Node]) -> dict[str, list[Node]]:
    """Group nodes by key: a definition may occur several times among siblings."""
    found: dict[str, list[Node]] = {}
    for node in nodes:
        found.setdefault(node.key, []).append(node)
    return found


def _change(old: Node | None, new: Node | None, way: _Way) -> Iterator[SettingChange]:
    if old is not None and new is not None:
        yield from _within(old, new, way)
    elif new is not None:
        yield from (SettingChange(None, line) for line in _lines(new, way))
    elif old is not None:
        yield from (SettingChange(line, None) for line in _lines(old, way))


def _within(old: Node, new: Node, way: _Way) -> Iterator[SettingChange]:
    if old.is_secret or new.is_secret or old.value != new.value:
        yield SettingChange(way.line(old), way.line(new))
    yield from _changes(old.parts, new.parts, way)
    for was, becomes in _aligned(old.elements, new.elements):
        place = (was or 0) if becomes is None else becomes
        yield from _change(_at(old.elements, was), _at(new.elements, becomes), way.at(place))


def _at(nodes: Sequence[Node], place: int | None) -> Node | None:
    return None if place is None else nodes[place]


def _aligned(old: Sequence[Node], new: Sequence[Node]) -> list[_Pair]:
    """Match old and new elements, by content and else by order; removed ones come last."""
    first = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    rest = zip(reversed(old[first:]), reversed(new[first:]), strict=False)
    last = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], rest))
    ends = len(old) - last, len(new) - last
    same = [(place, place) for place in range(first)] + [(ends[0] + place, ends[1] + place) for place in range(last)]
    pairs = [*same, *_between(old, new, first, ends)]
    pairs.sort(key=lambda pair: (pair[1] is None, pair[1] if pair[1] is not None else pair[0]))
    return list(pairs)


def _between(old: Sequence[Node], new: Sequence[Node], first: int, ends: tuple[int, int]) -> Iterator[_Pair]:
    """Yield pairs of the elements between a common beginning and a common end."""
    before, after = range(first, ends[0]), range(first, ends[1])
    if len(before) * len(after) > MOST_COMPARED:
        yield from zip_longest(before, after)
        return
    matcher = SequenceMatcher(None, old[first : ends[0]], new[first : ends[1]], autojunk=False)
    for _, was, was_end, becomes, becomes_end in matcher.get_opcodes():
        yield from zip_longest(before[was:was_end], after[becomes:becomes_end])
