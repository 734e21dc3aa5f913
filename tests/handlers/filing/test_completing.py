"""Completing an approved order: exactly the filed call, once, by the application that filed it."""

from dataclasses import replace

import pytest

from approvals.audit import Kind
from approvals.disagreement import Disagreement
from approvals.effects import Alarm, AwaitIntune, Complete, Follow, NotificationKind, Reply, TellPerson
from approvals.order import FilingState
from approvals.problems import NoAnswer
from approvals.request import Execution, IntuneStatus, Sent
from cards.problems import problem_sentence
from handlers.ports.errors import Forbidden, Unavailable
from handlers.ports.intune import Content, Identity
from handlers.ports.orders import Progress
from tests.approvals.builders import RITA
from tests.fakes.intune import APPROVED, CANCELLED, COMPLETED
from tests.handlers.filing.ordered import completable, complete, filing_of, held, intune_id_of, state_of
from tests.handlers.killing import KilledError, dies
from tests.handlers.stage import DANA_THERE, Stage


async def test_the_filed_call_is_sent_once_more_and_followed(stage: Stage) -> None:
    """Exactly the filed call is sent once more; this is told, and the device is followed."""
    request = await completable(stage)

    await complete(stage, request)

    now = stage.now_of(request)
    assert stage.filer.done == list(stage.filer.filed.values())
    assert (now.intune_status, now.execution) == (IntuneStatus.COMPLETED, Execution.SENT)
    assert state_of(stage, request) is FilingState.COMPLETED
    assert stage.planned(Reply) == [Reply(request.id, NotificationKind.SENT)]
    assert stage.due_in(Follow(request.id)) == 10
    assert stage.recorded(Kind.COMPLETED)[0].evidence["on_behalf_of"] == "rita"


async def test_it_is_completed_once_however_often_the_effect_comes(stage: Stage) -> None:
    """An order is completed once, however often its effect comes."""
    request = await completable(stage)

    await complete(stage, request)
    await complete(stage, request)

    assert len(stage.filer.done) == 1


async def test_an_approval_in_intune_plans_the_completion(stage: Stage) -> None:
    """An approval in the Intune portal plans the completion."""
    request = await held(stage)
    stage.intune.move(intune_id_of(stage, request), raw_status=APPROVED, approver=DANA_THERE)

    await stage.journeys.looking.look(request.id)

    assert stage.planned(Complete) == [Complete(request.id)]


# --- what must not be completed -----------------------------------------------------------------------------------


async def test_what_intune_has_not_approved_is_not_completed(stage: Stage) -> None:
    """An order that Intune has not approved is not completed, because we look before the call."""
    request = await held(stage)

    await complete(stage, request)

    assert state_of(stage, request) is FilingState.HELD
    assert stage.filer.done == []


@pytest.mark.parametrize("account", ["rita", "rita-admin"])
async def test_an_approval_of_whoever_asked_counts_for_nothing(stage: Stage, account: str) -> None:
    """An approval by the person who asked completes nothing and alarms."""
    stage.directory.add(replace(RITA, account=account))
    request = await held(stage)
    by = Identity(account, "Rita", is_person=True)
    stage.intune.move(intune_id_of(stage, request), raw_status=APPROVED, approver=by)

    await complete(stage, request)

    assert stage.filer.done == []
    assert stage.planned(Alarm) == [Alarm(request.id, NotificationKind.WRONG_APPROVER)]


async def test_an_approval_of_nobody_known_waits_until_somebody_says(stage: Stage) -> None:
    """If the approver is unknown, Intune's audit is read again each minute, and then the order is completed."""
    request = await held(stage)
    stage.clock.advance(minutes=1)
    stage.intune.move(intune_id_of(stage, request), raw_status=APPROVED)
    await complete(stage, request)
    assert stage.filer.done == []
    assert stage.due_in(AwaitIntune(request.id)) == 60

    stage.intune.move(intune_id_of(stage, request), approver=DANA_THERE)
    await complete(stage, request)

    assert len(stage.filer.done) == 1


async def test_what_has_changed_since_the_decision_is_not_completed(stage: Stage) -> None:
    """An order whose target changed after the decision is not completed, because it is read again before the call."""
    request = await completable(stage)
    stage.intune.contents[""] = Content(sha256="another")

    await complete(stage, request)

    assert stage.filer.done == []
    assert stage.planned(Alarm) == [Alarm(request.id, NotificationKind.CHANGED_AFTER_DECISION)]
    assert Disagreement.CHANGED_AFTER_DECISION.dangerous


async def test_what_was_cancelled_in_the_portal_is_not_completed(stage: Stage) -> None:
    """An order that was cancelled in the portal is not completed, and the person who asked is told."""
    request = await completable(stage)
    stage.intune.move(intune_id_of(stage, request), raw_status=CANCELLED)

    await complete(stage, request)

    assert stage.filer.done == []
    assert state_of(stage, request) is FilingState.DROPPED
    assert TellPerson(request.id, NotificationKind.DECIDED_ELSEWHERE, "rita") in stage.planned(TellPerson)


async def test_a_brake_keeps_it_from_being_looked_at(stage: Stage) -> None:
    """While a brake is on, the order is not looked at, because each look would plan the next try."""
    request = await completable(stage)
    stage.pause()

    await complete(stage, request)

    assert stage.now_of(request) == request
    assert stage.store.outbox.effects == []


async def test_a_brake_that_is_pulled_meanwhile_stops_the_call(stage: Stage) -> None:
    """A brake that is pulled during the look still stops the call, because it is checked in the reserving step."""
    request = await completable(stage)

    async def pause() -> None:
        stage.pause()

    stage.intune.troubles.meanwhile["get"] = pause
    await complete(stage, request)

    assert state_of(stage, request) is FilingState.HELD
    assert stage.filer.done == []


# --- the answer is lost -------------------------------------------------------------------------------------------


async def test_a_lost_answer_is_looked_up_and_not_sent_again(stage: Stage) -> None:
    """After a lost answer we look and do not send again; Intune shows that it was completed."""
    request = await completable(stage)
    stage.filer.troubles.loses.add("complete")
    await complete(stage, request)
    assert state_of(stage, request) is FilingState.COMPLETING
    assert stage.recorded(Kind.NOT_COMPLETED)[-1].why == problem_sentence(NoAnswer("completing"))
    assert stage.due_in(AwaitIntune(request.id)) == 5
    await complete(stage, request)

    await stage.journeys.awaiting.look(request)

    assert state_of(stage, request) is FilingState.COMPLETED
    assert len(stage.filer.done) == 1


@pytest.mark.parametrize("ended", ["no-answer", "died"])
async def test_a_call_that_never_arrived_is_made_again_after_a_minute(stage: Stage, ended: str) -> None:
    """If the call never arrived, Intune still shows approved, and the call is sent again after a minute."""
    request = await completable(stage)
    if ended == "died":
        stage.filer.troubles.meanwhile["complete"] = dies
        with pytest.raises(KilledError):
            await complete(stage, request)
    else:
        stage.filer.troubles.refuses["complete"] = Unavailable("away")
        await complete(stage, request)
        stage.filer.troubles.refuses.clear()
    stage.forget_planned()
    stage.clock.advance(seconds=59)
    await stage.journeys.awaiting.look(request)
    assert stage.planned(Complete) == []

    stage.clock.advance(seconds=1)
    await stage.journeys.awaiting.look(request)
    assert stage.planned(Complete) == [Complete(request.id)]
    await complete(stage, request)

    assert len(stage.filer.done) == 1


async def test_what_the_portal_completed_is_followed_from_then(stage: Stage) -> None:
    """A completion in the portal is followed, and we send nothing."""
    request = await completable(stage)
    stage.intune.move(intune_id_of(stage, request), raw_status=COMPLETED)

    await complete(stage, request)

    assert state_of(stage, request) is FilingState.COMPLETED
    assert stage.filer.done == []
    assert stage.due_in(Follow(request.id)) == 10


async def test_a_lost_call_that_the_target_shows_was_made(stage: Stage) -> None:
    """If the target shows the operation, the call without an answer was made: it is followed and not sent again."""
    request = await completable(stage)
    stage.filer.troubles.loses.add("complete")
    await complete(stage, request)
    stage.orders.reached["d1"] = Progress.RUNNING
    called_at = filing_of(stage, request).since
    stage.intune.move(intune_id_of(stage, request), raw_status=APPROVED)
    stage.clock.advance(seconds=5)
    stage.forget_planned()

    await stage.journeys.awaiting.look(stage.now_of(request))

    assert state_of(stage, request) is FilingState.COMPLETED
    assert stage.now_of(request).sent == Sent(called_at)
    assert stage.planned(Complete) == []
    assert stage.due_in(Follow(request.id)) == 10


async def test_a_lost_call_is_seen_on_the_target_however_late(stage: Stage) -> None:
    """A call without an answer is recognised on the target even late, when Intune has refused a second call."""
    request = await completable(stage)
    stage.filer.troubles.loses.add("complete")
    await complete(stage, request)
    called_at = filing_of(stage, request).since
    stage.filer.troubles.loses.clear()
    stage.intune.move(intune_id_of(stage, request), raw_status=APPROVED)
    stage.clock.advance(minutes=1)
    await stage.journeys.awaiting.look(stage.now_of(request))
    stage.filer.troubles.refuses["complete"] = Forbidden("the approval is used up")
    await complete(stage, request)
    assert state_of(stage, request) is FilingState.HELD
    stage.orders.reached["d1"] = Progress.RUNNING

    await stage.journeys.awaiting.look(stage.now_of(request))

    assert state_of(stage, request) is FilingState.COMPLETED
    assert stage.now_of(request).sent == Sent(called_at)


async def test_a_call_that_was_clearly_refused_is_nothing_to_look_for(stage: Stage) -> None:
    """After a clear refusal, an operation on the target is not ours."""
    request = await completable(stage)
    stage.filer.troubles.refuses["complete"] = Forbidden("no")
    await complete(stage, request)
    stage.orders.reached["d1"] = Progress.RUNNING

    await stage.journeys.awaiting.look(stage.now_of(request))

    assert state_of(stage, request) is FilingState.HELD
