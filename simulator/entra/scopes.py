"""The scopes and claims of a token request."""

import json
from dataclasses import dataclass, field
from typing import Any

from simulator.entra.errors import EntraError, no_consent
from simulator.entra.tokens import BOT_FRAMEWORK, GRAPH
from simulator.world import Application, World

OPENID = frozenset({"openid", "profile", "email", "offline_access"})
DEFAULT = ".default"


@dataclass(frozen=True)
class Wanted:
    """One resource, the permissions requested for it, and the OpenID scopes."""

    resource: str
    names: frozenset[str]
    openid: frozenset[str]


@dataclass
class Resources:
    """The APIs of this tenant. `graph_origin` is Graph's address, if it is not the public one."""

    world: World
    graph_origin: str = GRAPH
    _public: frozenset[str] = field(default=frozenset({GRAPH, BOT_FRAMEWORK}), init=False)

    def read(self, scope: str) -> Wanted:
        """Parse a scope parameter; raises `EntraError` unless it names one known resource."""
        words = scope.split()
        openid = OPENID.intersection(words)
        pairs = [self._split(word) for word in words if word not in OPENID] or [(GRAPH, "User.Read")]
        resources = {resource for resource, _ in pairs}
        if len(resources) > 1:
            raise EntraError("invalid_scope", 28000, "The scopes requested span multiple resources.")
        return Wanted(resources.pop(), frozenset(name for _, name in pairs), openid)

    def _split(self, word: str) -> tuple[str, str]:
        prefix, slash, name = word.rpartition("/")
        if not slash:
            return GRAPH, word
        return self._resolve(prefix.rstrip("/")), name

    def _resolve(self, prefix: str) -> str:
        if prefix in self._public:
            return prefix
        if prefix == self.graph_origin:
            return GRAPH
        for app in self.world.applications.values():
            if prefix in {app.identifier_uri, app.app_id}:
                return app.app_id
        raise EntraError("invalid_resource", 500011, f"The resource principal named {prefix} was not found.")


def asked_claims(parameter: str | None, inside: str = "access_token") -> dict[str, Any]:
    """Return what a `claims` parameter requests for that token; raises `EntraError` unless it is JSON."""
    try:
        return dict(json.loads(parameter or "{}").get(inside, {}))
    except (ValueError, TypeError, AttributeError) as error:
        raise EntraError("invalid_request", 9002325, "The claims parameter is not valid JSON.") from error


def granted(app: Application, wanted: Wanted) -> frozenset[str]:
    """Return the delegated permissions to grant; raises `EntraError` if consent for one is missing."""
    if not app.consented:
        raise no_consent(app.name)
    if wanted.resource != GRAPH:
        return frozenset({"access_as_user"})
    if DEFAULT in wanted.names:
        return frozenset(app.scopes)
    if not wanted.names <= app.scopes:
        raise no_consent(app.name)
    return wanted.names
