"""The brakes: pulled and released here, checked by the script that stores a decision."""

from collections.abc import Callable, Sequence

from approvals.audit import AuditEntry
from approvals.brake import Brake
from approvals.effects import Planned, effect_id
from bot.store import keys as names
from bot.store.codec import Codec
from bot.store.keys import Keys
from bot.store.outbox import as_call
from bot.store.redis import Connections
from bot.store.scripts import SWAP_BRAKE

BRAKE = Codec(Brake)
_ENTRY = Codec(AuditEntry)


def _forget(_number: int, _pulled: bool) -> None:
    """Do nothing: a shell remembers no numbers."""


class RedisBrakes:
    """The port `Brakes`. `acknowledged` is called with the audit number of every change, and whether a brake was
    pulled."""

    def __init__(
        self, connections: Connections, keys: Keys, acknowledged: Callable[[int, bool], None] = _forget
    ) -> None:
        self._connections = connections
        self._acknowledged = acknowledged
        self._redis = connections.redis
        self._keys = keys

    async def on(self) -> tuple[Brake, ...]:
        """Return every brake that is on, by name."""
        found = [BRAKE.read(text) for text in await self._redis.hvals(self._keys.of(names.BRAKES))]
        return tuple(sorted(found, key=lambda brake: brake.name))

    async def swap(
        self,
        before: Brake | None,
        after: Brake | None,
        entries: Sequence[AuditEntry],
        planned: Sequence[Planned] = (),
    ) -> bool:
        """Replace one state of a brake by another; return false if its state is no longer `before`. Planned effects are
        due at the time of the first entry."""
        named = after or before
        assert named is not None, "nothing is swapped for nothing"  # noqa: S101  only a bug could lead here
        of = self._keys.of
        stored = await self._redis.hget(of(names.BRAKES), named.name)
        if (BRAKE.read(stored) if stored else None) != before:  # not by the text: accounts have no fixed order
            return False
        keys = [
            self._keys.new_answer(),
            *(of(names.BRAKES), of(names.AUDIT), of(names.AUDIT_NUMBER)),
            *(of(names.DUE), of(names.FENCE), of(names.BELL)),
            *(of(names.EFFECT, effect_id(one.effect)) for one in planned),
        ]
        call = {
            "name": named.name,
            "before": stored or "",
            "after": BRAKE.write(after) if after else "",
            "entries": [_ENTRY.write(entry) for entry in entries],
            "planned": [as_call(one, entries[0].at) for one in planned],
        }
        swapped, number = await self._connections.durably(lambda redis: SWAP_BRAKE.run(redis, keys, call), vital=True)
        self._acknowledged(int(number), before is None)
        return bool(swapped)
