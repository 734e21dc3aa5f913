"""The audit of a running bot: sealed every few minutes by one replica, its daily checkpoint told to the operators."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import structlog

from bot.audit_log.blob import BlobCopy
from bot.audit_log.directory import Busy, LogDirectory, LogLost
from bot.audit_log.keys import make_key, read_key
from bot.audit_log.note import Signer, packed
from bot.audit_log.sealer import Sealer
from bot.settings import Settings
from bot.store import Store
from handlers.desk import Desk
from handlers.ports import PortError

AT_ONCE = 2000
"""Entries in one sealing."""

HOT = timedelta(days=30)
"""So long entries stay in Redis after they are sealed, for the chat."""

AUDIT_DIR = "audit"
"""The log's directory, below the one for state, where no other is set."""

_OWN_KEY = "audit-key.pem"

log = structlog.get_logger(__name__)


class AuditLog:
    """Seals what Redis holds into a directory, and has it copied. What is not copied counts as not sealed."""

    def __init__(
        self,
        desk: Desk,
        store: Store,
        directory: LogDirectory,
        origin: str,
        signers: Sequence[Signer],
        copy: BlobCopy | None,
    ) -> None:
        self._desk = desk
        self._store = store
        self.directory = directory
        self.signers = signers
        self._copy = copy
        self._sealer = Sealer(directory, origin, signers)

    async def seal(self) -> int:
        """Seal everything that is not sealed yet; how many entries that were. `LogLost` stops it for good."""
        total = 0
        try:
            while count := await self._seal_some():
                total += count
        except Busy:
            log.info("audit_sealed_elsewhere")
        return total

    async def _seal_some(self) -> int:
        with self.directory.writing():  # before the state is read, so that nobody goes on in between
            known = await self._store.sealed.load()
            entries = await self._store.requests.audit(known.number, AT_ONCE)
            if not entries:
                return 0
            sealed = await asyncio.to_thread(self._sealer.seal, known, entries)
            if self._copy is not None:
                days = [day for day in self.directory.noted_days() if day >= (known.day or day)]
                await self._copy.copy(self.directory, days)
            if not await self._store.sealed.swap(known, sealed):
                return 0  # another replica has gone on
        log.info("audit_sealed", entries=len(entries), number=sealed.number)
        await self._store.sealed.trim(sealed, await self._desk.clock.now() - HOT, AT_ONCE)
        if known.day and sealed.day != known.day:
            await self._tell(known.day)
        return len(entries)

    async def alarm(self, why: LogLost) -> None:
        """Nothing is sealed any more until an operator has looked at it."""
        log.error("audit_not_sealed", why=str(why))
        if self._desk.operations_channel:
            sentence = f"Alarm: the audit is not sealed any more, because {why}. Entries are kept until it is."
            await self._desk.chat.say(self._desk.operations_channel, sentence)

    async def _tell(self, day: str) -> None:
        """The day's last checkpoint, where the log's own host cannot take it back. Sealing goes on without it."""
        notes = await asyncio.to_thread(self.directory.notes, day)
        if not notes or not self._desk.operations_channel:
            return
        try:
            await self._desk.chat.say(self._desk.operations_channel, f"Audit checkpoint of {day}: {packed(notes[-1])}")
        except PortError as error:
            log.error("audit_checkpoint_not_told", day=day, note=notes[-1], why=str(error))


def audit_log(settings: Settings, desk: Desk, store: Store, copy: BlobCopy | None) -> AuditLog | None:
    """The audit of this bot; `None` where replicas share a Redis and no key is set, for each would make its own.

    Raises `ValueError` and `OSError` for keys that cannot be used.
    """
    name = str(settings.public_url).removeprefix("https://")
    paths = [path for path in (settings.audit_key, settings.audit_old_key) if path]
    if not paths and settings.redis_url:
        return None
    if not paths:
        paths = [_own_key(settings.state_dir / _OWN_KEY, name)]
    signers = [read_key(path, name) for path in paths]
    directory = LogDirectory(settings.audit_dir or settings.state_dir / AUDIT_DIR)
    return AuditLog(desk, store, directory, f"{name}/audit", signers, copy)


def _own_key(path: Path, name: str) -> Path:
    """The key of a bot that has its own server: made at its first start."""
    if not path.exists():
        make_key(path, name)
        log.warning("audit_key_made", file=str(path))
    return path
