"""After the store went back: Intune is read and everything is searched for, before calls go on."""

from dataclasses import replace

import pytest

from approvals.audit import Kind
from approvals.brake import RECOVERY
from approvals.effects import CallOutIncident, LookAgain, NotificationKind, Recheck, RefreshCards, Reply, SayIncident
from approvals.order import FilingState
from approvals.problems import CalledOff
from approvals.request import IntuneStatus, Request
from cards.problems import problem_sentence
from handlers.ports.continuity import Loss
from handlers.ports.errors import PortError, Throttled, Unavailable
from tests.fakes.intune import REJECTED
from tests.handlers.filing.ordered import approved, file, intune_id_of, problem_of, state_of
from tests.handlers.stage import Stage, script


async def look_again(stage: Stage) -> None:
    """Look once."""
    await stage.journeys.recovering.look_again()


def alarms(stage: Stage) -> list[str]:
    """Return the alarms for the operations channel."""
    return [say.incident.text for say in stage.planned(SayIncident)]


def loses(stage: Stage, *requests: Request, ended: tuple[Request, ...] = ()) -> None:
    """Let the store lose an entry of each of these requests."""
    ids = tuple(request.id for request in (*requests, *ended))
    stage.store.losses.lose(Loss(len(ids), ids, frozenset(request.id for request in ended)))


async def test_a_loss_is_told_and_calls_go_on(stage: Stage) -> None:
    """A loss is told with the touched requests, in the audit and under their cards; then calls go on."""
    request = await stage.taken_up()
    loses(stage, request)
    stage.forget_planned()

    await look_again(stage)

    (alarm,) = alarms(stage)
    assert "has lost 1 entry that it had acknowledged" in alarm
    assert f"Wipe PC-1 ({request.id})" in alarm
    assert "calls to it go on" in alarm
    assert len(stage.planned(CallOutIncident)) == 1
    assert stage.planned(Reply) == [Reply(request.id, NotificationKind.STORE_WENT_BACK)]
    assert stage.planned(Recheck) == [Recheck(RECOVERY)]
    assert [entry.evidence["requests"] for entry in stage.recorded(Kind.STORE_WENT_BACK)] == [request.id]
    assert RECOVERY not in stage.store.brakes.pulled


async def test_a_loss_is_told_once(stage: Stage) -> None:
    """A loss is told once."""
    loses(stage, await stage.taken_up())
    await look_again(stage)
    stage.forget_planned()

    await look_again(stage)

    assert alarms(stage) == []


async def test_without_a_loss_everything_is_looked_at_and_redrawn(stage: Stage) -> None:
    """Without a loss everything is still looked at and redrawn, and nobody is alarmed."""
    first, second = await stage.taken_up(), await stage.taken_up(script())
    stage.forget_planned()
    stage.intune.move("i2", justification="INC-2", payload={"assign": "everybody"})

    await look_again(stage)

    assert set(stage.planned(RefreshCards)) == {RefreshCards(first.id), RefreshCards(second.id)}
    assert stage.now_of(second).digest != second.digest
    assert alarms(stage) == []


async def test_a_request_that_the_store_has_lost_is_taken_up_again(stage: Stage) -> None:
    """A request that the store has lost is stored again from Intune's list, and named as gone."""
    request = await stage.taken_up()
    del stage.store.requests.stored[request.id]
    stage.store.requests._intune_ids.clear()
    loses(stage, request)

    await look_again(stage)

    (again,) = stage.store.requests.stored.values()
    assert again.intune_id == "i1"
    assert f"{request.id}, which is gone" in alarms(stage)[0]


async def test_an_order_that_was_filed_and_forgotten_is_found_before_calls_go_on(stage: Stage) -> None:
    """A filed order that the store has forgotten is found before calls go on, or it would be filed twice."""
    before = await approved(stage)
    await file(stage, before)
    filed = intune_id_of(stage, before)
    stage.store.requests.restore(before)
    loses(stage, before)

    await look_again(stage)

    assert (state_of(stage, before), intune_id_of(stage, before)) == (FilingState.HELD, filed)


async def test_what_was_called_off_waits_for_somebody_who_wants_it(stage: Stage) -> None:
    """An order whose cancellation was lost is not filed by itself, but only after Finish."""
    request = await approved(stage)
    loses(stage, ended=(request,))

    await look_again(stage)
    await stage.journeys.filing_orders.file_by_itself(stage.now_of(request))

    assert (state_of(stage, request), problem_of(stage, request)) == (
        FilingState.BLOCKED,
        problem_sentence(CalledOff()),
    )
    assert stage.filer.filed == {}
    await stage.journeys.pushing.push(request.id)
    assert state_of(stage, request) is FilingState.HELD


# --- Intune does not answer ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [Unavailable("away"), Throttled("busy")], ids=["away", "busy"])
async def test_nothing_goes_on_before_intune_was_read(stage: Stage, error: PortError) -> None:
    """Nothing goes on before Intune was read; the loss is told at once, and later what was found."""
    loses(stage, await stage.taken_up())
    stage.intune.troubles.refuses["changed_since"] = error

    for _ in range(3):
        with pytest.raises(type(error)):
            await look_again(stage)
        stage.clock.advance(minutes=1)

    assert RECOVERY in stage.store.brakes.pulled
    (alarm,) = alarms(stage)
    assert "Nothing is filed, approved or carried out there until every order was searched for." in alarm
    assert stage.recorded(Kind.STORE_WENT_BACK) == []

    stage.intune.troubles.refuses.clear()
    await look_again(stage)
    assert RECOVERY not in stage.store.brakes.pulled
    assert len(alarms(stage)) == 2


async def test_one_request_that_cannot_be_read_holds_nothing_up(stage: Stage) -> None:
    """A request that cannot be read does not stop the recovery, because it is read again before its own calls."""
    hidden, seen = await stage.taken_up(), await stage.taken_up(script())
    await stage.journeys.poll.poll()
    stage.clock.advance(minutes=30)
    del stage.intune.rows["i1"]
    stage.intune.rows["i2"] = replace(stage.intune.rows["i2"], raw_status=REJECTED)
    loses(stage, hidden)

    await look_again(stage)

    assert RECOVERY not in stage.store.brakes.pulled
    assert stage.now_of(seen).intune_status is IntuneStatus.REJECTED


async def test_what_is_lost_meanwhile_is_looked_for_as_well(stage: Stage) -> None:
    """If more is lost during the recovery, that is searched for too, before calls go on."""
    request = await stage.taken_up()
    loses(stage, request)

    async def loses_more() -> None:
        loses(stage, request, request)

    stage.intune.troubles.meanwhile["get"] = loses_more
    stage.forget_planned()
    await look_again(stage)

    assert RECOVERY in stage.store.brakes.pulled
    assert stage.planned(LookAgain) == [LookAgain()]
    assert alarms(stage) == []

    await look_again(stage)
    assert RECOVERY not in stage.store.brakes.pulled


async def test_another_replica_s_lease_does_not_keep_it_from_reading(stage: Stage) -> None:
    """A replica that recovers the store reads although another replica has the lease."""
    assert await stage.journeys_with(replica="r2").lead.is_ours()
    loses(stage, await stage.taken_up())

    await look_again(stage)

    assert RECOVERY not in stage.store.brakes.pulled


async def test_a_long_list_of_requests_is_cut(stage: Stage) -> None:
    """A long list of requests is cut in the alarm."""
    stage.store.losses.lose(Loss(30, tuple(f"R{number:02}" for number in range(30))))

    await look_again(stage)

    (alarm,) = alarms(stage)
    assert "R19, which is gone and 10 more." in alarm
    assert "has lost 30 entries" in alarm


async def test_a_loss_that_touches_no_known_request_says_so(stage: Stage) -> None:
    """A loss that touches no known request is told too."""
    stage.store.losses.lose(Loss(2, ()))

    await look_again(stage)

    assert "No request is known to be touched." in alarms(stage)[0]
