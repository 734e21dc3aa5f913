"""Checks the token of a request, to make sure that it comes from the Bot Connector.

Only these tokens are accepted. The emulator and skill checks of other libraries would also accept tokens that bots
send.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.types import Options

from bot.config.origins import ServiceOrigins
from bot.entra.signing_keys import SigningKey, SigningKeys
from bot.teams.inbound.rejected import Rejected, not_ours, unproven
from handlers.ports.errors import Unavailable, Unreachable

CHANNEL = "msteams"
"""The only channel that this bot serves."""

LEEWAY_SECONDS = 300.0
"""How far clocks may differ: five minutes, as Microsoft recommends."""

MOST_REMEMBERED = 1000
"""Teams uses one token for about an hour, so only a few are in use at any time."""

# Times are compared with our own clock, also for remembered tokens.
_OPTIONS: Options = {
    "require": ["exp", "iss", "aud"],
    "strict_aud": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}


@dataclass(frozen=True, slots=True)
class _Verified:
    service_url: str
    expires: float


class InboundTokens:
    """Checks tokens, and remembers valid ones until they expire, by their SHA-256.

    `clock` gives seconds since 1970.
    """

    def __init__(
        self, keys: SigningKeys, origins: ServiceOrigins, *, app_id: str, issuer: str, clock: Callable[[], float]
    ) -> None:
        self._keys = keys
        self._origins = origins
        self._app_id = app_id.lower()  # lower case, as in Microsoft's tokens
        self._issuer = issuer
        self._clock = clock
        self._verified: dict[bytes, _Verified] = {}

    async def check(self, authorization: str) -> str:
        """Check the token in this header and return its service address, which is on the list of allowed ones.

        Raises `Rejected`: 401 without a valid token, 403 for a genuine one that is not for Teams, 503 while the keys
        cannot be read.
        """
        token = _bearer(authorization)
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is None or self._is_over(known.expires):
            self._verified.pop(digest, None)
            known = await self._verify(token)
            self._remember(digest, known)
        return known.service_url

    async def _verify(self, token: str) -> _Verified:
        claims = await self._signed_claims(token)
        expires, begins = _seconds(claims, "exp"), _seconds(claims, "nbf", 0.0)
        if self._is_over(expires):
            raise unproven("the token has expired")
        if begins > self._clock() + LEEWAY_SECONDS:
            raise unproven("the token is not valid yet")
        service_url = claims.get("serviceurl")
        if not isinstance(service_url, str):
            raise unproven("the token names no service address")
        try:
            self._origins.base(service_url)
        except Unreachable:
            raise not_ours("the service address is not on the list of allowed origins") from None
        return _Verified(service_url, expires)

    async def _signed_claims(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that was issued to us and signed for Teams. Its times are not checked here."""
        try:
            key = await self._key_of(token)
            claims = jwt.decode(
                token,
                key.public,
                algorithms=["RS256"],
                audience=self._app_id,
                issuer=self._issuer,
                options=_OPTIONS,
            )
        except jwt.PyJWTError as trouble:
            raise unproven(_sentence_for(trouble)) from None
        if CHANNEL not in key.channels:
            raise not_ours(f"the key is not endorsed for {CHANNEL}")
        return claims

    async def _key_of(self, token: str) -> SigningKey:
        key_id = jwt.get_unverified_header(token).get("kid")
        if not key_id:
            raise unproven("the token names no key")
        try:
            key = await self._keys.find(key_id)
        except Unavailable as trouble:
            raise Rejected(503, f"tokens cannot be checked now: {trouble}") from None
        if key is None:
            raise unproven("the token is signed with an unknown key")
        return key

    def _is_over(self, expires: float) -> bool:
        return self._clock() >= expires + LEEWAY_SECONDS

    def _remember(self, digest: bytes, verified: _Verified) -> None:
        if len(self._verified) >= MOST_REMEMBERED:
            del self._verified[next(iter(self._verified))]
        self._verified[digest] = verified


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unproven("a bearer token is needed")
    if not token.isascii():
        raise unproven("the token is malformed")
    return token


def _seconds(claims: dict[str, Any], name: str, default: float | None = None) -> float:
    """Return a claim as seconds since 1970."""
    moment = claims.get(name, default)
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        raise unproven(f"the token's {name} is no time")
    return moment


def _sentence_for(trouble: jwt.PyJWTError) -> str:
    """Return our own words: the library's may repeat what was sent."""
    match trouble:
        case jwt.InvalidSignatureError():
            return "the token's signature is not valid"
        case jwt.InvalidAlgorithmError():
            return "the token is not signed with RS256"
        case jwt.InvalidAudienceError():
            return "the token is made out for somebody else"
        case jwt.InvalidIssuerError():
            return "the token is from another issuer"
        case jwt.MissingRequiredClaimError():
            return "the token lacks its expiry, issuer or audience"
    return "the token is malformed"
