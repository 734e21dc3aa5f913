"""Requests with their audit entries and effects: one atomic step per write."""

import json
from collections.abc import AsyncIterator, Container, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from approvals.audit import AuditEntry, Kind
from approvals.effects import effect_id
from approvals.request import Request
from bot.store import keys as names
from bot.store.active import decides_by
from bot.store.brakes import BRAKE
from bot.store.clock import milliseconds
from bot.store.codec import Codec
from bot.store.continuity import RedisContinuity
from bot.store.keys import Keys
from bot.store.outbox import as_call
from bot.store.redis import Connections
from bot.store.scripts import COMMIT, RECORD, REFUSE
from cards.brakes import brake_sentence
from handlers.ports.requests import Asked, IdempotencyKey, Receipt, Stored, Write

MOST_REFUSALS = 20
"""How many refusals of one person are recorded per minute: more than a person causes, too few to fill a log."""

LONGEST_WINDOW = timedelta(days=7)
"""The longest time that a guard against many orders may look back."""

LOOKED_AT = 1000
"""Audit entries read at a time."""

LONGEST_LAG = timedelta(minutes=10)
"""How far an entry's time may be behind that of an entry with a smaller number."""

_UNLIKE = frozenset({"other-epoch", "went-back"})
"""The script's answers if the store is not the one that is remembered."""

_REQUEST = Codec(Request)
_ENTRY = Codec(AuditEntry)
_LIMIT = {"refusals_seconds": names.REFUSALS.seconds, "most_refusals": MOST_REFUSALS}


class RedisRequests:
    """The port `Requests`. `config_digest` is the configuration that this replica uses for decisions."""

    def __init__(self, connections: Connections, keys: Keys, config_digest: str, continuity: RedisContinuity) -> None:
        self._connections = connections
        self._continuity = continuity
        self._redis = connections.redis
        self._keys = keys
        self._config_digest = config_digest

    async def adopt_active(self) -> None:
        """Use the active configuration, for operators' commands, which have none of their own. A configuration of
        another schema is not used."""
        active = await self._redis.get(self._keys.of(names.CONFIG)) or ""
        self._config_digest = active if active.startswith(decides_by("")) else ""

    async def load(self, request_id: str) -> Request | None:
        """Return the request in its current state."""
        state = await self._redis.hget(self._keys.of(names.REQUEST, request_id), "state")
        return _REQUEST.read(state) if state else None

    async def load_by_intune_id(self, intune_id: str) -> Request | None:
        """Return the request with this id in Intune."""
        request_id = await self._redis.get(self._keys.of(names.INTUNE, intune_id))
        return await self.load(request_id) if request_id else None

    async def open_ids(self) -> tuple[str, ...]:
        """Return the id of every request that Intune has not ended, oldest first."""
        return tuple(await self._redis.zrange(self._keys.of(names.OPEN), 0, -1))

    async def open(self) -> tuple[Request, ...]:
        """Return every request that Intune has not ended, oldest first."""
        found = [await self.load(request_id) for request_id in await self.open_ids()]
        return tuple(request for request in found if request is not None)

    async def seen(self, once: IdempotencyKey) -> Receipt | None:
        """Return REPEATED or FORGED if this click id is known, otherwise `None`."""
        text = await self._redis.get(self._keys.of(names.CLICK, once.id))
        if text is None:
            return None
        click = json.loads(text)
        same = click["digest"] == once.digest
        return Receipt(Stored.REPEATED, click["notice"]) if same else Receipt(Stored.FORGED)

    async def commit(self, write: Write) -> Receipt:
        """Store the whole write or nothing."""
        keys, call = self._keys_of(write), self._call_of(write)
        stored, notice, number = await self._connections.durably(
            lambda redis: COMMIT.run(redis, keys, call), vital=bool(write.unless or write.locks)
        )
        if stored in _UNLIKE:
            await self._continuity.mend()
            return Receipt(Stored.CONFLICT)  # the caller decides again on the store's new state
        self._continuity.acknowledged(
            int(number), write.request.id, ended=write.request.is_called_off, pulled=bool(write.locks)
        )
        self._continuity.marked(int(number))
        if stored == Stored.BRAKED:
            return Receipt(Stored.BRAKED, brake_sentence(BRAKE.read(notice)))
        return Receipt(Stored(stored), notice)

    async def asked_since(self, since: datetime) -> Asked:
        """Return who has ordered something in chat since then."""
        known = await self._redis.zrange(self._keys.of(names.ASKED), 0, -1, withscores=True)
        return Asked(since, tuple(one.partition(":")[0] for one, at in known if at >= milliseconds(since)))

    async def record(self, entries: Sequence[AuditEntry]) -> None:
        """Store audit entries that belong to no decision."""
        keys = [self._keys.new_answer(), self._keys.of(names.AUDIT), self._keys.of(names.AUDIT_NUMBER)]
        number = await RECORD.run(self._redis, keys, {"entries": [_ENTRY.write(entry) for entry in entries]})
        self._continuity.acknowledged(int(number))

    async def refuse(self, entry: AuditEntry) -> None:
        """Record a refusal that belongs to no request; the same limit applies."""
        of = self._keys.of
        keys = [
            self._keys.new_answer(),
            *(of(names.AUDIT), of(names.AUDIT_NUMBER), of(names.REFUSALS, entry.who, _minute(entry.at))),
        ]
        call = {"entry": _ENTRY.write(entry), "flood": _ENTRY.write(_flood(entry)), **_LIMIT}
        await REFUSE.run(self._redis, keys, call)

    async def audit(self, after: int, count: int) -> list[tuple[int, AuditEntry]]:
        """Return at most `count` entries with their numbers, starting after `after`."""
        rows = await self._redis.xrange(self._keys.of(names.AUDIT), f"{after + 1}-0", "+", count=count)
        return [(int(place.partition("-")[0]), _ENTRY.read(fields["entry"])) for place, fields in rows]

    async def recorded(self, request_id: str, since: datetime) -> tuple[AuditEntry, ...]:
        """Return the stored audit entries of a request since then, oldest first."""
        found = list[AuditEntry]()
        async for entries in self._backwards():
            found += [entry for entry in entries if entry.request_id == request_id]
            if entries[-1].at < since - LONGEST_LAG:
                break
        return tuple(reversed(found))

    async def recorded_last(self, kinds: Container[Kind], most: int) -> tuple[AuditEntry, ...]:
        """Return the last `most` stored entries of these kinds, oldest first."""
        found = list[AuditEntry]()
        async for entries in self._backwards():
            found += [entry for entry in entries if entry.kind in kinds]
            if len(found) >= most:
                break
        return tuple(reversed(found[:most]))

    async def _backwards(self) -> AsyncIterator[list[AuditEntry]]:
        """Yield all audit entries from last to first, in batches."""
        place = "+"
        while rows := await self._redis.xrevrange(self._keys.of(names.AUDIT), place, "-", count=LOOKED_AT):
            yield [_ENTRY.read(fields["entry"]) for _, fields in rows]
            place = f"({rows[-1][0]}"

    def _keys_of(self, write: Write) -> list[str]:
        of = self._keys.of
        return [
            self._keys.new_answer(),
            of(names.REQUEST, write.request.id),
            of(names.INTUNE, write.request.intune_id or ""),
            of(names.OPEN),
            of(names.CONFIG),
            of(names.AUDIT),
            of(names.AUDIT_NUMBER),
            of(names.REFUSALS, write.person, _minute(write.at)),
            of(names.CLICK, write.once.id if write.once else ""),
            of(names.BRAKES),
            of(names.ASKED),
            of(names.DUE),
            of(names.FENCE),
            of(names.BELL),
            of(names.EPOCH),
            of(names.MARKS),
            *(of(names.EFFECT, effect_id(planned.effect)) for planned in write.planned),
        ]

    def _call_of(self, write: Write) -> dict[str, Any]:
        request, once = write.request, write.once
        optional = {
            "intune_id": request.intune_id,
            "click": {"digest": once.digest, "notice": once.notice} if once else None,
            "flood": _ENTRY.write(_flood(write.entries[0])) if _is_refusal(write) else None,
            "asked": _as_asked(write, write.asked) if write.asked else None,
        }
        return {
            "id": request.id,
            "revision": request.revision,
            "changed": write.changed,
            "state": _REQUEST.write(replace(request, revision=request.revision + 1)),
            "opened": milliseconds(request.opened_at),
            "ended": request.is_over,
            "ended_seconds": names.REQUEST.seconds,
            "config": self._config_digest,
            "click_seconds": names.CLICK.seconds,
            **_LIMIT,
            "unless": list(write.unless),
            "locks": {brake.name: BRAKE.write(brake) for brake in write.locks},
            "entries": [_ENTRY.write(entry) for entry in write.entries],
            "planned": [as_call(planned, write.at) for planned in write.planned],
            **{name: value for name, value in optional.items() if value is not None},
            **self._continuity.compared(),
        }


def _as_asked(write: Write, asked: Asked) -> dict[str, Any]:
    """Return the call to count one more order if no other was counted meanwhile. Orders older than any window are
    deleted."""
    account = write.request.initiator.account if write.request.initiator else ""
    return {
        "since": milliseconds(asked.since),
        "count": len(asked.accounts),
        "at": milliseconds(write.at),
        "member": f"{account}:{write.request.id}",
        "forget": milliseconds(write.at - LONGEST_WINDOW),
    }


def _is_refusal(write: Write) -> bool:
    """Return whether the write is a person's refusal. Only those are limited; a neighbour's answers are always
    recorded."""
    refused = bool(write.entries) and all(entry.kind is Kind.REFUSED for entry in write.entries)
    return refused and not write.changed and bool(write.person)


def _minute(at: datetime) -> str:
    return str(milliseconds(at) // 60_000)


def _flood(refusal: AuditEntry) -> AuditEntry:
    """Return the entry that replaces all further refusals of that minute."""
    why = f"refused more than {MOST_REFUSALS} times within a minute; further refusals are not recorded"
    return replace(refusal, why=why, evidence={})
