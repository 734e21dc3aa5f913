"""The audit of a running bot, on a real Redis server: interruptions at every step, alarms, and the checkpoints told
outside."""

import asyncio
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from approvals.audit import AuditEntry, Kind
from bot import jobs
from bot.audit_log.directory import LogBusy, LogDirectory, LogLost
from bot.audit_log.note import unpacked
from bot.audit_log.service import HOT, MOST_FAILURES, AuditLog
from bot.audit_log.verdict import Result
from bot.store import open_store
from bot.store.sealed import Sealed
from handlers.intune.lead import Lead
from handlers.ports.errors import Unavailable
from tests.approvals.builders import NOW
from tests.bot.audit_log.logs import verdict
from tests.bot.audit_log.rooms import Cut, Room, Shelf
from tests.fakes.clock import Clock
from tests.servers import RestartingServer


def shelf(room: Room) -> Shelf:
    """Return the room's copy as a `Shelf`."""
    assert isinstance(room.shelf, Shelf)
    return room.shelf


# --- interruptions ------------------------------------------------------------------------------------------------


async def _days_of_work(directory: Path, log: Path, cut_at: int) -> tuple[Shelf, int]:
    """Seal three times over two midnights. At step `cut_at` the sealer dies and the server is killed; then the server
    is started again and the next sealer goes on. Return the copy and the number of steps."""
    clock, shelf, steps = Clock(), Shelf(), list[str]()

    def step(done: str) -> None:
        steps.append(done)
        if len(steps) == cut_at:
            raise Cut

    server = RestartingServer(directory)
    url = await server.start()
    store = await open_store(url, "tenant", "c1", clock=clock)
    room = Room(store, clock, log, shelf=shelf)
    try:
        for _ in range(3):
            await room.happens(5, minutes=400)
            try:
                await room.replica(step).seal()
            except Cut:
                await server.kill(url)
                await server.start()
                await room.replica().seal()
            assert (await store.sealed.load()).number == len(await store.requests.audit(0, 100))
    finally:
        await store.close()
        await server.stop()
    return shelf, len(steps)


async def test_sealer_and_server_killed_at_every_step(tmp_path: Path) -> None:
    """If the sealer and the server are killed at any step, the log, the copy and the cursor are the same as without
    it."""
    whole, steps = await _days_of_work(tmp_path / "redis", tmp_path / "whole", 0)
    assert steps > 20
    for at in range(1, steps + 1):
        shelf, _ = await _days_of_work(tmp_path / f"redis-{at}", tmp_path / str(at), at)
        files = {path.name: path.read_bytes() for path in (tmp_path / str(at)).glob("2026*")}
        assert verdict(tmp_path / str(at)).result is Result.GOOD
        assert files == {path.name: path.read_bytes() for path in (tmp_path / "whole").glob("2026*")} == shelf.files
    assert whole.files == shelf.files


async def test_one_seals_while_another_is_at_it(room: Room) -> None:
    """A second replica that seals at the same time is told that the log is busy, and changes nothing."""
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def step(_done: str) -> None:
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(10)

    await room.happens(5)
    first = asyncio.create_task(room.replica(step).seal())
    await begun.wait()
    with pytest.raises(LogBusy):
        await room.replica().seal()
    go_on.set()
    assert await first == 5
    assert room.numbers() == [1, 2, 3, 4, 5]


async def test_a_stop_waits_for_what_is_being_written(room: Room) -> None:
    """The directory stays locked as long as the thread writes, even if the task is cancelled several times."""
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def step(done: str) -> None:
        if done == "resumed":
            loop.call_soon_threadsafe(begun.set)
            assert go_on.wait(10)

    await room.happens(5)
    sealing = asyncio.create_task(room.replica(step).seal())
    await begun.wait()
    for _ in range(3):
        sealing.cancel()
        await asyncio.sleep(0)
        with pytest.raises(LogBusy), LogDirectory(room.path).writing():
            pass
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await sealing
    with LogDirectory(room.path).writing():
        assert room.numbers() == [1, 2, 3, 4, 5]
    assert await room.replica().seal() == 5
    assert verdict(room.path).entries == 5


async def test_a_cursor_that_somebody_else_has_moved(room: Room) -> None:
    """If another replica has moved the cursor, this replica counts none of its entries as sealed, and stops."""
    await room.happens(5)
    theirs = Sealed(5, "2026-11-23", "theirs")

    async def swap() -> None:
        assert await room.store.sealed.swap(Sealed(), theirs)

    shelf(room).meanwhile = swap
    assert await room.replica().seal() == 0
    assert await room.store.sealed.load() == theirs


async def test_what_is_not_copied_is_not_sealed(room: Room) -> None:
    """The cursor moves only after the files were copied."""

    async def away() -> None:
        raise Unavailable("gone")

    await room.happens(5)
    shelf(room).meanwhile = away
    with pytest.raises(Unavailable):
        await room.replica().seal()
    assert await room.store.sealed.load() == Sealed()
    shelf(room).meanwhile = None
    await room.replica().seal()
    assert sorted(shelf(room).files) == ["2026-11-23.checkpoints", "2026-11-23.jsonl"]
    assert (await room.store.sealed.load()).number == 5


async def test_only_what_is_sealed_and_old_leaves_the_store(room: Room) -> None:
    """Only entries that are sealed and old leave the store; old entries that are not sealed stay."""
    await room.happens(5)
    await room.replica().seal()
    await room.happens(5)
    known = await room.store.sealed.load()
    room.clock.advance(days=HOT.days + 1)
    assert await room.store.sealed.trim(known, room.clock.time - HOT, 100) == 5
    assert [number for number, _ in await room.store.requests.audit(0, 100)] == [6, 7, 8, 9, 10]


# --- alarms -------------------------------------------------------------------------------------------------------


def alarms(room: Room) -> list[str]:
    """Return the lines in the operations channel about sealing."""
    return [line for line in room.outside.said if "sealed" in line]


async def test_a_lost_log_alarms_once_and_is_taken_up_when_it_is_back(room: Room) -> None:
    """A lost log causes one alarm, and sealing goes on without a restart when the log is back."""
    audit = room.replica()
    await room.happens(5)
    await audit.round()
    room.path.rename(room.path.with_name("elsewhere"))
    await room.happens(5)
    for _ in range(3):
        await audit.round()
    [alarm] = alarms(room)
    assert "Alarm: the audit is not sealed any more, because" in alarm
    assert "does not hold the last checkpoint, of entry 5" in alarm

    for file in room.path.iterdir():
        file.unlink()
    room.path.rmdir()
    room.path.with_name("elsewhere").rename(room.path)
    await audit.round()
    await audit.round()
    assert alarms(room)[1:] == ["The audit is sealed again."]
    assert room.numbers() == list(range(1, 11))


async def test_what_fails_for_an_hour_is_alarmed_of(room: Room) -> None:
    """A failure of any kind that lasts for an hour causes one alarm."""
    room.path.write_text("a file where a directory should be")
    audit = room.replica()
    await room.happens(5)
    with capture_logs() as logged:
        for _ in range(MOST_FAILURES - 1):
            await audit.round()
        assert alarms(room) == []
        for _ in range(3):
            await audit.round()
    assert len(alarms(room)) == 1
    assert {line["event"] for line in logged} == {"audit_not_sealed"}
    room.path.unlink()
    await audit.round()
    assert alarms(room)[1:] == ["The audit is sealed again."]


async def test_one_good_round_begins_the_hour_anew(room: Room) -> None:
    """One successful round starts the hour again, so failures that come and go cause no alarm."""
    audit = room.replica()
    await room.happens(1)
    for _ in range(3):
        shelf(room).meanwhile = _full
        for _ in range(MOST_FAILURES - 1):
            await audit.round()
        shelf(room).meanwhile = None
        await audit.round()
        await room.happens(1)
    assert alarms(room) == []


async def _full() -> None:
    raise OSError("No space left on device")


async def test_the_alarm_is_said_when_somebody_can_be_reached(room: Room) -> None:
    """An alarm is tried again until the channel takes it."""
    room.path.write_text("a file where a directory should be")
    audit = room.replica()
    await room.happens(1)
    room.outside.away = True
    for _ in range(MOST_FAILURES):
        with capture_logs():
            await _tried(audit)
    room.outside.away = False
    await audit.round()
    assert len(alarms(room)) == 1


async def _tried(audit: AuditLog) -> None:
    try:
        await audit.round()
    except Unavailable:
        return


async def test_a_clock_that_was_far_ahead(room: Room) -> None:
    """An entry that is dated 2099 is sealed today and reported once, and the later entries go into their own days."""
    audit = room.replica()
    await room.happens(2)
    ahead = AuditEntry(Kind.VOTED, NOW.replace(year=2099), "R1")
    await room.store.requests.record([ahead])
    await audit.round()
    await audit.round()
    await room.happens(2, minutes=24 * 60)
    await audit.round()
    assert LogDirectory(room.path).days() == ["2026-11-23", "2026-11-24", "2026-11-25"]
    assert verdict(room.path).entries == 5
    [said] = [line for line in room.outside.said if "ahead of the clock" in line]
    assert "audit entry 3 is dated 2099" in said


async def test_the_job_seals_and_goes_on(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job seals in each round, also after a round that failed."""
    monkeypatch.setattr(jobs, "SEAL_EVERY", 0.0)
    stopping, audit, rounds = asyncio.Event(), room.replica(), 0
    await room.happens(5)
    await audit.seal()
    room.path.rename(room.path.with_name("elsewhere"))
    await room.happens(1)

    class Leading:
        async def lead(self, _replica: str) -> bool:
            nonlocal rounds
            rounds += 1
            if rounds == 3:
                stopping.set()
            return rounds > 1

    await jobs.keep_sealing(Lead(cast("Any", Leading()), "r1"), audit, stopping)
    assert rounds == 3
    assert len(alarms(room)) == 1


# --- told outside -------------------------------------------------------------------------------------------------


def told(room: Room) -> list[str]:
    """Return the days whose checkpoint was told in the operations channel."""
    return [line.split(": ")[0] for line in room.outside.said if line.startswith("Audit checkpoint of")]


async def test_every_day_is_told_once(room: Room) -> None:
    """The checkpoint of every finished day is told once, also after a backlog; each one verifies the log."""
    await room.happens(6, minutes=12 * 60)
    audit = room.replica()
    for _ in range(3):
        await audit.round()
    days = [f"Audit checkpoint of 2026-11-{day}" for day in range(23, 27)]
    assert told(room) == days[:3]
    room.clock.advance(days=1)
    await audit.round()
    room.clock.advance(days=5)
    await audit.round()
    assert told(room) == days
    for line in room.outside.said:
        assert verdict(room.path, unpacked(line.encode())).result is Result.GOOD


async def test_what_could_not_be_told_is_told_later(room: Room) -> None:
    """A checkpoint that could not be told is told later by the replica that seals then; sealing goes on meanwhile."""
    await room.happens(4, minutes=12 * 60)
    room.outside.away = True
    with capture_logs() as logged:
        await room.replica().round()
    assert [line["event"] for line in logged if line["log_level"] == "error"] == ["audit_checkpoint_not_told"]
    assert (await room.store.sealed.load()).number == 4
    assert told(room) == []
    room.outside.away = False
    await room.replica().round()
    assert len(told(room)) == 2


async def test_without_a_channel_auditors_get_a_mail(room: Room) -> None:
    """Without a channel, each auditor who has a mailbox gets a mail with the checkpoint that `verify` reads."""
    await room.happens(3, minutes=12 * 60)
    audit = room.replica(operations_channel="")
    await audit.round()
    await audit.round()
    [(to, letter)] = room.outside.sent
    assert to == "olga@example.com"
    assert letter.subject == "Audit checkpoint of 2026-11-23"
    assert verdict(room.path, unpacked(letter.text.encode())).result is Result.GOOD


async def test_nobody_to_tell(room: Room) -> None:
    """Without a channel and without mail nothing counts as told, so a channel that is set later gets the checkpoint."""
    await room.happens(3, minutes=12 * 60)
    await room.replica(operations_channel="", mail=None).round()
    assert (await room.store.sealed.load()).told == ""
    await room.replica().round()
    assert len(told(room)) == 1


async def test_a_store_that_has_gone_back(room: Room) -> None:
    """After a backup of Redis was restored, sealing stops and removes nothing that was sealed."""
    audit = room.replica()
    await room.happens(5)
    await audit.seal()
    backup = await room.store.sealed.load()
    await room.happens(5)
    await audit.seal()
    before = {path.name: path.read_bytes() for path in room.path.glob("2026*")}
    assert await room.store.sealed.swap(await room.store.sealed.load(), backup)
    await room.store.connections.redis.delete("cs:{tenant}:audit")
    await room.store.connections.redis.set("cs:{tenant}:audit-number", "5")
    for number in range(6, 9):
        again = AuditEntry(Kind.VOTED, room.clock.time + timedelta(minutes=number), "R2")
        await room.store.requests.record([again])
    with pytest.raises(LogLost, match="entry 6 is sealed, and the store does not have it"):
        await audit.seal()
    assert {path.name: path.read_bytes() for path in room.path.glob("2026*")} == before
