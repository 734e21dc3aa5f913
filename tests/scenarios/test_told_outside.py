"""Whoever is outside of the tenant hears of alarms even when Teams is down, and of silence when the bot is."""

import json
from datetime import timedelta
from itertools import pairwise

import pytest

from approvals.effects import told
from approvals.incident import Concern, Incident
from handlers.intune.minder import BEAT_EVERY, Minder
from simulator.teams.faults import Fault, Kind
from tests.office import Office, day_with
from tests.scenarios.test_blind_poller import blind, script

OUTSIDE = day_with(outside=True)
NIGHT = day_with(outside=True, night=True)


def minders(day: Office) -> list[Minder]:
    """What each replica does every few seconds."""
    return [bot.minder for bot in day.bots]


async def mind(day: Office, **time: float) -> None:
    """Time passes without any poll, and every replica looks."""
    day.tenant.clock.advance(timedelta(**time))
    for minder in minders(day):
        await minder.turn()
    await day.work()


def heard(day: Office) -> list[tuple[str, str]]:
    """What was told outside: the type, and the sentence."""
    assert day.tenant.outside.forged == []
    return [(event["type"], event["data"]["text"]) for event in day.tenant.outside.events]


@day_with(replicas=2, outside=True)
async def test_nobody_polls(day: Office) -> None:
    """One alarm in the channel and one outside, however many replicas notice it; one line each when it is over."""
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
async def test_a_row_that_is_never_taken_in(day: Office) -> None:
    """Its id is in the alarm, for somebody has to decide it in the portal."""
    await day.poll()
    bad = await script(day)
    with blind(day, "deviceManagementScripts"):
        await mind(day)
        await day.poll()
        await mind(day, minutes=10)

    [alarm] = day.alarms()
    assert f"These of its requests cannot be taken in: {bad}." in alarm
    assert heard(day) == [("countersign.alarm", alarm)]


@OUTSIDE
async def test_an_alarm_is_heard_where_teams_is_down(day: Office) -> None:
    """It does not wait for what cannot be said in the channel, and carries no more of a person than a name."""
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
    """The reason is for those who may read the card."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")
    await day.poll()
    await day.break_glass("ivan", await day.request_id(), "The director's laptop was stolen at the airport")

    glass = [text for kind, text in heard(day) if "broke the glass" in text]
    assert len(glass) == 1
    assert "airport" not in str(day.tenant.outside.events)
    assert "train" not in str(day.tenant.outside.events)


@NIGHT
async def test_every_page_is_heard(day: Office) -> None:
    """One event for each of those on call, by name."""
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
    """The id is the same at every attempt, so whoever heard it and could not say so drops the repetition."""
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
    """Every minute, whichever replica sends it; none before the first poll, and none when polls are not complete."""
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


@pytest.mark.parametrize("status", [302, 404])
@OUTSIDE
async def test_a_receiver_that_sends_elsewhere(day: Office, status: int) -> None:
    """No redirection is followed, wherever it leads; the work is tried again and given up like any other."""
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
