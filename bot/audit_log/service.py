"""The audit of a running bot: one replica seals it every few minutes and sends the daily checkpoint out."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Protocol

import structlog

from bot.audit_log.directory import LogBusy, LogDirectory, LogLost
from bot.audit_log.note import NoteSigner, Verifier
from bot.audit_log.resume import Numbered
from bot.audit_log.sealer import Sealer, is_ahead
from bot.audit_log.telling import Telling
from bot.store import Store
from bot.store.sealed import Sealed
from handlers.ports.clock import Clock
from handlers.ports.errors import PortError

ENTRIES_PER_SEALING = 2000
"""Entries in one sealing."""

HOT = timedelta(days=30)
"""How long entries stay in Redis, for chat commands. Unsealed entries stay longer."""

MOST_FAILURES = 12
"""Failed rounds in a row, about an hour, before an alarm. A lost log alarms at once."""

MOST_TOLD = 31
"""How many days' checkpoints are sent at once after an outage of the channel. A later one covers all earlier days."""

log = structlog.get_logger(__name__)


class LogCopy(Protocol):
    """A place to copy files to that only grow."""

    async def copy(self, directory: LogDirectory, days: Sequence[str]) -> None:
        """Copy what is missing of these days. Raises `LogLost` if the copy is another log, `Unavailable` if it fails
        for now."""


class AuditLog:
    """Seals the entries in Redis into a directory, and has it copied. Entries that are not copied do not count as
    sealed."""

    def __init__(
        self,
        telling: Telling,
        clock: Clock,
        store: Store,
        directory: LogDirectory,
        signers: Sequence[NoteSigner],
        past: Sequence[Verifier] = (),
        copy: LogCopy | None = None,
        step: Callable[[str], None] = lambda _done: None,
    ) -> None:
        self._telling = telling
        self._clock = clock
        self._store = store
        self.directory = directory
        self.signers = signers
        self._copy = copy
        self._step = step
        self._sealer = Sealer(directory, signers, past, step)
        self._failures = 0
        self._alarmed = False

    async def round(self) -> None:
        """Seal, and send the checkpoints. A persistent failure is alarmed once, and its end is announced."""
        try:
            await self.seal()
            await self.tell()
        except LogLost as why:
            log.error("audit_not_sealed", why=str(why))
            await self._failed(str(why), MOST_FAILURES)
        except LogBusy as why:  # happens for a while when another replica takes over
            log.info("audit_sealed_elsewhere")
            await self._failed(str(why), 1)
        except (OSError, PortError) as why:
            log.error("audit_not_sealed", why=str(why))
            await self._failed(str(why), 1)
        except Exception as why:
            log.exception("audit_not_sealed", why=str(why))
            await self._failed(f"{type(why).__name__}: {why}", 1)
        else:
            self._failures = 0
            if self._alarmed:
                await self._telling.say("The audit is sealed again.")
                self._alarmed = False

    async def seal(self) -> int:
        """Seal all unsealed entries; return how many.

        Raises `LogLost` if an operator has to look at the log; also `LogBusy`, `OSError` and `PortError`.
        """
        total = 0
        while count := await self._seal_some():
            total += count
        return total

    async def tell(self) -> None:
        """Send the last checkpoint of every past day, oldest first. Failures are retried in the next round."""
        known, today = await self._store.sealed.load(), f"{await self._clock.now():%Y-%m-%d}"
        days = [day for day in self.directory.noted_days() if known.told < day < today and day <= known.day]
        for day in days[-MOST_TOLD:]:
            note = self.directory.notes(day)[-1]
            after = replace(known, told=day)
            if not (await self._telling.tell(day, note) and await self._store.sealed.swap(known, after)):
                return
            known = after

    async def _seal_some(self) -> int:
        with self.directory.writing():  # locked before the state is read, so that no other process continues in between
            known = await self._store.sealed.load()
            entries, now = await self._store.requests.audit(known.number, ENTRIES_PER_SEALING), await self._clock.now()
            if not entries:
                return 0
            sealed = await _to_the_end(partial(self._sealer.seal, known, entries, now))
            if self._copy is not None:
                days = [day for day in self.directory.noted_days() if day >= (known.day or day)]
                await self._copy.copy(self.directory, days)
                self._step("copied")
            if not await self._store.sealed.swap(known, sealed):
                return 0  # another replica has continued
            self._step("remembered")
        log.info("audit_sealed", entries=len(entries), number=sealed.number)
        await self._store.sealed.trim(sealed, now - HOT, ENTRIES_PER_SEALING)
        for number, entry in entries:
            if is_ahead(entry, now):
                await self._say_ahead((number, entry), sealed)
        return len(entries)

    async def _say_ahead(self, ahead: Numbered, sealed: Sealed) -> None:
        number, entry = ahead
        log.error("audit_entry_ahead_of_the_clock", number=number, at=entry.at.isoformat())
        await self._telling.say(
            f"Alarm: audit entry {number} is dated {entry.at:%Y-%m-%d %H:%M} UTC, ahead of the clock. It is sealed on "
            f"{sealed.day} at the latest. Look at the clock of Redis."
        )

    async def _failed(self, why: str, counts: int) -> None:
        self._failures += counts
        if self._failures >= MOST_FAILURES and not self._alarmed:
            await self._telling.say(
                f"Alarm: the audit is not sealed any more, because {why}. Entries are kept until it is."
            )
            self._alarmed = True


async def _to_the_end(work: Callable[[], Sealed]) -> Sealed:
    """Run it in a thread. A cancelled caller still waits, to keep the directory locked while the thread writes."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        raise
