"""Single-use sign-ins: what a nonce is for. Nothing in it is secret."""

import json
import secrets
from collections.abc import Mapping

from bot.store import keys as names
from bot.store.keys import Keys
from bot.store.redis import Door
from bot.store.scripts import CONSUME


class RedisNonces:
    """Nonces with a purpose, for ten minutes."""

    def __init__(self, door: Door, keys: Keys) -> None:
        self._redis = door.redis
        self._keys = keys

    async def create(self, purpose: Mapping[str, str]) -> str:
        """A nonce that nobody can guess."""
        nonce = secrets.token_urlsafe(24)
        await self._redis.set(self._keys.of(names.NONCE, nonce), json.dumps(dict(purpose)), ex=names.NONCE.seconds)
        return nonce

    async def peek(self, nonce: str) -> Mapping[str, str] | None:
        """What it is for, without using it up."""
        return _read(await self._redis.get(self._keys.of(names.NONCE, nonce)))

    async def consume(self, nonce: str) -> Mapping[str, str] | None:
        """What it is for, once: of two who come at the same time one gets nothing."""
        keys = [self._keys.new_answer(), self._keys.of(names.NONCE, nonce)]
        return _read(await CONSUME.run(self._redis, keys, {}))


def _read(text: str | None) -> Mapping[str, str] | None:
    purpose: dict[str, str] | None = json.loads(text) if text else None
    return purpose
