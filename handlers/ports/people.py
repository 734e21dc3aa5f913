"""Mail, presence and the on-call calendar."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from cards.letters import Letter


class Mail(Protocol):
    """Mail from one mailbox."""

    async def send(self, to: str, letter: Letter) -> None:
        """Send it once. `Unavailable` means that it may have been sent."""

    async def address_of(self, account: str) -> str | None:
        """Return the mailbox of an account, if it has one."""


class Presence(Protocol):
    """Presence of people right now."""

    async def away(self, accounts: Sequence[str]) -> frozenset[str]:
        """Return those who are offline or out of office; nobody if that is not known."""


class OnCall(Protocol):
    """The on-call calendar."""

    async def now(self, at: datetime) -> tuple[str, ...]:
        """Return the accounts on call, the first to be paged first; empty if nobody is."""
