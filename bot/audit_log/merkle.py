"""The Merkle tree hash of RFC 6962 (2.1), updated as lines are appended. It keeps a few hashes, however long the log
is."""

import hashlib
from collections.abc import Iterable

_LEAF, _NODE = b"\x00", b"\x01"
HASH_BYTES = 32


class Tree:
    """A tree that only grows. It keeps the roots of its complete subtrees, the largest first."""

    def __init__(self, size: int = 0, subtrees: Iterable[bytes] = ()) -> None:
        self.size = size
        self._subtrees = list(subtrees)
        if len(self._subtrees) != size.bit_count() or any(len(one) != HASH_BYTES for one in self._subtrees):
            raise ValueError("these are not the subtrees of a tree of that size")

    @property
    def subtrees(self) -> tuple[bytes, ...]:
        """The subtrees' roots, from which the tree can be built again."""
        return tuple(self._subtrees)

    def append(self, line: bytes) -> None:
        """Append one leaf."""
        node = hashlib.sha256(_LEAF + line).digest()
        size = self.size
        while size & 1:
            node = hashlib.sha256(_NODE + self._subtrees.pop() + node).digest()
            size >>= 1
        self._subtrees.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the tree's hash; for an empty tree the hash of nothing."""
        if not self._subtrees:
            return hashlib.sha256(b"").digest()
        *rest, root = self._subtrees
        for left in reversed(rest):
            root = hashlib.sha256(_NODE + left + root).digest()
        return root

    def copy(self) -> "Tree":
        """Return a copy, which can be changed separately."""
        return Tree(self.size, self._subtrees)
