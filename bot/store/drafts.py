"""Drafts and prompts that wait for confirmation, until they expire."""

from typing import Generic, Protocol, TypeVar

from approvals.asking import Draft
from approvals.break_glass import Prompt
from bot.store import keys as names
from bot.store.codec import Codec
from bot.store.keys import KeyKind, Keys
from bot.store.redis import Connections

_DRAFTS = Codec(Draft)
_PROMPTS = Codec(Prompt)


class _Drafted(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Drafted)


class RedisDrafts(Generic[T]):
    """The port `Drafts`, for one type of them."""

    def __init__(self, connections: Connections, keys: Keys, kind: KeyKind, codec: Codec[T]) -> None:
        self._redis = connections.redis
        self._keys = keys
        self._kind = kind
        self._codec = codec

    async def save(self, draft: T) -> None:
        """Store it in its current state."""
        await self._redis.set(self._keys.of(self._kind, draft.id), self._codec.write(draft), ex=self._kind.seconds)

    async def load(self, draft_id: str) -> T | None:
        """Return the draft, if it has not expired."""
        text = await self._redis.get(self._keys.of(self._kind, draft_id))
        return self._codec.read(text) if text else None


def drafts(connections: Connections, keys: Keys) -> RedisDrafts[Draft]:
    """Return the drafts of orders."""
    return RedisDrafts(connections, keys, names.DRAFT, _DRAFTS)


def prompts(connections: Connections, keys: Keys) -> RedisDrafts[Prompt]:
    """Return the prompts for break-glass."""
    return RedisDrafts(connections, keys, names.PROMPT, _PROMPTS)
