"""The Retry-After header in every form that is really used."""

import pytest
from multidict import CIMultiDict

from bot.web.retry_after import SHORTEST, asked_for, retry_after
from handlers.ports.errors import LONGEST_PAUSE

NOON = "Mon, 23 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("2.5", 2.5),
        ("+3", 3.0),
        ("5, 120, 7", 120.0),
        ("Mon, 23 Nov 2026 12:00:04 GMT", 4.0),
        ("Monday, 23-Nov-26 12:00:04 GMT", 4.0),
        ("86400", LONGEST_PAUSE),
        ("9" * 5000, LONGEST_PAUSE),
        ("Tue, 24 Nov 2026 12:00:00 GMT", LONGEST_PAUSE),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_PAUSE),
    ],
)
def test_a_wait(value: str, seconds: float) -> None:
    """Seconds and dates are read exactly, up to the longest allowed pause."""
    assert retry_after({"Retry-After": value, "Date": NOON}) == seconds


@pytest.mark.parametrize("value", ["0", "-0", "-5", "0.01", ".5", "0, -3", "Mon, 23 Nov 2026 11:00:00 GMT"])
def test_no_wait(value: str) -> None:
    """A wait of zero, or one in the past, becomes a short random pause."""
    headers = {"Retry-After": value, "Date": NOON}
    assert retry_after(headers, lambda: 0.0) == SHORTEST
    assert retry_after(headers, lambda: 0.5) == SHORTEST * 1.5


@pytest.mark.parametrize(
    "value",
    ["", " ", ",", "soon", "nan", "inf", "1e3", "0x10", "٣", "1;2", "Mon, 99 Nov 2026 12:00:04 GMT", "2026-11-23"],
)
def test_nothing_that_can_be_read(value: str) -> None:
    """A value that cannot be read counts as missing."""
    assert retry_after({"Retry-After": value, "Date": NOON}) is None
    assert retry_after({}) is None


def test_a_date_without_a_clock_to_measure_it_by() -> None:
    """A date counts only with a valid Date header, because the neighbour's clock may differ from ours."""
    assert retry_after({"Retry-After": NOON}) is None
    assert retry_after({"Retry-After": NOON, "Date": "today"}) is None


def test_the_same_header_twice() -> None:
    """If the header is sent several times, the longest wait counts."""
    headers = CIMultiDict([("retry-after", "3"), ("Retry-After", "40"), ("Retry-After", "soon")])
    assert asked_for(headers) == 40.0
