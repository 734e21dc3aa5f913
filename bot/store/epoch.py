"""The identity of a store: which unbroken life of it this is, and what a witness remembers of it."""

import secrets
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Epoch:
    """One unbroken life of a store. It ends when the store is reset, or goes back further than anybody remembers.

    `number` counts the epochs, `follows` is the id of the one before. `by` is who let it follow: empty as long as
    nobody has, and then calls to Intune are stopped.
    """

    id: str
    number: int
    follows: str = ""
    by: str = ""

    @classmethod
    def first(cls) -> Self:
        """Return the epoch of a new installation."""
        return cls(_new_id(), 1, by="the first start")

    def next(self, by: str = "") -> "Epoch":
        """Return an epoch that follows this one."""
        return Epoch(_new_id(), self.number + 1, self.id, by)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a witness remembers of the store: its epoch, and the highest audit number that it has acknowledged.

    A witness that never heard of epochs (the sealed log) has none. `recent` are the numbers that it acknowledged after
    `since`, each with the id of the request that was written and whether that ended it. `pulled` is the number of the
    last brake that was pulled.
    """

    number: int
    epoch: Epoch | None = None
    since: int = 0
    recent: tuple[tuple[int, str, bool], ...] = ()
    pulled: int = 0

    def names_all_after(self, number: int) -> bool:
        """Tell whether this witness knows every request that it saw written after this number."""
        return self.epoch is not None and self.since <= number

    def known_after(self, number: int) -> int:
        """Return how many writes it saw after this number."""
        return len({at for at, _, _ in self.recent if at > number})

    def touched_after(self, number: int) -> list[str]:
        """Return the requests that it saw written after this number."""
        return sorted({request for at, request, _ in self.recent if at > number and request})

    def ended_after(self, number: int) -> list[str]:
        """Return the requests that it saw end after this number: cancelled, rejected or expired."""
        return sorted({request for at, request, ended in self.recent if at > number and ended})


def _new_id() -> str:
    return secrets.token_hex(8)
