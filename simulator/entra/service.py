"""Simulated Entra on loopback: metadata, keys, the token endpoint and the sign-in page."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from simulator.entra.authorize import RESPONSE_MODES, SignIns
from simulator.entra.clients import authenticated
from simulator.entra.errors import EntraError
from simulator.entra.faults import EntraFaults, Trouble
from simulator.entra.grants import Grant, Grants
from simulator.entra.pages import sorry
from simulator.entra.scopes import Resources
from simulator.entra.tokens import GRAPH, Minter
from simulator.keys import SigningKey
from simulator.world import DOMAIN, World


class Entra:
    """The tenant's identity platform. Set `origin` to its address before the first token request."""

    def __init__(self, world: World, key: SigningKey) -> None:
        self.faults = EntraFaults()
        self.weather: Callable[[str, str], Trouble | None] | None = None
        self._world = world
        self._minter = Minter(world, key)
        self._resources = Resources(world)
        self._sign_ins = SignIns(world, self._resources, self.faults)
        self._grants = Grants(self._minter, self._resources, self._sign_ins, self.faults)

    @property
    def origin(self) -> str:
        """Address of this Entra, such as https://localhost:4711."""
        return self._minter.origin

    @origin.setter
    def origin(self, origin: str) -> None:
        self._minter.origin = origin

    @property
    def graph_origin(self) -> str:
        """Address of Graph: a second name of the resource https://graph.microsoft.com."""
        return self._resources.graph_origin

    @graph_origin.setter
    def graph_origin(self, origin: str) -> None:
        self._resources.graph_origin = origin

    @property
    def authority(self) -> str:
        """The authority for clients such as msal."""
        return f"{self.origin}/{self._world.tenant_id}"

    @property
    def grants(self) -> list[Grant]:
        """All successful token requests, oldest first."""
        return self._grants.granted

    def user_token(
        self, user_id: str, audience: str, client_id: str, scopes: Iterable[str] = (), **extra_claims: Any
    ) -> str:
        """Return a person's access token, as Teams gets it silently; extra claims override the usual ones."""
        return self._minter.user_token(user_id, audience, client_id, scopes, **extra_claims)

    def app_token(self, app_id: str, audience: str = GRAPH, **extra_claims: Any) -> str:
        """Return an application's own access token."""
        return self._minter.app_token(app_id, audience, **extra_claims)

    def app(self) -> web.Application:
        """Return the web application; every path begins with the tenant's id or domain."""
        app = web.Application(middlewares=[self._in_weather])
        app.router.add_get("/{tenant}/v2.0/.well-known/openid-configuration", self._metadata)
        app.router.add_get("/{tenant}/discovery/v2.0/keys", self._keys)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        app.router.add_get("/{tenant}/oauth2/v2.0/authorize", self._authorize)
        return app

    @web.middleware
    async def _in_weather(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        trouble = self.weather(request.method, request.path) if self.weather else None
        if trouble is Trouble.UNAVAILABLE:
            return web.Response(status=503, text="Service Unavailable")
        answer = web.Response() if trouble is Trouble.LOST_REQUEST else await handler(request)
        if trouble is not None and request.transport is not None:
            request.transport.abort()
        return answer

    async def _metadata(self, request: web.Request) -> web.Response:
        try:
            self._check_tenant(request)
        except EntraError as error:
            return web.json_response(error.body(), status=error.status)
        return web.json_response(
            {
                "issuer": self._minter.issuer,
                "authorization_endpoint": f"{self.authority}/oauth2/v2.0/authorize",
                "token_endpoint": f"{self.authority}/oauth2/v2.0/token",
                "jwks_uri": f"{self.authority}/discovery/v2.0/keys",
                "response_types_supported": ["code"],
                "response_modes_supported": RESPONSE_MODES,
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            }
        )

    async def _keys(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": [self._minter.key.jwk() | {"issuer": self._minter.issuer}]})

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        answer = self._token_answer(request, form)
        if self.faults.hold is not None:
            await self.faults.hold.wait()
        return answer

    def _token_answer(self, request: web.Request, form: Mapping[str, str]) -> web.Response:
        if self.faults.outages:
            self.faults.outages -= 1
            return web.Response(status=503, text="Service Unavailable")
        headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
        try:
            self._check_tenant(request)
            client = authenticated(self._world, form, f"{self.authority}/oauth2/v2.0/token")
            return web.json_response(self._grants.answer(client, form), headers=headers)
        except EntraError as error:
            return web.json_response(error.body(), status=error.status, headers=headers)

    async def _authorize(self, request: web.Request) -> web.Response:
        try:
            self._check_tenant(request)
            return self._sign_ins.answer(request)
        except EntraError as error:
            return sorry(str(error), error.status)

    def _check_tenant(self, request: web.Request) -> None:
        if request.match_info["tenant"] not in {self._world.tenant_id, DOMAIN}:
            raise EntraError("invalid_tenant", 90002, f"Tenant '{request.match_info['tenant']}' not found.")
