"""Small values that all replicas remember."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from approvals.access_policies import WatchedPolicies
from approvals.coverage import Gap
from handlers.ports.emergency import LedgerMark


@dataclass(frozen=True, slots=True)
class Delegation:
    """Another approver gets the reminders of a person who is away, for some time. It grants no rights."""

    away: str
    delegate: str
    start: datetime
    end: datetime


class Memory(Protocol):
    """Store of small values."""

    async def delegations(self) -> tuple[Delegation, ...]: ...

    async def delegate(self, delegation: Delegation) -> None:
        """Store it in place of any earlier one of the same person."""

    async def gaps(self) -> dict[str, Gap]:
        """Return the workflows that could not reach their quorum when the operators were last told, and why."""

    async def save_gaps(self, gaps: Mapping[str, Gap]) -> None: ...

    async def watched_policies(self) -> WatchedPolicies | None:
        """Return Intune's access policies as they were last compared; `None` before the first time."""

    async def save_watched_policies(self, watched: WatchedPolicies) -> None: ...

    async def private_refused(self) -> dict[str, datetime]:
        """Return the conversations that refused a private message, and when they last did."""

    async def save_private_refused(self, conversation: str, at: datetime) -> None: ...

    async def forget_private_refused(self) -> None: ...

    async def ledger(self) -> "LedgerMark | None":
        """Return the last known position of the emergency process's ledger."""

    async def save_ledger(self, mark: "LedgerMark") -> None: ...

    async def reserve_message(self, message: str) -> bool:
        """Return whether to answer the message of this identity now.

        False if it was answered or is being answered. An unfinished reservation ends after a minute.
        """

    async def finish_message(self, message: str) -> None:
        """Record that the message was answered."""
