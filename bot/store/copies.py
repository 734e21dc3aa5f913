"""The posted cards of each request."""

from collections.abc import Sequence

from approvals.audit import AuditEntry
from approvals.effects import Planned, effect_id
from bot.store import keys as names
from bot.store.codec import Codec
from bot.store.keys import Keys
from bot.store.outbox import as_call
from bot.store.redis import Connections
from bot.store.scripts import SAVE_COPY, SWAP_COPY
from handlers.ports.clock import Clock
from handlers.ports.copies import PostedCard
from handlers.ports.places import channel_of

_COPY = Codec(PostedCard)
_ENTRY = Codec(AuditEntry)


class RedisCopies:
    """The port `Copies`: one hash per request with a field per attempt, and which attempt each message belongs to."""

    def __init__(self, connections: Connections, keys: Keys, clock: Clock) -> None:
        self._redis = connections.redis
        self._keys = keys
        self._clock = clock

    async def of(self, request_id: str) -> tuple[PostedCard, ...]:
        """Return every copy of the request, unfinished posts included.

        A copy known only from a click is left out once its message turns out to belong to another attempt.
        """
        found = [_COPY.read(text) for text in await self._redis.hvals(self._keys.of(names.COPIES, request_id))]
        return tuple(
            [copy for copy in found if not copy.adopted or await self._redis.get(self._message(copy)) == copy.attempt]
        )

    async def save(
        self,
        copy: PostedCard,
        entries: Sequence[AuditEntry] = (),
        planned: Sequence[Planned] = (),
        *,
        if_stale: Sequence[Planned] = (),
        drawn_from: int = 0,
    ) -> None:
        """Store a copy, its audit entries and its effects. A finished post replaces its unfinished record.

        The effects in `if_stale` are dropped if the request still has the revision that the card was `drawn_from`.
        """
        follows = [*planned, *if_stale]
        of, now = self._keys.of, await self._clock.now()
        keys = [
            self._keys.new_answer(),
            of(names.COPIES, copy.request_id),
            self._message(copy),
            of(names.REQUEST, copy.request_id),
            *(of(names.AUDIT), of(names.AUDIT_NUMBER), of(names.DUE), of(names.FENCE), of(names.BELL)),
            *(of(names.EFFECT, effect_id(one.effect)) for one in follows),
        ]
        call = {
            "attempt": copy.attempt,
            "copy": _COPY.write(copy),
            "stands": bool(copy.activity_id),
            "seconds": names.COPIES.seconds,
            "entries": [_ENTRY.write(entry) for entry in entries],
            "planned": [as_call(one, now) for one in follows],
            "if_stale": len(if_stale),
            "drawn_from": drawn_from,
        }
        await SAVE_COPY.run(self._redis, keys, call)

    async def swap(self, before: PostedCard | None, after: PostedCard | None, planned: Sequence[Planned] = ()) -> bool:
        """Replace one state of a copy by another (`None`: not stored), with its effects, in one step. Return whether it
        did."""
        copy = after or before
        if copy is None:
            return False
        of, now = self._keys.of, await self._clock.now()
        stored = await self._redis.hget(of(names.COPIES, copy.request_id), copy.attempt)
        if (_COPY.read(stored) if stored else None) != before:
            return False
        keys = [
            self._keys.new_answer(),
            *(of(names.COPIES, copy.request_id), self._message(copy)),
            *(of(names.DUE), of(names.FENCE), of(names.BELL)),
            *(of(names.EFFECT, effect_id(one.effect)) for one in planned),
        ]
        call = {
            "attempt": copy.attempt,
            "before": stored or "",
            "after": _COPY.write(after) if after else "",
            "stands": after is not None and bool(after.activity_id),
            "seconds": names.COPIES.seconds,
            "planned": [as_call(one, now) for one in planned],
        }
        return bool(await SWAP_COPY.run(self._redis, keys, call))

    def _message(self, copy: PostedCard) -> str:
        """Return the key of a message. Activity ids are times, so two channels may have the same one."""
        return self._keys.of(names.MESSAGE, channel_of(copy.conversation), copy.activity_id)
