"""Mail, presence and the on-call schedule, in memory."""

from collections.abc import Sequence
from datetime import datetime

from cards.letters import Letter
from tests.fakes.troubles import Troubles


class Mail:
    """Keeps the mail that was sent. Each account has a mailbox of the same name, except those in `without`."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Letter]] = []
        self.without: set[str] = set()
        self.troubles = Troubles()

    async def send(self, to: str, letter: Letter) -> None:
        await self.troubles.begin("send")
        self.sent.append((to, letter))
        self.troubles.end("send")

    async def address_of(self, account: str) -> str | None:
        await self.troubles.begin("address_of")
        return None if account in self.without else f"{account}@company.example"


class Presence:
    """Knows who is `absent`."""

    def __init__(self) -> None:
        self.absent: set[str] = set()

    async def away(self, accounts: Sequence[str]) -> frozenset[str]:
        return frozenset(accounts) & self.absent


class OnCall:
    """Knows who is on call at any time. The first account is paged first."""

    def __init__(self, *accounts: str) -> None:
        self.accounts = accounts

    async def now(self, at: datetime) -> tuple[str, ...]:
        return self.accounts
