"""What a process remembers of its store, kept in a local file: a witness that survives a restart of everything."""

import os
from pathlib import Path

import structlog
from pydantic import TypeAdapter, ValidationError

from bot.store.epoch import Remembered

NAME = "store-witness.json"

_REMEMBERED = TypeAdapter(Remembered)
_SOMETHING = Remembered(1)
"""The result for an unreadable file: there was a store before."""

log = structlog.get_logger(__name__)


class WitnessFile:
    """The file in one directory. Processes on one host may share it; the one that remembers more wins."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / NAME
        self._kept: Remembered | None = None
        self._complained = False

    def read(self) -> Remembered | None:
        """Return what was remembered; `None` if there is no file."""
        try:
            return _REMEMBERED.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            log.error("store_witness_unreadable", file=str(self._path), error=type(error).__name__)
            return _SOMETHING

    def keep(self, remembered: Remembered) -> None:
        """Write it to the file, unless the file has the same or more. A disk error is logged once."""
        if remembered == self._kept:
            return
        try:
            there = self.read()
            if there is None or _rank(there) <= _rank(remembered):
                self._write(remembered)
        except OSError as error:
            if not self._complained:
                log.error("store_witness_not_kept", file=str(self._path), error=str(error))
            self._complained = True
            return
        self._kept, self._complained = remembered, False

    def _write(self, remembered: Remembered) -> None:
        """Replace the file in one step, so that after a crash it is the old one or the new one."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = self._path.with_suffix(f".{os.getpid()}-{id(self)}.new")
        with made.open("wb") as file:
            file.write(_REMEMBERED.dump_json(remembered))
            file.flush()
            os.fsync(file.fileno())
        made.replace(self._path)


def _rank(one: Remembered) -> tuple[int, int]:
    return (one.epoch.number if one.epoch else 0, one.number)
