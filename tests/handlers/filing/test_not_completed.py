"""Why a completion fails: the order stays held, and people are told."""

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
    """Check that the order is still held, that people read why, and that a look at Intune is planned."""
    assert stage.filer.done == []
    assert (state_of(stage, request), problem_of(stage, request)) == (FilingState.HELD, why)
    assert stage.planned(Reply) == [Reply(request.id, NotificationKind.BLOCKED)]
    assert stage.recorded(Kind.NOT_COMPLETED)[-1].why == why
    assert stage.due_in(AwaitIntune(request.id)) == 5


async def put_off(stage: Stage, request: Request, seconds: float = 10) -> None:
    """Try to complete, check that it was put off without telling anybody, and let ten minutes pass."""
    await complete(stage, request)
    assert stage.filer.done == []
    assert state_of(stage, request) is FilingState.HELD
    assert problem_of(stage, request).endswith("It is tried again by itself.")
    assert stage.planned(Reply) == []
    assert stage.due_in(Complete(request.id)) == seconds
    stage.clock.advance(minutes=10)
    stage.forget_planned()


async def test_another_application_does_not_complete(stage: Stage) -> None:
    """Another application does not complete, because Intune accepts only the one that filed."""
    request = await completable(stage)
    room = FilingRoom(OtherFiler(stage.intune, stage.orders), stage.vault)

    await stage.journeys_with(room=room).completing.complete(request.id)

    not_completed(stage, request, problem_sentence(OtherActor()))


async def test_without_an_application_nothing_is_completed(stage: Stage) -> None:
    """Without the filing application nothing is completed, and an operator has to restore it."""
    request = await completable(stage)

    await stage.journeys_with(room=None).completing.complete(request.id)

    not_completed(stage, request, problem_sentence(OtherActor()))


@pytest.mark.parametrize("progress", [Progress.RUNNING, Progress.DONE])
async def test_what_the_target_shows_as_done_already_is_not_done_again(stage: Stage, progress: Progress) -> None:
    """An operation that the target already shows is not done again."""
    request = await completable(stage)
    stage.orders.reached["d1"] = progress

    await complete(stage, request)

    not_completed(stage, request, problem_sentence(DoneBefore()))


async def test_a_call_that_was_sealed_with_another_key_is_not_sent(stage: Stage) -> None:
    """A call that was sealed with another key is not sent."""
    request = await completable(stage)
    room = FilingRoom(stage.filer, Vault("another"))

    await stage.journeys_with(room=room).completing.complete(request.id)

    not_completed(stage, request, problem_sentence(OtherKey()))


async def test_a_target_that_is_gone_is_not_completed(stage: Stage) -> None:
    """An order for a missing target is put off for ten minutes, and then not completed."""
    request = await completable(stage)
    del stage.orders.plans["d1"]
    await put_off(stage, request)

    await complete(stage, request)

    not_completed(stage, request, problem_sentence(TargetGone()))


@pytest.mark.parametrize("error", [Throttled("busy"), Forbidden("no"), NotFound("gone"), Conflict("no")], ids=repr)
async def test_what_is_refused_in_passing_is_sent_again_by_itself(stage: Stage, error: PortError) -> None:
    """A passing refusal is tried again by itself; a lasting one is told at once."""
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
    """A busy Intune is tried again for as long as it takes, and nobody is told."""
    request = await completable(stage)
    stage.filer.troubles.refuses["complete"] = Throttled("busy", retry_after=300)
    await put_off(stage, request, seconds=300)

    await put_off(stage, request, seconds=300)


async def test_a_no_of_intune_is_on_the_card(stage: Stage) -> None:
    """A refusal that lasts is shown on the card, and an approver can press Finish."""
    request = await completable(stage)
    stage.filer.troubles.refuses["complete"] = Forbidden("no more")
    await put_off(stage, request)

    await complete(stage, request)

    not_completed(stage, request, "Intune did not carry it out: no more.")
    stage.filer.troubles.refuses.clear()
    await stage.journeys.pushing.push(request.id)
    assert len(stage.filer.done) == 1


async def test_the_same_problem_is_not_tried_again_by_itself(stage: Stage) -> None:
    """The same problem again is not tried by itself after the next look."""
    request = await completable(stage)
    stage.filer.troubles.refuses["complete"] = Forbidden("no more")
    await put_off(stage, request)
    await complete(stage, request)
    stage.forget_planned()

    await stage.journeys.awaiting.look(request)

    assert stage.planned(Complete) == []
