"""An alarm if nobody polls, and a heartbeat as long as all is well."""

from datetime import timedelta

import pytest

from approvals.effects import CallOutIncident, Planned, RefreshCards, SayIncident
from handlers.intune.minder import MOST_OVERDUE, Minder
from handlers.ports.errors import Unavailable
from tests.handlers.stage import Stage

TOO_LONG = timedelta(minutes=10)


def minder(stage: Stage) -> Minder:
    """Return the minder of one replica."""
    return Minder(stage.store.poll, stage.store.outbox, stage.clock, stage.heartbeat, TOO_LONG)


async def test_as_long_as_all_is_well_a_heartbeat_is_sent_each_minute(stage: Stage) -> None:
    """As long as all is well, all replicas together send one heartbeat a minute."""
    await stage.journeys.poll.poll()
    minders = [minder(stage), minder(stage)]
    for _ in range(12):
        for one in minders:
            await one.turn()
        stage.clock.advance(seconds=10)

    assert stage.heartbeat.beats == 2


async def test_before_the_first_complete_poll_there_is_no_heartbeat(stage: Stage) -> None:
    """Before the first complete poll no heartbeat is sent, because nobody knows yet that all is well."""
    await minder(stage).turn()

    assert stage.heartbeat.beats == 0


async def test_where_nobody_polls_it_is_alarmed_once(stage: Stage) -> None:
    """If nobody polls, this is alarmed once, in the operations channel and outside, and heartbeats stop."""
    await stage.journeys.poll.poll()
    minders = [minder(stage), minder(stage)]
    for one in minders:
        await one.turn()
    beats = stage.heartbeat.beats
    stage.clock.time += TOO_LONG - timedelta(seconds=1)
    await minders[0].turn()
    assert stage.planned(SayIncident) == []
    beats = stage.heartbeat.beats
    stage.clock.advance(seconds=1)

    for one in minders * 2:
        await one.turn()

    (say,) = stage.planned(SayIncident)
    assert "Intune has not been read completely since" in say.incident.text
    assert len(stage.planned(CallOutIncident)) == 1
    assert stage.heartbeat.beats == beats


async def test_the_alarm_names_the_rows_that_are_stuck(stage: Stage) -> None:
    """The alarm names the rows that cannot be taken in, so that they can be decided in the portal."""
    await stage.journeys.poll.poll()
    one = minder(stage)
    await one.turn()
    await stage.store.poll.incomplete(["i7"])
    stage.clock.time += TOO_LONG

    await one.turn()

    assert "These of its requests cannot be taken in: i7." in stage.planned(SayIncident)[0].incident.text


async def test_a_replica_does_not_alarm_of_what_was_missed_before_it_began(stage: Stage) -> None:
    """A replica does not alarm about polls that were missed before it started, because its own may be under way."""
    await stage.journeys.poll.poll()
    stage.clock.time += TOO_LONG * 5
    one = minder(stage)

    await one.turn()
    assert stage.planned(SayIncident) == []
    stage.clock.time += TOO_LONG
    await one.turn()

    assert len(stage.planned(SayIncident)) == 1


async def test_a_poll_that_is_complete_again_lets_it_alarm_anew(stage: Stage) -> None:
    """After a complete poll the next failure alarms again, once."""
    await stage.journeys.poll.poll()
    one = minder(stage)
    await one.turn()
    for _ in range(2):
        stage.clock.time += TOO_LONG
        await one.turn()
        await stage.journeys.poll.poll()
        await one.turn()

    assert len({say.incident.id for say in stage.planned(SayIncident)}) == 4
    texts = [say.incident.text for say in stage.planned(SayIncident)]
    assert [text.startswith("Alarm") for text in texts] == [True, False, True, False]


async def test_an_outbox_that_nobody_works_stops_the_heartbeat(stage: Stage) -> None:
    """If nobody works on the outbox, no heartbeat is sent, because decisions would reach nobody."""
    await stage.journeys.poll.poll()
    await stage.store.outbox.plan([Planned(RefreshCards("R1"))], stage.clock.time)
    one = minder(stage)
    await one.turn()
    assert stage.heartbeat.beats == 1
    stage.clock.time += MOST_OVERDUE

    await one.turn()

    assert stage.heartbeat.beats == 1


async def test_a_heartbeat_that_fails_is_sent_again_at_the_next_turn(stage: Stage) -> None:
    """A heartbeat that fails is sent again at the next turn."""
    await stage.journeys.poll.poll()
    one = minder(stage)
    stage.heartbeat.troubles.refuses["beat"] = Unavailable("away")
    with pytest.raises(Unavailable):
        await one.turn()
    stage.heartbeat.troubles.refuses.clear()

    await one.turn()

    assert stage.heartbeat.beats == 1


async def test_without_anybody_who_waits_for_heartbeats_it_still_alarms(stage: Stage) -> None:
    """Alarms are raised even if no heartbeat is configured."""
    await stage.journeys.poll.poll()
    one = Minder(stage.store.poll, stage.store.outbox, stage.clock, None, TOO_LONG)
    await one.turn()
    stage.clock.time += TOO_LONG

    await one.turn()

    assert len(stage.planned(SayIncident)) == 1
