"""Records every call before it is made. A call with an unknown result is never repeated, and counts."""

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


class CallOutcome(StrEnum):
    """The result of a call, once it is known."""

    DONE = "done"
    HELD = "held"  # Intune wants a second person to approve it
    REFUSED = "refused"


class LedgerLine(BaseModel):
    """One call for one request: written as an intention, and again with its result.

    `said` is the sentence that was returned, `answer_id` Graph's id of its answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    request_id: str
    person: str
    act: str
    device_id: str
    device_name: str
    why: str
    at: AwareDatetime
    outcome: CallOutcome | None = None
    said: str = ""
    answer_id: str = ""


_MARK, _LINE = TypeAdapter(LedgerMark), TypeAdapter(LedgerLine)


class Ledger:
    """An append-only file of JSON lines, locked by one process at a time. The first line identifies it.

    Raises `ValueError` for an invalid line or a file that another process holds, `OSError` if it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        path.touch(mode=0o600)
        if not path.is_file():
            raise ValueError(f"{path}: the ledger has to be a file")
        # Unbuffered: what could not be written must not be written later, unexpectedly.
        self._file = FileIO(path, "a+")
        self._lines: dict[str, LedgerLine] = {}
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
        """Release the file for another process."""
        self._file.close()

    def known(self, request_id: str) -> LedgerLine | None:
        """Return the call for this request, if any."""
        return self._lines.get(request_id)

    def within_a_day(self, now: datetime) -> int:
        """Return how many calls were made, or may have been, in the last 24 hours."""
        return sum(line.at > now - DAY for line in self._lines.values())

    def mark(self) -> LedgerMark:
        """Return its id and its number of lines."""
        return self._mark

    def went_back(self, remembered: LedgerMark) -> bool:
        """Return whether `remembered` is of another ledger, or ahead of this one."""
        return not self._mark.follows(remembered)

    def write(self, line: LedgerLine) -> None:
        """Write to the disk before anything else. Raises `OSError` if that may have failed, and from then on."""
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
        """Parse the file. Lines end only at a newline: JSON itself may contain other line separators."""
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
    """Lock the file: two processes on one ledger would each know only their own calls."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ValueError(f"{path}: another emergency process holds this ledger") from None


def _sync_folder(folder: Path) -> None:
    """Sync the folder, or a new file may not survive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
