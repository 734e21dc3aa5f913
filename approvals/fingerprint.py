"""The fingerprint of what a person saw when they clicked: the content of the drawn card, and the sizes in it.

It can only refuse, never grant: the present content counts, and the fingerprint tells whether that was shown.
"""

import hashlib
import re

from approvals.subject import Size, Subject

DIGITS = 12
"""Digits of a hash that are enough to distinguish the versions of one request."""

PATTERN = re.compile(r"[0-9a-f]{0,64}(?:-[0-9a-f]{12}|(?:\.[0-9]{1,9})*)")

MOST_SIZES = 200
"""A button lists at most this many sizes. A card may have 28 KB, and each of its five buttons carries the list: at most
6 KB in all. Above this number a button has only a hash, so one more member anywhere makes the card outdated."""


def fingerprint_of(subject: Subject) -> str:
    """Return the first digits of the digest, and the size of each of its groups; for very many groups, a hash of the
    sizes."""
    return f"{subject.digest()[:DIGITS]}{_written(subject.sizes)}"


def seen_with(subject: Subject, fingerprint: str) -> tuple[Size, ...] | None:
    """Return the sizes that were shown with this fingerprint; nothing if it belongs to other content.

    If the readable groups differ from now, the sizes count as not shown: the numbers cannot be matched to groups.
    """
    digest = re.split("[-.]", fingerprint, maxsplit=1)[0]
    known = len(digest) >= DIGITS and subject.digest().startswith(digest)
    if not (known and PATTERN.fullmatch(fingerprint)):
        return None
    sizes, written = subject.sizes, fingerprint.removeprefix(digest)
    if written == _written(sizes):
        return sizes
    numbers = written.split(".")[1:]
    if len(numbers) != len(sizes):
        return ()
    return tuple(_shown(subject, size, int(number)) for size, number in zip(sizes, numbers, strict=True))


def _shown(subject: Subject, now: Size, number: int) -> Size:
    """Return the size that was shown, at most the present size: a forged larger number must not make room for growth.
    For a group that is left out, the number is kept as shown, because losing members counts as growth there."""
    return Size(now.group_id, number if now.group_id in subject.left_out_groups else min(number, now.members))


def _written(sizes: tuple[Size, ...]) -> str:
    if len(sizes) <= MOST_SIZES:
        return "".join(f".{size.members}" for size in sizes)
    told = " ".join(f"{size.group_id}={size.members}" for size in sizes)
    return f"-{hashlib.sha256(told.encode()).hexdigest()[:DIGITS]}"
