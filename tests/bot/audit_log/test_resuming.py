"""Continuing a log: signed entries stay whatever the store says, keys may change, and clocks may be wrong."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.audit_log.directory import LogDirectory, LogLost
from bot.audit_log.note import BadNote, Verifier, opened
from bot.audit_log.resume import Numbered
from bot.audit_log.sealer import SLACK, Sealer
from bot.audit_log.verdict import Result
from bot.store.sealed import Sealed
from tests.bot.audit_log.logs import LATER, MORNING, ORIGIN, OTHER, SIGNER, entries, sealed, verdict

SOME = entries(200)


def files(path: Path) -> dict[str, bytes]:
    """Return the content of every file of the log by its name."""
    return {file.name: file.read_bytes() for file in path.glob("2026*")}


def other(some: list[Numbered]) -> list[Numbered]:
    """Return other entries under the same numbers."""
    return [(number, replace(entry, why="another one")) for number, entry in some]


@pytest.mark.parametrize(
    "stream",
    [other(SOME[100:110]), other(SOME[100:]), SOME[100:150], [*SOME[100:199], *other(SOME[199:])], SOME[110:]],
    ids=["a few others", "all others", "not all of them", "the last is another", "some are missing"],
)
def test_a_store_that_has_gone_back(tmp_path: Path, stream: list[Numbered]) -> None:
    """If the store lost entries that were sealed, sealing stops and the sealed entries stay, because they are
    evidence."""
    known = sealed(tmp_path, SOME[:100], batch=25)
    sealer = Sealer(LogDirectory(tmp_path), [SIGNER])
    sealer.seal(known, SOME[100:], LATER)
    before = files(tmp_path)
    with pytest.raises(LogLost, match="the store has gone back"):
        sealer.seal(known, stream, LATER)
    assert files(tmp_path) == before


def test_a_state_that_was_not_saved(tmp_path: Path) -> None:
    """If entries were sealed and the state was not saved, the next sealer leaves them unchanged and goes on after
    them."""
    known = sealed(tmp_path, SOME[:100], batch=25)
    sealer = Sealer(LogDirectory(tmp_path), [SIGNER])
    state = sealer.seal(known, SOME[100:150], LATER)
    before = files(tmp_path)
    assert sealer.seal(known, SOME[100:150], LATER) == state
    assert files(tmp_path) == before
    assert sealer.seal(known, SOME[100:], LATER).number == 200
    assert verdict(tmp_path).entries == 200


def test_a_checkpoint_that_somebody_has_written(tmp_path: Path) -> None:
    """Sealing stops after a checkpoint that no known key has signed."""
    known = sealed(tmp_path, SOME[:100])
    log = LogDirectory(tmp_path)
    forged = OTHER.sign(opened(known.note, [SIGNER.verifier()]))
    log.append_note(known.day, forged)
    with pytest.raises(LogLost, match="signed by no key that is known"):
        Sealer(log, [SIGNER]).seal(known, SOME[100:], LATER)


# --- keys ---------------------------------------------------------------------------------------------------------

NEW = replace(OTHER, name="new.example")


def _rotated(tmp_path: Path, past: list[Verifier]) -> None:
    """Seal with the old key, with both keys, and then with the new key alone, beginning on the next day."""
    log = LogDirectory(tmp_path)
    state = sealed(tmp_path, SOME[:100])
    state = Sealer(log, [NEW, SIGNER]).seal(state, SOME[100:120], LATER)
    Sealer(log, [NEW], past).seal(state, SOME[120:], LATER)


def test_a_key_is_changed(tmp_path: Path) -> None:
    """After a change of the key, the past key is known by its public half, and the log keeps its origin."""
    _rotated(tmp_path, [SIGNER.verifier()])
    assert verdict(tmp_path, keys=[SIGNER.verifier(), NEW.verifier()]).result is Result.GOOD
    assert verdict(tmp_path, keys=[SIGNER.verifier()]).result is Result.TAMPERED
    last = LogDirectory(tmp_path).notes("2026-11-26")[-1]
    assert opened(last, [NEW.verifier()]).origin == ORIGIN


def test_without_the_past_key_sealing_stops(tmp_path: Path) -> None:
    """Sealing stops if only the old key has signed and the bot does not know that key."""
    log, state = LogDirectory(tmp_path), sealed(tmp_path, SOME[:100])
    with pytest.raises(LogLost, match="signed by no key that is known"):
        Sealer(log, [NEW]).seal(state, SOME[100:], LATER)


def test_both_keys_sign(tmp_path: Path) -> None:
    """While two keys sign, anybody who has either key can verify the log."""
    sealed(tmp_path, SOME, signers=[NEW, SIGNER])
    for keys in ([NEW.verifier()], [SIGNER.verifier()]):
        assert verdict(tmp_path, keys=keys).result is Result.GOOD
    note = LogDirectory(tmp_path).notes("2026-11-23")[0]
    with pytest.raises(BadNote):
        opened(note, [OTHER.verifier()])


# --- clocks -------------------------------------------------------------------------------------------------------


def test_an_entry_that_is_ahead_takes_nothing_along(tmp_path: Path) -> None:
    """An entry that is dated far ahead goes into the file of the day on which it was sealed, and the later days are
    closed as usual."""
    ahead = [(number, replace(entry, at=LATER + timedelta(days=9999))) for number, entry in SOME[60:61]]
    some = [*SOME[:60], *ahead, *SOME[61:]]
    sealed(tmp_path, some, now=LATER)
    plain = tmp_path / "plain"
    sealed(plain, SOME)
    assert LogDirectory(tmp_path).days() == LogDirectory(plain).days()
    assert verdict(tmp_path).entries == 200


def test_a_little_ahead_is_no_matter(tmp_path: Path) -> None:
    """An entry that is only slightly ahead of the clock goes into the file of its own date, because two clocks never
    agree exactly."""
    [(number, entry)] = entries(1, MORNING.replace(hour=23, minute=55))
    Sealer(LogDirectory(tmp_path), [SIGNER]).seal(Sealed(), [(number, entry)], entry.at - SLACK)
    assert LogDirectory(tmp_path).days() == ["2026-11-24"]


def test_nothing_begins_ahead_of_the_clock(tmp_path: Path) -> None:
    """A log cannot begin with an entry that is ahead of the clock."""
    with pytest.raises(LogLost, match="ahead of the clock"):
        Sealer(LogDirectory(tmp_path), [SIGNER]).seal(Sealed(), SOME[:1], MORNING - timedelta(days=1))


def test_a_closed_day_stays_closed(tmp_path: Path) -> None:
    """A day that was closed stays closed: if the sealer dies and the clock goes back, the next entries go into the next
    day."""

    class Cut(Exception):
        pass

    def step(done: str) -> None:
        steps.append(done)
        if len(steps) == 4:
            raise Cut

    steps: list[str] = []
    evening = entries(3, MORNING.replace(hour=23), timedelta(minutes=25))
    log = LogDirectory(tmp_path)
    with pytest.raises(Cut):
        Sealer(log, [SIGNER], step=step).seal(Sealed(), evening, LATER)
    assert steps == ["resumed", "lines written", "checkpoint written", "day closed"]
    state = Sealer(log, [SIGNER]).seal(Sealed(), evening, MORNING)
    assert log.days() == ["2026-11-23", "2026-11-24"]
    assert (state.number, verdict(tmp_path).result) == (3, Result.GOOD)


# --- the disk -----------------------------------------------------------------------------------------------------


def test_what_is_signed_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All bytes of the files, and all new names in the directory, are synced to disk before the next step."""
    synced: dict[int, int] = {}
    sync = os.fsync

    def noted(file: int) -> None:
        sync(file)
        synced[os.fstat(file).st_ino] = os.fstat(file).st_size

    def step(_done: str) -> None:
        for file in tmp_path.glob("2026*"):
            assert synced.get(file.stat().st_ino) == file.stat().st_size, file.name
            assert tmp_path.stat().st_ino in synced

    monkeypatch.setattr(os, "fsync", noted)
    Sealer(LogDirectory(tmp_path), [SIGNER], step=step).seal(Sealed(), SOME, LATER)
    assert len(files(tmp_path)) == 11
