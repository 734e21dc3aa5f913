"""Why completing comes to nothing: the order is held as before, and somebody is told."""

import pytest

from approvals.audit import Kind
from approvals.effects import AwaitIntune, Complete, NotificationKind, Reply
from approvals.order import FilingState
from approvals.problems import DoneBefore, OtherActor, OtherKey, TargetGone
from approvals.request import Request
from cards.problems import problem_sentence
from handlers.ports.errors import Conflict, Forbidden, NotFound, PortError, Throttled
from handlers.ports.orders import FilingRoom, Progress
from tests.fakes.orders import Filer, Vault
from tests.handlers.filing.ordered import (
    completable,
    complete,
    filing_of,
    problem_of,
    state_of,
)
from tests.handlers.stage import Stage


class OtherFiler(Filer):
    """Another application on the same Intune."""

    app_id = "another"


def not_completed(stage: Stage, request: Request, why: str) -> None:
    """It is held as before; the card, the thread and whoever asked say why, and Intune is looked at."""
    assert stage.filer.done == []
    assert (state_of(stage, request), problem_of(stage, request)) == (FilingState.HELD, why)
    assert stage.planned(Reply) == [Reply(request.id, NotificationKind.BLOCKED)]
    assert stage.recorded(Kind.NOT_COMPLETED)[-1].why == why
    assert stage.due_in(AwaitIntune(request.id)) == 5


async def put_off(stage: Stage, request: Request, seconds: float = 10) -> None:
    """It is not completed now, and tried again so soon; nobody is told. Ten minutes pass."""
    await complete(stage, request)
    assert stage.filer.done == []
    assert state_of(stage, request) is FilingState.HELD
    assert problem_of(stage, request).endswith("It is tried again by itself.")
    assert stage.planned(Reply) == []
    assert stage.due_in(Complete(request.id)) == seconds
    stage.clock.advance(minutes=10)
    stage.forget_planned()


async def test_another_application_does_not_complete(stage: Stage) -> None:
    """Intune takes it only from the one that filed."""
    request = await completable(stage)
    room = FilingRoom(OtherFiler(stage.intune, stage.orders), stage.vault)

    await stage.journeys_with(room=room).completing.complete(request.id)

    not_completed(stage, request, problem_sentence(OtherActor()))


async def test_without_an_application_nothing_is_completed(stage: Stage) -> None:
    """An operator has to bring it back."""
    request = await completable(stage)

    await stage.journeys_with(room=None).completing.complete(request.id)

    not_completed(stage, request, problem_sentence(OtherActor()))


@pytest.mark.parametrize("progress", [Progress.RUNNING, Progress.DONE])
async def test_what_the_target_shows_as_done_already_is_not_done_again(stage: Stage, progress: Progress) -> None:
    """Somebody has done it by other means since it was filed."""
    request = await completable(stage)
    stage.orders.reached["d1"] = progress

    await complete(stage, request)

    not_completed(stage, request, problem_sentence(DoneBefore()))


async def test_a_call_that_was_sealed_with_another_key_is_not_sent(stage: Stage) -> None:
    """What cannot be read cannot be what was approved."""
    request = await completable(stage)
    room = FilingRoom(stage.filer, Vault("another"))

    await stage.journeys_with(room=room).completing.complete(request.id)

    not_completed(stage, request, problem_sentence(OtherKey()))


async def test_a_target_that_is_gone_is_not_completed(stage: Stage) -> None:
    """It is not known to be what was decided on. For some minutes it may come back."""
    request = await completable(stage)
    del stage.orders.plans["d1"]
    await put_off(stage, request)

    await complete(stage, request)

    not_completed(stage, request, problem_sentence(TargetGone()))


@pytest.mark.parametrize("error", [Throttled("busy"), Forbidden("no"), NotFound("gone"), Conflict("no")], ids=repr)
async def test_what_is_refused_in_passing_is_sent_again_by_itself(stage: Stage, error: PortError) -> None:
    """It was not taken. What will be the same at every try is said at once."""
    request = await completable(stage)
    stage.filer.troubles.refuses["complete"] = error
    if isinstance(error, Conflict):
        await complete(stage, request)
        not_completed(stage, request, "Intune did not carry it out: no.")
        return
    await put_off(stage, request)
    stage.filer.troubles.refuses.clear()

    await complete(stage, request)

    assert len(stage.filer.done) == 1
    assert filing_of(stage, request).put_off_since is None


async def test_who_is_busy_is_asked_for_as_long_as_it_takes(stage: Stage) -> None:
    """That says nothing about what was asked for."""
    request = await completable(stage)
    stage.filer.troubles.refuses["complete"] = Throttled("busy", retry_after=300)
    await put_off(stage, request, seconds=300)

    await put_off(stage, request, seconds=300)


async def test_a_no_of_intune_is_on_the_card(stage: Stage) -> None:
    """Once it has lasted; an approver can press Finish."""
    request = await completable(stage)
    stage.filer.troubles.refuses["complete"] = Forbidden("no more")
    await put_off(stage, request)

    await complete(stage, request)

    not_completed(stage, request, "Intune did not carry it out: no more.")
    stage.filer.troubles.refuses.clear()
    await stage.journeys.pushing.push(request.id)
    assert len(stage.filer.done) == 1


async def test_the_same_problem_is_not_tried_again_by_itself(stage: Stage) -> None:
    """The look that follows finds it approved as before."""
    request = await completable(stage)
    stage.filer.troubles.refuses["complete"] = Forbidden("no more")
    await put_off(stage, request)
    await complete(stage, request)
    stage.forget_planned()

    await stage.journeys.awaiting.look(request)

    assert stage.planned(Complete) == []
