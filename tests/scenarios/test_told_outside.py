"""A receiver outside the tenant hears of alarms even when Teams is down, and notices when the bot is silent."""

import json
from datetime import timedelta
from itertools import pairwise

import pytest

from approvals.effects import Planned, RefreshCards, told
from approvals.incident import Concern, Incident
from handlers.intune.minder import BEAT_EVERY, MOST_OVERDUE, Minder
from simulator.teams.faults import Fault, Kind
from tests.office import Office, day_with
from tests.scenarios.test_blind_poller import blind, script

OUTSIDE = day_with(outside=True)
NIGHT = day_with(outside=True, night=True)


def minders(day: Office) -> list[Minder]:
    """Return the minder of each replica."""
    return [bot.minder for bot in day.bots]


async def mind(day: Office, **time: float) -> None:
    """Let time pass without a poll, and let every replica's minder look."""
    day.tenant.clock.advance(timedelta(**time))
    for minder in minders(day):
        await minder.turn()
    await day.work()


def heard(day: Office) -> list[tuple[str, str]]:
    """Return the type and the sentence of each event that was sent outside."""
    assert day.tenant.outside.forged == []
    return [(event["type"], event["data"]["text"]) for event in day.tenant.outside.events]


@day_with(replicas=2, outside=True)
async def test_nobody_polls(day: Office) -> None:
    """If nobody polls, there is one alarm in the channel and one outside, with any number of replicas, and one line
    each when it is over."""
    await day.poll()
    await mind(day)
    await mind(day, minutes=9)
    early = (day.alarms(), heard(day))
    for _ in range(5):
        await mind(day, minutes=1)
    alarmed = (day.alarms(), heard(day))
    await day.poll()
    await day.poll()
    await mind(day, minutes=1)

    line = (
        "Alarm: Intune has not been read completely since 2026-11-23 08:00 UTC. New requests are not noticed. "
        "Look at round_interrupted in the log, at Graph's health and at the way out."
    )
    over = "Intune is read completely again."
    assert early == ([], [])
    assert alarmed == ([line], [("countersign.alarm", line)])
    assert day.alarms() == [line, over]
    assert heard(day) == [("countersign.alarm", line), ("countersign.over", over)]


@OUTSIDE
async def test_the_next_outage_alarms_again(day: Office) -> None:
    """The next outage raises a new alarm."""
    for _ in range(2):
        await day.poll()
        await mind(day)
        await mind(day, minutes=10)
    await day.poll()

    assert [kind for kind, _ in heard(day)] == ["countersign.alarm", "countersign.over"] * 2


@OUTSIDE
async def test_a_row_that_is_never_taken_in(day: Office) -> None:
    """The alarm names the id of a request that cannot be taken in, because somebody has to decide it in the portal."""
    await day.poll()
    bad = await script(day)
    with blind(day, "deviceManagementScripts"):
        await mind(day)
        await day.poll()
        await mind(day, minutes=10)

    [alarm] = day.alarms()
    assert f"These of its requests cannot be taken in: {bad}." in alarm
    assert heard(day) == [("countersign.alarm", alarm)]


async def test_a_bot_that_was_down_does_not_alarm_of_that(day: Office) -> None:
    """After the bot was down, there is no alarm at once, because its first poll may still be running. The alarm comes
    later."""
    await day.poll()
    day.tenant.clock.advance(timedelta(days=2))
    await mind(day)
    await mind(day, minutes=9)
    early = day.alarms()
    await mind(day, minutes=1)

    assert early == []
    assert len(day.alarms()) == 1


@OUTSIDE
async def test_an_alarm_is_heard_where_teams_is_down(day: Office) -> None:
    """An alarm is sent outside even if Teams is down, and contains nothing of a person but the name."""
    filed = await script(day)
    await day.poll()
    day.tenant.connector.faults.append(Fault(Kind.STATUS, 503, times=1000))
    day.tenant.portal.approve("alex", filed, "Saves time")
    await day.bot.journeys.poll.poll()
    await day.work()

    [event] = day.tenant.outside.events
    assert day.alarms() == []
    assert event["type"] == "countersign.alarm"
    assert event["subject"] == event["data"]["request"] == await day.request_id()
    assert event["source"] == day.urls[0]
    assert event["specversion"] == "1.0"
    assert event["time"].endswith("Z")
    assert "Update script Disable-LegacyTLS, requested by Rita Rossi" in event["data"]["text"]
    assert "the quorum here is not reached" in event["data"]["text"]
    rita, alex = day.tenant.world.user("rita"), day.tenant.world.user("alex")
    for secret in (rita.id, alex.id, rita.upn, alex.upn, "An old printer needs it", "Saves time"):
        assert secret not in json.dumps(event)


@NIGHT
async def test_a_broken_glass_is_heard_without_the_reason(day: Office) -> None:
    """An event about break-glass does not contain the reason, which only readers of the card may see."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")
    await day.poll()
    await day.break_glass("ivan", await day.request_id(), "The director's laptop was stolen at the airport")

    glass = [text for kind, text in heard(day) if "broke the glass" in text]
    assert len(glass) == 1
    assert "airport" not in str(day.tenant.outside.events)
    assert "train" not in str(day.tenant.outside.events)


@NIGHT
async def test_every_page_is_heard(day: Office) -> None:
    """Each page of a person on call is sent outside, with the person's name."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")
    await day.poll()
    await day.pass_time(hours=20)
    await day.pass_time(minutes=10)

    pages = [text for kind, text in heard(day) if kind == "countersign.page"]
    assert len(pages) == 2
    assert "Sam" in pages[0]
    assert "Dana" in pages[1]


@OUTSIDE
async def test_a_receiver_that_is_away_hears_it_later_and_once(day: Office) -> None:
    """A receiver that was away gets the event later. Its id stays the same, so repetitions can be dropped."""
    outside = day.tenant.outside
    outside.status = 503
    incident = Incident.at_once(Concern.BRAKE, "Paused by Alex Adler.", day.tenant.clock.now())
    await day.bot.store.outbox.plan(told(incident), day.tenant.clock.now())
    await day.work()
    outside.status = 204
    await day.pass_time(minutes=1)
    await day.bot.store.outbox.plan(told(incident), day.tenant.clock.now())
    await day.work()

    assert day.alarms()[0] == "Paused by Alex Adler."
    assert outside.attempts == 3
    assert [event["id"] for event in outside.events] == [incident.id]


@day_with(replicas=2, outside=True)
async def test_a_heartbeat_for_as_long_as_all_is_well(day: Office) -> None:
    """A heartbeat is sent every minute by any replica, but not before the first poll and not while polls are
    incomplete."""
    await mind(day)
    never = len(day.tenant.outside.beats)
    await day.poll()
    for _ in range(9):
        await mind(day, seconds=20)
    beats = list(day.tenant.outside.beats)
    await mind(day, minutes=10)
    await mind(day, minutes=1)

    assert never == 0
    assert [later - earlier for earlier, later in pairwise(beats)] == [BEAT_EVERY] * 2
    assert day.tenant.outside.beats == beats


@OUTSIDE
async def test_no_heartbeat_where_nobody_does_what_is_due(day: Office) -> None:
    """There is no heartbeat while due effects are not carried out."""
    await day.poll()
    await day.bot.store.outbox.plan([Planned(RefreshCards("R1"))], day.tenant.clock.now())
    day.tenant.clock.advance(MOST_OVERDUE)
    await day.bot.minder.turn()
    overdue = len(day.tenant.outside.beats)
    await day.work()
    await day.bot.minder.turn()

    assert (overdue, len(day.tenant.outside.beats)) == (0, 1)


@pytest.mark.parametrize("status", [302, 404])
@OUTSIDE
async def test_a_receiver_that_sends_elsewhere(day: Office, status: int) -> None:
    """Redirections are not followed. The effect is tried again, and finally given up."""
    outside = day.tenant.outside
    outside.status = status
    incident = Incident.at_once(Concern.BRAKE, "Paused.", day.tenant.clock.now())
    await day.bot.store.outbox.plan(told(incident), day.tenant.clock.now())
    for _ in range(12):
        await day.pass_time(minutes=6)

    [letter] = await day.bot.store.outbox.dead_letters()
    assert letter["id"] == f"CallOutIncident:{incident.id}"
    assert f"answered {status}" in letter["why"]
    assert "a-secret" not in str(letter)
