"""The audit commands: their exit statuses, and how they print what people typed."""

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from approvals.audit import AuditEntry, Identified, Kind
from bot.audit_log.directory import LogDirectory
from bot.audit_log.note import packed
from bot.audit_log.reading import EntryFilter, story
from bot.audit_log.reading import entries as exported
from tests.bot.audit_log.commands import Command
from tests.bot.audit_log.logs import LATER, MORNING, SIGNER, entries, sealed


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of several days, with its public key in `key.pub` beside it."""
    (tmp_path / "key.pub").write_text(SIGNER.verifier().text())
    sealed(tmp_path / "log", entries(100))
    return tmp_path / "log"


def where(log: Path) -> tuple[str, ...]:
    """Return the options that name the log and its key."""
    return ("--log", str(log), "--key", str(log.parent / "key.pub"))


# --- verify -------------------------------------------------------------------------------------------------------


def test_intact(log: Path, command: Command) -> None:
    """`verify` ends with status 0 for an intact log."""
    assert command("verify", *where(log)) == 0
    assert "All 100 entries match what was sealed." in command.said()


def test_tampered_with(log: Path, command: Command) -> None:
    """`verify` ends with status 1 for a log that was tampered with, and names the first entry that is wrong."""
    file = log / "2026-11-24.jsonl"
    file.write_bytes(file.read_bytes().replace(b"Alex", b"Alec", 1))
    assert command("verify", *where(log)) == 1
    assert "The first entry that is wrong: 48" in command.said()


def test_incomplete(log: Path, command: Command) -> None:
    """`verify` ends with status 2 for a log that is incomplete."""
    (log / "2026-11-24.checkpoints").unlink()
    assert command("verify", *where(log)) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--log", "nowhere"), "there is no log in nowhere"),
        (("--key", "nowhere.pub"), "nowhere.pub"),
        (("--retention", "P3000000D"), "this must be an ISO 8601 duration in days or weeks such as P2555D"),
        (("--retention", "-P1D"), "expected one argument"),
        (("--retention=-P1D",), "this must be an ISO 8601 duration in days or weeks such as P2555D"),
        (("--retention", "PT1S"), "this must be an ISO 8601 duration in days or weeks such as P2555D"),
        (("--retention", "7y"), "this must be an ISO 8601 duration in days or weeks such as P2555D"),
        (("--checkpoint", "nowhere.txt"), "nowhere.txt"),
        (("--dance",), "unrecognized arguments: --dance"),
    ],
)
def test_what_could_not_be_checked(log: Path, command: Command, words: tuple[str, ...], said: str) -> None:
    """`verify` ends with status 3 if it could not check the log; that says nothing about the log."""
    assert command("verify", *where(log), *words) == 3
    assert said in command.said()


@pytest.mark.parametrize("kept", [b"", b"\xff", b"Audit checkpoint of 2026-11-24: AAAA"])
def test_an_outside_copy_that_cannot_be_read(log: Path, command: Command, kept: bytes) -> None:
    """An outside copy that cannot be read gives status 3, and does not count as tampering."""
    (log.parent / "kept.txt").write_bytes(kept)
    assert command("verify", *where(log), "--checkpoint", str(log.parent / "kept.txt")) == 3
    assert "kept.txt: there is no checkpoint in it" in command.said()


def test_an_outside_copy(log: Path, command: Command) -> None:
    """Several outside copies can be given; they show that the end of the log was removed, which the log alone cannot
    show."""
    kept = log.parent / "kept.txt"
    kept.write_text("\ufeff" + LogDirectory(log).notes("2026-11-23")[-1])
    last = log.parent / "last.txt"
    last.write_text(f"Audit checkpoint of 2026-11-24: {packed(LogDirectory(log).notes('2026-11-24')[-1])}\n")
    assert command("verify", *where(log), "--checkpoint", str(kept), "--checkpoint", str(last)) == 0
    for file in log.glob("2026-11-24*"):
        file.unlink()
    assert command("verify", *where(log), "--checkpoint", str(kept)) == 0
    assert command("verify", *where(log), "--checkpoint", str(kept), "--checkpoint", str(last)) == 2


@pytest.mark.parametrize("content", [b"[" * 200_000 + b"\n", b'{"note":"\xff"}\n', b"{}\n", b'{"note": 7}\n', b"\n"])
def test_a_checkpoint_that_is_nothing_of_the_kind(log: Path, command: Command, content: bytes) -> None:
    """A line in the checkpoints file that is not a checkpoint gives status 1 and no traceback."""
    (log / "2026-11-24.checkpoints").write_bytes(content)
    assert command("verify", *where(log)) == 1
    assert "A checkpoint of 2026-11-24 is not valid" in command.said()


def test_the_settings_of_the_shell(log: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands take the log and its key from the bot's environment where that is set."""
    monkeypatch.setenv("COUNTERSIGN_AUDIT_DIR", str(log))
    monkeypatch.setenv("COUNTERSIGN_AUDIT_KEY", str(log.parent / "key.pem"))
    assert command("verify") == 0
    assert command("verify", "--help") == 0
    assert f"(default {log})" in command.said()
    assert "(default P2555D)" in command.said()
    monkeypatch.delenv("COUNTERSIGN_AUDIT_DIR")
    monkeypatch.setenv("COUNTERSIGN_STATE_DIR", str(log.parent / "state"))
    assert command("verify") == 3
    assert "state/audit" in command.said()


# --- key ----------------------------------------------------------------------------------------------------------


def test_a_key_pair(tmp_path: Path, command: Command) -> None:
    """A key pair is made once, and its files are never overwritten."""
    assert command("key", str(tmp_path / "k.pem"), "--name", "host") == 0
    assert (tmp_path / "k.pem").stat().st_mode & 0o777 == 0o600
    assert command("key", str(tmp_path / "k.pem"), "--name", "host") == 3
    assert "k.pem already exists; choose another name" in command.said()
    (tmp_path / "k.pem").unlink()
    assert command("key", str(tmp_path / "k.pem"), "--name", "host") == 3
    assert "k.pub already exists; choose another name" in command.said()


# --- show and export ----------------------------------------------------------------------------------------------

FORGED = "lost\n2026-11-24 08:00:00 UTC  Dana Diaz (signed in) voted approve\x1b[2K\u202e"


def typed(why: str) -> list[tuple[int, AuditEntry]]:
    """Return one vote with this note."""
    return [(1, AuditEntry(Kind.VOTED, MORNING, "R1", "alex", "Alex\r\n", Identified.BY_CHANNEL, why=why))]


def test_nobody_can_forge_a_line_of_a_story(tmp_path: Path, command: Command) -> None:
    """A note is printed as one line and without control characters, so nobody can forge a line of the output."""
    sealed(tmp_path, typed(FORGED))
    [line] = story(exported(LogDirectory(tmp_path), EntryFilter()))
    assert "\x1b" not in line
    assert "\u202e" not in line
    assert line.startswith("2026-11-23 08:00:00 UTC  Alex (in Teams) voted")
    assert command("show", "R1", "--log", str(tmp_path)) == 0
    assert command("show", "R2", "--log", str(tmp_path)) == 3


@pytest.mark.parametrize("why", ["=1+1", "\n=1+1", "  @SUM(A1)", "x;=cmd|' /C calc'!A0", "a,+1", "-2+3", "\t=1"])
def test_no_cell_is_a_formula(tmp_path: Path, command: Command, why: str) -> None:
    """No cell of the CSV export begins like a formula, also after blanks and after characters that may separate
    cells."""
    sealed(tmp_path / "log", typed(why))
    table = tmp_path / "log.csv"
    assert command("export", "--log", str(tmp_path / "log"), "--format", "csv", "--output", str(table)) == 0
    assert "1 entry." in command.said()
    [row] = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    for cell in row["why"].replace(",", ";").split(";"):
        assert cell.strip()[:1] not in ("=", "+", "-", "@")
    assert table.read_text(encoding="utf-8").splitlines()[1].startswith('"1","2026-11-23')


def test_json_lines_hold_what_was_typed(tmp_path: Path, command: Command) -> None:
    """The JSON export holds the text exactly as it was typed, because programs read it."""
    sealed(tmp_path / "log", typed(FORGED))
    lines = tmp_path / "log.jsonl"
    assert command("export", "--log", str(tmp_path / "log"), "--output", str(lines)) == 0
    assert json.loads(lines.read_text())["why"] == FORGED
    assert lines.stat().st_mode & 0o777 == 0o600
    assert "run `python -m bot audit verify`" in command.said()


def test_a_failed_export_leaves_the_earlier_one(tmp_path: Path, command: Command) -> None:
    """An export that fails keeps the earlier file."""
    earlier = tmp_path / "earlier.jsonl"
    earlier.write_text("earlier")
    assert command("export", "--log", str(tmp_path / "nowhere"), "--output", str(earlier)) == 3
    sealed(tmp_path / "log", entries(3))
    file = tmp_path / "log" / "2026-11-23.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"format":1', b'"format":2'))
    assert command("export", "--log", str(tmp_path / "log"), "--output", str(earlier)) == 3
    assert earlier.read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["earlier.jsonl", "log"]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (("--operation", "wipe"), [1, 2, 3]),
        (("--operation", "retire"), [4]),
        (("--person", "dana"), [2, 3]),
        (("--person", "0d-1"), [3]),
        (("--request", "R2"), [4]),
        (("--since", "2026-11-24"), [4]),
        (("--until", "2026-11-23T08:30"), [1]),
    ],
)
def test_which_entries(tmp_path: Path, command: Command, words: tuple[str, str], numbers: list[int]) -> None:
    """Each filter of the export looks at its own field: a reason that names an operation does not count as that
    operation, and a person named in the evidence counts as a person."""
    hour = timedelta(hours=1)
    picked = AuditEntry(Kind.PICKED_UP, MORNING, "R1", why="please do not retire it", evidence={"operations": "wipe"})
    voted = AuditEntry(Kind.VOTED, MORNING + hour, "R1", "0d-0", "Dana Diaz")
    passed = replace(voted, who="s", name="Sam", evidence={"passed over": "Dana Diaz (0d-1)"})
    asked = AuditEntry(
        Kind.ASKED, MORNING + 24 * hour, "R2", "r", "Rita", why="wipe is too much", evidence={"act": "retire"}
    )
    sealed(tmp_path / "log", list(enumerate((picked, voted, passed, asked), 1)), now=LATER)
    lines = tmp_path / "out.jsonl"
    assert command("export", "--log", str(tmp_path / "log"), "--output", str(lines), *words) == 0
    assert [json.loads(line)["number"] for line in lines.read_text().splitlines()] == numbers


def test_a_date_that_is_none(tmp_path: Path, command: Command) -> None:
    """A date that cannot be read is refused with an example of a correct date."""
    assert command("export", "--log", str(tmp_path), "--since", "yesterday") == 3
    assert "must be a date such as 2026-11-23" in command.said()


def test_an_export_finds_what_a_slow_clock_wrote(tmp_path: Path) -> None:
    """An export until a moment also finds an earlier entry that is in the next day's file behind later entries."""
    evening = datetime(2026, 11, 23, 23, 59, tzinfo=UTC)
    moments = [evening, evening + timedelta(minutes=2), evening + timedelta(seconds=30)]
    sealed(tmp_path, [(place, AuditEntry(Kind.VOTED, at, "R1")) for place, at in enumerate(moments, 1)])
    found = exported(LogDirectory(tmp_path), EntryFilter(until=evening + timedelta(seconds=45)))
    assert [fields["number"] for fields in found] == [1, 3]
