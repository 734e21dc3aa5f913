"""Withdraw, Cancel, Claim, Make urgent and Finish: the rule's answer to a click is stored once and shown."""

from datetime import timedelta
from typing import Any

import pytest

from approvals.audit import Kind
from approvals.effects import Complete, NotificationKind, Release, Reply, TakeBack
from approvals.order import FilingState
from approvals.people import Person
from approvals.request import Decision, DecisionsMode, Request
from cards.actions import Verb
from handlers.deciding.own_cards import FORGED
from handlers.incoming.clicks import Answer
from handlers.ports.intune import Identity
from tests.approvals.builders import ALEX, CORA, DANA, RITA
from tests.fakes.intune import APPROVED
from tests.handlers.clicking import click, scene, signed_in, verbs, words
from tests.handlers.deciding.voter import approve
from tests.handlers.stage import OTTO, Stage, script

RULED = (Verb.WITHDRAW, Verb.CANCEL, Verb.CLAIM, Verb.MAKE_URGENT)


async def press(stage: Stage, who: Person, verb: Verb, request: Request, **changes: Any) -> Answer:
    """Press a button as this person on the request as it is stored now."""
    clicked = await scene(stage, click(who, verb, stage.now_of(request), **changes))
    assert verb in (Verb.WITHDRAW, Verb.CANCEL, Verb.CLAIM, Verb.MAKE_URGENT)
    return await stage.journeys.ruled_clicks.act(clicked, verb)


async def test_a_vote_is_taken_back_as_long_as_the_quorum_is_open(stage: Stage) -> None:
    """A vote can be withdrawn as long as the quorum is not reached, and the person can vote again."""
    request = await stage.taken_up(script())
    await approve(stage, ALEX, request)

    answer = await press(stage, ALEX, Verb.WITHDRAW, request)

    assert stage.now_of(request).votes == ()
    assert Verb.APPROVE in verbs(answer)
    assert stage.recorded(Kind.VOTE_WITHDRAWN)[0].who == "alex"


@pytest.mark.parametrize("who", [CORA, OTTO])
async def test_only_one_s_own_vote_is_taken_back(stage: Stage, who: Person) -> None:
    """Only one's own vote can be withdrawn."""
    request = await stage.taken_up(script())
    await approve(stage, ALEX, request)

    answer = await press(stage, who, Verb.WITHDRAW, request)

    assert "You have no vote on this request." in words(answer)
    assert len(stage.now_of(request).votes) == 1


async def test_an_old_withdrawal_takes_back_no_later_vote(stage: Stage) -> None:
    """A repeated withdrawal does not withdraw a later vote."""
    request = await stage.taken_up(script())
    await approve(stage, ALEX, request)
    await press(stage, ALEX, Verb.WITHDRAW, request, id="once")
    await approve(stage, ALEX, request)

    await press(stage, ALEX, Verb.WITHDRAW, request, id="once")

    assert len(stage.now_of(request).votes) == 1


async def test_a_decided_vote_cannot_be_taken_back(stage: Stage) -> None:
    """A vote on a decided request cannot be withdrawn."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)

    answer = await press(stage, ALEX, Verb.WITHDRAW, request)

    assert "votes can no longer be withdrawn" in words(answer)
    assert stage.now_of(request).decision is Decision.APPROVED


async def test_whoever_asked_in_chat_cancels_it(stage: Stage) -> None:
    """The person who asked in chat can cancel; before the filing nothing has to be taken back."""
    request = await stage.asked()

    await press(stage, RITA, Verb.CANCEL, request)

    now = stage.now_of(request)
    assert now.decision is Decision.WITHDRAWN
    assert now.filing is not None
    assert now.filing.state is FilingState.DROPPED
    assert stage.planned(TakeBack) == []


async def test_what_is_filed_already_is_taken_back_in_intune(stage: Stage) -> None:
    """A filed order that is cancelled is also taken back in Intune, or it could still be approved there."""
    request = await stage.asked()
    await approve(stage, ALEX, request)
    await stage.journeys.filing_orders.file(request.id)

    await press(stage, RITA, Verb.CANCEL, request)

    assert stage.planned(TakeBack) == [TakeBack(request.id)]


async def test_only_whoever_asked_cancels_it(stage: Stage) -> None:
    """Only the person who asked can cancel; an approver would reject instead."""
    request = await stage.asked()

    answer = await press(stage, ALEX, Verb.CANCEL, request)

    assert "Only the one who asked for it can cancel it." in words(answer)
    assert stage.now_of(request).decision is Decision.OPEN


async def test_a_claim_is_told_and_releases_itself(stage: Stage) -> None:
    """A claim is told in the thread and ends after half an hour."""
    request = await stage.taken_up()

    await press(stage, ALEX, Verb.CLAIM, request)

    assert Reply(request.id, NotificationKind.CLAIMED) in stage.planned(Reply)
    assert stage.due_in(Release(request.id)) == timedelta(minutes=30).total_seconds()


async def test_making_it_urgent_asks_why_and_brings_the_deadline_forward(stage: Stage) -> None:
    """Making a request urgent needs a reason, shortens the deadline, and is told in the thread."""
    request = await stage.taken_up()
    opened = await stage.journeys.ruled_clicks.open_urgent(await scene(stage, click(ALEX, Verb.URGENT, request)))
    assert Verb.MAKE_URGENT in verbs(opened)
    refused = await press(stage, ALEX, Verb.MAKE_URGENT, request)
    assert "Please say why it cannot wait." in words(refused)

    await press(stage, ALEX, Verb.MAKE_URGENT, request, note="The thief is online")

    now = stage.now_of(request)
    assert now.urgent
    assert now.deadline == stage.clock.time + timedelta(hours=4)
    assert Reply(request.id, NotificationKind.URGENT) in stage.planned(Reply)


async def test_only_an_approver_is_asked_why_it_cannot_wait(stage: Stage) -> None:
    """Only an approver is asked why a request cannot wait."""
    request = await stage.taken_up()

    answer = await stage.journeys.ruled_clicks.open_urgent(await scene(stage, click(OTTO, Verb.URGENT, request)))

    assert "Only members of Security-Admins can decide this." in words(answer)


@pytest.mark.parametrize("verb", RULED)
async def test_a_repetition_changes_nothing(stage: Stage, verb: Verb) -> None:
    """A repeated click changes nothing, and a different one with the same id is forged."""
    request = await (stage.asked() if verb is Verb.CANCEL else stage.taken_up(script()))
    who = RITA if verb is Verb.CANCEL else ALEX
    if verb is Verb.WITHDRAW:
        await approve(stage, ALEX, request)
    await press(stage, who, verb, request, id="once", note="It is stolen")
    after, recorded = stage.now_of(request), len(stage.audit)

    await press(stage, who, verb, request, id="once", note="It is stolen")
    forged = await press(stage, who, verb, request, id="once", fingerprint="another")

    assert (stage.now_of(request), len(stage.audit)) == (after, recorded)
    assert FORGED in words(forged)


# --- Finish -------------------------------------------------------------------------------------------------------


async def finish(stage: Stage, who: Person, request: Request, **changes: Any) -> Answer:
    """Press Finish as this person."""
    clicked = click(who, Verb.FINISH, stage.now_of(request), **changes)
    return await stage.journeys.finishing.finish(await scene(stage, clicked))


async def test_finish_on_a_stuck_order_files_it_without_a_token() -> None:
    """Finish on a stuck order files it with our own application and without a sign-in, if nothing is to be carried."""
    stage = Stage(decisions=DecisionsMode.TRACK)
    request = await stage.asked()
    await approve(stage, ALEX, request)
    held = set(stage.orders.held)
    stage.orders.held.clear()
    await stage.journeys.filing_orders.file(request.id)
    assert stage.intune.rows == {}
    stage.orders.held |= held

    await finish(stage, DANA, request)

    assert len(stage.filer.filed) == 1
    assert stage.sign_in.pages == []


async def test_finish_completes_what_intune_has_approved(stage: Stage) -> None:
    """Finish by an approver completes an order that Intune has approved."""
    request = await stage.asked()
    await approve(stage, ALEX, request)
    await stage.journeys.filing_orders.file(request.id)
    intune_id = stage.now_of(request).intune_id or ""
    stage.intune.move(intune_id, raw_status=APPROVED, approver=Identity("dana", "Dana", is_person=True))
    await stage.journeys.looking.look(request.id)
    assert stage.planned(Complete) == [Complete(request.id)]

    await finish(stage, DANA, request)

    assert len(stage.filer.done) == 1


async def test_finish_is_for_approvers(stage: Stage) -> None:
    """Only approvers can press Finish; the person who asked cannot."""
    request = await stage.asked()
    answer = await finish(stage, RITA, request, **signed_in(RITA))

    assert "This is your own request" in words(answer)
    assert stage.intune.rows == {}
