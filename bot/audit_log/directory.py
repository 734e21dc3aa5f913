"""The log on disk: for each UTC day a file of lines, one of checkpoints, and the note that closes it.

Lines are only ever appended.
"""

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
    """The directory does not hold what was sealed: it is another one, or somebody has taken from it."""


class Busy(Exception):
    """Somebody else is writing to the directory."""


class LogDirectory:
    """A directory with a log. Only one process at a time may write; anybody may read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Until the block ends nobody else writes; `Busy` if somebody does, `OSError` where nobody can."""
        self._make()
        with (self.path / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(f"another process is writing to {self.path}") from None
            yield

    def days(self) -> list[str]:
        """Every day that has lines, the oldest first."""
        return self._days(LINES)

    def noted_days(self) -> list[str]:
        """Every day that has checkpoints, the oldest first; of pruned days only those are left."""
        return self._days(NOTES)

    def strangers(self) -> list[str]:
        """The names of files that end like ours and are no day's."""
        found = [path.name for ending in _ENDINGS for path in self.path.glob(f"*{ending}")]
        return sorted(name for name in found if not _is_day(name.rpartition(".")[0]))

    def lines(self, day: str) -> Iterator[bytes]:
        """The lines of a day without their ends. One that has no end was cut short, and so was never sealed."""
        path = self.path / f"{day}{LINES}"
        if path.exists():
            with path.open("rb") as file:
                for line in file:
                    if line.endswith(b"\n"):
                        yield line[:-1]

    def closed_days(self) -> list[str]:
        """Every day that has a file of what closes it, the oldest first."""
        return self._days(CLOSING)

    def noted(self, day: str) -> list[bytes]:
        """The lines of a day's checkpoints, with their ends, oldest first; one that was cut short is left out."""
        return self._whole(self.path / f"{day}{NOTES}")

    def closings(self, day: str) -> list[bytes]:
        """The same of what closes the day: one line, or none."""
        return self._whole(self.path / f"{day}{CLOSING}")

    def notes(self, day: str) -> list[str]:
        """The checkpoints of a day, as they were signed, oldest first; `BadNote` for a line that holds none."""
        return [restored(line) for line in self.noted(day)]

    def torn(self, day: str) -> list[str]:
        """The names of the day's files whose last line has no end."""
        return [path.name for path in self.files(day) if path.stat().st_size and not _ends(path)]

    def files(self, day: str) -> list[Path]:
        """The day's files that there are: the lines, the checkpoints, and what closes the day."""
        paths = [self.path / f"{day}{ending}" for ending in _ENDINGS]
        return [path for path in paths if path.exists()]

    def append_lines(self, day: str, lines: Iterable[bytes]) -> None:
        """Write lines, to the disk."""
        self._append(self.path / f"{day}{LINES}", b"".join(line + b"\n" for line in lines))

    def append_note(self, day: str, note: str) -> None:
        """Write a checkpoint, to the disk."""
        self._append(self.path / f"{day}{NOTES}", stored(note))

    def append_closing(self, day: str, note: str) -> None:
        """Write what closes a day, to the disk."""
        self._append(self.path / f"{day}{CLOSING}", stored(note))

    def keep_lines(self, day: str, lines: Sequence[bytes]) -> None:
        """Forget what was written after these lines and never sealed."""
        _replace(self.path / f"{day}{LINES}", b"".join(line + b"\n" for line in lines))

    def keep_notes(self, day: str, notes: Sequence[str]) -> None:
        """The same for checkpoints."""
        _replace(self.path / f"{day}{NOTES}", b"".join(map(stored, notes)))

    def keep_closings(self, day: str) -> None:
        """Forget what of it was cut short."""
        _replace(self.path / f"{day}{CLOSING}", b"".join(self.closings(day)))

    def remove_lines(self, day: str) -> None:
        """Forget the lines of a whole day; its checkpoints stay, and what closes it."""
        (self.path / f"{day}{LINES}").unlink()
        _keep_names(self.path)

    @property
    def prunings(self) -> Path:
        """The file that says what was removed, one JSON object in each line. Nobody has signed it."""
        return self.path / "prunings"

    def pruned_by(self) -> list[str]:
        """Return the retentions by which something was removed; `ValueError` where their file cannot be read."""
        lines = self.prunings.read_text(encoding="utf-8").splitlines() if self.prunings.exists() else []
        try:
            return [str(json.loads(line)["retention"]) for line in lines]
        except (LookupError, TypeError, RecursionError):
            raise ValueError(f"{self.prunings} cannot be read") from None

    def append_pruning(self, line: str) -> None:
        """Say that something is going to be removed, to the disk."""
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
    """Exactly `YYYY-MM-DD`, as this program writes it, and a day that there is."""
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
    """All of it or nothing; a file of nothing is none."""
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
    """A new name is on the disk only when its directory is."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
