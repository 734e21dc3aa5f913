"""What became of an operation: what Intune shows of it, what it does not show, and what nobody knows."""

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
    """Rita asks for the wipe of PC-1; Dana approves, and it is sent."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))


async def by_hand(day: Office) -> None:
    """Rita files the wipe of PC-1 in the portal; Dana approves on the card, and Rita completes it there."""
    await day.install_for("rita")
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")
    await day.poll()
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    day.tenant.portal.complete("rita", filed)
    await day.pass_time(minutes=1)
    await day.poll()


async def execution(day: Office) -> Execution:
    """How far the operation has come."""
    [request_id] = {entry.request_id for entry in await day.audit(Kind.EXECUTED, Kind.PICKED_UP, Kind.ASKED)}
    request = await day.bot.store.requests.load(request_id)
    assert request is not None
    return request.execution


async def hours(day: Office, many: float) -> None:
    """Time passes, in quarters of an hour."""
    for _ in range(int(many * 4)):
        await day.pass_time(minutes=15)


def lines(day: Office, words: str) -> int:
    """How often Rita was told something with these words."""
    return len([one for one in day.told("rita") if words in one])


def fleet(day: Office, size: int) -> list[str]:
    """So many more devices like PC-1; their ids."""
    model = day.tenant.world.device("PC-1")
    ids = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(1, size + 1)]
    for number, device_id in enumerate(ids):
        fresh = {**model, "id": device_id, "deviceName": f"FLEET-{number}", "deviceActionResults": []}
        day.tenant.world.devices[device_id] = fresh
    return ids


async def on_all(day: Office, devices: list[str]) -> None:
    """Rita files the wipe of all of them in the portal; Dana approves it, and Rita completes it there."""
    await day.install_for("rita")
    filed = day.tenant.portal.file_bulk("rita", "wipe", devices, "The whole shipment was stolen")
    await day.poll()
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    day.tenant.portal.complete("rita", filed)
    await day.pass_time(minutes=1)
    await day.poll()


def reads(day: Office) -> int:
    """How often a device was looked at."""
    return sum(call.method == "GET" and "/managedDevices/" in call.path for call in day.tenant.graph.calls)


def exclude(day: Office) -> None:
    """Our application is excluded from the access policy, which nobody can see."""
    [policy] = [one for one in day.tenant.world.policies.values() if one.policy_type == "deviceWipe"]
    policy.excluded_app_ids.add(day.tenant.world.application(ACTOR).app_id)


def wiped_by_petra(day: Office) -> str:
    """Petra files the wipe of PC-1 in the portal, and Sam approves it there."""
    filed = day.tenant.portal.file_wipe("petra", "PC-1", "By hand")
    day.tenant.portal.approve("sam", filed)
    return filed


Sent = Callable[[Office], Awaitable[None]]
SENT = pytest.mark.parametrize("sent", [ordered, by_hand])


def in_intune(knobs: Knobs) -> pytest.MarkDecorator:
    """An Intune that behaves so."""
    return day_with(asking=True, knobs=knobs)


@SENT
@in_intune(THEN_GONE)
async def test_a_wiped_device_leaves_intune(day: Office, sent: Sent) -> None:
    """It was seen to be under way, and then its record is gone: it is done, although no result ever said so."""
    await sent(day)
    await day.pass_time(minutes=5)
    assert "under way" in text_of(day.card().card)

    await hours(day, 1)

    assert "✓ Done" in text_of(day.card().card)
    assert lines(day, "Done") == 1


@SENT
@in_intune(COMES_BACK)
async def test_a_device_that_was_enrolled_again(day: Office, sent: Sent) -> None:
    """It has a new record of the same name, which says nothing of the old one."""
    await sent(day)
    await hours(day, 1)

    assert day.tenant.world.device("PC-1")["managementState"] == "managed"
    assert "✓ Done" in text_of(day.card().card)


@SENT
@in_intune(GONE_AT_ONCE)
async def test_a_record_that_goes_before_anything_was_seen(day: Office, sent: Sent) -> None:
    """Somebody may have deleted it: neither done nor failed, and that is said once."""
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
    """Only the state of management says so."""
    await sent(day)
    await hours(day, 1)

    assert "✕ Failed" in text_of(day.card().card)


@SENT
@in_intune(NOTHING)
async def test_nothing_ever_shows(day: Office, sent: Sent) -> None:
    """After some hours that is said once, here and in the audit; after two weeks nobody knows."""
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
    """Reads fail now and then, also hours later: one look proves nothing."""
    await sent(day)
    await hours(day, 3)
    day.tenant.graph.faults.append(Fault(Faults.MISSING, "/managedDevices/", method="GET", times=1))
    await hours(day, 1)
    assert await execution(day) is Execution.RUNNING


@in_intune(replace(THEN_GONE, lags=timedelta(hours=3)))
async def test_a_lost_completion_is_seen_on_the_device(day: Office) -> None:
    """Intune goes on saying approved for a while: the call is not made a second time."""
    day.tenant.graph.faults.append(Fault(Faults.LOST_ANSWER, "/wipe$", method="POST", after=1))
    await ordered(day)
    await hours(day, 2)

    assert sum(call.path.endswith("/wipe") for call in day.tenant.graph.calls) == 2
    assert "✓ Done" in text_of(day.card().card)


@in_intune(STATE_ALONE)
async def test_a_lost_filing_that_ran_at_once_is_seen_on_the_device(day: Office) -> None:
    """No access policy held it: it is pending on the device, and that alarms."""
    exclude(day)
    day.tenant.graph.faults.append(Fault(Faults.LOST_ANSWER, "/wipe$", method="POST"))
    await ordered(day)
    await hours(day, 1)

    assert [one for one in day.alarms() if "did not hold this for a second person" in one]
    assert sum(call.path.endswith("/wipe") for call in day.tenant.graph.calls) == 1


@in_intune(STATE_ALONE)
async def test_what_is_pending_already_is_not_sent_once_more(day: Office) -> None:
    """Somebody else's wipe is under way there; a second one would prove nothing of ours either."""
    day.tenant.portal.complete("petra", wiped_by_petra(day))
    await ordered(day)
    assert "done already" in text_of(day.card().card)
    assert len(day.tenant.graph.requests()) == 1


@pytest.mark.parametrize("time", ODD_TIMES)
@in_intune(Knobs())
async def test_a_completion_that_was_noticed_late_and_has_no_time(day: Office, time: str) -> None:
    """What the device shows since is of this one, although Intune does not say when it was sent."""
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
    """Each is looked at, a bounded number at a time; the card counts those that are done."""
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
    """They are done when they are; at the end nobody knows of the others."""
    ids = fleet(day, 30)
    await on_all(day, ids)
    for device_id in ids[:5]:
        del day.tenant.world.devices[device_id]  # before anybody has seen that it was told
    for _ in range(90):
        await day.pass_time(minutes=1)
    assert "25 of 30 devices are done" in text_of(day.card().card)
    assert lines(day, "Done") == 0

    await day.pass_time(days=14)
    await day.pass_time(hours=1)
    assert await execution(day) is Execution.UNKNOWN
    assert "Nobody knows of 5 of 30 devices" in text_of(day.card().card)
    assert lines(day, "Nobody knows") == 1
