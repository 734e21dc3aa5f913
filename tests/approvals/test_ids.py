"""The ids of requests."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from approvals.ids import id_made, made_at
from tests.approvals.builders import NOW

moments = st.datetimes(datetime(1970, 1, 1), datetime(2500, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  with UTC below


def test_an_id_is_as_it_always_was() -> None:
    """An id keeps its shape, because it is stored in reasons in Intune and in old audit files."""
    assert id_made(NOW, 0) == "01M83PPH00000000"
    assert id_made(NOW, (1 << 30) - 1) == "01M83PPH00ZZZZZZ"
    assert id_made(NOW + timedelta(milliseconds=1), 1 << 30 | 5) == id_made(NOW + timedelta(milliseconds=1), 5)


@given(moments, st.integers(min_value=0))
@example(datetime(2243, 1, 1, 0, 0, 0, 15999, tzinfo=UTC), 0)
def test_it_carries_its_time(at: datetime, random: int) -> None:
    """An id holds the time at which it was made, to the millisecond, whatever its random part."""
    carried = made_at(id_made(at, random))
    assert carried is not None
    assert timedelta() <= at - carried < timedelta(milliseconds=1)


@given(moments, moments, st.integers(min_value=0), st.integers(min_value=0))
def test_ids_sort_by_their_time(one: datetime, other: datetime, random: int, another: int) -> None:
    """Ids sort as text in the order of their times."""
    if (other - one) >= timedelta(milliseconds=1):
        assert id_made(one, random) < id_made(other, another)


@pytest.mark.parametrize("text", ["", "01M83PPH0000000", "01M83PPH000000000", "01M83PPH0000000U", "01m83pph00000000"])
def test_what_is_no_id_has_no_time(text: str) -> None:
    """Text that is not an id has no time: too short, too long, or with letters that no id has."""
    assert made_at(text) is None
