"""Replicas that seal: a store with a driven clock, what is outside, and a directory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from approvals.audit import AuditEntry, Identified, Kind
from approvals.people import Person
from approvals.policy import Group
from bot.audit_log.directory import LogDirectory
from bot.audit_log.note import NoteSigner
from bot.audit_log.reading import EntryFilter
from bot.audit_log.reading import entries as exported
from bot.audit_log.service import AuditLog, LogCopy
from bot.audit_log.telling import Telling
from bot.store import Store
from cards.letters import Letter
from handlers.ports.errors import Unavailable
from tests.bot.audit_log.logs import SIGNER
from tests.bot.store.driven import DrivenClock


@dataclass
class Outside:
    """The operations channel, the directory and the mailbox; `away` while they answer nobody."""

    said: list[str] = field(default_factory=list)
    sent: list[tuple[str, Letter]] = field(default_factory=list)
    away: bool = False

    async def say(self, _conversation: str, text: str) -> None:
        self._answers()
        self.said.append(text)

    async def members(self, group_id: str) -> tuple[Person, ...]:
        return (Person("olga", "Olga"), Person("nobox", "No Mailbox")) if group_id == "auditors" else ()

    async def address_of(self, account: str) -> str | None:
        return None if account == "nobox" else f"{account}@example.com"

    async def send(self, to: str, letter: Letter) -> None:
        self._answers()
        self.sent.append((to, letter))

    def _answers(self) -> None:
        if self.away:
            raise Unavailable("gone")


@dataclass
class Shelf:
    """A copy that only grows: what is there has to be the beginning of what comes."""

    files: dict[str, bytes] = field(default_factory=dict)
    meanwhile: Callable[[], Any] | None = None

    async def copy(self, directory: LogDirectory, days: Sequence[str]) -> None:
        for path in (path for day in days for path in directory.files(day)):
            content = path.read_bytes()
            assert content.startswith(self.files.get(path.name, b"")), path.name
            self.files[path.name] = content
        if self.meanwhile:
            await self.meanwhile()


class Cut(Exception):
    """The sealer dies here."""


@dataclass
class Room:
    """A store with a clock, what is outside, and a directory; any number of replicas seal into it."""

    store: Store
    clock: DrivenClock
    path: Path
    outside: Outside = field(default_factory=Outside)
    shelf: LogCopy = field(default_factory=Shelf)
    signers: Sequence[NoteSigner] = (SIGNER,)

    def replica(self, step: Callable[[str], None] = lambda _done: None, **parts: Any) -> AuditLog:
        """One more of them."""
        log, telling = LogDirectory(self.path), self.telling(**parts)
        return AuditLog(telling, self.clock, self.store, log, self.signers, (), self.shelf, step)

    def telling(self, **parts: Any) -> Telling:
        """Whom the audit tells; each part may be another one."""
        outside = cast("Any", self.outside)
        return replace(Telling(outside, "ops", outside, outside, (Group("auditors", "Auditors"),)), **parts)

    async def happens(self, count: int, minutes: int = 1, request: str = "R1") -> None:
        """So many entries, so many minutes apart."""
        for _ in range(count):
            self.clock.advance(minutes=minutes)
            entry = AuditEntry(Kind.VOTED, self.clock.time, request, "alex", "Alex", Identified.BY_CHANNEL)
            await self.store.requests.record([entry])

    def numbers(self) -> list[int]:
        """Of every entry in the log."""
        return [fields["number"] for fields in exported(LogDirectory(self.path), EntryFilter())]
