"""Small stored facts: delegations, coverage gaps that operators have been told of, and similar."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from approvals.access_policies import WatchedPolicies
from approvals.coverage import Gap
from bot.store import keys as names
from bot.store.codec import Codec
from bot.store.keys import Keys
from bot.store.redis import Connections
from handlers.ports.emergency import LedgerMark
from handlers.ports.memory import Delegation

ANSWERING_SECONDS = 60
"""Longer than an answer takes. If a process dies while answering, a later delivery of the message is answered."""

_DELEGATION = Codec(Delegation)
_LEDGER = Codec(LedgerMark)
_GAPS = Codec(dict[str, Gap])
_WATCHED = Codec(WatchedPolicies)


class RedisMemory:
    """The port `Memory`."""

    def __init__(self, connections: Connections, keys: Keys) -> None:
        self._redis = connections.redis
        self._keys = keys
        self._delegations = keys.of(names.DELEGATIONS)
        self._coverage = keys.of(names.COVERAGE)
        self._ledger = keys.of(names.LEDGER)
        self._private = keys.of(names.PRIVATE)
        self._watched = keys.of(names.ACCESS_POLICIES)

    async def delegations(self) -> tuple[Delegation, ...]:
        """Return every delegation, including past and future ones."""
        return tuple(_DELEGATION.read(text) for text in await self._redis.hvals(self._delegations))

    async def delegate(self, delegation: Delegation) -> None:
        """Store a delegation; it replaces any earlier one of the same person."""
        await self._redis.hset(self._delegations, delegation.away, _DELEGATION.write(delegation))

    async def watched_policies(self) -> WatchedPolicies | None:
        """Return Intune's access policies as they were last compared; `None` before the first time."""
        text = await self._redis.get(self._watched)
        return _WATCHED.read(text) if text else None

    async def save_watched_policies(self, watched: WatchedPolicies) -> None:
        """Store the policies as they were compared now."""
        await self._redis.set(self._watched, _WATCHED.write(watched))

    async def private_refused(self) -> dict[str, datetime]:
        """Return the conversations that have refused a message for one person alone, each with the time of the last
        refusal."""
        found = await self._redis.hgetall(self._private)
        return {conversation: datetime.fromisoformat(at) for conversation, at in found.items()}

    async def save_private_refused(self, conversation: str, at: datetime) -> None:
        """Store that the conversation refused a private message at that time."""
        await self._redis.hset(self._private, conversation, at.isoformat())

    async def forget_private_refused(self) -> None:
        """Forget all refusals: Teams accepts private messages again."""
        await self._redis.delete(self._private)

    async def ledger(self) -> LedgerMark | None:
        """Return the position of the emergency process's ledger as last reported."""
        text = await self._redis.get(self._ledger)
        return _LEDGER.read(text) if text else None

    async def save_ledger(self, mark: LedgerMark) -> None:
        """Store the position of the ledger."""
        await self._redis.set(self._ledger, _LEDGER.write(mark))

    async def forget_ledger(self) -> None:
        """Forget the ledger, so that the next one reported is accepted."""
        await self._redis.delete(self._ledger)

    async def gaps(self) -> dict[str, Gap]:
        """Return the workflows that could not reach their quorum when operators were last told, and why."""
        text = await self._redis.get(self._coverage)
        return _GAPS.read(text) if text else {}

    async def save_gaps(self, gaps: Mapping[str, Gap]) -> None:
        """Store the gaps that operators have been told of now."""
        await self._redis.set(self._coverage, _GAPS.write(dict(gaps)))

    async def reserve_message(self, message: str) -> bool:
        """Return whether the caller is to answer this message; true for one of several concurrent callers."""
        return await self._redis.set(self._answered(message), "answering", ex=ANSWERING_SECONDS, nx=True) is not None

    async def finish_message(self, message: str) -> None:
        """Store that the message was answered."""
        await self._redis.set(self._answered(message), "answered", ex=names.ANSWERED.seconds)

    def _answered(self, message: str) -> str:
        return self._keys.of(names.ANSWERED, hashlib.sha256(message.encode()).hexdigest())
