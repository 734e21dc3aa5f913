"""The differences between two trees of settings: each change is one line."""

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
    """Return a collection of groups with two settings each."""
    held = (Node("rule", parts=(setting("name", name), setting("action", action))) for name in names)
    return Node("rule", elements=tuple(held))


def told(before: list[Node], after: list[Node]) -> list[Told]:
    """Return the changes as path, value before and value after."""
    found = [(one.before, one.after) for one in changes(before, after)]
    return [
        ((new or old).code, old.value if old else None, new.value if new else None)  # type: ignore[union-attr]
        for old, new in found
    ]


def test_lines_name_the_way() -> None:
    """A line has the path through the settings that it depends on and through the places in collections."""
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
    """A line has a readable name if any part of its path has one."""
    named = Node("a", "0", "Allow camera", "Not allowed", parts=(Node("b", "1"),))
    assert [(line.code, line.name, line.value, line.says) for line in lines([named, Node("c", "2")])] == [
        ("a", "Allow camera", "0", "Not allowed"),
        ("a.b", "Allow camera > b", "1", ""),
        ("c", "", "2", ""),
    ]


def test_an_inserted_setting_is_one_line() -> None:
    """A setting that is inserted or removed at the front is one change, although the others move."""
    before = [setting("a"), setting("b"), setting("c")]
    after = [setting("new"), *before]
    assert told(before, after) == [("new", None, "on")]
    assert told(after, before) == [("new", "on", None)]
    assert told(before, before) == []


def test_an_inserted_element_is_one_line() -> None:
    """A value that is inserted or removed in a collection is one change, found by the values."""
    before, after = collection("c", "x", "y", "z"), collection("c", "new", "x", "z")
    assert told([before], [after]) == [("c[1]", None, "new"), ("c[2]", "y", None)]


def test_an_inserted_group_is_its_own_lines() -> None:
    """An inserted group is shown as its own settings, and a change inside a group as a change of that group alone."""
    before, after = rules("one", "two"), rules("new", "one", "two")
    assert [code for code, _, _ in told([before], [after])] == ["rule[1].name", "rule[1].action"]
    assert told([rules("one", "two", "three")], [rules("one", "2", "three")]) == [("rule[2].name", "two", "2")]


def test_the_same_definition_twice_among_neighbours() -> None:
    """Settings with the same definition are matched by their values, and otherwise by their order."""
    before, after = [setting("a", "1"), setting("a", "2")], [setting("a", "0"), setting("a", "1"), setting("a", "2")]
    assert told(before, after) == [("a", None, "0")]
    assert told(before, [setting("a", "1"), setting("a", "3")]) == [("a", "2", "3")]


def test_a_secret_may_always_be_another() -> None:
    """A secret is always shown as a possible change, because it cannot be compared."""
    secret = Node("s", is_secret=True)
    [change] = changes([secret], [secret])
    assert change.before is not None
    assert change.after is not None
    assert change.before.is_secret
    assert change.after.is_secret
    assert told([], [secret]) == [("s", None, "")]


def test_a_name_alone_is_no_change() -> None:
    """A readable name that appears or disappears is no change."""
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
    """A tree has no differences from itself."""
    assert list(changes(nodes, nodes)) == []


@given(st.lists(NODES, max_size=5), st.lists(NODES, max_size=5))
def test_whatever_differs_is_said(before: list[Node], after: list[Node]) -> None:
    """If the lines of two trees differ, there is a change, and every new value is in one of the changes."""
    former = [(line.code, line.value) for line in lines(before)]
    latter = [(line.code, line.value) for line in lines(after)]
    found = told(before, after)
    if sorted(former) != sorted(latter):
        assert found
    gained = {value for _, value in latter if value} - {value for _, value in former}
    assert gained <= {new for _, _, new in found}


def test_long_collections_take_no_time() -> None:
    """Comparing long collections takes little time: equal beginnings and ends are skipped, and the rest is compared
    place by place."""
    values = [str(number) for number in range(3000)]
    other = ["0", *(f"x{value}" for value in values), "2999"]
    started = time.process_time()
    found = told([collection("c", *values)], [collection("c", *other)])
    assert time.process_time() - started < 5
    assert len(found) >= 2998
    places = [int(code[2:-1]) for code, _, new in found if new is not None]
    assert all(one < other for one, other in pairwise(places))
    assert setting_tree.MOST_COMPARED < 2998 * 3000
