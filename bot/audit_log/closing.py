"""The note that closes a day: what a reader needs to begin after it, signed beside the day's last checkpoint.

It is a signed note of its own origin and no checkpoint: C2SP tlog-checkpoint advises against extension lines, and
readers of others refuse a checkpoint that has them.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from bot.audit_log.merkle import HASH_BYTES, Tree
from bot.audit_log.note import BadNote, Checkpoint, Verifier, spoken

ENDING = "/closing"
"""What its origin has behind the log's name."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The state of the log named `origin` at the end of a day: size, root and complete subtrees of its tree, and the
    SHA-256 of the lines of the day's checkpoints. Whoever checks this one signature has checked all of them."""

    origin: str
    day: str
    size: int
    root: bytes
    subtrees: tuple[bytes, ...]
    covers: bytes

    def body(self) -> str:
        """What is signed."""
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
        """The closing in a body whose signature was checked; `BadNote` if it is none."""
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
        """The tree to go on with; `ValueError` where it contradicts the root."""
        tree = Tree(self.size, self.subtrees)
        if tree.root() != self.root:
            raise ValueError("these subtrees have another root")
        return tree

    def fits(self, day: str, last: Checkpoint, notes: Sequence[bytes]) -> bool:
        """Whether it closes that day, whose last checkpoint and whose lines of checkpoints these are."""
        state = (self.day, self.origin, self.size, self.root)
        return state == (day, last.origin, last.size, last.root) and self.covers == digest(notes)


def closing_of(day: str, last: Checkpoint, tree: Tree, notes: Sequence[bytes]) -> Closing:
    """What closes a day with this last checkpoint, of this tree, and these lines of checkpoints."""
    return Closing(last.origin, day, last.size, last.root, tree.subtrees, digest(notes))


def digest(notes: Iterable[bytes]) -> bytes:
    """The SHA-256 of lines of checkpoints."""
    return hashlib.sha256(b"".join(notes)).digest()


def opened_closing(note: str, verifiers: Iterable[Verifier]) -> Closing:
    """The closing in a note that one of these has signed; `BadNote` if none has, or if one's signature is forged."""
    return Closing.read(spoken(note, verifiers))
