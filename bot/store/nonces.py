"""Single-use nonces for signing in, each with its purpose. Nothing in it is secret."""

import json
import secrets
from collections.abc import Mapping

from bot.store import keys as names
from bot.store.keys import Keys
from bot.store.redis import Connections
from bot.store.scripts import CONSUME


class RedisNonces:
    """Nonces with a purpose, valid for ten minutes."""

    def __init__(self, connections: Connections, keys: Keys) -> None:
        self._redis = connections.redis
        self._keys = keys

    async def create(self, purpose: Mapping[str, str]) -> str:
        """Return a new nonce that cannot be guessed."""
        nonce = secrets.token_urlsafe(24)
        await self._redis.set(self._keys.of(names.NONCE, nonce), json.dumps(dict(purpose)), ex=names.NONCE.seconds)
        return nonce

    async def peek(self, nonce: str) -> Mapping[str, str] | None:
        """Return the nonce's purpose without using it up."""
        return _read(await self._redis.get(self._keys.of(names.NONCE, nonce)))

    async def consume(self, nonce: str) -> Mapping[str, str] | None:
        """Return the nonce's purpose and use it up: of two concurrent callers, one gets nothing."""
        keys = [self._keys.new_answer(), self._keys.of(names.NONCE, nonce)]
        return _read(await CONSUME.run(self._redis, keys, {}))


def _read(text: str | None) -> Mapping[str, str] | None:
    purpose: dict[str, str] | None = json.loads(text) if text else None
    return purpose
