"""Losses of data that the bot recovered from by itself, until the affected requests are checked."""

from collections.abc import Sequence

from approvals.audit import AuditEntry
from approvals.brake import RECOVERY
from approvals.effects import Planned, effect_id
from bot.store import keys as names
from bot.store.codec import Codec
from bot.store.keys import Keys
from bot.store.outbox import as_call
from bot.store.redis import Connections
from bot.store.scripts import RECOVERED
from handlers.ports.clock import Clock
from handlers.ports.continuity import Loss

_ENTRY = Codec(AuditEntry)


class RedisLosses:
    """Implements the port `Losses`. `bot/store/lua/recover.lua` writes the losses when they are found."""

    def __init__(self, connections: Connections, keys: Keys, clock: Clock) -> None:
        self._redis = connections.redis
        self._keys = keys
        self._clock = clock

    async def loss(self) -> Loss | None:
        """Return the loss that has not been checked yet."""
        fields = await self._redis.hgetall(self._keys.of(names.LOST))
        if "entries" not in fields:
            return None
        requests = sorted(name.partition(":")[2] for name in fields if name.startswith("request:"))
        ended = frozenset(name.partition(":")[2] for name in fields if name.startswith("ended:"))
        return Loss(int(fields["entries"]), tuple(requests), ended, told="told" in fields)

    async def told(self) -> None:
        """Remember that the operators have been told of the loss."""
        await self._redis.hset(self._keys.of(names.LOST), "told", "1")

    async def recovered(self, loss: Loss, entries: Sequence[AuditEntry], planned: Sequence[Planned]) -> bool:
        """Allow calls again after this loss was checked; return false if more losses were found meanwhile."""
        now = await self._clock.now()
        keys = [
            self._keys.new_answer(),
            *self._keys.all_of(
                names.LOST, names.BRAKES, names.AUDIT, names.AUDIT_NUMBER, names.DUE, names.FENCE, names.BELL
            ),
            *(self._keys.of(names.EFFECT, effect_id(one.effect)) for one in planned),
        ]
        call = {
            "entries_lost": loss.entries,
            "lifts": RECOVERY,
            "entries": [_ENTRY.write(entry) for entry in entries],
            "planned": [as_call(one, now) for one in planned],
        }
        return bool(await RECOVERED.run(self._redis, keys, call))
