"""The caller, read from a token that is really verified."""

from dataclasses import dataclass
from typing import Any, Literal

import jwt

from simulator.entra.tokens import GRAPH
from simulator.graph.errors import GraphError, missing_permission
from simulator.graph.permissions import EVERYTHING, Needs
from simulator.keys import SigningKey
from simulator.world import Application, User, World

# Entra issues the first for Graph's address, the second for its application id.
AUDIENCES = [GRAPH, "00000003-0000-0000-c000-000000000000"]


@dataclass(frozen=True)
class Caller:
    """An application or a person; `id` is the application id or the person's object id.

    `partner`: a delegated administrator of another tenant; `challengeable`: the client declared CP1.
    """

    kind: Literal["app", "user"]
    id: str
    name: str
    upn: str
    permissions: frozenset[str]
    partner: bool = False
    challengeable: bool = False

    def allows(self, needs: Needs) -> bool:
        """Return whether the token has the permissions that the call needs."""
        return all(self.permissions & alternatives for alternatives in needs)

    def require(self, needs: Needs) -> None:
        """Raise `GraphError` unless the token has the permissions that the call needs."""
        if not self.allows(needs):
            raise missing_permission()

    def same_as(self, other: "Caller") -> bool:
        """Return whether both are the same identity, whatever their tokens."""
        return (self.kind, self.id) == (other.kind, other.id)


def of_token(authorization: str, world: World, key: SigningKey) -> Caller:
    """Return the caller of an Authorization header; raises `GraphError` 401."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise _unauthenticated("Access token is empty.")
    try:
        claims = key.verify(token, AUDIENCES)
    except jwt.InvalidTokenError as error:
        raise _unauthenticated(f"Access token validation failure. {error}.") from error
    if claims.get("tid") != world.tenant_id:
        raise _unauthenticated("Access token validation failure. Invalid tenant.")
    return _person(claims, world) if "scp" in claims else _application(claims, world)


def in_portal(who: User | Application) -> Caller:
    """Return a person in the admin center, or an application, as a caller with all permissions."""
    if isinstance(who, Application):
        return Caller("app", who.app_id, who.name, "", EVERYTHING)
    return Caller("user", who.id, who.name, who.upn, EVERYTHING)


def _person(claims: dict[str, Any], world: World) -> Caller:
    user = world.users.get(claims["oid"])
    if user is None or not user.enabled:
        raise _unauthenticated("The account is disabled or does not exist.")
    scopes = frozenset(claims["scp"].split())
    partner = bool(claims.get("gdap", False))
    return Caller("user", user.id, user.name, user.upn, scopes, partner, "CP1" in claims.get("xms_cc", ()))


def _application(claims: dict[str, Any], world: World) -> Caller:
    app = world.applications.get(claims.get("azp", ""))
    if app is None:
        raise _unauthenticated("The application does not exist.")
    roles = frozenset(claims.get("roles", ()))
    return Caller("app", app.app_id, app.name, "", roles, challengeable="CP1" in claims.get("xms_cc", ()))


def _unauthenticated(message: str) -> GraphError:
    return GraphError(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": "Bearer"})
