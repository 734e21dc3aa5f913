"""Where the cards of a request stand."""

from collections.abc import Sequence

from approvals.audit import AuditEntry
from approvals.effects import Planned, effect_id
from bot.store import keys as names
from bot.store.codec import Codec
from bot.store.keys import Keys
from bot.store.outbox import as_call
from bot.store.redis import Door
from bot.store.scripts import SAVE_COPY
from handlers.ports import Clock, Copy

_COPY = Codec(Copy)
_ENTRY = Codec(AuditEntry)


class RedisCopies:
    """The port `Copies`: one hash per request, one field per copy."""

    def __init__(self, door: Door, keys: Keys, clock: Clock) -> None:
        self._redis = door.redis
        self._keys = keys
        self._clock = clock

    async def of(self, request_id: str) -> tuple[Copy, ...]:
        """Every copy of the request, unfinished posts included."""
        return tuple(_COPY.read(text) for text in await self._redis.hvals(self._keys.of(names.COPIES, request_id)))

    async def save(
        self, copy: Copy, entries: Sequence[AuditEntry] = (), planned: Sequence[Planned] = (), *, drawn_from: int = 0
    ) -> None:
        """Remember it with what is recorded of it and what follows; a finished post takes its own beginning's place.

        `planned` is dropped where the request still has the revision that the card was `drawn_from`.
        """
        of, now = self._keys.of, await self._clock.now()
        keys = [
            self._keys.new_answer(),
            of(names.COPIES, copy.request_id),
            of(names.REQUEST, copy.request_id),
            *(of(names.AUDIT), of(names.AUDIT_NUMBER), of(names.DUE), of(names.FENCE), of(names.BELL)),
            *(of(names.EFFECT, effect_id(one.effect)) for one in planned),
        ]
        call = {
            "field": _field(copy.activity_id, copy.channel),
            "begun": _field("", copy.channel),
            "copy": _COPY.write(copy),
            "seconds": names.COPIES.seconds,
            "entries": [_ENTRY.write(entry) for entry in entries],
            "planned": [as_call(one, now) for one in planned],
            "drawn_from": drawn_from,
        }
        await SAVE_COPY.run(self._redis, keys, call)

    async def known(self, request_id: str, activity_id: str) -> bool:
        """Whether this message is one of the copies."""
        fields = await self._redis.hkeys(self._keys.of(names.COPIES, request_id))
        return bool(activity_id) and any(field.startswith(f"{activity_id} ") for field in fields)


def _field(activity_id: str, channel: str) -> str:
    """Activity ids are times: two channels may use the same one."""
    return f"{activity_id} {channel}"
