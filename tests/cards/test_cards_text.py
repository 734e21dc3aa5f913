"""Text that people write stays plain text, both in CommonMark (desktop clients) and in the parsers of phones."""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.people import Group, Person
from approvals.request import (
    CarryState,
    Decision,
    Verdict,
    Vote,
)
from approvals.subject import Setting, Subject
from cards.actions import Verb
from cards.request_card import draw
from cards.text import breakable, brief_moment, joined, listed, moment, moment_utc, plain, shown, verbatim
from cards.view import CardStep, View, Viewer
from tests.cards.reading import MARKDOWN, check, markup_in, texts, verbs
from tests.samples.gallery import HALFWAY, NOW, decided

anything = st.text(st.characters(codec="utf-16"), max_size=200)
nasty = st.text(st.sampled_from("ab_*`[](){}<>!#+-=.1&;\\~| \n\u202e\u200b:/@DATE"), max_size=60)


def read(markdown: str) -> tuple[str, set[str]]:
    """Return the text that CommonMark shows, and the kinds of markup in it."""
    tokens = MARKDOWN.parse(markdown)
    inline = [child for token in tokens for child in token.children or ()]
    return "".join(child.content for child in inline), markup_in(markdown)


@settings(deadline=None)
@given(nasty | anything)
def test_commonmark_sees_only_the_text(written: str) -> None:
    """CommonMark finds no markup, and shows exactly what was written, on one line."""
    line = plain(written, 100)

    assert read(shown(written, 100)) == (line, set())


@settings(deadline=None)
@given(nasty | anything)
def test_phones_see_no_link_no_list_and_no_date(written: str) -> None:
    """Phones find no link, list or date: their parser takes a bracket for a link even after a backslash."""
    markup = shown(written, 100)

    assert "](" not in markup
    assert not re.match(r"[-+*] |\d{1,3}\.", markup)
    assert "{{" not in markup


@settings(deadline=None)
@given(anything)
def test_nothing_invisible_is_left(written: str) -> None:
    """No control characters, direction overrides or line breaks are left; joiners that languages need stay."""
    kinds = {unicodedata.category(char) for char in plain(written, 500) if char not in "\u200c\u200d"}

    assert not kinds & {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("[Approve here](https://evil.example)", r"\[Approve here\]\(https://evil.example)"),
        ("<at>everyone</at>", r"\<at\>everyone\</at\>"),
        ("**bold** and `code`", r"\*\*bold\*\* and \`code\`"),
        ("_slanted_", r"\_slanted\_"),
        ("# heading", r"\# heading"),
        ("- item", r"\- item"),
        ("12. item", r"12\. item"),
        ("one\n\n# two", "one # two"),
        ("{{DATE(2030-01-01T00:00:00Z)}}", r"{\{DATE(2030-01-01T00:00:00Z)}}"),
        ("&lt;b&gt;", r"\&lt;b\&gt;"),
        ("exe.\u202efdp", "exe.fdp"),
        ("nul\0 bell\a", "nul bell"),
        ("PC_01-a.local (5 GB), 10.5 & more!", "PC_01-a.local (5 GB), 10.5 & more!"),
    ],
)
def test_active_characters_are_escaped_where_they_would_act(written: str, expected: str) -> None:
    """Characters are escaped only where they would act as markup, because some clients show the backslash."""
    assert shown(written) == expected


def test_what_is_too_long_ends_visibly() -> None:
    """Text that is too long ends with a visible sign, within its limit."""
    assert plain("x" * 200, 100) == "x" * 99 + "…"
    assert plain("x" * 100, 100) == "x" * 100


def test_times_are_written_as_cards_demand() -> None:
    """Times are written in UTC, to the second, without blanks, as cards need them."""
    at = datetime(2026, 11, 23, 10, 30, 15, 999, tzinfo=timezone(timedelta(hours=1)))

    assert moment(at) == "{{DATE(2026-11-23T09:30:15Z,SHORT)}} {{TIME(2026-11-23T09:30:15Z)}}"
    assert brief_moment(at) == "{{DATE(2026-11-23T09:30:15Z,COMPACT)}} {{TIME(2026-11-23T09:30:15Z)}}"
    assert moment_utc(at) == "2026-11-23 09:30 UTC"


def test_texts_are_joined_without_gaps() -> None:
    """Joining texts leaves out empty ones without a separator."""
    assert joined(shown("a"), shown(""), shown("b"), by=" · ") == "a · b"


@pytest.mark.parametrize(
    ("names", "expected"),
    [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")],
)
def test_names_are_listed_as_people_do(names: list[str], expected: str) -> None:
    """Names are listed with commas and "and"."""
    assert listed(names) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("if ($x) {\n\tstop  \n}", "if ($x) {\n\u00a0\u00a0\u00a0\u00a0stop\n}"),
        ("# \u202e)evil(", "# [U+202E])evil("),
        ("a\u200bb\x1b[31m", "a[U+200B]b[U+001B][31m"),
        ("'{{TIME(2030-01-01T00:00:00Z)}}'", "'{\u2060{TIME(2030-01-01T00:00:00Z)}}'"),
        ("'{{0}}' -f 1", "'{{0}}' -f 1"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_code_shows_what_it_hides(written: str, expected: str) -> None:
    """Code shows the characters that would reverse text or be invisible."""
    assert verbatim(written) == expected


CODE = st.lists(st.sampled_from([" ", "\n", "\t", "ab", "\u200b", "x" * 31, "x" * 33, "{{DATE(", " " * 90])).map(
    "".join
)


@given(CODE)
def test_code_can_be_broken_and_stays_what_it_is(written: str) -> None:
    """Code gets invisible break points, so that no part is too wide for the card; nothing visible is added."""
    code = verbatim(written)

    pieces = re.split("[ \n\u200b]", breakable(code))

    assert max(map(len, pieces)) <= 32
    assert breakable(code).replace("\u200b", "") == code


def test_code_that_fits_is_left_alone() -> None:
    """Code that fits gets no break points, and other code only as many as it needs."""
    assert breakable("Update-MpSignature " * 9) == "Update-MpSignature " * 9
    assert breakable("x" * 32) == "x" * 32
    assert breakable("x" * 33) == "x" * 32 + "\u200bx"
    assert breakable("\u00a0" * 8 + "x" * 30) == "\u00a0" * 8 + "\u200b" + "x" * 30


hostile = st.text(st.characters(codec="utf-16"), max_size=3000) | nasty.map(lambda text: text * 60)


@settings(max_examples=40, deadline=None)
@given(hostile, hostile, hostile, st.sampled_from(CardStep), st.sampled_from(Viewer))
def test_the_most_hostile_request_makes_a_valid_small_card(
    name: str, words: str, value: str, step: CardStep, viewer: Viewer
) -> None:
    """A request with hostile text in every field and sixty long ids to refresh is still a valid card below 20 KB."""
    subject = Subject((name,), name, "update", "1", value, "0" * 64, facts=(Setting(name, value, words),) * 41)
    group = Group("g", name)
    who = Person("p", name)
    flow = replace(HALFWAY.workflows[0], operation=words, groups=(group,))
    votes = tuple(
        Vote(replace(who, account=f"p{number}"), Verdict.APPROVE, NOW, subject.digest(), frozenset({"g"}), words)
        for number in range(15)
    )
    request = replace(HALFWAY, subject=subject, requestor=who, justification=words, workflows=(flow, flow), votes=votes)
    view = View(
        viewer,
        step,
        value,
        tuple(f"29:{'m' * 90}{number}" for number in range(60)),
        details=((name, value),) * 30,
        script=value,
        own_vote=votes[0],
    )

    card = draw(request, view)

    check(card)
    assert Verb.BACK in verbs(card) or step is CardStep.REQUEST
    for text in [*texts(card), card["fallbackText"]]:
        assert markup_in(text.replace("{{", "").replace("}}", "")) == set()


def test_a_huge_justification_is_shortened_and_everything_else_is_still_said() -> None:
    """A very long justification is shortened, and everything else is still shown."""
    card = draw(replace(HALFWAY, justification="blah " * 4000), View())

    check(card)
    said = "\n".join(texts(card))
    assert "blah…" in said
    for phrase in ("Update-Defender", "1 of 2 approvals", "Alex Adler approved", "Decide by"):
        assert phrase in said


@pytest.mark.parametrize("at", ["0001-01-01", "1601-01-01", "1970-01-01", "9999-12-31T23:59:59"])
@pytest.mark.parametrize("hours", [-8, 0, 8])
def test_what_is_no_time_is_not_shown_as_one(at: str, hours: int) -> None:
    """A time at the ends of the calendar stands for an unknown time and is shown as unknown, in every zone."""
    zoned = datetime.fromisoformat(at).replace(tzinfo=timezone(timedelta(hours=hours)))
    assert [moment(zoned), brief_moment(zoned), moment_utc(zoned)] == ["unknown"] * 3


def test_a_request_of_which_nobody_knows_when_it_was_filed() -> None:
    """If the time of filing is unknown, the card says so."""
    expired = decided(HALFWAY, Decision.REJECTED, None, CarryState.DONE)
    unknown = replace(expired, filed_at=datetime.min.replace(tzinfo=UTC))
    said = "\n".join(texts(draw(unknown, View())))
    assert "unknown" in said
    assert "1-01-01" not in said


def test_utc_is_the_base_of_all_times() -> None:
    """A time is shown the same whatever zone it is stored in."""
    assert moment(NOW) == moment(NOW.astimezone(timezone(timedelta(hours=-8)))) == moment(NOW.astimezone(UTC))
