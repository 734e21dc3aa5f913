"""The log on disk: for each UTC day a file of lines, a file of checkpoints, and the note that closes the day."""

import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from bot.audit_log.note import restored, stored

LINES, NOTES, CLOSING = ".jsonl", ".checkpoints", ".closing"
_ENDINGS = (LINES, NOTES, CLOSING)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class LogLost(Exception):
    """The directory does not hold what was sealed: it is another one, or part of it was removed."""


class LogBusy(Exception):
    """Another process is writing to the directory."""


class LogDirectory:
    """A directory with a log. Only one process at a time may write; any number may read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Lock the directory for writing until the block ends. Raises `LogBusy` if it is locked, `OSError` if it cannot
        be written."""
        self._make()
        with (self.path / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LogBusy(f"another process is writing to {self.path}") from None
            yield

    def days(self) -> list[str]:
        """Return every day that has lines, oldest first."""
        return self._days(LINES)

    def noted_days(self) -> list[str]:
        """Return every day that has checkpoints, oldest first. A pruned day has no lines, but still has these."""
        return self._days(NOTES)

    def strangers(self) -> list[str]:
        """Return the names of files with our endings that belong to no day."""
        found = [path.name for ending in _ENDINGS for path in self.path.glob(f"*{ending}")]
        return sorted(name for name in found if not _is_day(name.rpartition(".")[0]))

    def lines(self, day: str) -> Iterator[bytes]:
        """Yield the lines of a day without their newlines. A line without one was cut short, and so was never
        sealed."""
        path = self.path / f"{day}{LINES}"
        if path.exists():
            with path.open("rb") as file:
                for line in file:
                    if line.endswith(b"\n"):
                        yield line[:-1]

    def closed_days(self) -> list[str]:
        """Return every day that has a closing file, oldest first."""
        return self._days(CLOSING)

    def noted(self, day: str) -> list[bytes]:
        """Return a day's checkpoint lines with their newlines, oldest first, without one that was cut short."""
        return self._whole(self.path / f"{day}{NOTES}")

    def closings(self, day: str) -> list[bytes]:
        """Return the line that closes the day, or nothing, in the same form."""
        return self._whole(self.path / f"{day}{CLOSING}")

    def notes(self, day: str) -> list[str]:
        """Return a day's checkpoints as they were signed, oldest first. Raises `BadNote` for a line that holds none."""
        return [restored(line) for line in self.noted(day)]

    def torn(self, day: str) -> list[str]:
        """Return the names of the day's files whose last line has no newline."""
        return [path.name for path in self.files(day) if path.stat().st_size and not _ends(path)]

    def files(self, day: str) -> list[Path]:
        """Return the day's existing files: lines, checkpoints, closing."""
        paths = [self.path / f"{day}{ending}" for ending in _ENDINGS]
        return [path for path in paths if path.exists()]

    def append_lines(self, day: str, lines: Iterable[bytes]) -> None:
        """Append lines and flush them to disk."""
        self._append(self.path / f"{day}{LINES}", b"".join(line + b"\n" for line in lines))

    def append_note(self, day: str, note: str) -> None:
        """Append a checkpoint and flush it to disk."""
        self._append(self.path / f"{day}{NOTES}", stored(note))

    def append_closing(self, day: str, note: str) -> None:
        """Append the note that closes a day and flush it to disk."""
        self._append(self.path / f"{day}{CLOSING}", stored(note))

    def keep_lines(self, day: str, lines: Sequence[bytes]) -> None:
        """Remove what was written after these lines and never sealed."""
        _replace(self.path / f"{day}{LINES}", b"".join(line + b"\n" for line in lines))

    def keep_notes(self, day: str, notes: Sequence[str]) -> None:
        """Remove what was written after these checkpoints."""
        _replace(self.path / f"{day}{NOTES}", b"".join(map(stored, notes)))

    def keep_closings(self, day: str) -> None:
        """Remove a closing note that was cut short."""
        _replace(self.path / f"{day}{CLOSING}", b"".join(self.closings(day)))

    def remove_lines(self, day: str) -> None:
        """Delete the lines of a whole day; its checkpoints and its closing note stay."""
        (self.path / f"{day}{LINES}").unlink()
        _keep_names(self.path)

    @property
    def prunings(self) -> Path:
        """The file that lists what was removed, one JSON object per line, unsigned."""
        return self.path / "prunings"

    def pruned_by(self) -> list[str]:
        """Return the retentions used for removing entries. Raises `ValueError` if their file cannot be read."""
        lines = self.prunings.read_text(encoding="utf-8").splitlines() if self.prunings.exists() else []
        try:
            return [str(json.loads(line)["retention"]) for line in lines]
        except (LookupError, TypeError, RecursionError):
            raise ValueError(f"{self.prunings} cannot be read") from None

    def append_pruning(self, line: str) -> None:
        """Append a record of a coming removal and flush it to disk."""
        self._append(self.prunings, f"{line}\n".encode())

    def _days(self, ending: str) -> list[str]:
        names = (path.name.removesuffix(ending) for path in self.path.glob(f"*{ending}"))
        return sorted(name for name in names if _is_day(name))

    def _whole(self, path: Path) -> list[bytes]:
        if not path.exists():
            return []
        *whole, _torn = path.read_bytes().split(b"\n")
        return [line + b"\n" for line in whole]

    def _make(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o750)

    def _append(self, path: Path, content: bytes) -> None:
        self._make()
        new = not path.exists()
        with path.open("ab") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if new:
            _keep_names(self.path)


def _is_day(name: str) -> bool:
    """Return whether this is exactly `YYYY-MM-DD`, as this program writes it, and an existing day."""
    if not _DAY.fullmatch(name):
        return False
    try:
        date.fromisoformat(name)
    except ValueError:
        return False
    return True


def _ends(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def _replace(path: Path, content: bytes) -> None:
    """Replace a file's content in one step; delete the file if the content is empty."""
    if not path.exists() or path.read_bytes() == content:
        return
    if content:
        made = path.with_suffix(".new")
        with made.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    else:
        path.unlink()
    _keep_names(path.parent)


def _keep_names(directory: Path) -> None:
    """Flush a directory: without that a new file name may not be on disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
