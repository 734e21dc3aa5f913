"""Taking back orders that are no longer wanted, and following what was sent until it has happened."""

import pytest

from approvals.asking import cancel
from approvals.audit import Identified, Kind
from approvals.effects import Follow, NotificationKind, Reply, TellPerson
from approvals.order import Act, FilingState
from approvals.request import Execution, IntuneStatus, Request
from handlers.ports.errors import Forbidden, TokenRefused, Unavailable
from handlers.ports.intune import Row
from handlers.ports.orders import Progress
from tests.approvals.builders import CORA, RITA
from tests.fakes.intune import APPROVED, CANCELLED, COMPLETED, NEEDS_APPROVAL, wipe
from tests.handlers.deciding.voter import approve
from tests.handlers.filing.ordered import completable, held, intune_id_of, state_of
from tests.handlers.stage import DANA_THERE, Stage


async def dropped(stage: Stage) -> Request:
    """Return an order that Intune holds and that Rita has cancelled here."""
    request = await held(stage)
    await stage.journeys.commits.commit(request.id, lambda known, now: cancel(known, RITA, Identified.BY_CHANNEL, now))
    return stage.now_of(request)


async def test_what_was_dropped_here_is_cancelled_in_intune(stage: Stage) -> None:
    """An order that was cancelled here is cancelled in Intune too, so that nobody can approve it there."""
    request = await dropped(stage)

    await stage.journeys.dropping.take_back(request)

    assert stage.intune.rows[intune_id_of(stage, request)].raw_status == CANCELLED
    assert stage.now_of(request).intune_status is IntuneStatus.CANCELLED
    assert len(stage.recorded(Kind.TAKEN_BACK)) == 1


async def test_taking_back_passes_every_brake(stage: Stage) -> None:
    """No brake stops taking back, because stopping it would keep something dangerous alive."""
    request = await dropped(stage)
    stage.pause()
    await stage.doubt()

    await stage.journeys.dropping.take_back(request)

    assert stage.intune.rows[intune_id_of(stage, request)].raw_status == CANCELLED


async def test_what_is_still_wanted_is_not_taken_back(stage: Stage) -> None:
    """An order that is still wanted is not taken back, because the effect may be an old one."""
    request = await held(stage)

    await stage.journeys.dropping.take_back(request)

    assert stage.intune.rows[intune_id_of(stage, request)].raw_status == NEEDS_APPROVAL


async def test_what_was_approved_meanwhile_cannot_be_taken_back(stage: Stage) -> None:
    """An order that Intune has approved meanwhile cannot be taken back; it is looked at, so that it alarms."""
    request = await dropped(stage)
    stage.intune.move(intune_id_of(stage, request), raw_status=APPROVED, approver=DANA_THERE)

    await stage.journeys.dropping.take_back(request)

    assert stage.recorded(Kind.TAKEN_BACK) == []
    assert stage.now_of(request).intune_status is IntuneStatus.APPROVED


async def test_taking_back_is_tried_again_where_intune_is_away(stage: Stage) -> None:
    """If Intune is away, the error is raised, and the outbox tries again."""
    request = await dropped(stage)
    stage.filer.troubles.refuses["cancel"] = Unavailable("away")

    with pytest.raises(Unavailable):
        await stage.journeys.dropping.take_back(request)

    assert stage.now_of(request) == request


async def test_without_an_application_nothing_is_taken_back(stage: Stage) -> None:
    """Without the filing application nothing is taken back; the request in Intune ends by itself."""
    request = await dropped(stage)

    await stage.journeys_with(room=None).dropping.take_back(request)

    assert stage.intune.rows[intune_id_of(stage, request)].raw_status == NEEDS_APPROVAL


# --- following ----------------------------------------------------------------------------------------------------


async def sent(stage: Stage) -> Request:
    """Return an order that was completed a moment ago."""
    request = await completable(stage)
    await stage.journeys.completing.complete(request.id)
    stage.forget_planned()
    return stage.now_of(request)


async def follow(stage: Stage, request: Request) -> Execution:
    """Look at the device, and return how far the operation has come."""
    await stage.journeys.tracking.follow(stage.now_of(request))
    return stage.now_of(request).execution


@pytest.mark.parametrize(
    ("progress", "execution", "notification"),
    [
        (Progress.DONE, Execution.DONE, NotificationKind.DONE),
        (Progress.FAILED, Execution.FAILED, NotificationKind.FAILED),
    ],
)
async def test_it_is_followed_until_it_is_over(
    stage: Stage, progress: Progress, execution: Execution, notification: NotificationKind
) -> None:
    """An operation is followed until it is over; then the thread and the person who asked are told once."""
    request = await sent(stage)
    assert await follow(stage, request) is Execution.SENT
    stage.orders.reached["d1"] = Progress.RUNNING
    assert await follow(stage, request) is Execution.RUNNING
    stage.orders.reached["d1"] = progress
    stage.forget_planned()

    assert await follow(stage, request) is execution

    assert stage.planned(Reply) == [Reply(request.id, notification)]
    assert stage.planned(TellPerson) == [TellPerson(request.id, notification, "rita")]
    assert stage.planned(Follow) == []
    stage.forget_planned()
    await follow(stage, request)
    assert stage.store.outbox.effects == []


async def test_it_is_looked_at_less_and_less_often(stage: Stage) -> None:
    """The operation's progress is checked less and less often, and no more after two weeks."""
    request = await sent(stage)
    waits = []
    for minutes in (0, 2, 8, 120):
        stage.clock.advance(minutes=minutes)
        await follow(stage, request)
        waits.append(stage.due_in(Follow(request.id)))
    stage.forget_planned()
    stage.clock.advance(days=14)
    await follow(stage, request)

    assert waits == [10, 60, 300, 900]
    assert stage.planned(Follow) == []


@pytest.mark.parametrize(
    ("before", "after"), [(Progress.RUNNING, Execution.DONE), (Progress.WAITING, Execution.UNKNOWN)]
)
async def test_a_device_that_is_not_found_is_doubtful_for_ten_minutes(
    stage: Stage, before: Progress, after: Execution
) -> None:
    """A wiped device that is missing for ten minutes counts as done if the wipe was seen, and as unknown otherwise."""
    request = await sent(stage)
    stage.orders.reached["d1"] = before
    known = await follow(stage, request)
    stage.orders.reached["d1"] = Progress.GONE

    stage.clock.advance(hours=1)
    assert await follow(stage, request) is known
    stage.clock.advance(minutes=9, seconds=59)
    assert await follow(stage, request) is known
    stage.clock.advance(seconds=1)

    assert await follow(stage, request) is after


async def test_a_device_that_is_found_again_was_never_gone(stage: Stage) -> None:
    """If the device is found again, the ten minutes begin again."""
    request = await sent(stage)
    for progress in (Progress.RUNNING, Progress.GONE, Progress.WAITING, Progress.GONE):
        stage.orders.reached["d1"] = progress
        stage.clock.advance(minutes=9)
        assert await follow(stage, request) is Execution.RUNNING


async def test_what_is_unknown_is_looked_at_again(stage: Stage) -> None:
    """A device with an unknown outcome is looked at again, because its record may come back."""
    request = await sent(stage)
    stage.orders.reached["d1"] = Progress.GONE
    await follow(stage, request)
    stage.clock.advance(minutes=10)
    assert await follow(stage, request) is Execution.UNKNOWN
    assert stage.planned(Reply) == [Reply(request.id, NotificationKind.OUTCOME_UNKNOWN)]
    stage.orders.reached["d1"] = Progress.DONE

    assert await follow(stage, request) is Execution.DONE


@pytest.mark.parametrize("progress", [Progress.STOPPED, Progress.ANEW])
async def test_what_has_no_time_tells_nothing_by_itself(stage: Stage, progress: Progress) -> None:
    """A result without a time counts only after the operation was seen running: it may belong to an earlier one."""
    request = await sent(stage)
    stage.orders.reached["d1"] = progress
    assert await follow(stage, request) is Execution.SENT
    stage.orders.reached["d1"] = Progress.RUNNING
    await follow(stage, request)
    stage.orders.reached["d1"] = progress

    assert (
        await follow(stage, request)
        is {
            Progress.STOPPED: Execution.FAILED,
            Progress.ANEW: Execution.DONE,
        }[progress]
    )


async def test_a_deleted_device_is_done_when_it_is_gone(stage: Stage) -> None:
    """Deleting a device is done when the device is gone."""
    stage.filer.holding = False
    request = await stage.asked("d1", Act.DELETE, policy_types=("deviceDelete",), action="delete")
    await approve(stage, CORA, request)
    await stage.journeys.filing_orders.file(request.id)
    stage.orders.reached["d1"] = Progress.GONE
    await follow(stage, request)
    stage.clock.advance(minutes=10)

    assert await follow(stage, request) is Execution.DONE


async def test_that_nothing_shows_is_said_once(stage: Stage) -> None:
    """After eight hours without any sign of the operation this is told, once."""
    request = await sent(stage)
    stage.clock.advance(hours=7, minutes=59)
    await follow(stage, request)
    assert stage.planned(Reply) == []
    stage.clock.advance(minutes=1)
    await follow(stage, request)
    await follow(stage, request)

    assert stage.planned(Reply) == [Reply(request.id, NotificationKind.NOTHING_SHOWS)]
    assert stage.planned(TellPerson) == [TellPerson(request.id, NotificationKind.NOTHING_SHOWS, "rita")]
    assert len(stage.recorded(Kind.NOT_SEEN)) == 1


async def test_what_is_under_way_is_not_doubted(stage: Stage) -> None:
    """An operation that is running is not doubted; after two weeks its outcome is unknown."""
    request = await sent(stage)
    stage.orders.reached["d1"] = Progress.RUNNING
    await follow(stage, request)
    stage.forget_planned()
    stage.clock.advance(days=13)
    assert await follow(stage, request) is Execution.RUNNING
    assert stage.recorded(Kind.NOT_SEEN) == []
    stage.clock.advance(days=1)

    assert await follow(stage, request) is Execution.UNKNOWN
    assert stage.planned(Reply) == [Reply(request.id, NotificationKind.OUTCOME_UNKNOWN)]


# --- requests that people completed -------------------------------------------------------------------------------


async def completed_by_hand(stage: Stage, row: Row | None = None) -> Request:
    """Return a request that Rita filed and completed in Intune herself."""
    request = await stage.taken_up(row)
    stage.forget_planned()
    stage.intune.move(intune_id_of(stage, request), raw_status=COMPLETED, approver=DANA_THERE)
    await stage.journeys.looking.look(request.id)
    return stage.now_of(request)


async def test_what_somebody_else_has_completed_is_followed(stage: Stage) -> None:
    """An operation that a person completed in Intune is followed like ours."""
    request = await completed_by_hand(stage)
    assert stage.due_in(Follow(request.id)) == 10
    stage.orders.reached["d1"] = Progress.DONE
    stage.forget_planned()

    assert await follow(stage, request) is Execution.DONE
    assert stage.planned(Reply) == [Reply(request.id, NotificationKind.DONE)]
    assert stage.planned(TellPerson) == [TellPerson(request.id, NotificationKind.DONE, "rita")]


async def test_the_deletion_of_a_script_is_no_deletion_of_a_device(stage: Stage) -> None:
    """Deleting a script is not followed: it has happened when Intune says completed."""
    row = wipe(policy_types=("script",), kind="DeviceManagementScript", action="", operation="Delete")
    request = await completed_by_hand(stage, row)

    assert request.execution is Execution.SENT
    assert stage.planned(Follow) == []
    await stage.journeys.tracking.follow(request)
    assert stage.now_of(request) == request


async def test_an_assignment_whose_target_is_gone_has_failed(stage: Stage) -> None:
    """An assignment has failed if its target was deleted."""
    stage.filer.holding = False
    request = await stage.asked("s1", Act.ROLE, policy_types=("role",), kind="RoleDefinition", action="assign")
    await approve(stage, CORA, request)
    await stage.journeys.filing_orders.file(request.id)
    assert state_of(stage, request) is FilingState.RAN
    stage.orders.reached["s1"] = Progress.GONE
    await follow(stage, request)
    stage.clock.advance(minutes=10)

    assert await follow(stage, request) is Execution.FAILED


async def test_what_was_not_sent_is_not_followed(stage: Stage) -> None:
    """An order that was not sent is not followed, because the effect may be an old one."""
    request = await held(stage)
    stage.orders.reached["d1"] = Progress.DONE

    assert await follow(stage, request) is Execution.NONE


# --- many devices -------------------------------------------------------------------------------------------------


def shipment(*devices: str) -> Row:
    """Return the row of one wipe of all these devices."""
    listed = tuple({"deviceName": one.upper(), "deviceId": one} for one in devices)
    return wipe(target_id="", target="A shipment", devices=listed)


async def test_each_of_many_devices_is_looked_at(stage: Stage) -> None:
    """Each of many devices is looked at until its operation is over."""
    request = await completed_by_hand(stage, shipment("d1", "d2"))
    assert stage.due_in(Follow(request.id)) == 10
    stage.orders.reached |= {"d1": Progress.DONE, "d2": Progress.RUNNING}
    assert await follow(stage, request) is Execution.RUNNING
    stage.orders.reached |= {"d1": Progress.GONE, "d2": Progress.DONE}

    assert await follow(stage, request) is Execution.DONE


async def test_one_device_that_may_not_be_read_hides_no_other(stage: Stage) -> None:
    """A device that may not be read does not stop the others; other errors of the neighbour are raised."""
    request = await completed_by_hand(stage, shipment("d1", "d2"))
    stage.orders.troubles.refuses["progress"] = Forbidden("out of scope")
    assert await follow(stage, request) is Execution.SENT

    for trouble in (Unavailable("away"), TokenRefused("no rights")):
        stage.orders.troubles.refuses["progress"] = trouble
        with pytest.raises(type(trouble)):
            await follow(stage, request)


async def test_a_refused_look_does_not_say_that_the_device_is_there(stage: Stage) -> None:
    """A refused look does not count as finding the device: the ten minutes go on."""
    request = await completed_by_hand(stage, shipment("d1", "d2"))
    stage.orders.reached |= {"d1": Progress.GONE, "d2": Progress.GONE}
    await follow(stage, request)
    stage.clock.advance(minutes=5)
    stage.orders.troubles.refuses["progress"] = Forbidden("just now")
    await follow(stage, request)
    stage.orders.troubles.refuses.clear()
    stage.clock.advance(minutes=5)

    assert await follow(stage, request) is Execution.UNKNOWN


async def test_a_device_that_is_named_twice_is_one(stage: Stage) -> None:
    """A device that is named twice, in any spelling, counts once."""
    request = await completed_by_hand(stage, shipment("d1", "D1", "d2", ""))

    assert request.sent is not None
    assert [device.id for device in request.sent.devices] == ["d1", "d2", ""]
