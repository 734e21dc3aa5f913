"""Requests with their audit and effects: one atomic step per write."""

import secrets
from collections.abc import Sequence

from approvals.audit import AuditEntry
from approvals.effects import Planned, effect_id
from approvals.request import Request
from bot.store import codec
from bot.store.clock import milliseconds
from bot.store.keys import (
    CLICK_LIVES,
    ENDED_LIVES,
    MOST_REFUSALS,
    REFUSAL_WINDOW,
    WRITE_LIVES,
    Keys,
    seconds,
)
from bot.store.redis import Door
from bot.store.scripts import COMMIT, RECORD
from handlers.ports import Once, Receipt, Stored, Write


class RedisRequests:
    """The port `Requests`. `config_digest` is the configuration that this replica decides by."""

    def __init__(self, door: Door, keys: Keys, config_digest: str) -> None:
        self._door = door
        self._keys = keys
        self._config = config_digest

    async def activate(self) -> None:
        """Make this replica's configuration the active one: the replica that started last decides by which."""
        await self._door.do("SET", self._keys.config, self._config)

    async def is_active(self) -> bool:
        """Whether this replica decides by the active configuration."""
        return bool(await self._door.do("GET", self._keys.config) == self._config)

    async def load(self, request_id: str) -> Request | None:
        """The request as it is now."""
        state, schema, revision = await self._door.do(
            "HMGET", self._keys.request(request_id), "state", "schema", "revision"
        )
        return codec.read_request(state, schema, int(revision)) if state else None

    async def load_by_intune_id(self, intune_id: str) -> Request | None:
        """The request that Intune knows by this id."""
        request_id = await self._door.do("GET", self._keys.intune(intune_id))
        return await self.load(request_id) if request_id else None

    async def open_ids(self) -> tuple[str, ...]:
        """Every request that Intune has not ended, oldest first."""
        return tuple(await self._door.do("ZRANGE", self._keys.open, 0, -1))

    async def seen(self, once: Once) -> Receipt | None:
        """REPEATED or FORGED if this click id is known, else nothing."""
        known, notice = await self._door.do("HMGET", self._keys.once(once.id), "fingerprint", "notice")
        if known is None:
            return None
        return Receipt(Stored.REPEATED, notice) if known == once.fingerprint else Receipt(Stored.FORGED)

    async def commit(self, write: Write) -> Receipt:
        """Store all of it or nothing."""
        answer, notice = await self._door.run(COMMIT, self._commit_keys(write), self._commit_args(write))
        return Receipt(Stored(answer), notice)

    async def record(self, entries: Sequence[AuditEntry]) -> None:
        """Audit entries that belong to no decision."""
        keys = [self._keys.audit, self._keys.audit_sequence, self._keys.write(secrets.token_urlsafe(12))]
        await self._door.run(RECORD, keys, [seconds(WRITE_LIVES), *map(codec.write_entry, entries)])

    async def audit(self, after: int, count: int) -> list[tuple[int, AuditEntry]]:
        """Entries with their numbers, from the one after `after` on."""
        rows = await self._door.do("XRANGE", self._keys.audit, f"{after + 1}-0", "+", "COUNT", count)
        return [(int(place.split("-")[0]), codec.read_entry(_field(fields, "entry"))) for place, fields in rows]

    def _commit_keys(self, write: Write) -> list[str]:
        keys, request = self._keys, write.request
        own = keys.request(request.id)
        return [
            own,
            keys.audit,
            keys.audit_sequence,
            keys.due,
            keys.bell,
            keys.open,
            keys.config,
            keys.once(write.once.id) if write.once else keys.write(secrets.token_urlsafe(12)),
            keys.intune(request.intune_id) if request.intune_id else own,
            keys.refusals(write.person) if write.person else own,
            *(keys.effect(effect_id(planned.effect)) for planned in write.planned),
        ]

    def _commit_args(self, write: Write) -> list[str | int]:
        request, once = write.request, write.once
        return [
            request.revision,
            int(write.changed),
            codec.write_request(request),
            codec.SCHEMA,
            self._config,
            once.fingerprint if once else "write",
            once.notice if once else "",
            seconds(CLICK_LIVES if once else WRITE_LIVES),
            Stored.REPEATED if once else Stored.SAVED,
            request.id,
            int(request.ended_in_intune),
            seconds(ENDED_LIVES),
            MOST_REFUSALS,
            seconds(REFUSAL_WINDOW),
            len(write.entries),
            *map(codec.write_entry, write.entries),
            *(part for planned in write.planned for part in due_parts(planned, milliseconds(write.at))),
        ]


def due_parts(planned: Planned, now_ms: int) -> tuple[str, int, str]:
    """An effect as the scripts take it: id, due time (ms), body."""
    due = milliseconds(planned.due) if planned.due else now_ms
    return effect_id(planned.effect), due, codec.write_effect(planned.effect)


def _field(fields: object, name: str) -> str:
    """One field of a stream entry, which redis-py hands over as a mapping or as a flat list."""
    pairs = fields if isinstance(fields, dict) else dict(zip(list(fields)[::2], list(fields)[1::2], strict=True))  # type: ignore[call-overload]
    return str(pairs[name])
