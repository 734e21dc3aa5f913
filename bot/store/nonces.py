"""Single-use sign-ins: what a nonce is for. Nothing in it is secret."""

import json
import secrets
from collections.abc import Mapping

from bot.store.keys import NONCE_LIVES, Keys, seconds
from bot.store.redis import Door


class RedisNonces:
    """Nonces with a purpose, for ten minutes."""

    def __init__(self, door: Door, keys: Keys) -> None:
        self._door = door
        self._keys = keys

    async def create(self, purpose: Mapping[str, str]) -> str:
        """A nonce that nobody can guess."""
        nonce = secrets.token_urlsafe(24)
        await self._door.do("SET", self._keys.nonce(nonce), json.dumps(dict(purpose)), "EX", seconds(NONCE_LIVES))
        return nonce

    async def peek(self, nonce: str) -> Mapping[str, str] | None:
        """What it is for, without using it up."""
        return _read(await self._door.do("GET", self._keys.nonce(nonce)))

    async def consume(self, nonce: str) -> Mapping[str, str] | None:
        """What it is for, once: of two who come at the same time one gets nothing."""
        return _read(await self._door.do("GETDEL", self._keys.nonce(nonce)))


def _read(text: str | None) -> Mapping[str, str] | None:
    purpose: dict[str, str] | None = json.loads(text) if text else None
    return purpose
