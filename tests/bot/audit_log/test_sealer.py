"""Sealing survives an interruption at any step, and stops if the log is not the expected one."""

import errno
import fcntl
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from approvals.audit import AuditEntry, Identified, Kind
from bot.audit_log.directory import LogBusy, LogDirectory, LogLost
from bot.audit_log.entries import line_of, mark_of
from bot.audit_log.keys import make_key
from bot.audit_log.note import Checkpoint
from bot.audit_log.prune import prunable
from bot.audit_log.sealer import Sealer
from bot.audit_log.verdict import Result
from bot.audit_log.verify import verify
from bot.store.sealed import Sealed
from tests.bot.audit_log.logs import LATER, MORNING, ORIGIN, SIGNER, entries, sealed, verdict


class Cut(Exception):
    """Raised to make the sealer stop at one step, as if it had died."""


@dataclass
class Cutter:
    """Stops the sealer at the n-th step."""

    at: int
    steps: list[str] = field(default_factory=list)

    def __call__(self, done: str) -> None:
        self.steps.append(done)
        if len(self.steps) == self.at:
            raise Cut


@pytest.mark.parametrize("at", range(1, 26))
def test_a_sealer_that_dies_at_every_step(tmp_path: Path, at: int) -> None:
    """After a sealer has died at any step, the next one goes on: the files have the same bytes as without the
    interruption."""
    some, log = entries(200), LogDirectory(tmp_path / "log")
    sealed(tmp_path / "whole", some, batch=50)
    cutter, state, place = Cutter(at), Sealed(), 0
    while place < len(some):
        batch = some[place : place + 50]
        try:
            state = Sealer(log, [SIGNER], step=cutter).seal(state, batch, LATER)
        except Cut:
            continue  # its files stay on disk, and its state is lost
        place += len(batch)

    assert verdict(tmp_path / "log") == verdict(tmp_path / "whole")
    for day in log.days():
        for ending in (".jsonl", ".checkpoints", ".closing"):
            name = f"{day}{ending}"
            if ending == ".closing" and day == log.days()[-1]:
                continue
            assert (tmp_path / "log" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_half_a_line(tmp_path: Path) -> None:
    """A line that was only partly written when the power failed is written again."""
    some = entries(100)
    state = sealed(tmp_path, some[:60])
    day = LogDirectory(tmp_path).days()[-1]
    with (tmp_path / f"{day}.jsonl").open("ab") as file:
        file.write(line_of(61, some[60][1], "0" * 16)[:40])
    Sealer(LogDirectory(tmp_path), [SIGNER]).seal(state, some[60:], LATER)
    assert verdict(tmp_path).result is Result.GOOD


@pytest.mark.parametrize("what", ["elsewhere", "checkpoint gone", "line gone", "unknown log"])
def test_a_directory_that_is_not_the_one(tmp_path: Path, what: str) -> None:
    """The sealer stops if the directory does not hold the log that the store knows."""
    some = entries(100)
    state = sealed(tmp_path / "log", some[:60])
    log = LogDirectory(tmp_path / "log")
    day = log.days()[-1]
    if what == "elsewhere":
        log = LogDirectory(tmp_path / "other")
    elif what == "checkpoint gone":
        log.keep_notes(day, log.notes(day)[:-1])
    elif what == "line gone":
        log.keep_lines(day, list(log.lines(day))[:-1])
    else:
        state, some = Sealed(), entries(100, MORNING + timedelta(hours=1))
    with pytest.raises(LogLost):
        Sealer(log, [SIGNER]).seal(state, some if what == "unknown log" else some[60:], LATER)


def test_a_gap_in_the_stream(tmp_path: Path) -> None:
    """The sealer stops if an entry is missing in the stream."""
    some = entries(20)
    with pytest.raises(LogLost, match="entry 11 is missing"):
        Sealer(LogDirectory(tmp_path), [SIGNER]).seal(Sealed(), [*some[:10], *some[11:]], LATER)


def test_only_one_writes_at_a_time(tmp_path: Path) -> None:
    """Only one process at a time can write to a log directory."""
    log = LogDirectory(tmp_path)
    with log.writing(), pytest.raises(LogBusy, match="another process"), log.writing():
        pass


def test_a_directory_that_cannot_be_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that cannot be locked raises an `OSError`, and not `LogBusy`, because the problem does not pass by
    itself."""

    def flock(_file: object, _how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(OSError, match="No locks available"), LogDirectory(tmp_path).writing():
        pass


def _nothing(path: Path) -> None:
    for file in path.iterdir():
        file.unlink()


def _no_lines(path: Path) -> None:
    """Remove all lines, and the checkpoints of the last day, which is not closed."""
    log = LogDirectory(path)
    last = log.days()[-1]
    for day in log.days():
        log.remove_lines(day)
    (path / f"{last}.checkpoints").unlink()


def _put_in_after_the_last_checkpoint(path: Path) -> None:
    log = LogDirectory(path)
    day = log.days()[-1]
    *_, last = log.lines(day)
    forged = AuditEntry(Kind.VOTED, MORNING, "R1", "mallory", "Mallory", Identified.BY_CHANNEL)
    log.append_lines(day, [line_of(301, forged, mark_of(last))])


@pytest.mark.parametrize("change", [_nothing, _no_lines, _put_in_after_the_last_checkpoint])
def test_what_no_checkpoint_proves_is_not_good(tmp_path: Path, change: Callable[[Path], None]) -> None:
    """An empty directory, a log without its lines, and a log with lines that nobody signed are incomplete."""
    sealed(tmp_path, entries(300))
    change(tmp_path)
    assert verdict(tmp_path).result is Result.INCOMPLETE


@pytest.mark.parametrize("written", [1, 8, 11, 40])
@pytest.mark.parametrize("ending", [".jsonl", ".checkpoints"])
def test_power_that_fails_accuses_nobody(tmp_path: Path, ending: str, written: int) -> None:
    """A line that was only partly written when the power failed is no tampering: the log verifies, also after the next
    sealing."""
    some = entries(100)
    state, log = sealed(tmp_path, some[:60]), LogDirectory(tmp_path)
    half = line_of(61, some[60][1], "0" * 16) if ending == ".jsonl" else b'{"note": "countersign.example/audit\\n61'
    with (tmp_path / f"{log.days()[-1]}{ending}").open("ab") as file:
        file.write(half[:written])
    assert verdict(tmp_path).result is Result.GOOD
    Sealer(log, [SIGNER]).seal(state, some[60:], LATER)
    assert (verdict(tmp_path).result, verdict(tmp_path).entries) == (Result.GOOD, 100)


def test_evidence_of_any_name(tmp_path: Path) -> None:
    """A key in the evidence with the same name as a field of the entry is not confused with that field."""
    number, entry = entries(1)[0]
    sealed(tmp_path, [(number, replace(entry, evidence={"previous": "x", "number": "7"})), entries(2)[1]])
    assert verdict(tmp_path).result is Result.GOOD


def test_a_checkpoint_of_another_log(tmp_path: Path) -> None:
    """A checkpoint of another log proves nothing about this log, even if the same key signed both."""
    sealed(tmp_path, entries(300))
    found = verdict(tmp_path, SIGNER.sign(Checkpoint("other.example/audit", 400, bytes(32))))
    assert found.result is Result.TAMPERED
    assert "is of another log: other.example/audit" in found.sentence


def test_an_outside_copy_of_what_was_pruned(tmp_path: Path) -> None:
    """An outside copy of a pruned part of the log can no longer be compared, and verification says so."""
    sealed(tmp_path, entries(300))
    log, copy = LogDirectory(tmp_path), SIGNER.sign(Checkpoint(ORIGIN, 7, bytes(32)))
    log.remove_lines("2026-11-23")
    found = verify(log, [SIGNER.verifier()], [copy], kept_since=datetime(2026, 11, 24, tzinfo=UTC))
    assert found.result is Result.INCOMPLETE
    assert "of 7 entries" in found.sentence


def test_one_foreign_line_is_kept(tmp_path: Path) -> None:
    """A log that the store does not know is not overwritten, even if it has one line only."""
    sealed(tmp_path, entries(1, MORNING + timedelta(hours=5)))
    before = (tmp_path / "2026-11-23.jsonl").read_bytes()
    with pytest.raises(LogLost):
        Sealer(LogDirectory(tmp_path), [SIGNER]).seal(Sealed(), entries(20), LATER)
    assert (tmp_path / "2026-11-23.jsonl").read_bytes() == before


def test_prune_keeps_what_could_not_be_proved_without(tmp_path: Path) -> None:
    """A day stays if its closing note is missing, because nothing after it could be verified."""
    sealed(tmp_path, entries(300))
    log, later = LogDirectory(tmp_path), MORNING + timedelta(days=20)
    plan = prunable(log, timedelta(days=1), later)
    assert plan is not None
    assert plan.days == ("2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26")
    (tmp_path / "2026-11-24.closing").unlink()
    plan = prunable(log, timedelta(days=1), later)
    assert plan is not None
    assert (plan.days, plan.first, plan.last) == (("2026-11-23",), 1, 47)


@pytest.mark.parametrize("name", ["", "a b", "a+b"])
def test_a_name_that_no_note_can_carry(tmp_path: Path, name: str) -> None:
    """A key with a name that a note cannot hold is not made."""
    with pytest.raises(ValueError, match="no blank and no plus"):
        make_key(tmp_path / "key.pem", name)


def test_the_public_half_never_overwrites_the_private_one(tmp_path: Path) -> None:
    """`make_key` refuses a file name for which the public half would overwrite the private one."""
    with pytest.raises(ValueError, match="otherwise"):
        make_key(tmp_path / "key.pub", "host")


@pytest.mark.parametrize("first", [8, 10])
def test_what_was_signed_is_never_withdrawn(tmp_path: Path, first: int) -> None:
    """Files only grow, also when more entries are sealed again before the state was saved: the files may have been
    copied before."""
    some, sealer = entries(20), Sealer(LogDirectory(tmp_path), [SIGNER])
    sealer.seal(Sealed(), some[:first], LATER)
    copied = {file: file.read_bytes() for file in tmp_path.glob("2026*")}
    sealer.seal(Sealed(), some[:15], LATER)
    assert len(copied) == 2
    assert all(file.read_bytes().startswith(content) for file, content in copied.items())
    assert verdict(tmp_path).result is Result.GOOD
