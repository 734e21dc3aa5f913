"""Reaching people beside Teams: by mail, by who is there, by who is on call."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from cards.letters import Letter


class Mail(Protocol):
    """Mail from one mailbox."""

    async def send(self, to: str, letter: Letter) -> None:
        """Send it once. `Unavailable` means that it may have been sent."""

    async def address_of(self, account: str) -> str | None:
        """The mailbox of an account, if it has one."""


class Presence(Protocol):
    """Who is at work right now."""

    async def away(self, accounts: Sequence[str]) -> frozenset[str]:
        """Those who are offline or out of office; nobody where that cannot be known."""


class OnCall(Protocol):
    """Who is on call."""

    async def now(self, at: datetime) -> tuple[str, ...]:
        """Their accounts, the first to be paged first; empty if nobody is."""
