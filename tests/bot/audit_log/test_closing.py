"""The closing note: it closes a day, and is kept in a file of its own beside the day's checkpoints."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.audit_log.closing import Closing, opened_closing
from bot.audit_log.directory import LogDirectory, LogLost
from bot.audit_log.note import BadNote, opened, restored, stored
from bot.audit_log.rejoin import end_of
from bot.audit_log.sealer import Sealer
from bot.audit_log.verdict import Result
from bot.audit_log.verify import verify
from bot.store.sealed import Sealed
from tests.bot.audit_log.logs import LATER, MORNING, ORIGIN, OTHER, SIGNER, entries, sealed, verdict

DAY = "2026-11-24"
KEYS = [SIGNER.verifier()]


def closing(path: Path, day: str = DAY) -> Closing:
    """Return the closing note of this day."""
    [line] = LogDirectory(path).closings(day)
    return opened_closing(restored(line), KEYS)


def test_checkpoints_have_three_lines(tmp_path: Path) -> None:
    """Every checkpoint has the three lines of C2SP tlog-checkpoint (origin, size, root), also the last one of a day."""
    sealed(tmp_path, entries(300))
    log = LogDirectory(tmp_path)
    for day in log.days():
        for note in log.notes(day):
            body, _, signatures = note.partition("\n\n")
            origin, size, root = body.split("\n")
            assert (origin, size.isdecimal(), len(root), len(signatures.splitlines())) == (ORIGIN, True, 44, 1)


def test_what_closes_a_day_stands_beside_its_last_checkpoint(tmp_path: Path) -> None:
    """The closing note has the state of the day's last checkpoint and its own origin; the current day has no closing
    note."""
    sealed(tmp_path, entries(300))
    log = LogDirectory(tmp_path)
    assert log.closed_days() == log.days()[:-1]
    for day in log.closed_days():
        one, last = closing(tmp_path, day), opened(log.notes(day)[-1], KEYS)
        assert (one.origin, one.size, one.root) == (last.origin, last.size, last.root)
        assert one.body().startswith(f"{ORIGIN}/closing\ncloses {day}\n")
        assert one.tree().root() == last.root
        assert [path.suffix for path in log.files(day)] == [".jsonl", ".checkpoints", ".closing"]


def test_neither_is_taken_for_the_other(tmp_path: Path) -> None:
    """A closing note is not accepted as a checkpoint, nor a checkpoint as a closing note, although one key signs
    both."""
    sealed(tmp_path, entries(300))
    log = LogDirectory(tmp_path)
    with pytest.raises(BadNote, match="this is no checkpoint"):
        opened(restored(log.closings(DAY)[0]), KEYS)
    with pytest.raises(BadNote, match="it closes no day"):
        opened_closing(log.notes(DAY)[-1], KEYS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/closing\n", "\n"),
        ("size 119", "size +119"),
        ("size 119", "size x"),
        ("covers ", "covered "),
        ("\nroot", "\n\nroot"),
    ],
)
def test_a_closing_has_one_spelling(tmp_path: Path, old: str, new: str) -> None:
    """A closing note that is spelled in another way is refused: our sealer did not write it."""
    sealed(tmp_path, entries(300))
    body = closing(tmp_path).body()
    assert old in body
    with pytest.raises(BadNote):
        Closing.read(body.replace(old, new))


def _file(path: Path) -> Path:
    return path / f"{DAY}.closing"


def _missing(path: Path) -> None:
    _file(path).unlink()


def _empty(path: Path) -> None:
    _file(path).write_bytes(b"")


def _cut_short(path: Path) -> None:
    _file(path).write_bytes(_file(path).read_bytes()[:-9])


def _a_byte(path: Path) -> None:
    _file(path).write_bytes(_file(path).read_bytes().replace(b"size 119", b"size 118"))


def _by_a_stranger(path: Path) -> None:
    _file(path).write_bytes(stored(OTHER.sign(closing(path))))


def _twice(path: Path) -> None:
    _file(path).write_bytes(_file(path).read_bytes() * 2)


def _of_another_day(path: Path) -> None:
    _file(path).write_bytes((path / "2026-11-23.closing").read_bytes())


def _a_checkpoint(path: Path) -> None:
    _file(path).write_bytes(LogDirectory(path).noted(DAY)[-1])


def _of_another_log(path: Path) -> None:
    """Replace the closing note by one of another log, signed with the same key."""
    _file(path).write_bytes(stored(SIGNER.sign(replace(closing(path), origin="countersign.example/audit/other"))))


def _of_another_state(path: Path) -> None:
    _file(path).write_bytes(stored(SIGNER.sign(replace(closing(path), root=bytes(32)))))


def _last_checkpoint_taken_out(path: Path) -> None:
    log = LogDirectory(path)
    log.keep_notes(DAY, log.notes(DAY)[:-1])


def _checkpoints_taken_out(path: Path) -> None:
    (path / f"{DAY}.checkpoints").unlink()


def _only_the_closing_is_left(path: Path) -> None:
    (path / f"{DAY}.checkpoints").unlink()
    LogDirectory(path).remove_lines(DAY)


def _a_day_put_in(path: Path) -> None:
    """Add a closing note for a later day that has no entries."""
    (path / "2026-11-30.closing").write_bytes(_file(path).read_bytes())


def _no_day(path: Path) -> None:
    (path / "20261124.closing").write_bytes(b"")


DONE = [
    (_missing, Result.INCOMPLETE, "The note that closes 2026-11-24 is missing."),
    (_empty, Result.INCOMPLETE, "The note that closes 2026-11-24 is missing."),
    (_cut_short, Result.TAMPERED, "The last line of 2026-11-24.closing has no end"),
    (_a_byte, Result.TAMPERED, "The note that closes 2026-11-24 is not valid: its signature is forged"),
    (_by_a_stranger, Result.TAMPERED, "The note that closes 2026-11-24 is not valid: it is signed by no key"),
    (_twice, Result.TAMPERED, "The note that closes 2026-11-24 is not valid: it cannot be read"),
    (_of_another_day, Result.TAMPERED, "The note that closes 2026-11-23 stands in the place of that of 2026-11-24."),
    (_a_checkpoint, Result.TAMPERED, "The note that closes 2026-11-24 is not valid: it closes no day"),
    (_of_another_log, Result.TAMPERED, "The note that closes 2026-11-24 contradicts its last checkpoint."),
    (_of_another_state, Result.TAMPERED, "The note that closes 2026-11-24 contradicts its last checkpoint."),
    (_last_checkpoint_taken_out, Result.TAMPERED, "Checkpoints of 2026-11-24 were taken out"),
    (_checkpoints_taken_out, Result.INCOMPLETE, "The checkpoints of 2026-11-24 are missing"),
    (_only_the_closing_is_left, Result.INCOMPLETE, "The checkpoints of 2026-11-24 are missing"),
    (_a_day_put_in, Result.INCOMPLETE, "The note that closes 2026-11-27 is missing."),
    (_no_day, Result.TAMPERED, "20261124.closing is no file of this log"),
]


@pytest.mark.parametrize(("change", "result", "sentence"), DONE, ids=[case[0].__name__ for case in DONE])
def test_what_was_done_to_it_is_found(
    tmp_path: Path, change: Callable[[Path], None], result: Result, sentence: str
) -> None:
    """Verification notices a closing note that is missing or was changed."""
    sealed(tmp_path, entries(300))
    change(tmp_path)
    found = verdict(tmp_path)
    assert (found.result, sentence in found.sentence) == (result, True), found.sentence


@pytest.mark.parametrize("change", [_missing, _a_byte, _by_a_stranger, _of_another_day, _of_another_state])
def test_sealing_stops_where_the_day_before_is_not_closed_as_it_was(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    """Sealing stops if the closing note of the day before is missing or was changed."""
    some = entries(150)
    state = sealed(tmp_path, some[:130])
    assert state.day == "2026-11-25"
    change(tmp_path)
    with pytest.raises(LogLost, match="the note that closes 2026-11-24"):
        Sealer(LogDirectory(tmp_path), [SIGNER]).seal(state, some[130:], LATER)


def test_nobody_goes_on_after_a_log_in_which_one_is_missing(tmp_path: Path) -> None:
    """A log in which any closing note is missing does not verify, and is not continued."""
    sealed(tmp_path, entries(300))
    log = LogDirectory(tmp_path)
    assert end_of(log, KEYS).number == 300
    (tmp_path / "2026-11-23.closing").unlink()
    with pytest.raises(LogLost, match="does not verify: The note that closes 2026-11-23 is missing"):
        end_of(log, KEYS)


def test_pruned_days_keep_what_closes_them(tmp_path: Path) -> None:
    """Pruned days keep their closing notes, because verification begins with the last one; a note that contradicts
    itself is refused."""
    sealed(tmp_path, entries(300))
    log, since = LogDirectory(tmp_path), datetime(2026, 11, 25, tzinfo=UTC)
    for day in ("2026-11-23", DAY):
        log.remove_lines(day)
    assert verify(log, KEYS, kept_since=since).result is Result.GOOD
    _file(tmp_path).write_bytes(stored(SIGNER.sign(replace(closing(tmp_path), subtrees=()))))
    assert "The note that closes 2026-11-24 contradicts itself" in verify(log, KEYS, kept_since=since).sentence
    _missing(tmp_path)
    assert verify(log, KEYS, kept_since=since).result is Result.INCOMPLETE


@pytest.mark.parametrize("written", [1, 40])
def test_power_that_fails_while_a_day_is_closed(tmp_path: Path, written: int) -> None:
    """A closing note that was only partly written when the power failed was never signed for, and is written again."""

    class Cut(Exception):
        pass

    def step(done: str) -> None:
        if done == "day closed":
            raise Cut

    evening, log = entries(3, MORNING.replace(hour=23), timedelta(minutes=25)), LogDirectory(tmp_path)
    with pytest.raises(Cut):
        Sealer(log, [SIGNER], step=step).seal(Sealed(), evening, LATER)
    file = tmp_path / "2026-11-23.closing"
    whole = file.read_bytes()
    file.write_bytes(whole[:written])
    Sealer(log, [SIGNER]).seal(Sealed(), evening, LATER)
    assert file.read_bytes() == whole
    assert (verdict(tmp_path).result, verdict(tmp_path).entries) == (Result.GOOD, 3)
