"""Compares the store with what the witnesses remember of it, and says what is missing."""

from collections.abc import Sequence
from dataclasses import replace

from bot.store.epoch import Epoch, Remembered

EMPTY = "It is empty, although it held approvals before."
REPLACED = "Another one is in its place, such as a restored backup."
OLDER = "It holds less than was acknowledged before, and no running process remembers what is missing."
UNBRAKED = "It has lost a brake that was on: whoever still needs it has to pull it again."


def why_not_vouched(found: Epoch | None, number: int, witnesses: Sequence[Remembered]) -> str:
    """Return what is missing in the store according to a witness; empty if no witness misses anything."""
    if found is None:
        return EMPTY
    for one in witnesses:
        if one.epoch is not None and (one.epoch.number > found.number or _rivals(one.epoch, found)):
            return REPLACED
        if (one.epoch is None or one.epoch.id == found.id) and one.number > number:
            return OLDER
    return ""


def _rivals(one: Epoch, other: Epoch) -> bool:
    return one.number == other.number and one.id != other.id


def best(witnesses: Sequence[Remembered], found: Epoch | None) -> Remembered:
    """Return the witness that remembers most: the latest epoch first, then this very one, then the highest number."""

    def rank(one: Remembered) -> tuple[int, bool, int]:
        return (one.epoch.number if one.epoch else 0, one.epoch == found, one.number)

    best = max(witnesses, key=rank)
    return replace(best, number=max(one.number for one in witnesses))


def unaccepted(found: Epoch | None, remembered: Epoch | None) -> Epoch:
    """Return the epoch that begins now, after the newer of these, until an operator accepts the store."""
    newest = max(filter(None, (remembered, found)), key=lambda one: one.number, default=None)
    if newest is None:
        return Epoch.first().next()
    return replace(newest.next(), follows=remembered.id if remembered else newest.id)
