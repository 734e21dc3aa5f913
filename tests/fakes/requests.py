"""Requests with their audit and effects, in memory. Each write is one step."""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import datetime

from approvals.audit import AuditEntry, Kind
from approvals.request import Request
from cards.brakes import brake_sentence
from handlers.ports.requests import Asked, IdempotencyKey, Receipt, Stored, Write
from tests.fakes.brakes import Brakes
from tests.fakes.outbox import Outbox
from tests.fakes.shared import Shared

MOST_REFUSALS = 20
"""Number of refusals of one person that are recorded per minute."""


class Requests:
    """Keeps requests by our id, and the clicks that were accepted."""

    def __init__(self, shared: Shared, outbox: Outbox, brakes: Brakes) -> None:
        self.stored: dict[str, Request] = {}
        self.clicks: dict[str, IdempotencyKey] = {}
        self._intune_ids: dict[str, str] = {}
        self._orders: list[tuple[datetime, str, str]] = []  # when, who, which request
        self._refusals = Counter[tuple[str, int]]()
        self._shared = shared
        self._outbox = outbox
        self._brakes = brakes

    def restore(self, request: Request) -> None:
        """Put the store back to the time when the request had this state; it forgets every click."""
        self.stored[request.id] = request
        self._intune_ids = {one.intune_id: one.id for one in self.stored.values() if one.intune_id}
        self.clicks.clear()

    async def load(self, request_id: str) -> Request | None:
        return self.stored.get(request_id)

    async def load_by_intune_id(self, intune_id: str) -> Request | None:
        return self.stored.get(self._intune_ids.get(intune_id, ""))

    async def open(self) -> tuple[Request, ...]:
        waiting = [one for one in self.stored.values() if not one.is_over]
        return tuple(sorted(waiting, key=lambda one: (one.opened_at, one.id)))

    async def seen(self, once: IdempotencyKey) -> Receipt | None:
        click = self.clicks.get(once.id)
        if click is None:
            return None
        return Receipt(Stored.REPEATED, click.notice) if click.digest == once.digest else _FORGED

    async def commit(self, write: Write) -> Receipt:
        refused = (await self.seen(write.once) if write.once else None) or self._why_not(write)
        if refused is not None:
            return refused
        if write.changed:
            self._keep(write.request)
        elif self._is_flooded(write):
            return _SAVED
        for lock in write.locks:
            self._brakes.pulled.setdefault(lock.name, lock)
        if write.asked:
            asker = write.request.initiator
            self._orders.append((write.at, asker.account if asker else "", write.request.id))
        self._shared.record(write.entries)
        self._outbox.add(write.planned, write.at)
        if write.once:
            self.clicks[write.once.id] = write.once
        return _SAVED

    async def record(self, entries: Sequence[AuditEntry]) -> None:
        self._shared.record(entries)

    async def refuse(self, entry: AuditEntry) -> None:
        if not self._floods(entry, entry.who, entry.at):
            self._shared.record([entry])

    async def recorded(self, request_id: str, since: datetime) -> tuple[AuditEntry, ...]:
        return tuple(one for one in self._shared.audit if one.request_id == request_id and one.at >= since)

    async def recorded_last(self, kinds: Container[Kind], most: int) -> tuple[AuditEntry, ...]:
        found = [one for one in self._shared.audit if one.kind in kinds]
        return tuple(found[max(len(found) - most, 0) :])

    async def asked_since(self, since: datetime) -> Asked:
        return Asked(since, tuple(account for at, account, _ in sorted(self._orders) if at >= since))

    def _why_not(self, write: Write) -> Receipt | None:
        """Return the receipt that refuses this write; None if the write is to be stored."""
        if self._shared.superseded:
            return Receipt(Stored.OTHER_CONFIG)
        for name in write.unless:
            if name in self._brakes.pulled:
                return Receipt(Stored.BRAKED, brake_sentence(self._brakes.pulled[name]))
        if write.asked:
            counted = [at for at, _, _ in self._orders if at >= write.asked.since]
            if len(counted) != len(write.asked.accounts):
                return _CONFLICT
        return _CONFLICT if write.changed and self._is_late(write.request) else None

    def _is_late(self, request: Request) -> bool:
        """Return whether another write was faster: with this revision, or for the same Intune request under another
        id."""
        stored = self.stored.get(request.id)
        owner = self._intune_ids.get(request.intune_id or "", request.id)
        return request.revision != (stored.revision if stored else 0) or owner != request.id

    def _keep(self, request: Request) -> None:
        self.stored[request.id] = replace(request, revision=request.revision + 1)
        if request.intune_id:
            self._intune_ids[request.intune_id] = request.id

    def _is_flooded(self, write: Write) -> bool:
        """Return whether this refusal is one too many. Only refusals of a person are limited, not answers of a
        neighbour."""
        refused = bool(write.entries) and all(entry.kind is Kind.REFUSED for entry in write.entries)
        return refused and bool(write.person) and self._floods(write.entries[0], write.person, write.at)

    def _floods(self, entry: AuditEntry, person: str, at: datetime) -> bool:
        minute = (person, int(at.timestamp() // 60))
        self._refusals[minute] += 1
        if self._refusals[minute] == MOST_REFUSALS + 1:
            why = f"refused more than {MOST_REFUSALS} times within a minute; further refusals are not recorded"
            self._shared.record([replace(entry, why=why, evidence={})])
        return self._refusals[minute] > MOST_REFUSALS


_SAVED, _CONFLICT, _FORGED = Receipt(Stored.SAVED), Receipt(Stored.CONFLICT), Receipt(Stored.FORGED)
