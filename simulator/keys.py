"""Signing keys: every token in this tenant is really signed and checked."""

import base64
import secrets
from collections.abc import Mapping
from functools import cache
from itertools import count
from time import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

DIFFERENT = 8
"""RSA keys per process: creating one takes a tenth of a second, and tests open hundreds of tenants."""

_COUNT = count()


@cache
def _made(_number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class SigningKey:
    """An RSA key with a key id, as Entra and the Bot Connector publish them."""

    def __init__(self, endorsements: tuple[str, ...] = ()) -> None:
        self.kid = secrets.token_urlsafe(16)
        self._private = _made(next(_COUNT) % DIFFERENT)
        self._endorsements = endorsements
        self._verified: dict[str, dict[str, Any]] = {}

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a compact RS256 token with this key's id in its header."""
        return jwt.encode(dict(claims), self._private, algorithm="RS256", headers={"kid": self.kid})

    def verify(self, token: str, audience: str | list[str]) -> dict[str, Any]:
        """Return the claims of a token of this key for (one of) the audience; raises `jwt.InvalidTokenError`."""
        if jwt.get_unverified_header(token).get("kid") != self.kid:  # the keys themselves repeat, see DIFFERENT
            raise jwt.InvalidSignatureError("signed by another key")
        asked = f"{audience} {token}"
        known = self._verified.get(asked)
        if known is None or known.get("exp", 0) <= time():  # cached: the same token comes with many calls
            known = jwt.decode(token, self._private.public_key(), algorithms=["RS256"], audience=audience)
            self._verified[asked] = known
        return dict(known)

    def jwk(self) -> dict[str, Any]:
        """Return the public key as a JSON Web Key, with its endorsed channels (Bot Connector only)."""
        numbers = self._private.public_key().public_numbers()
        key: dict[str, Any] = {
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "n": _base64url(numbers.n),
            "e": _base64url(numbers.e),
        }
        return key | {"endorsements": list(self._endorsements)} if self._endorsements else key


def _base64url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
