"""The name that somebody types to confirm what they do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.naming import is_name

names = st.text("abC1-ß \t", max_size=12)


@pytest.mark.parametrize("typed", ["Front Desk 2", " front  desk 2", "FRONT\tDESK 2 "])
def test_it_is_typed_as_people_type(typed: str) -> None:
    """In any case, with blanks as they come."""
    assert is_name(typed, "Front Desk 2")


@pytest.mark.parametrize("typed", ["", "Front Desk", "Front Desk 22", "FrontDesk 2", "front-desk 2"])
def test_nothing_else_is_the_name(typed: str) -> None:
    """Not the beginning of it, and not what only looks like it."""
    assert not is_name(typed, "Front Desk 2")


@given(names, names)
def test_what_is_typed_for_one_name_is_typed_for_no_other(one: str, other: str) -> None:
    """Both ways alike, and every name is its own."""
    assert is_name(one, one)
    assert is_name(one, other) == is_name(other, one)
    assert is_name(one, other) == (one.casefold().split() == other.casefold().split())
