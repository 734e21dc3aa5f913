"""The outcome of an operation: what Intune shows, what it does not show, and what nobody knows."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.audit import Kind
from approvals.request import Execution
from simulator.graph.faults import Fault
from simulator.graph.faults import Kind as Faults
from simulator.graph.knobs import Knobs
from simulator.harshest import ODD_TIMES
from simulator.story import ACTOR
from tests.office import Office, day_with, sign_in_link, text_of

STATE_ALONE = Knobs(action_shown="state")
THEN_GONE = Knobs(action_shown="state", leaves="when done")
COMES_BACK = Knobs(action_shown="state", leaves="when done", comes_back=True)
GONE_AT_ONCE = Knobs(action_shown="state", leaves="at once")
CANCELED = Knobs(action_shown="state", action_outcome="canceled")
NOTHING = Knobs(action_shown="nowhere")


async def ordered(day: Office) -> None:
    """Request the wipe of PC-1 as Rita, and approve it as Dana, so that it is sent."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))


async def by_hand(day: Office) -> None:
    """File the wipe of PC-1 in the portal as Rita, approve it as Dana, and complete it in the portal."""
    await day.install_for("rita")
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")
    await day.poll()
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    day.tenant.portal.complete("rita", filed)
    await day.pass_time(minutes=1)
    await day.poll()


async def execution(day: Office) -> Execution:
    """Return how far the operation has come."""
    [request_id] = {entry.request_id for entry in await day.audit(Kind.EXECUTED, Kind.PICKED_UP, Kind.ASKED)}
    request = await day.bot.store.requests.load(request_id)
    assert request is not None
    return request.execution


async def hours(day: Office, many: float) -> None:
    """Let time pass, in quarters of an hour."""
    for _ in range(int(many * 4)):
        await day.pass_time(minutes=15)


def lines(day: Office, words: str) -> int:
    """Return how often Rita was told these words."""
    return len([one for one in day.told("rita") if words in one])


def fleet(day: Office, size: int) -> list[str]:
    """Add this many devices like PC-1, and return their ids."""
    model = day.tenant.world.device("PC-1")
    ids = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(1, size + 1)]
    for number, device_id in enumerate(ids):
        fresh = {**model, "id": device_id, "deviceName": f"FLEET-{number}", "deviceActionResults": []}
        day.tenant.world.devices[device_id] = fresh
    return ids


async def on_all(day: Office, devices: list[str]) -> None:
    """File the wipe of these devices in the portal as Rita, approve it as Dana, and complete it in the portal."""
    await day.install_for("rita")
    filed = day.tenant.portal.file_bulk("rita", "wipe", devices, "The whole shipment was stolen")
    await day.poll()
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    day.tenant.portal.complete("rita", filed)
    await day.pass_time(minutes=1)
    await day.poll()


def reads(day: Office) -> int:
    """Return how often a device was read."""
    return sum(call.method == "GET" and "/managedDevices/" in call.path for call in day.tenant.graph.calls)


def exclude(day: Office) -> None:
    """Exclude our application from the access policy, which the bot cannot see."""
    [policy] = [one for one in day.tenant.world.policies.values() if one.policy_type == "deviceWipe"]
    policy.excluded_app_ids.add(day.tenant.world.application(ACTOR).app_id)


def wiped_by_petra(day: Office) -> str:
    """File the wipe of PC-1 in the portal as Petra, and approve it there as Sam. Return its Intune id."""
    filed = day.tenant.portal.file_wipe("petra", "PC-1", "By hand")
    day.tenant.portal.approve("sam", filed)
    return filed


Sent = Callable[[Office], Awaitable[None]]
SENT = pytest.mark.parametrize("sent", [ordered, by_hand])


def in_intune(knobs: Knobs) -> pytest.MarkDecorator:
    """Return the mark of a test whose Intune behaves as these knobs say."""
    return day_with(asking=True, knobs=knobs)


@SENT
@in_intune(THEN_GONE)
async def test_a_wiped_device_leaves_intune(day: Office, sent: Sent) -> None:
    """A device that was seen under way and whose record is gone later is done, even without a result."""
    await sent(day)
    await day.pass_time(minutes=5)
    assert "under way" in text_of(day.card().card)

    await hours(day, 1)

    assert "✓ Done" in text_of(day.card().card)
    assert lines(day, "Done") == 1


@SENT
@in_intune(COMES_BACK)
async def test_a_device_that_was_enrolled_again(day: Office, sent: Sent) -> None:
    """The new record of a device that was enrolled again says nothing about the old operation, which is done."""
    await sent(day)
    await hours(day, 1)

    assert day.tenant.world.device("PC-1")["managementState"] == "managed"
    assert "✓ Done" in text_of(day.card().card)


@SENT
@in_intune(GONE_AT_ONCE)
async def test_a_record_that_goes_before_anything_was_seen(day: Office, sent: Sent) -> None:
    """If the record disappears before anything was seen, the outcome is unknown, and that is said once: somebody may
    have deleted it."""
    await sent(day)
    await hours(day, 10)

    assert await execution(day) is Execution.UNKNOWN
    assert "outcome unknown" in text_of(day.card().card)
    assert "Nobody knows" in text_of(day.card().card)
    assert lines(day, "Nobody knows") == 1
    assert (lines(day, "Done"), lines(day, "failed"), lines(day, "nothing has shown")) == (0, 0, 0)


@SENT
@in_intune(CANCELED)
async def test_an_operation_that_was_canceled(day: Office, sent: Sent) -> None:
    """An operation that was cancelled, which only the management state shows, has failed."""
    await sent(day)
    await hours(day, 1)

    assert "✕ Failed" in text_of(day.card().card)


@SENT
@in_intune(NOTHING)
async def test_nothing_ever_shows(day: Office, sent: Sent) -> None:
    """If Intune shows nothing, that is said once after some hours; after two weeks the outcome is unknown."""
    await sent(day)
    await hours(day, 7)
    assert lines(day, "nothing has shown") == 0
    await hours(day, 3)
    assert lines(day, "nothing has shown") == 1
    assert "Nothing has shown yet" in text_of(day.card().card)
    assert len(await day.audit(Kind.NOT_SEEN)) == 1
    assert await execution(day) is Execution.SENT

    await day.pass_time(days=14)
    await day.pass_time(days=1)
    assert (lines(day, "nothing has shown"), lines(day, "Nobody knows")) == (1, 1)
    assert "outcome unknown" in text_of(day.card().card)
    assert (await day.audit(Kind.EXECUTED))[-1].after == Execution.UNKNOWN


@SENT
@in_intune(STATE_ALONE)
async def test_a_record_that_is_not_found_for_a_moment(day: Office, sent: Sent) -> None:
    """One read that does not find the record proves nothing, even hours later."""
    await sent(day)
    await hours(day, 3)
    day.tenant.graph.faults.append(Fault(Faults.MISSING, "/managedDevices/", method="GET", times=1))
    await hours(day, 1)
    assert await execution(day) is Execution.RUNNING


@in_intune(replace(THEN_GONE, lags=timedelta(hours=3)))
async def test_a_lost_completion_is_seen_on_the_device(day: Office) -> None:
    """If the answer to completing is lost and Intune still shows "approved", the device shows the wipe, and the call is
    not made again."""
    day.tenant.graph.faults.append(Fault(Faults.LOST_ANSWER, "/wipe$", method="POST", after=1))
    await ordered(day)
    await hours(day, 2)

    assert sum(call.path.endswith("/wipe") for call in day.tenant.graph.calls) == 2
    assert "✓ Done" in text_of(day.card().card)


@in_intune(STATE_ALONE)
async def test_a_lost_filing_that_ran_at_once_is_seen_on_the_device(day: Office) -> None:
    """If the answer to filing is lost and the order ran unheld, the device shows it, and the bot alarms."""
    exclude(day)
    day.tenant.graph.faults.append(Fault(Faults.LOST_ANSWER, "/wipe$", method="POST"))
    await ordered(day)
    await hours(day, 1)

    assert [one for one in day.alarms() if "did not hold this for a second person" in one]
    assert sum(call.path.endswith("/wipe") for call in day.tenant.graph.calls) == 1


@in_intune(STATE_ALONE)
async def test_what_is_pending_already_is_not_sent_once_more(day: Office) -> None:
    """If another person's wipe is already under way on the device, no second one is sent."""
    day.tenant.portal.complete("petra", wiped_by_petra(day))
    await ordered(day)
    assert "done already" in text_of(day.card().card)
    assert len(day.tenant.graph.requests()) == 1


@pytest.mark.parametrize("time", ODD_TIMES)
@in_intune(Knobs())
async def test_a_completion_that_was_noticed_late_and_has_no_time(day: Office, time: str) -> None:
    """If a completion is noticed late and has no usable time, the result on the device still belongs to it."""
    await day.install_for("rita")
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")
    await day.poll()
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    day.tenant.graph.knobs.shown_fields[filed] = {"lastModifiedDateTime": time}
    day.tenant.portal.complete("rita", filed)
    day.tenant.clock.advance(timedelta(minutes=10))  # nobody could read Intune
    await day.poll()
    await hours(day, 10)

    assert "✓ Done" in text_of(day.card().card)
    assert lines(day, "nothing has shown") == 0


@in_intune(Knobs())
async def test_many_devices_are_counted(day: Office) -> None:
    """On many devices, a limited number is read at a time, and the card shows how many are done."""
    await on_all(day, fleet(day, 50))
    before = reads(day)
    await day.pass_time(seconds=30)
    assert 0 < reads(day) - before <= 20

    for _ in range(60):
        await day.pass_time(minutes=1)
    assert "✓ Done" in text_of(day.card().card)
    assert "All 50 devices are done" in text_of(day.card().card)
    assert lines(day, "Done") == 1


@in_intune(THEN_GONE)
async def test_some_of_many_devices_are_switched_off(day: Office) -> None:
    """If some of many devices never show a result, their outcome is unknown in the end."""
    ids = fleet(day, 30)
    await on_all(day, ids)
    for device_id in ids[:5]:
        del day.tenant.world.devices[device_id]  # before the bot has seen that the device got the command
    for _ in range(90):
        await day.pass_time(minutes=1)
    assert "25 of 30 devices are done" in text_of(day.card().card)
    assert lines(day, "Done") == 0

    await day.pass_time(days=14)
    await day.pass_time(hours=1)
    assert await execution(day) is Execution.UNKNOWN
    assert "Nobody knows of 5 of 30 devices" in text_of(day.card().card)
    assert lines(day, "Nobody knows") == 1
