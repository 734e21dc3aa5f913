"""Whatever is done to a log is found, and said in a sentence."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from approvals.audit import AuditEntry, Identified, Kind
from bot.audit_log.directory import LogDirectory
from bot.audit_log.entries import line_of, mark_of, read
from bot.audit_log.note import opened
from bot.audit_log.verdict import Result
from bot.audit_log.verify import verify
from tests.bot.audit_log.logs import MORNING, OTHER, SIGNER, entries, sealed, verdict

Lines = list[bytes]
DAY = "2026-11-24"


def _edited(lines: Lines) -> Lines:
    return [*lines[:5], lines[5].replace(b"Alex", b"Alec"), *lines[6:]]


def _last_edited(lines: Lines) -> Lines:
    return [*lines[:-1], lines[-1].replace(b"Alex", b"Alec")]


def _removed(lines: Lines) -> Lines:
    return [*lines[:5], *lines[6:]]


def _removed_more(lines: Lines) -> Lines:
    return [*lines[:5], *lines[8:]]


def _swapped(lines: Lines) -> Lines:
    return [*lines[:5], lines[6], lines[5], *lines[7:]]


def _put_in(lines: Lines) -> Lines:
    return [*lines[:5], lines[4], *lines[5:]]


def _forged_in(lines: Lines) -> Lines:
    """A whole chain of lines after a false one: only the tree finds that."""
    first = json.loads(lines[0])["number"]
    entry = AuditEntry(Kind.VOTED, MORNING, "R1", "mallory", "Mallory", Identified.BY_CHANNEL)
    made, mark = [], json.loads(lines[0])["previous"]
    for place, line in enumerate(lines):
        fields = read(line)
        known = AuditEntry(
            kind=Kind(fields["kind"]),
            at=datetime.fromisoformat(fields["at"]),
            request_id=fields["request"],
            who=fields["who"],
            name=fields["name"],
            identified=Identified(fields["identified"]),
        )
        made.append(line_of(first + place, entry if place == 5 else known, mark))
        mark = mark_of(made[-1])
    return made


def _garbled(lines: Lines) -> Lines:
    return [*lines[:5], b"\x00nonsense", *lines[6:]]


TAMPERED = [
    (_edited, Result.TAMPERED, "was changed, or another one was put in"),
    (_last_edited, Result.TAMPERED, "was changed"),
    (_removed, Result.INCOMPLETE, "is missing"),
    (_removed_more, Result.INCOMPLETE, "are missing"),
    (_swapped, Result.TAMPERED, "the order was changed"),
    (_put_in, Result.TAMPERED, "a line was put in"),
    (_forged_in, Result.TAMPERED, "are not what was sealed"),
    (_garbled, Result.TAMPERED, "cannot be read"),
]


@pytest.mark.parametrize(("change", "result", "sentence"), TAMPERED, ids=[case[0].__name__ for case in TAMPERED])
def test_what_was_done_to_lines_is_found(
    tmp_path: Path, change: Callable[[Lines], Lines], result: Result, sentence: str
) -> None:
    """With the first entry that is wrong."""
    sealed(tmp_path, entries(300))
    file = tmp_path / f"{DAY}.jsonl"
    lines = file.read_bytes().splitlines()
    file.write_bytes(b"".join(line + b"\n" for line in change(lines)))

    found = verdict(tmp_path)
    assert found.result is result
    assert sentence in found.sentence
    first = json.loads(lines[0])["number"]
    assert found.entry is not None
    assert first - 1 <= found.entry <= first + len(lines)


def _cut_tail(path: Path) -> str:
    """The last lines are gone, their checkpoints are there."""
    file = path / f"{LogDirectory(path).days()[-1]}.jsonl"
    file.write_bytes(b"".join(line + b"\n" for line in file.read_bytes().splitlines()[:-3]))
    return ""


def _cut_tail_and_checkpoints(path: Path) -> str:
    """The last day is gone altogether; an outside copy of its checkpoint is not."""
    log = LogDirectory(path)
    day = log.days()[-1]
    copy = log.notes(day)[-1]
    for ending in (".jsonl", ".checkpoints"):
        (path / f"{day}{ending}").unlink()
    return copy


def _forged_signature(path: Path) -> str:
    log = LogDirectory(path)
    note = log.notes(DAY)[0]
    log.keep_notes(DAY, [note.replace(note.split("\n")[1], "31", 1)])
    return ""


def _another_key(path: Path) -> str:
    log = LogDirectory(path)
    checkpoint = opened(log.notes(DAY)[0], [SIGNER.verifier()])
    log.keep_notes(DAY, [OTHER.sign(checkpoint)])
    return ""


def _replayed_segment(path: Path) -> str:
    """An old day stands in the place of a later one."""
    (path / f"{DAY}.jsonl").write_bytes((path / "2026-11-23.jsonl").read_bytes())
    return ""


def _rewritten_with_the_key(path: Path) -> str:
    """Whoever has the private key can make another log; the outside copy tells."""
    copy = LogDirectory(path).notes(DAY)[0]
    for file in path.iterdir():
        file.unlink()
    first, *more = entries(300)
    sealed(path, [first, *((number, replace(entry, name="Alec")) for number, entry in more)])
    return copy


DONE = [
    (_cut_tail, Result.INCOMPLETE, "its end was cut off"),
    (_cut_tail_and_checkpoints, Result.INCOMPLETE, "its end was cut off"),
    (_forged_signature, Result.TAMPERED, "forged"),
    (_another_key, Result.TAMPERED, "no key that is known"),
    (_replayed_segment, Result.TAMPERED, "stands where entry"),
    (_rewritten_with_the_key, Result.TAMPERED, "was rewritten"),
]


@pytest.mark.parametrize(("change", "result", "sentence"), DONE, ids=[case[0].__name__ for case in DONE])
def test_what_was_done_to_files_is_found(
    tmp_path: Path, change: Callable[[Path], str], result: Result, sentence: str
) -> None:
    """Where the log alone cannot tell, a copy of a checkpoint from outside does."""
    sealed(tmp_path, entries(300))
    assert verdict(tmp_path).result is Result.GOOD
    outside = change(tmp_path)

    found = verdict(tmp_path, *([outside] if outside else []))
    assert (found.result, sentence in found.sentence) == (result, True), found.sentence


def test_a_good_log(tmp_path: Path) -> None:
    """All of it, over several days, whatever the batches were."""
    sealed(tmp_path, entries(300), batch=7)
    found = verdict(tmp_path)
    assert (found.result, found.entries) == (Result.GOOD, 300)
    assert "All 300 entries match what was sealed." in found.sentence


def test_the_same_entries_are_the_same_log(tmp_path: Path) -> None:
    """To the byte, whatever the batches were: lines do not depend on when they were sealed."""
    sealed(tmp_path / "a", entries(200), batch=7)
    sealed(tmp_path / "b", entries(200), batch=200)
    for day in LogDirectory(tmp_path / "a").days():
        assert list(LogDirectory(tmp_path / "a").lines(day)) == list(LogDirectory(tmp_path / "b").lines(day))


def test_what_is_older_may_be_gone(tmp_path: Path) -> None:
    """Whole days without their lines: verification begins after them. Younger ones must be there."""
    sealed(tmp_path, entries(300))
    LogDirectory(tmp_path).remove_lines("2026-11-23")
    LogDirectory(tmp_path).remove_lines("2026-11-24")
    log, keys = LogDirectory(tmp_path), [SIGNER.verifier()]
    found = verify(log, keys, kept_since=datetime(2026, 11, 25, tzinfo=UTC))
    assert found.result is Result.GOOD
    assert "from entry" in found.sentence
    found = verify(log, keys, kept_since=datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert (found.result, found.entry) == (Result.INCOMPLETE, 48)
    assert "The entries of 2026-11-24 are gone, 48 to 119" in found.sentence
    assert verify(log, keys).entry == 1


def test_a_clock_that_goes_back(tmp_path: Path) -> None:
    """Numbers rule: a day's file never goes on after the next day's has begun."""
    some = entries(80)
    back = [(81, AuditEntry(Kind.VOTED, MORNING, "R1")), (82, AuditEntry(Kind.VOTED, MORNING, "R2"))]
    sealed(tmp_path, [*some, *back])
    assert verdict(tmp_path).result is Result.GOOD
