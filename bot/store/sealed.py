"""How far the audit is sealed; stored here so that any replica can continue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.store import keys as names
from bot.store.codec import Codec
from bot.store.continuity import EPOCH
from bot.store.epoch import Epoch
from bot.store.keys import Keys
from bot.store.redis import Connections
from bot.store.requests import RedisRequests
from bot.store.scripts import REJOIN, SEAL, TRIM


@dataclass(frozen=True, slots=True)
class Sealed:
    """How far the log is sealed: the last entry's number, its day, and the checkpoint. Empty at first.

    `told` is the last day whose checkpoint was sent by chat or mail.
    """

    number: int = 0
    day: str = ""
    note: str = ""
    told: str = ""


_SEALED = Codec(Sealed)


class RedisSealed:
    """The sealer's position with its last checkpoint."""

    def __init__(self, connections: Connections, keys: Keys, requests: RedisRequests) -> None:
        self._redis = connections.redis
        self._keys = keys
        self._requests = requests

    async def load(self) -> Sealed:
        """Return how far the log is sealed; empty at first."""
        text = await self._redis.get(self._keys.of(names.SEALED))
        return _SEALED.read(text) if text else Sealed()

    async def waits_since(self) -> datetime | None:
        """Return the time of the oldest unsealed entry, if there is one."""
        waiting = await self._requests.audit((await self.load()).number, 1)
        return waiting[0][1].at if waiting else None

    async def swap(self, before: Sealed, after: Sealed) -> bool:
        """Replace `before` by `after`; return false if another sealer was first."""
        keys = [self._keys.new_answer(), self._keys.of(names.SEALED)]
        call = {"before": _SEALED.write(before) if before.number else "", "after": _SEALED.write(after)}
        return bool(await SEAL.run(self._redis, keys, call))

    async def rejoin(self, before: Sealed, after: Sealed, last: int, fresh: Sequence[int]) -> bool:
        """Continue after `after`, the end of a log that this store no longer knows. The entries `fresh`, which the log
        does not have, follow under new numbers. Return false if an entry was written since `last`, or another sealer
        has sealed."""
        of = self._keys.of
        keys = [self._keys.new_answer(), *(of(names.SEALED), of(names.AUDIT), of(names.AUDIT_NUMBER), of(names.EPOCH))]
        written = await self._redis.get(of(names.EPOCH))
        epoch = EPOCH.read(written).next("audit rejoin") if written else Epoch.first()
        call = {
            "epoch_before": written or "",
            "epoch_after": EPOCH.write(epoch),
            "before": _SEALED.write(before) if before.number else "",
            "after": _SEALED.write(after) if after.number else "",
            "last": last,
            "number": after.number,
            "fresh": list(fresh),
        }
        return bool(await REJOIN.run(self._redis, keys, call))

    async def last_number(self) -> int:
        """Return the last audit number that was given."""
        return int(await self._redis.get(self._keys.of(names.AUDIT_NUMBER)) or 0)

    async def trim(self, sealed: Sealed, older_than: datetime, count: int) -> int:
        """Delete at most `count` entries that are sealed and older than that; return how many were deleted."""
        first = await self._requests.audit(0, count)
        old = [number for number, entry in first if number <= sealed.number and entry.at < older_than]
        if not old:
            return 0
        keys = [self._keys.new_answer(), self._keys.of(names.AUDIT)]
        return int(await TRIM.run(self._redis, keys, {"below": f"{old[-1] + 1}-0"}))
