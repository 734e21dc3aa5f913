"""Whether a text is a real reason; each occasion asks for more or less text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.justification import (
    FOR_A_BRAKE,
    FOR_AN_EMERGENCY,
    FOR_AN_ORDER,
    FOR_URGENCY,
    LONGEST_JUSTIFICATION,
    LONGEST_REASON,
    Lack,
    TextRules,
    lack_of,
    real_text,
)

ALL = [FOR_URGENCY, FOR_A_BRAKE, FOR_AN_ORDER, FOR_AN_EMERGENCY]
SENTENCE = "The laptop was stolen on the train"
texts = st.text(max_size=60) | st.text("ab1 \u200b\u3164.!", max_size=60)


@pytest.mark.parametrize(
    ("text", "enough_for"),
    [
        ("", []),
        (" \u200b\u3164 ", []),
        ("...", [FOR_URGENCY]),
        ("now", [FOR_URGENCY, FOR_A_BRAKE]),
        ("INC-1 lost", [FOR_URGENCY, FOR_A_BRAKE, FOR_AN_ORDER]),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", [FOR_URGENCY, FOR_A_BRAKE]),
        ("ababababababababababab", [FOR_URGENCY, FOR_A_BRAKE, FOR_AN_ORDER]),
        (". . . . . . . . . . abcdef", [FOR_URGENCY, FOR_A_BRAKE, FOR_AN_ORDER]),
        (SENTENCE, ALL),
    ],
)
def test_each_asks_for_more_than_the_one_before(text: str, enough_for: list[TextRules]) -> None:
    """Each occasion asks for more than the one before: a visible character, a word, a few words, a sentence."""
    assert [wanted for wanted in ALL if lack_of(text, wanted) is None] == enough_for


@pytest.mark.parametrize(
    ("wanted", "most"), [(FOR_AN_ORDER, LONGEST_REASON), (FOR_AN_EMERGENCY, LONGEST_JUSTIFICATION)]
)
def test_what_is_longer_is_refused_and_never_cut(wanted: TextRules, most: int) -> None:
    """Text that is too long is refused and never cut, so that nobody is quoted with half of what they wrote."""
    text = (SENTENCE * most)[:most]
    assert lack_of(text, wanted) is None
    assert lack_of(f"{text}x", wanted) == Lack(most + 1, too_long=True)


def test_the_others_have_no_end() -> None:
    """Reasons for urgency and for a brake have no maximum length; they are cut where they are shown."""
    assert lack_of(SENTENCE * 100, FOR_URGENCY) is None
    assert lack_of(SENTENCE * 100, FOR_A_BRAKE) is None


def test_the_reason_for_an_order_is_kept_as_it_was_typed() -> None:
    """The reason for an order is stored as typed, so blanks inside it count and blanks at its ends do not."""
    assert lack_of("stolen   1", FOR_AN_ORDER) is None
    assert lack_of("  stolen 1  ", FOR_AN_ORDER) == Lack(8)


@given(texts)
def test_what_is_enough_in_an_emergency_is_enough_for_everything(text: str) -> None:
    """The check never fails with an error, and a text that is enough for an emergency is enough for every occasion."""
    if lack_of(text, FOR_AN_EMERGENCY) is None:
        assert len(real_text(text)) >= 20
        assert len({char for char in text.casefold() if char.isalnum()}) >= 6
        assert [lack_of(text, wanted) for wanted in ALL] == [None] * len(ALL)


@given(texts, st.text(" \u200b\u3164\t", max_size=9), st.sampled_from([FOR_URGENCY, FOR_A_BRAKE, FOR_AN_EMERGENCY]))
def test_what_cannot_be_seen_makes_no_reason_better(text: str, nothing: str, wanted: TextRules) -> None:
    """Invisible characters around a text make it neither better nor worse."""
    assert lack_of(f"{nothing}{text}{nothing}", wanted) == lack_of(text, wanted)


@given(texts, st.sampled_from(ALL))
def test_it_says_how_long_the_text_is(text: str, wanted: TextRules) -> None:
    """The refusal counts the characters that were judged, and never calls a short text too long."""
    lack = lack_of(text, wanted)
    if lack is not None:
        assert lack.length <= len(text)
        assert not lack.too_long
