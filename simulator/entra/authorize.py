"""Sign-in: the authorization endpoint, its single-use codes, and a page for the demo."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from simulator.entra.errors import EntraError, blocked, disabled, no_consent, unknown_client
from simulator.entra.faults import EntraFaults
from simulator.entra.pages import back, chooser
from simulator.entra.scopes import Resources, Wanted, asked_claims, granted
from simulator.world import Application, User, World

SESSION_COOKIE = "ESTSAUTH"
RESPONSE_MODES = ["query", "form_post"]


@dataclass(frozen=True)
class SignedIn:
    """The sign-in that an authorization code stands for."""

    user_id: str
    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str
    openid: frozenset[str]
    contexts: frozenset[str]


class SignIns:
    """The authorization endpoint. `simulate_user=<first name>` in the query replaces the person's clicks."""

    def __init__(self, world: World, resources: Resources, faults: EntraFaults) -> None:
        self._world = world
        self._resources = resources
        self._faults = faults
        self._codes: dict[str, SignedIn] = {}

    def redeem(self, code: str) -> SignedIn:
        """Return the sign-in of the code, once; raises `EntraError`."""
        signed_in = self._codes.pop(code, None)
        if signed_in is None:
            raise EntraError("invalid_grant", 54005, "The code is unknown or was already redeemed.")
        return signed_in

    def answer(self, request: web.Request) -> web.Response:
        """Return the page to choose a person, or the answer for the client; raises `EntraError` for an error page."""
        query = request.query
        client = self._world.applications.get(query.get("client_id", ""))
        if client is None:
            raise unknown_client(query.get("client_id", ""))
        if query.get("redirect_uri", "") not in client.redirect_uris:
            raise EntraError("invalid_request", 50011, "The redirect URI is not registered for the application.")
        try:
            return self._signed_in(request, client)
        except _Denied as denied:
            return back(query, {"error": denied.error, "error_description": str(denied)})

    def _signed_in(self, request: web.Request, client: Application) -> web.Response:
        query = request.query
        _check_request(query)
        wanted = self._resources.read(query.get("scope", ""))
        user = self._chosen(request)
        if user is None:
            return chooser(request, client.name, (user for user in self._world.users.values() if user.enabled))
        self._admit(user)
        try:
            granted(client, wanted)
        except EntraError as error:
            raise _Denied("access_denied", f"AADSTS90094: {no_consent(client.name)}") from error
        code = self._code(query, user, wanted)
        response = back(query, {"code": code, "session_state": secrets.token_hex(16)})
        response.set_cookie(SESSION_COOKIE, user.id, secure=True, httponly=True)
        return response

    def _chosen(self, request: web.Request) -> User | None:
        """Return the person of this browser, if known without a click."""
        query = request.query
        if "simulate_error" in query:
            raise _Denied(query["simulate_error"], "AADSTS65004: User declined to consent.")
        if "simulate_user" in query:
            return self._named(query["simulate_user"])
        if query.get("prompt") in {"login", "select_account"}:
            return None
        session = self._world.users.get(request.cookies.get(SESSION_COOKIE, ""))
        if session is None and query.get("prompt") == "none":
            raise _Denied("login_required", "AADSTS50058: A silent sign-in request was sent but no user is signed in.")
        return session

    def _named(self, name: str) -> User:
        try:
            return self._world.user(name)
        except ValueError as error:
            raise EntraError("invalid_request", 50034, f"The user account {name} does not exist.") from error

    def _admit(self, user: User) -> None:
        if not user.enabled:
            raise disabled()
        if user.id in self._faults.blocked:
            raise blocked()

    def _code(self, query: Mapping[str, str], user: User, wanted: Wanted) -> str:
        code = secrets.token_urlsafe(32)
        # In a browser, a person can always present the second factor that the claims ask for.
        asked = [asked_claims(query.get("claims"), token).get("acrs", {}) for token in ("access_token", "id_token")]
        self._codes[code] = SignedIn(
            user.id,
            query["client_id"],
            query["redirect_uri"],
            query.get("code_challenge", ""),
            query.get("nonce", ""),
            wanted.openid,
            frozenset(one["value"] for one in asked if one.get("value")),
        )
        return code


class _Denied(Exception):
    """An error that the redirect carries to the application."""

    def __init__(self, error: str, text: str) -> None:
        super().__init__(text)
        self.error = error


def _check_request(query: Mapping[str, str]) -> None:
    if query.get("response_type") != "code":
        raise _Denied("unsupported_response_type", "AADSTS70007: The response_type is not supported.")
    if query.get("response_mode", "query") not in RESPONSE_MODES:
        raise _Denied("invalid_request", "AADSTS70007: The response_mode is not supported.")
    if "code_challenge" in query and query.get("code_challenge_method") != "S256":
        raise _Denied("invalid_request", "AADSTS9002313: The code_challenge_method must be S256.")
