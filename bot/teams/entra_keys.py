"""The keys that Entra signs people's tokens with."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import jwt
import structlog

from handlers.ports import Unavailable

FRESH_SECONDS = 24 * 3600.0
"""Entra advises to read its keys again about once a day."""

RETRY_SECONDS = 60.0
"""An unknown key id may mean new keys. They are read at most this often, so that nobody can make us ask for ever."""

_TIMEOUT = aiohttp.ClientTimeout(total=8)

log = structlog.get_logger(__name__)


class EntraKeys:
    """The tenant's signing keys by id, read when needed and kept while Entra cannot be reached."""

    def __init__(self, session: aiohttp.ClientSession, url: str, monotonic: Callable[[], float]) -> None:
        self._session = session
        self._url = url
        self._monotonic = monotonic
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_at = self._tried_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def find(self, key_id: str) -> jwt.PyJWK | None:
        """The key of that id, if Entra publishes it; `Unavailable` if its keys cannot be read and never were."""
        async with self._one_at_a_time:
            if self._is_due(key_id):
                await self._read()
            return self._keys.get(key_id)

    def _is_due(self, key_id: str) -> bool:
        now = self._monotonic()
        wanted = key_id not in self._keys or now - self._read_at >= FRESH_SECONDS
        return not self._keys or (wanted and now - self._tried_at >= RETRY_SECONDS)

    async def _read(self) -> None:
        self._tried_at = self._monotonic()
        try:
            published = await self._fetch()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as trouble:
            log.warning("entra_keys_not_read", error=type(trouble).__name__, known=len(self._keys))
            if not self._keys:
                raise Unavailable("Entra's signing keys cannot be read") from trouble
        else:
            self._keys = {key.key_id: key for key in published if key.key_id}
            self._read_at = self._tried_at

    async def _fetch(self) -> list[jwt.PyJWK]:
        async with self._session.get(self._url, allow_redirects=False, timeout=_TIMEOUT) as response:
            if response.status != 200:
                raise ValueError(f"answered {response.status}")
            document: Any = await response.json()
        entries = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(entries, list):
            raise ValueError("no key set")
        usable = [entry for entry in entries if isinstance(entry, dict) and entry.get("kty") == "RSA"]
        try:
            return jwt.PyJWKSet.from_dict({"keys": usable}).keys
        except jwt.PyJWTError as trouble:
            raise ValueError("no key set") from trouble
