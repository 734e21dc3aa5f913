"""The cards of orders: every state says where the order is, and offers only what can be done."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from approvals import asking
from approvals.effects import NotificationKind
from approvals.order import Act, FilingState, Order
from approvals.problems import NoAnswer, NotTaken
from approvals.request import (
    Carry,
    CarryingState,
    CarryState,
    Decided,
    Decision,
    DecisionsMode,
    Execution,
    IntuneStatus,
    Request,
)
from cards import sentences
from cards.actions import Verb
from cards.request_card import draw
from cards.rules import is_pending
from cards.status import status_of
from cards.view import View, Viewer
from tests.cards.reading import check, links, text, verbs
from tests.samples.gallery import DANA, HALFWAY, NOW, ORDERED, ORDERED_FILING, RITA, filed, look

NEEDS, APPROVED, COMPLETED = IntuneStatus.NEEDS_APPROVAL, IntuneStatus.APPROVED, IntuneStatus.COMPLETED
NONE, SENT = Execution.NONE, Execution.SENT

TAKEN_BACK = replace(
    ORDERED,
    decided=Decided(Decision.WITHDRAWN, NOW),
    filing=replace(ORDERED_FILING, state=FilingState.DROPPED, since=NOW),
)
CANCELLED_LATER = filed(FilingState.DROPPED, None, NONE)
OUT_OF_TIME = replace(CANCELLED_LATER, intune_expires_at=NOW)
BLOCKED = filed(FilingState.BLOCKED, None, NONE, NotTaken("no"))

DECIDED = [(state, decision) for decision in Decision if decision is not Decision.OPEN for state in FilingState]
each_combination = pytest.mark.parametrize(("state", "decision"), [(FilingState.WAITS, Decision.OPEN), *DECIDED])


def at(state: FilingState, decision: Decision, status: IntuneStatus | None = None) -> Request:
    """Return an order in this state with this decision, even for pairs that should never occur together."""
    request = filed(state, status, NONE)
    if decision is Decision.OPEN:
        return replace(request, votes=(), decided=None, carry=None)
    return replace(request, decided=Decided(decision, NOW, request.digest))


def said(request: Request, viewer: Viewer = Viewer.EVERYONE) -> str:
    """Return all text that a reader sees on the card."""
    return text(draw(request, View(viewer)))


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        (ORDERED, "○ Waiting for approval"),
        (filed(FilingState.WAITS, None, NONE), "◐ Approved, about to be filed in Intune"),
        (filed(FilingState.CALLING, None, NONE), "◐ Approved, being filed in Intune"),
        (filed(FilingState.LOST, None, NONE), "◐ Approved, being looked for in Intune"),
        (BLOCKED, "◐ Approved, but not filed in Intune"),
        (filed(FilingState.HELD, NEEDS, NONE), "◐ Approved here, not yet in Intune"),
        (filed(FilingState.HELD, APPROVED, NONE), "◐ Approved, about to be carried out"),
        (filed(FilingState.HELD, APPROVED, NONE, NotTaken("no")), "◐ Approved, but not carried out yet"),
        (filed(FilingState.COMPLETING, APPROVED, NONE), "◐ Approved, being carried out"),
        (filed(FilingState.COMPLETED, COMPLETED, SENT), "✓ Sent"),
        (filed(FilingState.COMPLETED, COMPLETED, Execution.RUNNING), "✓ Sent and running"),
        (filed(FilingState.COMPLETED, COMPLETED, Execution.DONE), "✓ Done"),
        (filed(FilingState.COMPLETED, COMPLETED, Execution.FAILED), "✕ Failed"),
        (filed(FilingState.RAN, None, SENT), "▲ Alarm: ran without Intune's approval"),
        (TAKEN_BACK, "■ Cancelled"),
        (CANCELLED_LATER, "■ Cancelled"),
        (OUT_OF_TIME, "■ Approved, but not filed in time"),
        (replace(CANCELLED_LATER, intune_status=IntuneStatus.EXPIRED), "■ Approved, but expired in Intune"),
    ],
)
def test_every_state_has_its_words(request_: Request, word: str) -> None:
    """The card of every state begins with a sign and a few words."""
    status = status_of(request_)

    assert f"{status.sign} {status.word}" == word
    assert said(request_).startswith(word)


@each_combination
def test_every_combination_is_drawn_and_nobody_is_sent_to_press_complete(
    state: FilingState, decision: Decision
) -> None:
    """Every pair of state and decision can be drawn, and nobody is told to press Complete: the bot does it."""
    for status in (None, *IntuneStatus):
        request = at(state, decision, status)
        for viewer in (Viewer.REQUESTOR, Viewer.ELIGIBLE):
            card = draw(request, View(viewer))
            check(card)
            assert "press Complete" not in text(card)
        lines = [
            told(request, notification)
            for told in (sentences.reply, sentences.tell)
            for notification in NotificationKind
        ]
        assert [line for line in lines if "press complete" in line.casefold()] == []


def test_who_asked_is_shown_and_not_who_filed() -> None:
    """The card shows the person who asked, and not the application that filed."""
    assert "Requested by\nRita Rossi" in said(filed(FilingState.HELD, NEEDS, NONE))


@each_combination
def test_cancel_is_offered_to_who_asked_as_long_as_the_rules_allow_it(state: FilingState, decision: Decision) -> None:
    """Cancel is offered only to the person who asked, and only as long as the rules allow it."""
    request = at(state, decision)

    for viewer in Viewer:
        offered = Verb.CANCEL in verbs(draw(request, View(viewer)))
        assert offered == (viewer is Viewer.REQUESTOR and asking.may_be_cancelled(request))


@pytest.mark.parametrize(
    ("request_", "offered"),
    [
        (BLOCKED, True),
        (filed(FilingState.HELD, APPROVED, NONE, NotTaken("no")), True),
        (filed(FilingState.HELD, APPROVED, NONE), False),
        (filed(FilingState.CALLING, None, NONE), False),
        (filed(FilingState.LOST, None, NONE, NoAnswer("filing")), False),
        (replace(BLOCKED, subject=replace(BLOCKED.subject, target="PC-2")), False),
    ],
)
def test_finish_is_offered_and_spoken_of_where_it_can_push(request_: Request, offered: bool) -> None:
    """Finish is offered and mentioned only where it can help: not during a call, a search, or after a change."""
    assert (Verb.FINISH in verbs(draw(request_, View(Viewer.ELIGIBLE)))) == offered
    assert ("press Finish" in said(request_)) == offered
    if request_.filing and request_.filing.problem:
        assert ("press Finish" in sentences.tell(request_, NotificationKind.BLOCKED)) == offered


@pytest.mark.parametrize("state", [FilingState.DROPPED, FilingState.RAN, FilingState.COMPLETED])
@pytest.mark.parametrize("carry", get_args(CarryingState))
def test_what_is_over_cannot_be_finished(state: FilingState, carry: CarryingState) -> None:
    """An order that is over cannot be finished, even if an approver has not signed in yet."""
    request = replace(filed(state, None, NONE), carry=Carry(carry, DANA, NOW))

    assert Verb.FINISH not in verbs(draw(request, View(Viewer.ELIGIBLE)))
    assert is_pending(request) == (carry is CarryState.CALLING)


def test_the_steps_that_happened_are_shown_with_their_times_and_the_next_without() -> None:
    """The card lists the steps that happened with their times, and the next one without a time."""
    steps = [line for line in said(filed(FilingState.COMPLETED, COMPLETED, Execution.DONE)).splitlines() if "✓" in line]
    assert steps[:6] == ["✓ Done", "✓ Asked", "✓ Approved", "✓ Filed", "✓ Sent", "✓ Done"]

    halfway = replace(HALFWAY, filing=ORDERED_FILING, initiator=RITA, intune_id=None, intune_status=None)
    assert "✓ Asked\n{{DATE(2026-11-23T09:19:00Z,COMPACT)}} {{TIME(2026-11-23T09:19:00Z)}}\n○ Approved\n1 of 2" in said(
        halfway
    )
    assert "○ Filed\nas soon as Intune takes it" in said(BLOCKED)
    assert "○ Sent\nas soon as it is approved in Intune" in said(filed(FilingState.HELD, NEEDS, NONE))
    assert "○ Sent\nas soon as Intune takes it" in said(filed(FilingState.COMPLETING, APPROVED, NONE))
    assert "○ Done\nas soon as Intune says so" in said(filed(FilingState.COMPLETED, COMPLETED, SENT))


def test_where_decisions_are_only_tracked_somebody_has_to_approve_it_in_intune() -> None:
    """Where decisions are only tracked, the card says that an approver has to approve in Intune as well."""
    tracked = replace(filed(FilingState.HELD, NEEDS, NONE), decisions=DecisionsMode.TRACK, carry=None)

    assert "an approver has to approve it in Intune as well" in said(tracked)
    assert "Approve in Intune" not in links(draw(ORDERED, look()))


def test_only_a_device_is_waited_for() -> None:
    """Only an operation on a device waits for its next contact; one on a role does not."""
    wiped = filed(FilingState.COMPLETED, COMPLETED, SENT)
    assert wiped.filing is not None
    assigned = replace(wiped, filing=replace(wiped.filing, order=Order(Act.ROLE, "77aa", "g1")))

    assert "when the device is next in contact" in said(wiped)
    assert "next in contact" not in said(assigned)


def test_the_one_who_asked_is_told_how_it_was_given_up() -> None:
    """The person who asked reads how the order ended: cancelled by them, not filed in time, or cancelled in Intune."""
    assert sentences.tell(TAKEN_BACK, NotificationKind.DROPPED) == "Wipe PC-1: Cancelled by Rita Rossi."
    assert sentences.reply(CANCELLED_LATER, NotificationKind.DROPPED) == "Cancelled by Rita Rossi."
    assert "could not be filed in Intune in time" in sentences.tell(OUT_OF_TIME, NotificationKind.DROPPED)
    elsewhere = replace(CANCELLED_LATER, intune_id="i1", intune_status=IntuneStatus.CANCELLED)
    assert sentences.tell(elsewhere, NotificationKind.DECIDED_ELSEWHERE) == (
        "Wipe PC-1: Cancelled in Intune, so it is not carried out."
    )


def test_a_problem_is_told_with_what_to_do_next() -> None:
    """A problem is shown on one line with what to do next, and without dangerous characters of Intune's text."""
    evil = filed(FilingState.BLOCKED, None, NONE, NotTaken("no\n\u202e" + "x" * 2000))

    assert sentences.tell(BLOCKED, NotificationKind.BLOCKED) == (
        "Wipe PC-1: Intune did not take it: no. An approver can press Finish on the card."
    )
    assert len(sentences.tell(evil, NotificationKind.BLOCKED)) < 400
    assert not {"\n", "\u202e"} & set(sentences.tell(evil, NotificationKind.BLOCKED))


def test_an_order_that_was_cancelled_just_before_its_time_was_over_is_cancelled() -> None:
    """An order that was cancelled just before its end counts as cancelled, not as too late."""
    close = replace(OUT_OF_TIME, intune_expires_at=NOW + timedelta(minutes=22))

    assert status_of(close).word == "Cancelled"
