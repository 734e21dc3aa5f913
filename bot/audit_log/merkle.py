"""The Merkle tree hash of RFC 6962 (2.1), kept while lines are appended: a few hashes, however long the log is."""

import hashlib
from collections.abc import Iterable

_LEAF, _NODE = b"\x00", b"\x01"
HASH_BYTES = 32


class Tree:
    """A tree that only grows. What it keeps are the roots of its complete subtrees, the largest first."""

    def __init__(self, size: int = 0, subtrees: Iterable[bytes] = ()) -> None:
        self.size = size
        self._subtrees = list(subtrees)
        if len(self._subtrees) != size.bit_count() or any(len(one) != HASH_BYTES for one in self._subtrees):
            raise ValueError("these are not the subtrees of a tree of that size")

    @property
    def subtrees(self) -> tuple[bytes, ...]:
        """From these it can go on growing somewhere else."""
        return tuple(self._subtrees)

    def append(self, line: bytes) -> None:
        """One more leaf."""
        node = hashlib.sha256(_LEAF + line).digest()
        size = self.size
        while size & 1:
            node = hashlib.sha256(_NODE + self._subtrees.pop() + node).digest()
            size >>= 1
        self._subtrees.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The tree's hash; that of nothing for an empty one."""
        if not self._subtrees:
            return hashlib.sha256(b"").digest()
        *rest, root = self._subtrees
        for left in reversed(rest):
            root = hashlib.sha256(_NODE + left + root).digest()
        return root

    def copy(self) -> "Tree":
        """The same, to try something with."""
        return Tree(self.size, self._subtrees)
