"""Intune's access policies."""

from collections.abc import Sequence
from typing import Protocol

from approvals.access_policies import AccessPolicy, HeldOperations


class AccessPolicies(Protocol):
    """Reads which operations Intune holds for approval, and who may approve them there."""

    async def read(self, known: Sequence[AccessPolicy], *, every: bool) -> HeldOperations:
        """Return every policy. The approver groups of a `known` policy whose time has not moved are not read again,
        unless `every` one is to be read.

        A known policy that the list omits is looked for by its id, so one incomplete list removes nothing.
        """
