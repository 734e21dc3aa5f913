"""Tokens of the Bot Connector's calls to the bot: valid ones, and every kind of invalid one."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import jwt

from simulator.clock import wall_time
from simulator.keys import SigningKey
from simulator.teams.connector import ISSUER, Connector


@dataclass
class Minter:
    """Makes tokens for one bot; claims can be overridden, or left out with `None`."""

    connector: Connector
    _strangers: list[SigningKey] = field(default_factory=list)

    def good(self, **claims: Any) -> str:
        """Return a token as Teams sends it, valid for an hour."""
        return self.connector.key.sign(self.claims(**claims))

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a valid token with these changes."""
        now = int(wall_time().timestamp())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": self.connector.bot_app_id,
            "serviceurl": self.connector.service_url,
            "nbf": now - 60,
            "exp": now + 3600,
        }
        claims |= changes
        return {name: value for name, value in claims.items() if value is not None}

    def by_stranger(self) -> str:
        """Return a token signed with an unpublished key, under its own key id."""
        return self._stranger().sign(self.claims())

    def wrong_signature(self) -> str:
        """Return a token signed with an unpublished key, under a published key id."""
        return jwt.encode(
            self.claims(),
            self._stranger()._private,  # noqa: SLF001  this is a forged token
            "RS256",
            headers={"kid": self.connector.key.kid},
        )

    def without_kid(self) -> str:
        """Return a correctly signed token without a key id."""
        return jwt.encode(self.claims(), self.connector.key._private, "RS256")  # noqa: SLF001

    def alg_none(self) -> str:
        """Return an unsigned token."""
        head = {"alg": "none", "typ": "JWT", "kid": self.connector.key.kid}
        return f"{_part(head)}.{_part(self.claims())}."

    def hs256(self) -> str:
        """Return a token signed with the public key as if it were a shared secret."""
        secret = json.dumps(self.connector.key.jwk()).encode()
        return jwt.encode(self.claims(), secret, "HS256", headers={"kid": self.connector.key.kid})

    def _stranger(self) -> SigningKey:
        if not self._strangers:
            self._strangers.append(SigningKey(endorsements=("msteams",)))
        return self._strangers[0]


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
