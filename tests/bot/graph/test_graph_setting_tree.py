"""What differs between two trees of settings: each change in one line, whatever stands around it."""

import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.graph import setting_tree
from bot.graph.setting_tree import Node, changes, lines

Told = tuple[str, str | None, str | None]


def setting(key: str, value: str = "on", *parts: Node) -> Node:
    return Node(key, value, parts=parts)


def collection(key: str, *values: str) -> Node:
    return Node(key, elements=tuple(Node(key, value) for value in values))


def rules(*names: str, action: str = "block") -> Node:
    """Groups, each with two settings in it."""
    held = (Node("rule", parts=(setting("name", name), setting("action", action))) for name in names)
    return Node("rule", elements=tuple(held))


def told(before: list[Node], after: list[Node]) -> list[Told]:
    """Way, value before, value after."""
    found = [(one.before, one.after) for one in changes(before, after)]
    return [
        ((new or old).code, old.value if old else None, new.value if new else None)  # type: ignore[union-attr]
        for old, new in found
    ]


def test_lines_name_the_way() -> None:
    """Through what depends on what, and through the places of a collection."""
    tree = [setting("a", "yes", setting("b", "1")), collection("c", "x", "y"), rules("one"), Node("e")]
    assert [(line.code, line.value) for line in lines(tree)] == [
        ("a", "yes"),
        ("a.b", "1"),
        ("c[1]", "x"),
        ("c[2]", "y"),
        ("rule[1].name", "one"),
        ("rule[1].action", "block"),
        ("e", ""),
    ]


def test_names_for_people_beside_those_of_intune() -> None:
    """Where any part of the way has one; the others keep their own."""
    named = Node("a", "0", "Allow camera", "Not allowed", parts=(Node("b", "1"),))
    assert [(line.code, line.name, line.value, line.says) for line in lines([named, Node("c", "2")])] == [
        ("a", "Allow camera", "0", "Not allowed"),
        ("a.b", "Allow camera > b", "1", ""),
        ("c", "", "2", ""),
    ]


def test_an_inserted_setting_is_one_line() -> None:
    """At the front, where all others move; and it is one line where it is taken out again."""
    before = [setting("a"), setting("b"), setting("c")]
    after = [setting("new"), *before]
    assert told(before, after) == [("new", None, "on")]
    assert told(after, before) == [("new", "on", None)]
    assert told(before, before) == []


def test_an_inserted_element_is_one_line() -> None:
    """In a list of values, by what they say."""
    before, after = collection("c", "x", "y", "z"), collection("c", "new", "x", "z")
    assert told([before], [after]) == [("c[1]", None, "new"), ("c[2]", "y", None)]


def test_an_inserted_group_is_its_own_lines() -> None:
    """And one that changes within is a change of that group alone."""
    before, after = rules("one", "two"), rules("new", "one", "two")
    assert [code for code, _, _ in told([before], [after])] == ["rule[1].name", "rule[1].action"]
    assert told([rules("one", "two", "three")], [rules("one", "2", "three")]) == [("rule[2].name", "two", "2")]


def test_the_same_definition_twice_among_neighbours() -> None:
    """They are told apart by what they say, and else by their order."""
    before, after = [setting("a", "1"), setting("a", "2")], [setting("a", "0"), setting("a", "1"), setting("a", "2")]
    assert told(before, after) == [("a", None, "0")]
    assert told(before, [setting("a", "1"), setting("a", "3")]) == [("a", "2", "3")]


def test_a_secret_may_always_be_another() -> None:
    """Nobody can say whether it changed, so it is never left out."""
    secret = Node("s", is_secret=True)
    [change] = changes([secret], [secret])
    assert change.before is not None
    assert change.after is not None
    assert change.before.is_secret
    assert change.after.is_secret
    assert told([], [secret]) == [("s", None, "")]


def test_a_name_alone_is_no_change() -> None:
    """Whether a definition could be read makes no other policy."""
    assert told([Node("a", "1")], [Node("a", "1", "Allow camera", "Allowed")]) == []


NODES = st.recursive(
    st.builds(Node, st.sampled_from("abc"), st.sampled_from(["1", "2"])),
    lambda inner: st.builds(
        lambda key, parts, elements: Node(key, parts=tuple(parts), elements=tuple(elements)),
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
    former = [(line.code, line.value) for line in lines(before)]
    latter = [(line.code, line.value) for line in lines(after)]
    found = told(before, after)
    if sorted(former) != sorted(latter):
        assert found
    gained = {value for _, value in latter if value} - {value for _, value in former}
    assert gained <= {new for _, _, new in found}


def test_long_collections_take_no_time() -> None:
    """A place is compared with the same place there, and what they have in common at the ends is left alone."""
    values = [str(number) for number in range(3000)]
    other = ["0", *(f"x{value}" for value in values), "2999"]
    started = time.process_time()
    found = told([collection("c", *values)], [collection("c", *other)])
    assert time.process_time() - started < 5
    assert len(found) >= 2998
    places = [int(code[2:-1]) for code, _, new in found if new is not None]
    assert all(one < other for one, other in pairwise(places))
    assert setting_tree.MOST_COMPARED < 2998 * 3000
