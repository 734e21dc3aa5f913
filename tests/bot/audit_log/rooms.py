"""Replicas that seal: a store with a clock driven by the test, a directory, and fakes of everything outside."""

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
    """Fakes of the operations channel, the directory and the mailbox; with `away`, channel and mailbox do not
    answer."""

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
    """A copy of the log that only grows: each new file has to begin with the content of the old one."""

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
    """Raised to make the sealer stop at one step, as if it had died."""


@dataclass
class Room:
    """A store with a clock, a log directory and the fakes outside; any number of replicas seal into this log."""

    store: Store
    clock: DrivenClock
    path: Path
    outside: Outside = field(default_factory=Outside)
    shelf: LogCopy = field(default_factory=Shelf)
    signers: Sequence[NoteSigner] = (SIGNER,)

    def replica(self, step: Callable[[str], None] = lambda _done: None, **parts: Any) -> AuditLog:
        """Return one more replica that seals into the log of this room."""
        log, telling = LogDirectory(self.path), self.telling(**parts)
        return AuditLog(telling, self.clock, self.store, log, self.signers, (), self.shelf, step)

    def telling(self, **parts: Any) -> Telling:
        """Return the audit's addressees; `parts` replaces some of them."""
        outside = cast("Any", self.outside)
        return replace(Telling(outside, "ops", outside, outside, (Group("auditors", "Auditors"),)), **parts)

    async def happens(self, count: int, minutes: int = 1, request: str = "R1") -> None:
        """Record this many entries, with this many minutes before each."""
        for _ in range(count):
            self.clock.advance(minutes=minutes)
            entry = AuditEntry(Kind.VOTED, self.clock.time, request, "alex", "Alex", Identified.BY_CHANNEL)
            await self.store.requests.record([entry])

    def numbers(self) -> list[int]:
        """Return the numbers of all entries in the log."""
        return [fields["number"] for fields in exported(LogDirectory(self.path), EntryFilter())]
