"""The identity of a store's data between two losses, and what a witness remembers of it."""

import secrets
from dataclasses import dataclass, replace
from typing import Self

MOST_RECENT = 1_000
"""Acknowledged writes whose requests are remembered. A failover loses the last second or two."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """A period in which the store's data is continuous. It ends with a reset, or with a loss that no witness can name.

    `number` counts the epochs, `follows` is the id of the previous one. `by` is who accepted it. While that is empty,
    calls to Intune are stopped.
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
        """Return a new epoch that follows this one."""
        return Epoch(_new_id(), self.number + 1, self.id, by)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a witness remembers of the store: its epoch, and the highest audit number that it has acknowledged.

    A witness that knows no epochs (the sealed log) has none. `recent` has the numbers acknowledged after `since`, each
    with the id of the request that was written and whether that ended it. `pulled` is the number of the last pull of a
    brake.
    """

    number: int
    epoch: Epoch | None = None
    since: int = 0
    recent: tuple[tuple[int, str, bool], ...] = ()
    pulled: int = 0

    def acknowledging(self, number: int, request_id: str, *, ended: bool, pulled: bool) -> "Remembered":
        """Return this memory with one more acknowledged write. Writes may be acknowledged in any order."""
        write = (number, request_id, ended)
        if number <= self.since or write in self.recent:
            return self
        recent, since = (*self.recent, write), self.since
        if len(recent) > MOST_RECENT:
            since, recent = max(since, recent[0][0]), recent[1:]
        highest = max(self.pulled, number) if pulled else self.pulled
        return replace(self, number=max(self.number, number), since=since, recent=recent, pulled=highest)

    def names_all_after(self, number: int) -> bool:
        """Return whether this witness knows every request that it saw written after this number."""
        return self.epoch is not None and self.since <= number

    def known_after(self, number: int) -> int:
        """Return how many writes it saw after this number."""
        return len({at for at, _, _ in self.recent if at > number})

    def touched_after(self, number: int) -> list[str]:
        """Return the requests that it saw written after this number."""
        return sorted({request for at, request, _ in self.recent if at > number and request})

    def ended_after(self, number: int) -> list[str]:
        """Return the requests that ended (cancelled, rejected or expired) in writes that it saw after this number."""
        return sorted({request for at, request, ended in self.recent if at > number and ended})


def _new_id() -> str:
    return secrets.token_hex(8)
