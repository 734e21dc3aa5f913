"""Small values that the bot remembers, in memory."""

from collections.abc import Mapping
from datetime import datetime

from approvals.access_policies import WatchedPolicies
from approvals.coverage import Gap
from handlers.ports.emergency import LedgerMark
from handlers.ports.memory import Delegation


class Memory:
    """Keeps delegations by the person who is away, the last gaps, the last ledger mark, and other small values."""

    def __init__(self) -> None:
        self.delegated: dict[str, Delegation] = {}
        self.known_gaps: dict[str, Gap] = {}
        self.mark: LedgerMark | None = None
        self.refused: dict[str, datetime] = {}
        self.messages: set[str] = set()
        self.watched: WatchedPolicies | None = None

    async def delegations(self) -> tuple[Delegation, ...]:
        return tuple(self.delegated.values())

    async def delegate(self, delegation: Delegation) -> None:
        self.delegated[delegation.away] = delegation

    async def gaps(self) -> dict[str, Gap]:
        return dict(self.known_gaps)

    async def save_gaps(self, gaps: Mapping[str, Gap]) -> None:
        self.known_gaps = dict(gaps)

    async def watched_policies(self) -> WatchedPolicies | None:
        return self.watched

    async def save_watched_policies(self, watched: WatchedPolicies) -> None:
        self.watched = watched

    async def private_refused(self) -> dict[str, datetime]:
        return dict(self.refused)

    async def save_private_refused(self, conversation: str, at: datetime) -> None:
        self.refused[conversation] = at

    async def forget_private_refused(self) -> None:
        self.refused.clear()

    async def ledger(self) -> LedgerMark | None:
        return self.mark

    async def save_ledger(self, mark: LedgerMark) -> None:
        self.mark = mark

    async def reserve_message(self, message: str) -> bool:
        new = message not in self.messages
        self.messages.add(message)
        return new

    async def finish_message(self, message: str) -> None:
        self.messages.add(message)
