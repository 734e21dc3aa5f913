"""Every call, written down before it is made: what is in doubt is never done again, and counts."""

import fcntl
import os
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from io import FileIO
from pathlib import Path
from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from handlers.ports.emergency import LedgerMark

DAY = timedelta(days=1)

T = TypeVar("T")


class Outcome(StrEnum):
    """What came of a call, once somebody knows."""

    DONE = "done"
    HELD = "held"  # Intune wants a second person to approve it
    REFUSED = "refused"


class Line(BaseModel):
    """One call for one request: what is intended, and then once more with what came of it.

    `said` is what was told of it, `answer_id` Graph's id of its answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    request_id: str
    person: str
    act: str
    device_id: str
    device_name: str
    why: str
    at: AwareDatetime
    outcome: Outcome | None = None
    said: str = ""
    answer_id: str = ""


_MARK, _LINE = TypeAdapter(LedgerMark), TypeAdapter(Line)


class Ledger:
    """A file of JSON lines that only grows, in the hands of one process at a time. The first one names it.

    `ValueError` for a line that is none, or a file that another process holds; `OSError` for one that cannot be had.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        path.touch(mode=0o600)
        if not path.is_file():
            raise ValueError(f"{path}: the ledger has to be a file")
        # Without a buffer: what could not be written must not be written later, when nobody expects it any more.
        self._file = FileIO(path, "a+")
        self._lines: dict[str, Line] = {}
        self._mark = LedgerMark(secrets.token_hex(8), 0)
        self._torn = False
        try:
            _lock(self._file.fileno(), path)
            _sync_folder(path.parent)
            self._file.seek(0)
            content = self._file.readall()
            if content:
                self._read(content, path)
            else:
                self._append(_MARK.dump_json(self._mark))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let another process have it."""
        self._file.close()

    def known(self, request_id: str) -> Line | None:
        """What was done for this request."""
        return self._lines.get(request_id)

    def within_a_day(self, now: datetime) -> int:
        """How many calls were made, or may have been, in the last 24 hours."""
        return sum(line.at > now - DAY for line in self._lines.values())

    def mark(self) -> LedgerMark:
        """Return how far it has come."""
        return self._mark

    def went_back(self, remembered: LedgerMark) -> bool:
        """Tell whether somebody remembers another ledger, or more of this one."""
        return not self._mark.follows(remembered)

    def write(self, line: Line) -> None:
        """To the disk, before anything else happens; `OSError` if it may not be there, and from then on for good."""
        self._append(line.model_dump_json().encode())
        self._lines[line.request_id] = line
        self._mark = replace(self._mark, lines=self._mark.lines + 1)

    def _append(self, line: bytes) -> None:
        if self._torn:
            raise OSError("an earlier line of the ledger could not be written")
        self._torn = True
        content = line + b"\n"
        if self._file.write(content) != len(content):
            raise OSError("the ledger took only a part of the line")
        os.fsync(self._file.fileno())
        self._torn = False

    def _read(self, content: bytes, path: Path) -> None:
        """Every line ends where we ended it: JSON itself may hold other characters that end lines elsewhere."""
        *whole, torn = content.split(b"\n")
        written = [*whole, torn] if torn else whole
        mark = _parsed(_MARK, written[0], path, 1)
        for number, text in enumerate(written[1:], 2):
            line = _parsed(_LINE, text, path, number)
            self._lines[line.request_id] = line
        self._mark = replace(mark, lines=len(written) - 1)
        if torn:
            raise ValueError(f"{path}, line {len(whole) + 1}: this line of the ledger is not finished")


def _parsed(kind: TypeAdapter[T], written: bytes, path: Path, number: int) -> T:
    try:
        return kind.validate_json(written)
    except ValidationError:
        raise ValueError(f"{path}, line {number}: this is no line of the ledger") from None


def _lock(file: int, path: Path) -> None:
    """Two processes on one ledger would each know only of their own calls."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ValueError(f"{path}: another emergency process holds this ledger") from None


def _sync_folder(folder: Path) -> None:
    """A new file survives a power cut only when its folder does."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
