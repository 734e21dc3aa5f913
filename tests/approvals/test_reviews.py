"""A review is asked for until a reviewer closes it, once, in their own words."""

from datetime import timedelta

from approvals.audit import Identified, Kind
from approvals.causes import OpenedByOperator, UnderReview
from approvals.effects import Alarm, Announce, Effect, NotificationKind, Planned, RemindReview, Reply
from approvals.emergency import Emergency, Finding, Review
from approvals.justification import LONGEST_JUSTIFICATION
from approvals.outcome import Outcome
from approvals.refusals import NoReview, NotAReviewer, TooLong
from approvals.request import Request
from approvals.review import REMIND_EVERY, close_review, open_by_operator, remind
from tests.approvals.builders import ADMINS, ALEX, CAB, CORA, DANA, NOW, eligibility, request

PATH = Emergency(open=True, accounts=(), reviewers=(CAB,), review_due=timedelta(hours=60))
FOUND = "The police report matches what was said that night"
DUE = NOW + PATH.review_due


def reviewed() -> Request:
    """Return a request with a review of what Alex did, which an operator opened."""
    return open_by_operator(request(), PATH, "Wiped in the portal", (ALEX,), NOW).request


def review_of(on: Request) -> Review:
    """Return the review of the request."""
    assert on.review is not None
    return on.review


def effects(outcome: Outcome) -> list[Effect]:
    """Return the planned effects."""
    return [one.effect for one in outcome.planned]


def close(on: Request, text: str = FOUND) -> Outcome:
    """Return the outcome when Cora closes the review."""
    return close_review(on, eligibility(CORA, CAB), Finding.JUSTIFIED, text, Identified.BY_CHANNEL, NOW)


def test_it_is_asked_for_once_a_day_and_when_it_is_due() -> None:
    """The review is asked for once a day, and a last time at the moment when it is due."""
    opened = open_by_operator(request(), PATH, "Wiped in the portal", (ALEX,), NOW)
    assert Planned(RemindReview("R1", 1), NOW + REMIND_EVERY) in opened.planned

    first = remind(opened.request, 1, NOW + REMIND_EVERY)
    second = remind(first.request, 2, NOW + 2 * REMIND_EVERY)

    assert Reply("R1", NotificationKind.REVIEW_DUE) in effects(first)
    assert Announce("R1", NotificationKind.REVIEW_DUE) in effects(first)
    assert Planned(RemindReview("R1", 2), NOW + 2 * REMIND_EVERY) in first.planned
    assert Planned(RemindReview("R1", 3), DUE) in second.planned
    assert first.entries == second.entries == ()


def test_an_overdue_one_is_an_alarm_every_day() -> None:
    """An overdue review alarms every day, and is recorded in the audit with its causes."""
    outcome = remind(reviewed(), 1, DUE)

    assert Alarm("R1", NotificationKind.REVIEW_OVERDUE) in effects(outcome)
    assert Reply("R1", NotificationKind.REVIEW_OVERDUE) in effects(outcome)
    assert Planned(RemindReview("R1", 2), DUE + REMIND_EVERY) in outcome.planned
    [entry] = outcome.entries
    assert (entry.kind, entry.before) == (Kind.REVIEW_OVERDUE, DUE.isoformat())
    assert entry.because == UnderReview((OpenedByOperator("Wiped in the portal"),))


def test_a_reminder_comes_once() -> None:
    """A reminder is sent once; a repeated one, or one after the closing, does nothing."""
    first, closed = remind(reviewed(), 1, NOW + REMIND_EVERY).request, close(reviewed()).request

    assert remind(first, 1, NOW + REMIND_EVERY) == Outcome(first)
    assert remind(closed, 1, DUE) == Outcome(closed)
    assert remind(request(), 1, DUE) == Outcome(request())


def test_it_is_closed_once() -> None:
    """A reviewer closes the review once, and is recorded with their words."""
    outcome = close(reviewed())

    closing = review_of(outcome.request).closing
    assert closing is not None
    assert (closing.by, closing.finding, closing.text, closing.at) == (CORA, Finding.JUSTIFIED, FOUND, NOW)
    [entry] = outcome.entries
    assert (entry.kind, entry.name, entry.after, entry.why) == (Kind.REVIEW_CLOSED, "Cora", "justified", FOUND)
    assert {Reply("R1", NotificationKind.REVIEW_CLOSED), Announce("R1", NotificationKind.REVIEW_CLOSED)} <= set(
        effects(outcome)
    )
    assert close(outcome.request).refusal == NoReview()
    assert close(request()).refusal == NoReview()


def test_only_its_reviewers_close_it() -> None:
    """Only the reviewers can close the review; approvers of the request cannot."""
    for who in (eligibility(DANA, ADMINS), eligibility(DANA, CAB, active=False)):
        outcome = close_review(reviewed(), who, Finding.NOT_JUSTIFIED, FOUND, Identified.BY_CHANNEL, NOW)
        assert outcome.refusal == NotAReviewer(("Change-Advisory-Board",))
        assert outcome.request == reviewed()


def test_a_finding_has_room() -> None:
    """The text that closes a review may be as long as a justification."""
    words = "It was found in the lost property office. " * 100
    fits, too_long = words[:LONGEST_JUSTIFICATION].rstrip(), words[: LONGEST_JUSTIFICATION + 5].rstrip()

    assert close(reviewed(), fits).refusal is None
    assert close(reviewed(), too_long).refusal == TooLong("review", len(too_long), LONGEST_JUSTIFICATION)


def test_a_second_emergency_adds_people_and_keeps_the_time() -> None:
    """A second cause is added to an open review; after a closed review a new one is opened."""
    later = NOW + timedelta(hours=1)
    again = open_by_operator(reviewed(), PATH, "And retired", (DANA,), later).request
    anew = open_by_operator(close(reviewed()).request, PATH, "And retired", (DANA,), later).request

    assert (review_of(again).people, review_of(again).due) == ((ALEX, DANA), DUE)
    assert (review_of(anew).people, review_of(anew).due) == ((DANA,), later + PATH.review_due)
    assert review_of(anew).causes == (OpenedByOperator("And retired"),)
