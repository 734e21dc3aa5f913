"""Notices collected for one recipient until they are delivered as one message."""

from collections.abc import Sequence
from datetime import datetime

from approvals.effects import Deliver, Medium, Notice, NotificationKind, Planned, effect_id
from bot.store import keys as names
from bot.store.keys import Keys
from bot.store.outbox import as_call
from bot.store.redis import Connections
from bot.store.scripts import GATHER


class RedisNotices:
    """The port `Notices`: one hash per medium and recipient."""

    def __init__(self, connections: Connections, keys: Keys) -> None:
        self._redis = connections.redis
        self._keys = keys

    async def add(
        self, medium: Medium, target: str, notice: Notice, now: datetime, due: datetime, *, patient: bool = False
    ) -> None:
        """Add a notice, to be delivered with those already waiting, at `due` at the latest unless `patient`."""
        of, planned = self._keys.of, Planned(Deliver(medium, target), due)
        keys = [
            self._keys.new_answer(),
            of(names.NOTICES, medium, target),
            *(of(names.DUE), of(names.FENCE), of(names.BELL), of(names.EFFECT, effect_id(planned.effect))),
        ]
        call = {
            "notice": f"{notice.notification}:{notice.request_id}",
            "at": now.isoformat(),
            "seconds": names.NOTICES.seconds,
            "planned": as_call(planned, now),
            "patient": patient,
        }
        await GATHER.run(self._redis, keys, call)

    async def waiting(self, medium: Medium, target: str) -> tuple[Notice, ...]:
        """Return the waiting notices, in the order of their requests."""
        fields = await self._redis.hkeys(self._keys.of(names.NOTICES, medium, target))
        pairs = sorted(field.partition(":")[::2][::-1] for field in fields)
        return tuple(Notice(request_id, NotificationKind(notification)) for request_id, notification in pairs)

    async def delivered(self, medium: Medium, target: str, notices: Sequence[Notice]) -> None:
        """Delete the notices that were delivered; those added meanwhile stay."""
        fields = [f"{notice.notification}:{notice.request_id}" for notice in notices]
        if fields:
            await self._redis.hdel(self._keys.of(names.NOTICES, medium, target), *fields)
