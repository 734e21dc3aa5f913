"""The name that a person types to confirm an operation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.naming import is_name

names = st.text("abC1-ß \t", max_size=12)


@pytest.mark.parametrize("typed", ["Front Desk 2", " front  desk 2", "FRONT\tDESK 2 "])
def test_it_is_typed_as_people_type(typed: str) -> None:
    """The name may be typed in any case and with extra blanks."""
    assert is_name(typed, "Front Desk 2")


@pytest.mark.parametrize(
    "kept",
    [
        "Zo\u00eb's iPad Pro",
        "Zoe\u0308\u2019s iPad Pro",
        "ZO\u00cb\u2018S\u00a0iPad\u202f Pro",
        "Zo\u00eb\u02bcs\u2009iPad \u3000Pro\u200b",
        "\ufeffzoe\u0308`s ipad pro",
    ],
)
def test_what_looks_the_same_is_the_same(kept: str) -> None:
    """Names match if they differ only in the form of quotes, blanks or composed letters; other letters do not match."""
    assert is_name("Zo\u00eb's iPad Pro", kept)
    assert is_name(kept, "Zo\u00eb's iPad Pro")
    assert not is_name(kept, "Zoe's iPad Pro")
    assert not is_name(kept, "Zo\u00ebs iPad Pro")


def test_double_quotes_are_no_single_ones() -> None:
    """Straight and curly double quotes match each other, but never a single quote."""
    assert is_name('The "big" one', "The \u201cbig\u201d one")
    assert not is_name('The "big" one', "The 'big' one")


@pytest.mark.parametrize("typed", ["", "Front Desk", "Front Desk 22", "FrontDesk 2", "front-desk 2"])
def test_nothing_else_is_the_name(typed: str) -> None:
    """A part of the name, or a similar name, does not match."""
    assert not is_name(typed, "Front Desk 2")


@given(names, names)
def test_what_is_typed_for_one_name_is_typed_for_no_other(one: str, other: str) -> None:
    """A name matches itself; two names match in both directions or not at all, and only if they read the same."""
    assert is_name(one, one)
    assert is_name(one, other) == is_name(other, one)
    assert is_name(one, other) == (one.casefold().split() == other.casefold().split())
