"""What people think of asking for, until they confirm it or its time is over."""

from approvals.asking import Draft
from bot.store import keys as names
from bot.store.codec import Codec
from bot.store.keys import Keys
from bot.store.redis import Door

_DRAFT = Codec(Draft)


class RedisDrafts:
    """The port `Drafts`."""

    def __init__(self, door: Door, keys: Keys) -> None:
        self._redis = door.redis
        self._keys = keys

    async def save(self, draft: Draft) -> None:
        """Remember it as it is now."""
        await self._redis.set(self._keys.of(names.DRAFT, draft.id), _DRAFT.write(draft), ex=names.DRAFT.seconds)

    async def load(self, draft_id: str) -> Draft | None:
        """The draft, if it is not long over."""
        text = await self._redis.get(self._keys.of(names.DRAFT, draft_id))
        return _DRAFT.read(text) if text else None
