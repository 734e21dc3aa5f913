"""What people are about to ask for or to do, until they confirm it or its time is over."""

from typing import Generic, Protocol, TypeVar

from approvals.asking import Draft
from approvals.break_glass import Prompt
from bot.store import keys as names
from bot.store.codec import Codec
from bot.store.keys import KeyKind, Keys
from bot.store.redis import Door

_DRAFTS = Codec(Draft)
_PROMPTS = Codec(Prompt)


class _Drafted(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Drafted)


class RedisDrafts(Generic[T]):
    """The port `Drafts`, for one kind of them."""

    def __init__(self, door: Door, keys: Keys, kind: KeyKind, codec: Codec[T]) -> None:
        self._redis = door.redis
        self._keys = keys
        self._kind = kind
        self._codec = codec

    async def save(self, draft: T) -> None:
        """Remember it as it is now."""
        await self._redis.set(self._keys.of(self._kind, draft.id), self._codec.write(draft), ex=self._kind.seconds)

    async def load(self, draft_id: str) -> T | None:
        """The draft, if it is not long over."""
        text = await self._redis.get(self._keys.of(self._kind, draft_id))
        return self._codec.read(text) if text else None


def drafts(door: Door, keys: Keys) -> RedisDrafts[Draft]:
    """What people think of asking for."""
    return RedisDrafts(door, keys, names.DRAFT, _DRAFTS)


def prompts(door: Door, keys: Keys) -> RedisDrafts[Prompt]:
    """What people who are about to break glass have typed."""
    return RedisDrafts(door, keys, names.PROMPT, _PROMPTS)
