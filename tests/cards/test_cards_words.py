"""Titles, stakes and one-line sentences: what people read outside the card and in its headline."""

import re
from dataclasses import replace
from itertools import product

import pytest

from approvals.effects import NotificationKind
from approvals.emergency import BreakGlassRecord
from approvals.people import Application
from approvals.problems import NotSignedIn
from approvals.request import (
    CarryState,
    Decided,
    Decision,
    IntuneStatus,
    Request,
)
from approvals.subject import Fate, Reach, Relation, Setting, Subject, Target, TargetKind, Wipe
from cards import sentences, words
from cards.request_card import draw
from cards.review_card import review_card
from cards.stakes import stakes
from cards.view import View
from tests.cards.reading import text
from tests.samples.emergencies import BROKEN, DECIDED, DRILL, ESCALATED, REVIEW
from tests.samples.gallery import (
    ASSIGNMENT,
    DEFENDER,
    HALFWAY,
    HELPDESK,
    IN_PORTAL,
    NOW,
    PC,
    SAMPLES,
    WAITING,
    WIPE_POLICY,
    WIPE_REFUSED,
    WIPE_VOTED,
    decided,
)

NEEDS, APPROVED = IntuneStatus.NEEDS_APPROVAL, IntuneStatus.APPROVED


ALL_DEVICES = Target(TargetKind.ALL_DEVICES)


def group(name: str) -> Target:
    """Return a group with this name."""
    return Target(TargetKind.GROUP, name.lower(), name, "security group", 4)


def subject(kind: str, action: str, target: str = "X", *reaches: Target, fate: Fate = Fate.ADDED) -> Subject:
    """Return a subject of this kind, with these targets."""
    reached = tuple(Reach(Relation.REACHES, one, fate) for one in reaches)
    return Subject(("x",), kind, action, "id-1", target, "0" * 64, reaches=reached)


def uninstalled(*targets: Target) -> Subject:
    """Return an app that is uninstalled from these targets."""
    what = subject("MobileApp", "assign", "Viewer", *targets)
    how = (Setting("intent", "uninstall"),)
    return replace(what, reaches=tuple(replace(one, how=how) for one in what.reaches))


@pytest.mark.parametrize(
    ("what", "title"),
    [
        (PC, "Wipe PC-1"),
        (DEFENDER, "Assign script Update-Defender to All-Windows-Laptops"),
        (HELPDESK, "Update role Branch Helpdesk"),
        (WIPE_POLICY, "Update access policy Device wipe"),
        (subject("windows10CompliancePolicy", "update"), "Update compliance policy X"),
        (subject("Win32LobApp", "create"), "Create app X"),
        (subject("SomethingNew", "create"), "Create something new X"),
        (subject("DeviceHealthScript", "assign", "Fix", ALL_DEVICES), "Assign remediation Fix to All devices"),
        (
            subject("DeviceHealthScript", "assign", "Fix", *map(group, "ABCD")),
            "Assign remediation Fix to A, B and 2 more",
        ),
        (subject("MobileApp", "assign", "Viewer", group("A"), fate=Fate.REMOVED), "Unassign app Viewer from A"),
        (uninstalled(ALL_DEVICES), "Uninstall app Viewer from All devices"),
        (replace(PC, target="", devices=PC.devices * 40, device_count=400), "Wipe 400 devices"),
        (subject("ManagedDevice", "retire", ""), "Retire id-1"),
        (replace(subject("ManagedDevice", "wipe", ""), target_id=""), "Wipe device without a name"),
        (subject("", "change"), "Change object X"),
    ],
)
def test_a_title_says_what_is_asked_for(what: Subject, title: str) -> None:
    """A title names the action, the kind, the name, and whom it reaches."""
    assert words.title(what) == title


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (PC, "reset to factory settings"),
        (replace(PC, wipe=Wipe()), "everything that is stored only on it are lost"),
        (replace(PC, wipe=Wipe(keeps_user_data=True)), "the user's own data on it is kept"),
        (replace(PC, wipe=Wipe(keeps_enrollment=True)), "It stays enrolled"),
        (replace(PC, wipe=Wipe(keeps_esim=True)), "eSIM plan is kept"),
        (replace(PC, wipe=Wipe(is_protected=True)), "cannot be stopped by switching the device off"),
        (replace(PC, wipe=Wipe(obliteration="always")), "its system is erased as well"),
        (replace(PC, wipe=Wipe(obliteration="obliterateWithWarning")), "whose data cannot be erased is obliterated"),
        (replace(PC, wipe=Wipe(obliteration="doNotObliterate")), "stays as it is"),
        (replace(PC, wipe=Wipe(obliteration="destroyAll")), "The option for a Mac is “destroyAll”, which is not known"),
        (replace(PC, wipe=Wipe(obliteration="always, destroyAll")), "its system is erased as well. The option for a"),
        (replace(PC, wipe=Wipe(keeps_user_data=True, obliteration="always")), "On a Mac nothing is kept."),
        (replace(PC, wipe=Wipe(keeps_enrollment=True, obliteration="obliterateWithWarning")), "On a Mac nothing is"),
        (replace(PC, wipe=Wipe(unread=True)), "Some of its options could not be read."),
        (subject("ManagedDevice", "retire", ""), "Personal data stays"),
        (subject("ManagedDevice", "delete"), "disappears from Intune"),
        (subject("ManagedDevice", "rotatekeys"), "not known here"),
        (DEFENDER, "cannot be taken back"),
        (subject("RoleDefinition", "delete"), "The role and its assignments are deleted"),
        (HELPDESK, "Whoever holds this role"),
        (subject("iosCompliancePolicy", "update"), "may lose access"),
        (WIPE_POLICY, "controls every later approval"),
        (subject("OperationApprovalPolicy", "delete"), "controls every later approval"),
        (subject("Something", "update"), "not known here"),
    ],
)
def test_the_stakes_are_said_in_words(what: Subject, said: str) -> None:
    """The stakes are said in words; what is unknown is called unknown."""
    assert said in stakes(what)


@pytest.mark.parametrize(
    ("wipe", "unsaid"),
    [
        (Wipe(obliteration="default"), "Mac"),
        (Wipe(obliteration="Default, always"), "not known"),
        (Wipe(obliteration="always"), "nothing is kept"),
        (Wipe(keeps_user_data=True, obliteration="doNotObliterate"), "nothing is kept"),
        (Wipe(obliteration="x\n\u202e" * 500), "\n"),
        (Wipe(), "could not be read"),
    ],
)
def test_stakes_that_are_not_said(wipe: Wipe, unsaid: str) -> None:
    """What does not apply is not said, and a strange word stays short and on one line."""
    assert unsaid not in stakes(replace(PC, wipe=wipe))
    assert len(stakes(replace(PC, wipe=wipe))) < 500


def test_a_summary_is_complete_in_one_line() -> None:
    """A summary says everything in one line, because a notification shows no card."""
    assert sentences.summary(HALFWAY) == (
        "Waiting for more approvals: Assign script Update-Defender to All-Windows-Laptops, requested by Rita Rossi "
        "(1 of 2 approvals; Change-Advisory-Board still open)"
    )


def test_there_are_words_for_every_occasion() -> None:
    """There are words for every occasion and every state, in one line."""
    for sample, notification in product(SAMPLES, NotificationKind):
        on = sample.request
        told = [say(on, notification) for say in (sentences.reply, sentences.alarm, sentences.tell)]
        for line in (*told, sentences.summary(on)):
            assert line, (sample.name, notification)
            assert "\n" not in line, (sample.name, notification)
            assert len(line) < 1000, (sample.name, notification)


@pytest.mark.parametrize("notification", NotificationKind)
def test_a_line_that_comes_late_asks_for_nothing_any_more(notification: NotificationKind) -> None:
    """A line that is sent late asks for nothing that has already been done."""
    asks = re.compile("still waits|is needed:|please decide|waits for you|decide by", re.IGNORECASE)
    for sample in SAMPLES:
        on = sample.request
        for line in [say(on, notification) for say in (sentences.reply, sentences.alarm, sentences.tell)]:
            assert on.takes_votes or not asks.search(line), (sample.name, line)
            if on.intune_status not in (None, NEEDS):
                assert "Intune has not been told" not in line, (sample.name, line)
            if on.ended_in_intune:
                assert "press Complete" not in line, (sample.name, line)
            if on.intune_status is not NEEDS:
                assert "Now an approver has to approve it there" not in line, (sample.name, line)


def test_a_request_that_has_expired_was_not_rejected() -> None:
    """A request that has expired is not called rejected, even if the line is about an earlier vote."""
    over = replace(HALFWAY, decided=Decided(Decision.EXPIRED, NOW))

    assert sentences.reply(over, NotificationKind.WAITS_FOR_ONE) == "It does not wait any more: Expired."


def test_an_approval_tells_who_must_complete_it_and_until_when() -> None:
    """An approval says who must complete it in Intune and until when."""
    on = decided(WIPE_VOTED, Decision.APPROVED, APPROVED, CarryState.DONE)

    assert sentences.reply(on, NotificationKind.APPROVED) == (
        "Approved by Dana Diaz. Nothing has happened yet: Rita Rossi must press Complete in Intune "
        "by 2026-11-26 09:18 UTC."
    )
    assert sentences.tell(on, NotificationKind.APPROVED) == (
        "Wipe PC-1: approved. Nothing happens until you press Complete in Intune, by 2026-11-26 09:18 UTC."
    )


def test_a_rejection_tells_by_whom_and_why() -> None:
    """A rejection says who rejected and why."""
    on = decided(WIPE_REFUSED, Decision.REJECTED, NEEDS, CarryState.WANTED)

    assert sentences.tell(on, NotificationKind.REJECTED) == (
        "Wipe PC-1: Rejected by Dana Diaz: That is the spare laptop; it lies on my desk."
    )


def test_waiting_for_one_means_a_vote_before_and_a_carrier_after_the_decision() -> None:
    """The same occasion asks for one more vote before the decision, and for a carrier after it."""
    stuck = decided(WIPE_VOTED, Decision.APPROVED, NEEDS, CarryState.TROUBLED, NotSignedIn("Dana Diaz"))

    assert sentences.reply(HALFWAY, NotificationKind.WAITS_FOR_ONE) == (
        "One more person is needed: 1 of 2 approvals; Change-Advisory-Board still open."
    )
    assert sentences.reply(stuck, NotificationKind.WAITS_FOR_ONE) == (
        "Intune has not been told of the approval yet. Dana Diaz has not signed in yet. "
        "An approver can press Finish on the card."
    )


def test_an_alarm_stands_on_its_own() -> None:
    """An alarm is complete in itself, because the operations channel shows no card beside it."""
    line = sentences.alarm(IN_PORTAL, NotificationKind.BELOW_QUORUM)

    assert line.startswith("Alarm: Assign script Update-Defender to All-Windows-Laptops, requested by Rita Rossi. ")
    assert "the quorum here is not reached" in line
    assert line.endswith("(request 01K9Z3M8QW2T7RDA)")


def test_an_alarm_that_comes_late_shows_the_present() -> None:
    """An alarm that is sent late shows the present state."""
    over = replace(IN_PORTAL, decided=Decided(Decision.APPROVED, NOW))

    assert "settled meanwhile: Approved, not completed yet." in sentences.alarm(over, NotificationKind.BELOW_QUORUM)


@pytest.mark.parametrize(
    ("on", "name"),
    [
        (WAITING, "Rita Rossi"),
        (replace(WAITING, requestor=None), "somebody whom Intune does not name"),
        (replace(WAITING, requestor=Application("a1", "Pipeline")), "the application Pipeline"),
        (replace(ASSIGNMENT, requestor=None, initiator=WIPE_VOTED.votes[0].voter), "Dana Diaz"),
    ],
)
def test_who_asks_is_named_as_far_as_it_is_known(on: Request, name: str) -> None:
    """The requestor is named as far as it is known: a person, an application, or nobody."""
    assert words.asker(on) == name


@pytest.mark.parametrize(
    ("on", "glass", "said"),
    [
        (BROKEN, DECIDED, "The quorum was set aside at 0 of 1 approval."),
        (ESCALATED, ESCALATED.glass[-1], "One other person has to approve it; those on call are asked."),
        (
            replace(ESCALATED, decided=Decided(Decision.APPROVED, NOW)),
            ESCALATED.glass[-1],
            "One other person was asked to approve it.",
        ),
        (
            DRILL,
            DRILL.glass[-1],
            "One other person has to approve it; those on call are asked. It is a drill, so nothing reaches Intune.",
        ),
        (
            WAITING,
            replace(DECIDED, drill=True),
            (
                "In an emergency the quorum would be set aside now, at 0 of 1 approval. "
                "The request itself is real, and still waits for approval."
            ),
        ),
    ],
    ids=["decided", "called", "answered", "drill", "drill-on-a-real-request"],
)
def test_what_breaking_the_glass_did_is_said_alike_everywhere(on: Request, glass: BreakGlassRecord, said: str) -> None:
    """The card, the thread and the review describe the effect of break-glass in the same words."""
    broken = replace(on, glass=(glass,), review=REVIEW)

    assert words.what_it_did(broken, glass) == said
    assert said in sentences.reply(broken, NotificationKind.GLASS_BROKEN)
    assert said in text(draw(broken, View()))
    assert said in text(review_card(broken, overdue=False))


def test_hostile_words_stay_on_one_line() -> None:
    """Hostile text stays on one line and cannot hide or become markup in thread lines and alarms."""
    evil = replace(WAITING, subject=replace(PC, target="PC\n\n\u202e<at>all</at>\0" + "x" * 500))

    line = sentences.summary(evil)

    assert "\n" not in line
    assert "\u202e" not in line
    assert len(line) < 400
