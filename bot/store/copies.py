"""Where the cards of a request stand."""

from bot.store import codec
from bot.store.keys import ENDED_LIVES, Keys, seconds
from bot.store.redis import Door
from handlers.ports import Copy

_POSTING = "posting"


class RedisCopies:
    """The port `Copies`. One hash field each: by activity id, or by channel while it is being posted."""

    def __init__(self, door: Door, keys: Keys) -> None:
        self._door = door
        self._keys = keys

    async def of(self, request_id: str) -> tuple[Copy, ...]:
        """Every copy of the request, unfinished posts included."""
        return tuple(codec.read_copy(text) for text in await self._door.do("HVALS", self._keys.copies(request_id)))

    async def save(self, copy: Copy) -> None:
        """Remember it; a finished post takes the place of its own beginning."""
        key = self._keys.copies(copy.request_id)
        begun = f"{_POSTING}:{copy.channel}"
        await self._door.do("HSET", key, copy.activity_id or begun, codec.write_copy(copy))
        if copy.activity_id:
            await self._door.do("HDEL", key, begun)
        await self._door.do("EXPIRE", key, seconds(ENDED_LIVES))

    async def known(self, request_id: str, activity_id: str) -> bool:
        """Whether this message is one of the copies."""
        return bool(await self._door.do("HEXISTS", self._keys.copies(request_id), activity_id))
