"""The ledger: lines are read back exactly as they were written, and a line that cannot be read stops the start."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.emergency.ledger import CallOutcome, Ledger, LedgerLine
from tests.bot.emergency.conftest import MONDAY, WHY

INTENT = LedgerLine(request_id="R1", person="p", act="wipe", device_id="d", device_name="PC-1", why=WHY, at=MONDAY)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "ledger.jsonl"


def reopened(file: Path, *lines: LedgerLine) -> LedgerLine | None:
    """Write these lines to a ledger, read it again, and return what it knows about R1."""
    ledger = Ledger(file)
    for line in lines:
        ledger.write(line)
    ledger.close()
    again = Ledger(file)
    again.close()
    return again.known("R1")


def test_read_back(file: Path) -> None:
    """The last line of a request is what the ledger knows about it, and the file only grows."""
    ended = INTENT.model_copy(update={"outcome": CallOutcome.DONE, "said": "Done.", "answer_id": "a"})
    assert reopened(file) is None
    assert reopened(file, INTENT) == INTENT
    before = file.read_bytes()
    assert reopened(file, ended) == ended
    assert file.read_bytes().startswith(before)
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("why", ["a\nb", "a\r\nb", "a\u2028b\u2029c", "a\x85b\x0bc\x0cd\x1ce", 'quo"te\\', "ß 漢 🔥"])
def test_every_letter(file: Path, why: str) -> None:
    """Any text is stored in one line, so that it cannot make the ledger unreadable at the next start."""
    line = INTENT.model_copy(update={"why": why})
    assert reopened(file, line) == line
    assert file.read_bytes().count(b"\n") == 2


NAME = '{"ledger":"0123456789abcdef","lines":0}'
GOOD = INTENT.model_dump_json()
CORRUPT = {
    "no JSON": "nonsense\n",
    "empty": "\n",
    "another object": '{"request_id": "R1"}\n',
    "a key too many": GOOD[:-1] + ',"more":1}\n',
    "no time": GOOD.replace(MONDAY.strftime("%Y"), "year") + "\n",
    "a time without its zone": GOOD.replace("Z", "") + "\n",
    "another outcome": GOOD.replace('"outcome":null', '"outcome":"perhaps"') + "\n",
    "torn": GOOD[:40],
    "torn before its end": GOOD,
    "two in one": GOOD + GOOD + "\n",
}


@pytest.mark.parametrize("content", CORRUPT.values(), ids=CORRUPT)
def test_corrupt(tmp_path: Path, content: str) -> None:
    """A line that is damaged stops the start, and the error names the line."""
    file = tmp_path / "ledger.jsonl"
    file.write_text(f"{NAME}\n{GOOD}\n{content}")
    with pytest.raises(ValueError, match=r"ledger.jsonl, line 3: this "):
        Ledger(file)


def test_a_ledger_without_its_name(tmp_path: Path) -> None:
    """A ledger without its first line was cut off at the beginning, so it is refused."""
    file = tmp_path / "ledger.jsonl"
    file.write_text(f"{GOOD}\n")
    with pytest.raises(ValueError, match=r"ledger.jsonl, line 1: this is no line of the ledger"):
        Ledger(file)


def test_a_ledger_that_went_back(file: Path) -> None:
    """A mark with more lines, or of another ledger, shows that the ledger went back; a mark with fewer lines does
    not."""
    ledger = Ledger(file)
    before = file.read_bytes()
    ledger.write(INTENT)
    mark = ledger.mark()
    ledger.close()
    file.write_bytes(before)
    cut = Ledger(file)
    assert cut.went_back(mark)
    assert not cut.went_back(cut.mark())
    assert not cut.went_back(replace(mark, lines=0))
    cut.close()
    file.unlink()
    other = Ledger(file)
    assert other.went_back(replace(mark, lines=0))
    other.close()


def test_one_process_at_a_time(file: Path) -> None:
    """Only one process at a time can open a ledger; after the first has closed it, another one can."""
    first = Ledger(file)
    with pytest.raises(ValueError, match="another emergency process holds this ledger"):
        Ledger(file)
    first.close()
    Ledger(file).close()


def test_a_day(file: Path) -> None:
    """Every request counts once in 24 hours, whatever its outcome was."""
    ledger = Ledger(file)
    ledger.write(INTENT)
    ledger.write(INTENT.model_copy(update={"outcome": CallOutcome.REFUSED}))
    ledger.write(INTENT.model_copy(update={"request_id": "R2", "at": MONDAY + timedelta(hours=1)}))
    counted = [ledger.within_a_day(MONDAY + timedelta(hours=hours)) for hours in (1, 23, 24, 25)]
    ledger.close()
    assert counted == [2, 2, 1, 0]


def test_what_is_no_file() -> None:
    """A path that is no regular file is refused: a device would accept every line and keep none."""
    with pytest.raises(ValueError, match="has to be a file"):
        Ledger(Path("/dev/null"))
