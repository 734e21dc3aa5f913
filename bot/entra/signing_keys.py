"""The signing keys of a token issuer (Entra, the Bot Connector), found by its OpenID metadata."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import jwt
import structlog

from bot.web.single_flight import SingleFlight
from handlers.ports.errors import Unavailable

FRESH_SECONDS = 24 * 3600.0
"""Microsoft asks for the keys to be read again every 24 hours, both the Bot Connector's and Entra's."""

RETRY_SECONDS = 300.0
"""An unknown key id may mean a new key. Keys are read at most this often, so strangers cannot cause endless reads."""

FIRST_RETRY_SECONDS = 5.0
"""The same while no key is known: until then all clicks fail."""

# For both reads together. A click may wait for it, and has 10 seconds of its own within the 15 that Teams waits.
_TIMEOUT_SECONDS = 4.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One public key, and the channels that it is endorsed for, if the issuer lists them."""

    public: jwt.PyJWK
    channels: frozenset[str]


class SigningKeys:
    """The keys by id: read when needed, one read at a time, and kept while a new read fails."""

    def __init__(self, session: aiohttp.ClientSession, metadata_url: str, monotonic: Callable[[], float]) -> None:
        self._session = session
        self._metadata_url = metadata_url
        self._monotonic = monotonic
        self._keys: dict[str, SigningKey] = {}
        self._read_at = self._tried_at = float("-inf")
        self._share = SingleFlight()

    async def find(self, key_id: str) -> SigningKey | None:
        """Return the published key of that id, if any. Raises `Unavailable` if the keys have never been read."""
        if self._is_due(key_id):
            await self._share("keys", self._read)
        if not self._keys:
            raise Unavailable("the signing keys cannot be read")
        return self._keys.get(key_id)

    def _is_due(self, key_id: str) -> bool:
        now = self._monotonic()
        wanted = key_id not in self._keys or now - self._read_at >= FRESH_SECONDS
        return wanted and now - self._tried_at >= (RETRY_SECONDS if self._keys else FIRST_RETRY_SECONDS)

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                metadata = await self._get(self._metadata_url)
                published = await self._get(str(metadata.get("jwks_uri")))
            self._keys = _usable(published.get("keys"))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as trouble:
            log.warning(
                "signing_keys_not_read",
                of=self._metadata_url,
                error=type(trouble).__name__,
                why=str(trouble),
                known=len(self._keys),
            )
        else:
            self._read_at = self._monotonic()
            log.info("signing_keys_read", of=self._metadata_url, known=len(self._keys))
        finally:
            # Not earlier: until then, other callers wait for this same read.
            self._tried_at = self._monotonic()

    async def _get(self, url: str) -> dict[str, Any]:
        if not url.startswith("https://"):
            raise ValueError("keys come over https only")
        async with self._session.get(url, allow_redirects=False) as response:
            if response.status != 200:
                raise ValueError(f"answered {response.status}")
            document: Any = await response.json(content_type=None)
        if not isinstance(document, dict):
            raise ValueError("not a JSON object")
        return document


def _usable(published: Any) -> dict[str, SigningKey]:
    """Return every RSA key with an id. Raises `ValueError` if there is none, because such a set is not credible."""
    entries = published if isinstance(published, list) else []
    keys = {
        entry["kid"]: key
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("kid"), str) and (key := _parsed(entry)) is not None
    }
    if not keys:
        raise ValueError("no usable key is published")
    return keys


def _parsed(entry: dict[str, Any]) -> SigningKey | None:
    endorsements = entry.get("endorsements")
    channels = endorsements if isinstance(endorsements, list) else []
    if entry.get("kty") != "RSA":
        return None
    try:
        public = jwt.PyJWK(entry, algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return SigningKey(public, frozenset(channel for channel in channels if isinstance(channel, str)))
