"""The note that closes a day, so that a reader can begin after it; signed in addition to the day's last checkpoint.

It is a signed note with its own origin, not a checkpoint: C2SP tlog-checkpoint advises against extension lines, and
other readers refuse a checkpoint that has them.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from bot.audit_log.merkle import HASH_BYTES, Tree
from bot.audit_log.note import BadNote, Checkpoint, Verifier, spoken

ENDING = "/closing"
"""The suffix of its origin, after the log's name."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The state of the log named `origin` at the end of a day: size, root and complete subtrees of its tree, and the
    SHA-256 of the day's checkpoint lines. Its signature covers all of them."""

    origin: str
    day: str
    size: int
    root: bytes
    subtrees: tuple[bytes, ...]
    covers: bytes

    def body(self) -> str:
        """Return the text that is signed."""
        lines = [
            self.origin + ENDING,
            f"closes {self.day}",
            f"size {self.size}",
            f"root {base64.b64encode(self.root).decode()}",
            f"subtrees {b''.join(self.subtrees).hex()}",
            f"covers {self.covers.hex()}",
        ]
        return "\n".join(lines) + "\n"

    @classmethod
    def read(cls, body: str) -> Self:
        """Return the closing from a body whose signature was checked. Raises `BadNote` if it is not one."""
        try:
            origin, *more = body.rstrip("\n").split("\n")
            said = dict(line.split(" ", 1) for line in more)
            raw = bytes.fromhex(said["subtrees"])
            made = cls(
                origin.removesuffix(ENDING),
                said["closes"],
                int(said["size"]),
                base64.b64decode(said["root"], validate=True),
                tuple(raw[place : place + HASH_BYTES] for place in range(0, len(raw), HASH_BYTES)),
                bytes.fromhex(said["covers"]),
            )
        except (ValueError, KeyError) as error:
            raise BadNote(f"it closes no day: {error}") from None
        if made.body() != body or made.size < 1:
            raise BadNote("it is not as this program writes it")
        return made

    def tree(self) -> Tree:
        """Return the tree to continue with. Raises `ValueError` if it contradicts the root."""
        tree = Tree(self.size, self.subtrees)
        if tree.root() != self.root:
            raise ValueError("these subtrees have another root")
        return tree

    def fits(self, day: str, last: Checkpoint, notes: Sequence[bytes]) -> bool:
        """Return whether this closes that day, with this last checkpoint and these checkpoint lines."""
        state = (self.day, self.origin, self.size, self.root)
        return state == (day, last.origin, last.size, last.root) and self.covers == digest(notes)


def closing_of(day: str, last: Checkpoint, tree: Tree, notes: Sequence[bytes]) -> Closing:
    """Return the closing of a day from its last checkpoint, its tree and its checkpoint lines."""
    return Closing(last.origin, day, last.size, last.root, tree.subtrees, digest(notes))


def digest(notes: Iterable[bytes]) -> bytes:
    """Return the SHA-256 of checkpoint lines."""
    return hashlib.sha256(b"".join(notes)).digest()


def opened_closing(note: str, verifiers: Iterable[Verifier]) -> Closing:
    """Return the closing from a note that one of these keys has signed. Raises `BadNote` without one, or for a forged
    signature."""
    return Closing.read(spoken(note, verifiers))
