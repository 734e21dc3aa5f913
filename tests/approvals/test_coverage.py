"""Whether a quorum can be reached with the people who are available, and what is told about it."""

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.coverage import (
    Coverage,
    CoverageNews,
    Gap,
    NightCover,
    NobodyLeft,
    TooFewAvailable,
    TooFewPeople,
    TooFewReachable,
    back_at,
    coverage_of,
    gap_news,
    gaps_after,
    imagined_votes,
    watched,
    why_too_few,
)
from approvals.hours import Hours
from approvals.ladder import Ladder
from approvals.people import Group, Person
from approvals.policy import Guard, PolicyBook, Rule, Workflow
from approvals.request import Verdict, Vote
from tests.samples.gallery import ADMINS, ALEX, BOARD, CORA, DANA, NOW, SCRIPT, WIPE, person

WILL = person("Will Weber")
TWO_ADMINS = [(ALEX, ADMINS), (DANA, ADMINS)]


@pytest.mark.parametrize(
    ("workflow", "members", "gap"),
    [
        (WIPE, [], TooFewPeople(1, 0)),
        (WIPE, [(ALEX, WIPE.groups[0])], TooFewPeople(1, 1)),
        (WIPE, [(ALEX, WIPE.groups[0]), (CORA, WIPE.groups[1])], None),
        (
            SCRIPT,
            [(ALEX, ADMINS), (CORA, BOARD)],
            TooFewPeople(2, 2),
        ),
        (
            SCRIPT,
            [*TWO_ADMINS, (CORA, BOARD)],
            NobodyLeft((("Change-Advisory-Board",),)),
        ),
        (SCRIPT, [*TWO_ADMINS, (CORA, BOARD), (WILL, BOARD)], None),
        (
            WIPE,
            [(ALEX, WIPE.groups[0]), (replace(ALEX, account="adm-alex"), WIPE.groups[1])],
            TooFewPeople(1, 1),
        ),
    ],
    ids=["nobody", "one", "enough-of-any", "two-of-two", "one-group-alone", "enough-of-each", "two-accounts"],
)
def test_it_counts_without_whoever_asks(
    workflow: Workflow, members: list[tuple[Person, Group]], gap: Gap | None
) -> None:
    """The requestor cannot approve their own request, so coverage needs one person more than the quorum."""
    votes = [Vote(who, Verdict.APPROVE, NOW, "", frozenset({group.id})) for who, group in members]
    assert why_too_few((workflow,), votes) == gap


def test_a_guard_needs_somebody_more() -> None:
    """There is a gap if only the requestor could fill the guard's seat; a second member of its group closes the gap."""
    guard = replace(WIPE, operation="Guarded orders", groups=(BOARD,), on_top=True)
    few = [(ALEX, WIPE.groups[0]), (DANA, WIPE.groups[0]), (WILL, WIPE.groups[1]), (CORA, BOARD)]
    votes = [Vote(who, Verdict.APPROVE, NOW, "", frozenset({group.id})) for who, group in few]
    assert why_too_few((WIPE, guard), votes) == NobodyLeft((("Change-Advisory-Board",),))
    assert why_too_few((WIPE,), votes) is None
    votes[0] = replace(votes[0], groups=votes[0].groups | {BOARD.id})
    assert why_too_few((WIPE, guard), votes) is None


NOBODY = frozenset[str]()
FOUR = [*TWO_ADMINS, (CORA, BOARD), (WILL, BOARD)]
HOURS = Hours(ZoneInfo("UTC"), frozenset(range(7)), time(9), time(17))
EVENING, MORNING = NOW.replace(hour=20), NOW.replace(hour=9, minute=0) + timedelta(days=1)
AT_NIGHT = replace(SCRIPT, ladder=Ladder(hours=HOURS))


def votes_of(*members: tuple[Person, Group]) -> tuple[Vote, ...]:
    """Return the approvals that these members could give."""
    groups = {group.id: [who for who, of in members if of == group] for _, group in members}
    return imagined_votes(groups, NOW)


def test_a_member_of_two_groups_is_one_vote() -> None:
    """A member of two groups counts as one vote, which carries both groups."""
    votes = imagined_votes({"g1": [ALEX, CORA], "g2": [ALEX]}, NOW)
    assert [(vote.voter, vote.groups) for vote in votes] == [
        (ALEX, frozenset({"g1", "g2"})),
        (CORA, frozenset({"g1"})),
    ]


@pytest.mark.parametrize(
    ("absent", "away", "gap"),
    [
        ("", "", None),
        ("alex", "cora", None),
        ("alex dana", "", TooFewReachable(1, 2)),
        ("", "alex dana", TooFewAvailable(1, 2)),
        ("alex", "dana", TooFewAvailable(1, 2)),
        ("alex dana", "cora will", TooFewReachable(1, 2)),
    ],
)
def test_who_cannot_be_asked_is_missed(absent: str, away: str, gap: Gap | None) -> None:
    """People outside the channel and people who are away are counted together; the gravest gap is told."""
    votes = votes_of(*FOUR)
    found = coverage_of((SCRIPT,), votes, frozenset(absent.split()), frozenset(away.split()), NOW)
    assert found == Coverage(gap)


def test_too_few_members_are_the_gravest_gap() -> None:
    """Too few members is a graver gap than too few people who can be reached."""
    found = coverage_of((SCRIPT,), votes_of(*TWO_ADMINS), NOBODY, NOBODY, NOW)
    assert found == Coverage(TooFewPeople(2, 2))


def test_at_night_nobody_is_missed_until_the_morning() -> None:
    """At night nobody is missed before the morning, and on-call covers the time; an absence in the morning counts."""
    votes, call = votes_of(*FOUR), replace(AT_NIGHT, ladder=Ladder(hours=HOURS, chat="19:oncall"))
    assert back_at((AT_NIGHT,), EVENING) == MORNING
    assert coverage_of((AT_NIGHT,), votes, NOBODY, NOBODY, EVENING) == Coverage(night=NightCover.NOBODY)
    assert coverage_of((call,), votes, NOBODY, NOBODY, EVENING) == Coverage(night=NightCover.ON_CALL)
    assert coverage_of((WIPE, call), [], NOBODY, NOBODY, EVENING).gap
    away = coverage_of((call,), votes, NOBODY, frozenset({"alex", "dana"}), EVENING)
    assert away == Coverage(TooFewAvailable(1, 2, MORNING))


@pytest.mark.parametrize("flows", [(SCRIPT,), (AT_NIGHT,), (replace(SCRIPT, ladder=Ladder()), AT_NIGHT)])
def test_by_day_and_without_hours_people_are_back_now(flows: tuple[Workflow, ...]) -> None:
    """By day, and where no hours are set, people count as back now; the hours are those of the first ladder."""
    assert back_at(flows, NOW) == NOW
    assert (back_at(flows, EVENING) == EVENING) == (flows != (AT_NIGHT,))


def test_what_is_watched() -> None:
    """Coverage is watched for workflows that decide here, and with the guard added for operations asked for in chat."""
    wipe, guard = replace(WIPE, requesters=(BOARD,)), replace(WIPE, operation="Guarded", groups=(BOARD,), on_top=True)
    types = frozenset({"devicewipe", "deviceretire", "devicedelete"})
    book = PolicyBook((Rule(wipe, types, frozenset()),), replace(SCRIPT, operation="Everything else", groups=()), "d")
    flows = (wipe, replace(SCRIPT, enabled=False), book.catch_all, guard)
    assert watched(flows, book) == {"Device wipe": (wipe,)}
    guarded = replace(book, guard=Guard(guard, 3, 5, timedelta(hours=1)))
    assert watched(flows, guarded) == {"Device wipe": (wipe,), "Device wipe, guarded": (wipe, guard)}
    unasked = replace(guarded, rules=(Rule(replace(wipe, requesters=()), types, frozenset()),))
    assert list(watched(flows, unasked)) == ["Device wipe"]


FEW = TooFewPeople(2, 1)
STATES = st.sampled_from([Coverage(FEW), Coverage(), Coverage(night=NightCover.ON_CALL)])


@given(
    known=st.dictionaries(st.sampled_from("abc"), st.just(FEW)),
    found=st.dictionaries(st.sampled_from("abc"), STATES),
)
def test_the_night_opens_and_closes_no_gap(known: dict[str, Gap], found: dict[str, Coverage]) -> None:
    """At night no gap opens or closes. A gap is reported once when it opens and once when it closes."""
    now = gaps_after(known, found)
    for name, state in found.items():
        assert (name in now) == (name in known if state.night else state.gap is not None)
    assert set(now) <= set(found)
    news = gap_news(known, now)
    assert set(news.gaps) == set(now) - set(known)
    assert set(news.closed) == set(known) - set(now)
    assert gap_news(now, now) == CoverageNews({}, ())


def test_another_gap_is_news() -> None:
    """When a gap changes, the new gap is news."""
    assert gap_news({"a": FEW}, {"a": TooFewPeople(2, 0)}) == CoverageNews({"a": TooFewPeople(2, 0)}, ())
    assert gap_news({"a": FEW}, {}) == CoverageNews({}, ("a",))
