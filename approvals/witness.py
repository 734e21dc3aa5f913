"""Witnesses: what a person saw when they clicked, from the drawn card, with the sizes in it.

A witness can only refuse, never grant: the present content counts, and the witness tells whether that was shown.
"""

import hashlib
import re

from approvals.subject import Size, Subject

DIGITS = 12
"""Digits of a hash that are enough to distinguish the versions of one request."""

PATTERN = re.compile(r"[0-9a-f]{0,64}(?:-[0-9a-f]{12}|(?:\.[0-9]{1,9})*)")

MOST_SIZES = 40
"""Most sizes listed in a button: a card has 28 KB, and each of its buttons carries them."""


def witness_of(subject: Subject) -> str:
    """Return the first digits of the digest, and the size of each of its groups; for very many groups, a hash of the
    sizes."""
    return f"{subject.digest()[:DIGITS]}{_written(subject.sizes)}"


def seen_with(subject: Subject, witness: str) -> tuple[Size, ...] | None:
    """Return the sizes that were shown with this witness; nothing if it belongs to other content.

    If the readable groups differ from now, the sizes count as not shown: the numbers cannot be matched to groups.
    """
    digest = re.split("[-.]", witness, maxsplit=1)[0]
    if not digest or not subject.digest().startswith(digest):
        return None
    sizes, written = subject.sizes, witness.removeprefix(digest)
    if written == _written(sizes):
        return sizes
    numbers = written.split(".")[1:]
    if len(numbers) != len(sizes):
        return ()
    return tuple(Size(size.group_id, int(number)) for size, number in zip(sizes, numbers, strict=True))


def _written(sizes: tuple[Size, ...]) -> str:
    if len(sizes) <= MOST_SIZES:
        return "".join(f".{size.members}" for size in sizes)
    told = " ".join(f"{size.group_id}={size.members}" for size in sizes)
    return f"-{hashlib.sha256(told.encode()).hexdigest()[:DIGITS]}"
