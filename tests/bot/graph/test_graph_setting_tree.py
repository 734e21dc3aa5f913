"""What differs between two trees of settings: each change in one line, whatever stands around it."""

import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.graph import setting_tree
from bot.graph.setting_tree import Change, Node, changes, lines


def setting(key: str, value: str = "on", *parts: Node) -> Node:
    return Node(key, key.upper(), value, parts)


def collection(key: str, *values: str) -> Node:
    return Node(key, key.upper(), elements=tuple(Node(key, key.upper(), value) for value in values))


def rules(*names: str, action: str = "block") -> Node:
    """Groups, each with two settings in it."""
    held = (Node("rule", "RULE", parts=(setting("name", name), setting("action", action))) for name in names)
    return Node("rule", "RULE", elements=tuple(held))


def test_lines_name_the_way() -> None:
    """Through what depends on what, and through the places of a collection."""
    tree = [setting("a", "yes", setting("b", "1")), collection("c", "x", "y"), rules("one"), Node("e", "E")]
    assert [(line.name, line.value) for line in lines(tree)] == [
        ("A", "yes"),
        ("A > B", "1"),
        ("C[1]", "x"),
        ("C[2]", "y"),
        ("RULE[1] > NAME", "one"),
        ("RULE[1] > ACTION", "block"),
        ("E", ""),
    ]


def test_an_inserted_setting_is_one_line() -> None:
    """At the front, where all others move; and it is one line where it is taken out again."""
    before = [setting("a"), setting("b"), setting("c")]
    after = [setting("new"), *before]
    assert list(changes(before, after)) == [Change("NEW", None, "on")]
    assert list(changes(after, before)) == [Change("NEW", "on", None)]
    assert list(changes(before, before)) == []


def test_an_inserted_element_is_one_line() -> None:
    """In a list of values, by what they say."""
    before, after = collection("c", "x", "y", "z"), collection("c", "new", "x", "z")
    assert list(changes([before], [after])) == [Change("C[1]", None, "new"), Change("C[2]", "y", None)]


def test_an_inserted_group_is_its_own_lines() -> None:
    """And one that changes within is a change of that group alone."""
    before, after = rules("one", "two"), rules("new", "one", "two")
    assert [change.name for change in changes([before], [after])] == ["RULE[1] > NAME", "RULE[1] > ACTION"]
    assert list(changes([rules("one", "two", "three")], [rules("one", "2", "three")])) == [
        Change("RULE[2] > NAME", "two", "2")
    ]


def test_the_same_definition_twice_among_neighbours() -> None:
    """They are told apart by what they say, and else by their order."""
    before, after = [setting("a", "1"), setting("a", "2")], [setting("a", "0"), setting("a", "1"), setting("a", "2")]
    assert list(changes(before, after)) == [Change("A", None, "0")]
    assert list(changes(before, [setting("a", "1"), setting("a", "3")])) == [Change("A", "2", "3")]


def test_a_secret_may_always_be_another() -> None:
    """Nobody can say whether it changed, so it is never left out."""
    secret = Node("s", "S", is_secret=True)
    assert list(changes([secret], [secret])) == [Change("S", "", "", is_secret=True)]
    assert list(changes([], [secret])) == [Change("S", None, "", is_secret=True)]


def test_a_name_alone_is_no_change() -> None:
    """Whether a definition could be read makes no other policy."""
    assert list(changes([Node("a", "a", "1")], [Node("a", "Allow camera", "1")])) == []


NODES = st.recursive(
    st.builds(Node, st.sampled_from("abc"), st.just("N"), st.sampled_from(["1", "2"])),
    lambda inner: st.builds(
        lambda key, parts, elements: Node(key, "N", parts=tuple(parts), elements=tuple(elements)),
        st.sampled_from("abc"),
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


@given(st.lists(NODES, max_size=5))
def test_nothing_differs_from_itself(nodes: list[Node]) -> None:
    """Nor is the order of settings a difference."""
    assert list(changes(nodes, nodes)) == []


@given(st.lists(NODES, max_size=5), st.lists(NODES, max_size=5))
def test_whatever_differs_is_said(before: list[Node], after: list[Node]) -> None:
    """Where the lines are others, there is a change; and every value that is new is in one."""
    former = [(line.name, line.value) for line in lines(before)]
    latter = [(line.name, line.value) for line in lines(after)]
    found = list(changes(before, after))
    if sorted(former) != sorted(latter):
        assert found
    gained = {value for _, value in latter} - {value for _, value in former}
    assert gained <= {change.after for change in found}


def test_long_collections_take_no_time() -> None:
    """A place is compared with the same place there, and what they have in common at the ends is left alone."""
    values = [str(number) for number in range(3000)]
    other = ["0", *(f"x{value}" for value in values), "2999"]
    started = time.process_time()
    found = list(changes([collection("c", *values)], [collection("c", *other)]))
    assert time.process_time() - started < 5
    assert len(found) >= 2998
    places = [int(change.name[2:-1]) for change in found if change.after is not None]
    assert all(one < other for one, other in pairwise(places))
    assert setting_tree.MOST_COMPARED < 2998 * 3000
