"""Tokens of this tenant: v2.0, signed, with the claims that Graph, Teams and the product read."""

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from simulator.clock import wall_time
from simulator.keys import SigningKey
from simulator.world import User, World

GRAPH = "https://graph.microsoft.com"
BOT_FRAMEWORK = "https://api.botframework.com"
LIFETIME_SECONDS = 3600


class Minter:
    """Signs tokens. `origin` is the address of this Entra and part of the issuer."""

    def __init__(self, world: World, key: SigningKey) -> None:
        self.world = world
        self.key = key
        self.origin = ""

    @property
    def issuer(self) -> str:
        """The issuer of all tokens of this tenant; raises `RuntimeError` before `origin` is set."""
        if not self.origin:
            raise RuntimeError("set the origin to where this Entra is served before it signs anything")
        return f"{self.origin}/{self.world.tenant_id}/v2.0"

    def user_token(
        self, user_id: str, audience: str, client_id: str, scopes: Iterable[str] = (), **extra_claims: Any
    ) -> str:
        """Return a person's access token; extra claims override the usual ones."""
        user = self.world.users[user_id]
        delegated = {"azp": client_id, "appid": client_id, "scp": " ".join(sorted(scopes)), "idtyp": "user"}
        return self.key.sign(self._common(audience) | self._person(user, client_id) | delegated | extra_claims)

    def id_token(self, user_id: str, client_id: str, nonce: str, contexts: Iterable[str] = ()) -> str:
        """Return an ID token: the person and their authentication contexts, with the nonce of the application."""
        person = self._person(self.world.users[user_id], client_id)
        more = {"nonce": nonce, "acrs": sorted(contexts)}
        return self.key.sign(self._common(client_id) | person | {name: value for name, value in more.items() if value})

    def app_token(self, app_id: str, audience: str, **extra_claims: Any) -> str:
        """Return an application's own access token, with its Graph permissions."""
        app = self.world.applications[app_id]
        claims: dict[str, Any] = {"azp": app_id, "appid": app_id, "oid": app.object_id, "sub": app.object_id}
        claims |= {"idtyp": "app", "app_displayname": app.name}
        if audience == GRAPH:
            claims["roles"] = sorted(app.roles)
        return self.key.sign(self._common(audience) | claims | extra_claims)

    def _common(self, audience: str) -> dict[str, Any]:
        now = int(wall_time().timestamp())
        times = {"iat": now, "nbf": now, "exp": now + LIFETIME_SECONDS}
        identity = {"iss": self.issuer, "aud": audience, "tid": self.world.tenant_id, "uti": uuid4().hex}
        return {**times, **identity, "ver": "2.0"}

    def _person(self, user: User, client_id: str) -> dict[str, Any]:
        # `sub` is pairwise: it differs between applications, so it cannot identify a person across them.
        pairwise = hashlib.sha256(f"{user.id}/{client_id}".encode()).hexdigest()
        return {"oid": user.id, "sub": pairwise, "preferred_username": user.upn, "name": user.name}
