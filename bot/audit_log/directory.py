"""The log on disk: one file of lines and one of checkpoints for each UTC day. Lines are only ever appended."""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

LINES, NOTES = ".jsonl", ".checkpoints"


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
        """Until the block ends nobody else writes; `Busy` if somebody does."""
        self._make()
        with (self.path / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Busy(f"another process is writing to {self.path}") from None
            yield

    def days(self) -> list[str]:
        """Every day that has lines, the oldest first."""
        return sorted(path.name.removesuffix(LINES) for path in self.path.glob(f"*{LINES}") if _is_day(path))

    def noted_days(self) -> list[str]:
        """Every day that has checkpoints, the oldest first; of pruned days only those are left."""
        return sorted(path.name.removesuffix(NOTES) for path in self.path.glob(f"*{NOTES}") if _is_day(path))

    def lines(self, day: str) -> Iterator[bytes]:
        """The lines of a day without their ends. One that has no end was cut short, and so was never sealed."""
        path = self.path / f"{day}{LINES}"
        if path.exists():
            with path.open("rb") as file:
                for line in file:
                    if line.endswith(b"\n"):
                        yield line[:-1]

    def notes(self, day: str) -> list[str]:
        """The checkpoints of a day, as they were signed, oldest first."""
        path = self.path / f"{day}{NOTES}"
        if not path.exists():
            return []
        found = []
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                found.append(str(json.loads(line)["note"]))
            except (ValueError, KeyError, TypeError):
                found.append(line)  # nobody has signed that: whoever reads it will say so
        if not path.read_bytes().endswith(b"\n"):
            found = found[:-1]  # cut short while it was written, and so known to nobody
        return found

    def files(self, day: str) -> list[Path]:
        """The day's files that there are, the lines before the checkpoints."""
        paths = [self.path / f"{day}{ending}" for ending in (LINES, NOTES)]
        return [path for path in paths if path.exists()]

    def append_lines(self, day: str, lines: Iterable[bytes]) -> None:
        """Write lines, to the disk."""
        self._append(self.path / f"{day}{LINES}", b"".join(line + b"\n" for line in lines))

    def append_note(self, day: str, note: str) -> None:
        """Write a checkpoint, to the disk."""
        self._append(self.path / f"{day}{NOTES}", json.dumps({"note": note}).encode() + b"\n")

    def keep_lines(self, day: str, lines: Sequence[bytes]) -> None:
        """Forget what was written after these lines and never sealed."""
        _replace(self.path / f"{day}{LINES}", b"".join(line + b"\n" for line in lines))

    def keep_notes(self, day: str, notes: Sequence[str]) -> None:
        """The same for checkpoints."""
        _replace(self.path / f"{day}{NOTES}", b"".join(json.dumps({"note": note}).encode() + b"\n" for note in notes))

    def remove_lines(self, day: str) -> None:
        """Forget the lines of a whole day; its checkpoints stay."""
        (self.path / f"{day}{LINES}").unlink()

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


def _is_day(path: Path) -> bool:
    try:
        date.fromisoformat(path.name.split(".", 1)[0])
    except ValueError:
        return False
    return True


def _replace(path: Path, content: bytes) -> None:
    """All of it or nothing."""
    if path.exists() and path.read_bytes() == content:
        return
    made = path.with_suffix(".new")
    with made.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    made.replace(path)
    _keep_names(path.parent)


def _keep_names(directory: Path) -> None:
    """A new name is on the disk only when its directory is."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
