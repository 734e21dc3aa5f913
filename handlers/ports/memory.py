"""Small things to be remembered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from approvals.coverage import Gap
from handlers.ports.emergency import LedgerMark


@dataclass(frozen=True, slots=True)
class Delegation:
    """Whoever is away has somebody else asked, from one moment to another. It gives nobody a right."""

    away: str
    delegate: str
    start: datetime
    end: datetime


class Memory(Protocol):
    """Small things to be remembered."""

    async def delegations(self) -> tuple[Delegation, ...]: ...

    async def delegate(self, delegation: Delegation) -> None:
        """In place of any earlier one of the same person."""

    async def gaps(self) -> dict[str, Gap]:
        """Which workflows could not reach their quorum when the operators were last told, and why."""

    async def save_gaps(self, gaps: Mapping[str, Gap]) -> None: ...

    async def private_refused(self) -> dict[str, datetime]:
        """Which conversations have refused a message for one person alone, and when last."""

    async def save_private_refused(self, conversation: str, at: datetime) -> None: ...

    async def forget_private_refused(self) -> None: ...

    async def ledger(self) -> "LedgerMark | None":
        """Return how far the emergency process last told that its ledger had come."""

    async def save_ledger(self, mark: "LedgerMark") -> None: ...

    async def claim_message(self, message: str) -> bool:
        """Whether the message of this identity is to be answered now. False if it was answered, or if somebody is
        answering it; a claim that comes to nothing ends after a minute."""

    async def finish_message(self, message: str) -> None:
        """Remember that it was answered."""
