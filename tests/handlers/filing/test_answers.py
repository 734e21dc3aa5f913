"""The answers to the filing call: taken, refused, carried out at once, or unknown."""

import pytest

from approvals.audit import Kind
from approvals.brake import BrakeKind
from approvals.effects import Alarm, AwaitIntune, File, Follow, NotificationKind, Recheck, Reply, SayPulled, TellPerson
from approvals.order import Act, FilingState
from approvals.request import Execution
from handlers.ports.errors import Conflict, Forbidden, Throttled, Unavailable
from handlers.ports.orders import Progress
from tests.approvals.builders import CORA
from tests.handlers.deciding.voter import approve
from tests.handlers.filing.ordered import approved, blocked, file, filing_of, held, intune_id_of, problem_of, state_of
from tests.handlers.killing import KilledError, dies
from tests.handlers.stage import Stage

BUSY = "Intune is too busy at the moment. It is tried again by itself."


async def test_a_lost_answer_is_followed_by_a_look_and_no_second_call(stage: Stage) -> None:
    """A lost answer is followed by a look that finds the order, and no second call is made."""
    request = await approved(stage)
    stage.filer.troubles.loses.add("file")
    await file(stage, request)
    assert state_of(stage, request) is FilingState.LOST
    assert stage.due_in(AwaitIntune(request.id)) == 5
    await stage.journeys.pushing.push(request.id)

    await stage.journeys.awaiting.look(request)

    assert state_of(stage, request) is FilingState.HELD
    assert [intune_id_of(stage, request)] == list(stage.filer.filed)


async def test_what_never_shows_up_is_blocked_after_ten_minutes(stage: Stage) -> None:
    """If the order does not appear for ten minutes it is blocked; until then we look each minute and send nothing."""
    request = await approved(stage)
    stage.filer.troubles.refuses["file"] = Unavailable("away")
    await file(stage, request)
    stage.filer.troubles.refuses.clear()

    for _ in range(9):
        stage.clock.advance(minutes=1)
        await stage.journeys.awaiting.look(request)
        await stage.journeys.pushing.push(request.id)
        assert state_of(stage, request) is FilingState.LOST
        assert stage.due_in(AwaitIntune(request.id)) == 60
    stage.clock.advance(minutes=1)
    await stage.journeys.awaiting.look(request)

    assert state_of(stage, request) is FilingState.BLOCKED
    assert stage.filer.filed == {}


async def test_a_process_that_died_in_the_call_is_noticed_after_a_minute(stage: Stage) -> None:
    """If the process died in the call, this is noticed after a minute and handled like a lost answer."""
    request = await approved(stage)
    stage.filer.troubles.meanwhile["file"] = dies
    with pytest.raises(KilledError):
        await file(stage, request)
    assert state_of(stage, request) is FilingState.CALLING
    assert stage.due_in(AwaitIntune(request.id)) == 60

    stage.clock.advance(seconds=60)
    await stage.journeys.awaiting.look(request)

    assert state_of(stage, request) is FilingState.LOST


@pytest.mark.parametrize("progress", [Progress.RUNNING, Progress.DONE, Progress.FAILED])
async def test_what_ran_at_once_and_whose_answer_was_lost_locks_too(stage: Stage, progress: Progress) -> None:
    """If a call without an answer ran at once, which the device shows, its policy type is locked too."""
    stage.filer.holding = False
    request = await approved(stage)
    stage.filer.troubles.loses.add("file")
    await file(stage, request)
    stage.orders.reached["d1"] = progress

    await stage.journeys.awaiting.look(request)

    assert state_of(stage, request) is FilingState.RAN
    assert "type:devicewipe" in stage.store.brakes.pulled


async def test_a_conflict_names_the_request_that_is_in_the_way(stage: Stage) -> None:
    """A conflict names the request that is in the way, because Intune takes one request for each target."""
    first = await held(stage)
    second = await approved(stage)

    await file(stage, second)

    assert problem_of(stage, second) == (
        f"Intune has an open request for the same target: Wipe PC-1, requested by Rita ({first.id})."
    )


async def test_a_conflict_with_something_unknown_says_what_to_do(stage: Stage) -> None:
    """A conflict with a request that we have not read yet says what to do."""
    request = await approved(stage)
    stage.filer.troubles.refuses["file"] = Conflict("another one is open")

    await file(stage, request)

    assert problem_of(stage, request).startswith("Intune has an open request for the same target. Once that is over")


async def test_a_throttled_call_is_made_again_by_itself(stage: Stage) -> None:
    """A throttled call is made again by itself, without a look and without telling anybody."""
    request = await approved(stage)
    stage.filer.troubles.refuses["file"] = Throttled("busy", retry_after=60, request_id="a1")

    await file(stage, request)

    assert (state_of(stage, request), problem_of(stage, request)) == (FilingState.BLOCKED, BUSY)
    assert stage.recorded(Kind.NOT_FILED)[-1].evidence["graph_request"] == "a1"
    assert stage.due_in(File(request.id)) == 60
    stage.clock.advance(hours=1)
    await file(stage, request)
    assert problem_of(stage, request) == BUSY
    assert stage.planned(Reply) == []
    assert len(stage.recorded(Kind.NOT_FILED)) == 2  # one entry for each call

    stage.filer.troubles.refuses.clear()
    await file(stage, request)
    assert filing_of(stage, request).put_off_since is None
    assert state_of(stage, request) is FilingState.HELD


async def test_any_other_no_is_on_the_card(stage: Stage) -> None:
    """Any other refusal is shown on the card with Graph's text, after it has lasted for ten minutes."""
    request = await approved(stage)
    stage.filer.troubles.refuses["file"] = Forbidden("the application may not")
    await file(stage, request)
    assert stage.planned(Reply) == []
    assert stage.due_in(File(request.id)) == 10
    stage.clock.advance(minutes=10)

    await file(stage, request)

    blocked(stage, request, "Intune did not take it: the application may not.")


# --- calls that ran at once ---------------------------------------------------------------------------------------


async def test_a_lost_call_that_ran_at_once_is_followed_from_then_on(stage: Stage) -> None:
    """A call without an answer that ran at once is followed from the time of the call."""
    stage.filer.holding = False
    stage.filer.troubles.loses.add("file")
    request = await approved(stage)
    await file(stage, request)
    called_at = filing_of(stage, request).since
    stage.clock.advance(minutes=5)
    stage.orders.reached["d1"] = Progress.RUNNING

    await stage.journeys.awaiting.look(stage.now_of(request))

    sent = stage.now_of(request).sent
    assert sent is not None
    assert (sent.at, sent.shown_since) == (stage.clock.time, called_at)


async def test_what_ran_at_once_is_alarmed_and_locks_its_type(stage: Stage) -> None:
    """An order that ran at once alarms and locks its policy type, because nobody approved it in Intune."""
    stage.filer.holding = False
    request = await approved(stage)

    await file(stage, request)

    assert state_of(stage, request) is FilingState.RAN
    lock = stage.store.brakes.pulled["type:devicewipe"]
    assert lock.kind is BrakeKind.LOCK
    assert (lock.behind, lock.at) == (request.initiator, stage.clock.time)
    assert stage.planned(Alarm) == [Alarm(request.id, NotificationKind.RAN_UNHELD)]
    assert [pulled.brake for pulled in stage.planned(SayPulled)] == [lock]
    assert stage.planned(Recheck) == [Recheck(lock.name)]
    assert TellPerson(request.id, NotificationKind.RAN_UNHELD, "rita") in stage.planned(TellPerson)
    assert stage.now_of(request).execution is Execution.SENT
    assert stage.due_in(Follow(request.id)) == 10


async def test_a_lock_stops_the_next_of_its_type_only(stage: Stage) -> None:
    """The lock stops only orders of the same type, and its sentence says how to lift it."""
    stage.filer.holding = False
    await file(stage, await approved(stage))
    wipe = await approved(stage, "d2")
    retire = await stage.asked("d3", Act.RETIRE, policy_types=("deviceRetire",), action="retire")
    await approve(stage, CORA, retire)

    said = await file(stage, wipe)

    assert said.startswith("Nothing of the type devicewipe is filed")
    assert state_of(stage, wipe) is FilingState.WAITS
    assert len(stage.filer.done) == 1
    assert retire.subject.policy_types == ("deviceRetire",)
