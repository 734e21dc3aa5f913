"""Every kind of tampering with a log is found, and described in a sentence."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from approvals.audit import AuditEntry, Identified, Kind
from benchmarks.audit import make
from bot.audit_log.directory import LogDirectory
from bot.audit_log.entries import line_of, mark_of, read
from bot.audit_log.keys import read_verifiers
from bot.audit_log.note import opened, stored
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
    """Replace one entry and compute the chain of all lines again: only the tree shows that."""
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


def _renumbered(lines: Lines) -> Lines:
    """Change one digit of a number: the lines before and after it prove that no entry is missing."""
    number = json.loads(lines[5])["number"]
    return [*lines[:5], lines[5].replace(b"%d," % number, b"%d," % (number + 900), 1), *lines[6:]]


def _leading_zero(lines: Lines) -> Lines:
    return [*lines[:5], lines[5].replace(b'{"number":', b'{"number":0', 1), *lines[6:]]


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
    (_renumbered, Result.TAMPERED, "The number of entry 53 in 2026-11-24 was changed to 953"),
    (_leading_zero, Result.TAMPERED, "cannot be read"),
    (_garbled, Result.TAMPERED, "cannot be read"),
]


@pytest.mark.parametrize(("change", "result", "sentence"), TAMPERED, ids=[case[0].__name__ for case in TAMPERED])
def test_what_was_done_to_lines_is_found(
    tmp_path: Path, change: Callable[[Lines], Lines], result: Result, sentence: str
) -> None:
    """A changed line is found, and the result names the first entry that is wrong."""
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


def _cut_tail(path: Path) -> None:
    """Remove the last lines and keep their checkpoints."""
    file = path / f"{LogDirectory(path).days()[-1]}.jsonl"
    file.write_bytes(b"".join(line + b"\n" for line in file.read_bytes().splitlines()[:-3]))


def _cut_tail_and_checkpoints(path: Path) -> str:
    """Remove the last day, and return an outside copy of its checkpoint."""
    log = LogDirectory(path)
    day = log.days()[-1]
    copy = log.notes(day)[-1]
    for ending in (".jsonl", ".checkpoints"):
        (path / f"{day}{ending}").unlink()
    return copy


def _checkpoint(path: Path, place: int, change: Callable[[bytes], bytes]) -> None:
    """Change one line of the checkpoints of a closed day."""
    file = path / f"{DAY}.checkpoints"
    lines = file.read_bytes().splitlines(keepends=True)
    lines[place] = change(lines[place])
    file.write_bytes(b"".join(lines))


def _forged_signature(path: Path) -> None:
    """Forge one of several checkpoints: it no longer fits to the closing note of the day."""
    _checkpoint(path, 0, lambda line: line.replace(b"\\n60\\n", b"\\n61\\n"))


def _forged_last(path: Path) -> None:
    _checkpoint(path, -1, lambda line: line.replace(b"\\n119\\n", b"\\n118\\n"))


def _another_key(path: Path) -> None:
    checkpoint = opened(LogDirectory(path).notes(DAY)[0], [SIGNER.verifier()])
    _checkpoint(path, 0, lambda _line: stored(OTHER.sign(checkpoint)))


def _another_key_is_the_last(path: Path) -> None:
    checkpoint = opened(LogDirectory(path).notes(DAY)[-1], [SIGNER.verifier()])
    _checkpoint(path, -1, lambda _line: stored(OTHER.sign(checkpoint)))


def _checkpoint_taken_out(path: Path) -> None:
    _checkpoint(path, 0, lambda _line: b"")


def _last_taken_out(path: Path) -> None:
    _checkpoint(path, -1, lambda _line: b"")


def _two_notes_in_one_line(path: Path) -> None:
    _checkpoint(path, -1, lambda line: b'{"note":"forged",' + line[1:])


def _comment_beside_a_note(path: Path) -> None:
    _checkpoint(path, -1, lambda line: line.replace(b"}", b',"comment":"x"}'))


def _high_byte(path: Path) -> None:
    _checkpoint(path, -1, lambda line: line.replace(b"countersign", b"c\xf6untersign", 1))


def _deeply_nested(path: Path) -> None:
    _checkpoint(path, -1, lambda _line: b"[" * 200_000 + b"\n")


def _forged_line_without_its_end(path: Path) -> None:
    """Add a line without its end to a closed day, where no line can have been cut by a power failure."""
    with (path / f"{DAY}.jsonl").open("ab") as file:
        file.write(b'{"number":120,"kind":"voted"}')


def _forged_checkpoint_without_its_end(path: Path) -> None:
    with (path / f"{DAY}.checkpoints").open("ab") as file:
        file.write(b'{"note": "x"}')


def _last_newline_flipped(path: Path) -> None:
    file = path / f"{DAY}.jsonl"
    file.write_bytes(file.read_bytes()[:-1] + b"\x0b")


def _all_in_the_first_file(path: Path) -> None:
    """Move all lines into the first file: every line is there, but an export by date would not find them."""
    log = LogDirectory(path)
    lines = b"".join(line + b"\n" for day in log.days() for line in log.lines(day))
    for day in log.days():
        log.remove_lines(day)
    (path / "2026-11-23.jsonl").write_bytes(lines)


def _one_moved_to_the_next_file(path: Path) -> None:
    log = LogDirectory(path)
    *stay, last = log.lines(DAY)
    log.keep_lines("2026-11-25", [last, *log.lines("2026-11-25")])
    log.keep_lines(DAY, stay)


def _last_day_renamed(path: Path) -> None:
    for ending in (".jsonl", ".checkpoints"):
        (path / f"2026-11-27{ending}").rename(path / f"2099-01-01{ending}")


def _called_almost_like_a_day(path: Path) -> None:
    (path / f"{DAY}.jsonl").rename(path / "20261124.jsonl")


def _called_like_a_part_of_a_day(path: Path) -> None:
    (path / "2026-11-24.0.jsonl").write_bytes(b"")


def _day_put_in(path: Path) -> None:
    """Make the file of a day appear under a day on which nothing happened."""
    (path / "2026-11-26.jsonl").rename(path / "2026-11-28.jsonl")


def _replayed_segment(path: Path) -> None:
    """Replace the lines of a day by the lines of the day before."""
    (path / f"{DAY}.jsonl").write_bytes((path / "2026-11-23.jsonl").read_bytes())


def _rewritten_with_the_key(path: Path) -> str:
    """Write another log with the private key, and return an outside copy of a checkpoint of the first one."""
    copy = LogDirectory(path).notes(DAY)[0]
    for file in path.iterdir():
        file.unlink()
    first, *more = entries(300)
    sealed(path, [first, *((number, replace(entry, name="Alec")) for number, entry in more)])
    return copy


DONE = [
    (_cut_tail, Result.INCOMPLETE, "its end was cut off"),
    (_cut_tail_and_checkpoints, Result.INCOMPLETE, "its end was cut off"),
    (_forged_signature, Result.TAMPERED, "A checkpoint of 2026-11-24 is not valid: its signature is forged"),
    (_forged_last, Result.TAMPERED, "A checkpoint of 2026-11-24 is not valid: its signature is forged"),
    (_another_key, Result.TAMPERED, "it is signed by no key that is known"),
    (_another_key_is_the_last, Result.TAMPERED, "it is signed by no key that is known"),
    (_checkpoint_taken_out, Result.TAMPERED, "Checkpoints of 2026-11-24 were taken out"),
    (_last_taken_out, Result.TAMPERED, "Checkpoints of 2026-11-24 were taken out"),
    (_two_notes_in_one_line, Result.TAMPERED, "its line was changed"),
    (_comment_beside_a_note, Result.TAMPERED, "its line was changed"),
    (_high_byte, Result.TAMPERED, "it cannot be read"),
    (_deeply_nested, Result.TAMPERED, "it cannot be read"),
    (_forged_line_without_its_end, Result.TAMPERED, "The last line of 2026-11-24.jsonl has no end"),
    (_forged_checkpoint_without_its_end, Result.TAMPERED, "The last line of 2026-11-24.checkpoints has no end"),
    (_last_newline_flipped, Result.TAMPERED, "The last line of 2026-11-24.jsonl has no end"),
    (_all_in_the_first_file, Result.TAMPERED, "2026-11-23 was closed at entry 47, but its file goes on"),
    (_one_moved_to_the_next_file, Result.TAMPERED, "its file ends at entry 118: lines were moved to 2026-11-25"),
    (_last_day_renamed, Result.TAMPERED, "begins with an entry of 2026-11-27: it was renamed"),
    (_called_almost_like_a_day, Result.TAMPERED, "20261124.jsonl is no file of this log"),
    (_called_like_a_part_of_a_day, Result.TAMPERED, "2026-11-24.0.jsonl is no file of this log"),
    (_day_put_in, Result.INCOMPLETE, "is missing"),
    (_replayed_segment, Result.TAMPERED, "stands where entry"),
    (_rewritten_with_the_key, Result.TAMPERED, "was rewritten"),
]


@pytest.mark.parametrize(("change", "result", "sentence"), DONE, ids=[case[0].__name__ for case in DONE])
def test_what_was_done_to_files_is_found(
    tmp_path: Path, change: Callable[[Path], str | None], result: Result, sentence: str
) -> None:
    """Changed files are found, with the help of an outside copy of a checkpoint where the log alone is not enough."""
    sealed(tmp_path, entries(300))
    assert verdict(tmp_path).result is Result.GOOD
    outside = change(tmp_path)

    found = verdict(tmp_path, *([outside] if outside else []))
    assert (found.result, sentence in found.sentence) == (result, True), found.sentence


@pytest.mark.parametrize("flipped", [0x01, 0x80])
def test_no_byte_can_be_another(tmp_path: Path, flipped: int) -> None:
    """A change of any single byte in any file is found."""
    sealed(tmp_path, entries(4, step=timedelta(hours=11)), batch=2)
    assert verdict(tmp_path).result is Result.GOOD
    for file in sorted(tmp_path.glob("2026*")):
        good = file.read_bytes()
        for place in {*range(0, len(good), 3), len(good) - 1}:
            file.write_bytes(good[:place] + bytes([good[place] ^ flipped]) + good[place + 1 :])
            assert verdict(tmp_path).result is not Result.GOOD, (file.name, place)
        file.write_bytes(good)
    assert verdict(tmp_path).result is Result.GOOD


def test_a_good_log(tmp_path: Path) -> None:
    """A log of several days verifies completely, whatever the size of the batches was."""
    sealed(tmp_path, entries(300), batch=7)
    found = verdict(tmp_path)
    assert (found.result, found.entries) == (Result.GOOD, 300)
    assert "All 300 entries match what was sealed." in found.sentence


def test_a_log_of_one_entry(tmp_path: Path) -> None:
    """The result for a log of one entry uses the singular."""
    sealed(tmp_path, entries(1))
    assert verdict(tmp_path).sentence == "Entry 1 matches what was sealed."


def test_the_log_that_is_measured(tmp_path: Path) -> None:
    """The log that the benchmarks make is a log as a sealer would write it."""
    make(tmp_path, 2000, 3)
    [key] = read_verifiers(tmp_path / "key.pub")
    assert verdict(tmp_path / "log", keys=[key]).entries == 2000
    assert len(LogDirectory(tmp_path / "log").noted("2019-01-02")) == 288


def test_the_same_entries_are_the_same_log(tmp_path: Path) -> None:
    """The same entries give the same bytes, whatever the size of the batches was."""
    sealed(tmp_path / "a", entries(200), batch=7)
    sealed(tmp_path / "b", entries(200), batch=200)
    for day in LogDirectory(tmp_path / "a").days():
        assert list(LogDirectory(tmp_path / "a").lines(day)) == list(LogDirectory(tmp_path / "b").lines(day))


def test_what_is_older_may_be_gone(tmp_path: Path) -> None:
    """Whole days that are older than the retention may have no lines; younger days must have them."""
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
    """An entry that is dated back goes into the current file: a day's file does not grow after the next day has
    begun."""
    some = entries(80)
    back = [(81, AuditEntry(Kind.VOTED, MORNING, "R1")), (82, AuditEntry(Kind.VOTED, MORNING, "R2"))]
    sealed(tmp_path, [*some, *back])
    assert verdict(tmp_path).result is Result.GOOD
