"""Values that are written differently and mean the same."""

import pytest

from approvals.alike import is_set, with_plain_ids

ID = "0AAAAAAA-1111-2222-3333-44444444444F"


def test_ids_have_no_casing() -> None:
    """Every object id in a text is written in lower case; text that only looks like an id is not changed."""
    assert with_plain_ids(f'["{ID}", "PC-A"]') == f'["{ID.lower()}", "PC-A"]'
    assert with_plain_ids(f"{ID}A {ID[1:]}") == f"{ID}A {ID[1:]}"


@pytest.mark.parametrize(
    ("name", "items", "expected"),
    [
        ("deviceIds", ["b", "a"], True),
        ("RoleScopeTagIds", ["1", "0"], True),
        ("mobileAppAssignments", [{}], True),
        ("allowedResourceActions", ["x"], True),
        ("targets", [ID, ID], True),
        ("dnsServers", ["10.0.0.1", "10.0.0.2"], False),
        ("rules", [{}], False),
        ("rules", [5], False),
    ],
)
def test_which_lists_are_sets(name: str, items: list[object], expected: bool) -> None:
    """Lists of ids, assignments and permissions count as sets; in every other list the order may matter."""
    assert is_set(name, items) is expected
