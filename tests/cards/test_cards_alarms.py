"""Messages to people outside the tenant name people and devices, and contain nothing else about them."""

from dataclasses import replace

import pytest

from approvals.causes import OpenedByOperator
from approvals.change import ALARMS
from approvals.disagreement import Disagreement
from approvals.effects import NotificationKind
from approvals.emergency import BreakGlassRecord, Finding, Review, ReviewClosing, Way
from approvals.incident import Concern
from approvals.ladder import Paging, Reminders
from approvals.people import Person
from approvals.request import IntuneStatus, Request, Verdict, Vote
from approvals.tally import Tally
from cards import alarms
from cards.disagreements import sentence_of
from tests.approvals.builders import ADMINS, NOW, request

ACCOUNT = "7a1c0000-0000-4000-8000-00000000c0de"
WHY = "because-of-an-illness"
NAMELESS = Person(ACCOUNT, "rita@company.onmicrosoft.com")
UNKNOWN = Person("b" * 8, ACCOUNT)
GLASS = BreakGlassRecord(NAMELESS, WHY, NOW, Way.ESCALATED, (Tally(0, 2),))
CLOSING = ReviewClosing(NOW, UNKNOWN, Finding.JUSTIFIED, WHY)
REVIEW = Review((OpenedByOperator(WHY),), NOW, NOW, (UNKNOWN,), (ADMINS,))


def full() -> Request:
    """Return a request with text in every field, whose people have only account names."""
    made = request(justification=WHY, requestor=NAMELESS, intune_status=IntuneStatus.APPROVED)
    votes = tuple(Vote(one, Verdict.REJECT, NOW, made.digest, frozenset(), note=WHY) for one in (NAMELESS, UNKNOWN))
    review = replace(REVIEW, closing=CLOSING)
    subject = replace(made.subject, target="rita@company.onmicrosoft.com")
    reminders = Reminders(paging=Paging("19:on-call", NOW, (UNKNOWN,)))
    return replace(made, votes=votes, glass=(GLASS,), review=review, reminders=reminders, subject=subject)


@pytest.mark.parametrize("notification", NotificationKind)
@pytest.mark.parametrize("waits", [True, False])
def test_nothing_of_a_person_but_a_name(notification: NotificationKind, waits: bool) -> None:
    """Whatever the occasion, the message has no account, no address and no reason in it, but the request's id."""
    made = full()
    line = alarms.outside(replace(made, intune_status=IntuneStatus.NEEDS_APPROVAL) if waits else made, notification)

    assert line.endswith("(request R1)")
    for secret in (ACCOUNT, "@", WHY):
        assert secret not in line


def test_people_are_named() -> None:
    """The message names the people and the target, because the person who is called has to know them."""
    made = replace(request(), reminders=Reminders(paging=Paging("19:on-call", NOW, (Person("sam", "Sam Schmidt"),))))
    line = alarms.outside(made, NotificationKind.PAGED)

    assert "Assign script Update-Defender, requested by Rita. Sam Schmidt is on call and has been paged." in line


@pytest.mark.parametrize("wrong", ALARMS)
def test_every_danger_is_named(wrong: Disagreement, monkeypatch: pytest.MonkeyPatch) -> None:
    """An alarm names what Intune does against the decision, and does not only say where to look."""
    monkeypatch.setattr(alarms, "disagreement", lambda _: wrong)

    assert sentence_of(wrong) in alarms.outside(request(), ALARMS[wrong])


def test_many_rows_that_cannot_be_taken_in() -> None:
    """An alarm about many rows names only some of them, so that it can still be read."""
    incident = alarms.not_polled(NOW, [f"i{number}" for number in range(12)], NOW)

    assert incident.concern is Concern.POLLING
    assert "i8, i9 and 2 more." in incident.text
    assert str(incident) == incident.id == "polling-1795420800000"
