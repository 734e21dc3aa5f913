"""Where the cards of a request stand."""

from bot.store import keys as names
from bot.store.codec import Codec
from bot.store.keys import Keys
from bot.store.redis import Door
from bot.store.scripts import SAVE_COPY
from handlers.ports import Copy

_COPY = Codec(Copy)


class RedisCopies:
    """The port `Copies`: one hash per request, one field per copy."""

    def __init__(self, door: Door, keys: Keys) -> None:
        self._redis = door.redis
        self._keys = keys

    async def of(self, request_id: str) -> tuple[Copy, ...]:
        """Every copy of the request, unfinished posts included."""
        return tuple(_COPY.read(text) for text in await self._redis.hvals(self._keys.of(names.COPIES, request_id)))

    async def save(self, copy: Copy) -> None:
        """Remember it; a finished post takes the place of its own beginning."""
        call = {
            "field": _field(copy.activity_id, copy.channel),
            "begun": _field("", copy.channel),
            "copy": _COPY.write(copy),
            "seconds": names.COPIES.seconds,
        }
        await SAVE_COPY.run(self._redis, [self._keys.of(names.COPIES, copy.request_id)], call)

    async def known(self, request_id: str, activity_id: str) -> bool:
        """Whether this message is one of the copies."""
        fields = await self._redis.hkeys(self._keys.of(names.COPIES, request_id))
        return bool(activity_id) and any(field.startswith(f"{activity_id} ") for field in fields)


def _field(activity_id: str, channel: str) -> str:
    """Activity ids are times: two channels may use the same one."""
    return f"{activity_id} {channel}"
