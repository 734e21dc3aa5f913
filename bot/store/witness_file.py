"""What a process remembers of its store, kept in a file beside it: a witness that outlives a restart of everything."""

import os
from pathlib import Path

import structlog
from pydantic import TypeAdapter, ValidationError

from bot.store.epoch import Remembered

NAME = "store-witness.json"

_REMEMBERED = TypeAdapter(Remembered)
_SOMETHING = Remembered(1)
"""What a file tells that cannot be read: there was a store before."""

log = structlog.get_logger(__name__)


class WitnessFile:
    """The file in one directory; processes on one host may share it, and the one that remembers more is kept."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / NAME
        self._kept: Remembered | None = None
        self._complained = False

    def read(self) -> Remembered | None:
        """Return what was remembered; `None` where nothing ever was."""
        try:
            return _REMEMBERED.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            log.error("store_witness_unreadable", file=str(self._path), error=type(error).__name__)
            return _SOMETHING

    def keep(self, remembered: Remembered) -> None:
        """Write it down, unless the file holds it or more. A disk that refuses is complained of once."""
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
        """In one step, so that a crash leaves the old one or the new one."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = self._path.with_suffix(f".{os.getpid()}-{id(self)}.new")
        with made.open("wb") as file:
            file.write(_REMEMBERED.dump_json(remembered))
            file.flush()
            os.fsync(file.fileno())
        made.replace(self._path)


def _rank(one: Remembered) -> tuple[int, int]:
    return (one.epoch.number if one.epoch else 0, one.number)
