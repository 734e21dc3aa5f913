"""The pace of writing to Teams, on a clock that the test drives, and the merging of edits."""

import asyncio
from collections.abc import Callable

import pytest

from bot.teams.outbound.messages import Outgoing
from bot.teams.outbound.pacing import PATIENCE, Edits, Pace
from handlers.ports.errors import Gone, Throttled
from tests.bot.teams.outbound.outbound import Time

CHANNEL = "19:a@thread.tacv2"
CARD = (CHANNEL, "1700")
PUBLISHED = ((7, 1), (8, 2), (60, 30), (1800, 3600))  # writes per seconds, as Teams publishes them


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def pace(time: Time) -> Pace:
    return Pace(time.monotonic, time.sleep)


def within_limits(moments: list[float]) -> bool:
    """Return whether no period contains more writes than the limit for it allows."""
    return all(
        later - earlier >= seconds
        for count, seconds in PUBLISHED
        for earlier, later in zip(moments, moments[count:], strict=False)
    )


async def test_first_seven_at_once(pace: Pace, time: Time) -> None:
    """Seven writes need no waiting, the eighth waits until a second is over, the ninth until two are."""
    for _ in range(7):
        await pace.turn(CHANNEL)
    assert time.now == 1000.0
    await pace.turn(CHANNEL)
    assert time.now == 1001.0
    await pace.turn(CHANNEL)
    assert time.now == 1002.0


async def test_every_limit_is_kept(pace: Pace, time: Time) -> None:
    """No period ever contains more writes than Teams allows, and nearly all of the allowed writes are used."""
    moments: list[float] = []
    while len(moments) < 300:
        try:
            await pace.turn(CHANNEL)
            moments.append(time.now)
        except Throttled as trouble:
            time.now += trouble.retry_after or 0
    assert within_limits(moments)
    assert moments[-1] - moments[0] < 300 / 60 * 30


async def test_hourly_limit_is_not_waited_for(pace: Pace, time: Time) -> None:
    """If the writes of an hour are used up, the caller gets an error with the time to wait."""
    for _ in range(1800):
        await pace.turn(CHANNEL)
        time.now += 1.0
    with pytest.raises(Throttled) as throttled:
        await pace.turn(CHANNEL)
    assert throttled.value.retry_after is not None
    assert throttled.value.retry_after == pytest.approx(1800, abs=1)


async def test_a_refused_turn_uses_nothing_up(pace: Pace, time: Time) -> None:
    """A caller that was refused does not count as a writer."""
    pace.hold(CHANNEL, PATIENCE + 1)
    for _ in range(100):
        with pytest.raises(Throttled):
            await pace.turn(CHANNEL)
    time.now += PATIENCE + 1
    for _ in range(7):
        await pace.turn(CHANNEL)
    assert time.slept == []


async def test_threads_share_their_channel(pace: Pace, time: Time) -> None:
    """Replies in threads count for their channel, and other channels are counted separately."""
    for number in range(7):
        await pace.turn(f"{CHANNEL};messageid={number}")
    await pace.turn("19:b@thread.tacv2")
    assert time.slept == []
    await pace.turn(CHANNEL)
    assert time.slept == [1.0]


async def test_hold_reaches_those_who_wait(pace: Pace, time: Time) -> None:
    """If Teams asks for a pause, callers that already wait wait for that pause, too."""
    for _ in range(7):
        await pace.turn(CHANNEL)

    async def held() -> None:
        time.on_sleep = None
        pace.hold(CHANNEL, 4.0)

    time.on_sleep = held
    await pace.turn(CHANNEL)
    assert time.slept == [1.0, 4.0]


async def test_idle_conversations_are_forgotten(pace: Pace, time: Time) -> None:
    """A conversation without writes for an hour is forgotten."""
    for number in range(50):
        await pace.turn(f"a:{number}")
    time.now += 3601
    await pace.turn(CHANNEL)
    assert len(pace._lanes) == 1


# --- edits --------------------------------------------------------------------------------------------------------


class Line:
    """A fake sender of edits that lets one edit through each time it is told to."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.asked = 0
        self.free = asyncio.Semaphore(0)

    async def put(self, latest: Callable[[], Outgoing]) -> None:
        self.asked += 1
        await self.free.acquire()
        self.sent.append(latest())


async def begun(*edits: asyncio.Task[None]) -> None:
    """Let every task run until it waits."""
    for _ in range(3 * len(edits) + 3):
        await asyncio.sleep(0)


async def test_only_the_latest_edit_is_sent() -> None:
    """If several edits wait, only the latest is sent, and it counts for all of them."""
    edits, line = Edits(), Line()
    tasks = [asyncio.create_task(edits.make(CARD, {"n": number}, line.put)) for number in range(20)]
    await begun(*tasks)
    line.free.release()
    await asyncio.gather(*tasks)
    assert line.sent == [{"n": 19}]


async def test_one_edit_at_a_time() -> None:
    """Only one edit of a card is under way at a time, so that an older card cannot overwrite a newer one."""
    edits, line = Edits(), Line()
    sending, arrived = asyncio.Event(), asyncio.Event()

    async def slow(latest: Callable[[], Outgoing]) -> None:
        line.sent.append(latest())
        sending.set()
        await arrived.wait()

    first = asyncio.create_task(edits.make(CARD, {"n": 1}, slow))
    await sending.wait()
    later = [asyncio.create_task(edits.make(CARD, {"n": number}, line.put)) for number in (2, 3, 4)]
    line.free.release()
    await begun(*later)
    assert line.asked == 0
    arrived.set()
    await asyncio.gather(first, *later)
    assert line.sent == [{"n": 1}, {"n": 4}]


async def test_other_cards_are_not_held_up() -> None:
    """Edits of different cards do not wait for each other."""
    edits, line = Edits(), Line()
    tasks = [asyncio.create_task(edits.make((CHANNEL, str(number)), {}, line.put)) for number in range(3)]
    await begun(*tasks)
    assert line.asked == 3
    for _ in tasks:
        line.free.release()
    await asyncio.gather(*tasks)


async def test_a_failed_edit_is_its_own() -> None:
    """If an edit fails or is cancelled, the edits that wait behind it are still sent, and nothing stays in memory."""
    edits, line = Edits(), Line()

    async def fails(latest: Callable[[], Outgoing]) -> None:
        await line.free.acquire()
        latest()
        raise Gone("deleted")

    given_up = asyncio.create_task(edits.make(CARD, {"n": 1}, line.put))
    failing = asyncio.create_task(edits.make(CARD, {"n": 2}, fails))
    last = asyncio.create_task(edits.make(CARD, {"n": 3}, line.put))
    await begun(given_up, failing, last)
    given_up.cancel()
    line.free.release()
    line.free.release()
    with pytest.raises(Gone):
        await failing
    await last
    assert line.sent == [{"n": 3}]
    assert not edits._edits
