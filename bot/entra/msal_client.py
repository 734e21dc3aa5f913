"""The only module that uses msal, which is untyped and synchronous: here it is typed, and every call runs in a thread.

A refusal by Entra (no consent, more proof wanted, a wrong secret) is an answer with `error` set. No answer, a 5xx, or
an answer that is not Entra's raises `Unavailable`: a 5xx makes msal raise, a failed discovery makes requests raise.
"""

import asyncio
import base64
import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlencode, urlsplit

import msal  # type: ignore[import-untyped]
import requests

from bot.config.credential import Credential
from bot.keys.key_file import (
    BadFile,
    KeyFile,
)
from bot.keys.uses import (
    plain_thumbprint,
    read_for_entra,
)
from bot.web.retry_after import retry_after
from handlers.ports.errors import Unavailable

CAPABILITIES = ["CP1"]
"""We handle claims challenges, so Entra may revoke our tokens before they expire (continuous access evaluation)."""

_TIMEOUT = 8.0  # seconds for one answer of Entra; a person waits for it
_NO_ANSWER = (msal.exceptions.MsalError, OSError, ValueError, RuntimeError, KeyError)  # requests' errors are OSErrors

# The audience of a managed identity's token that replaces an application's own credential.
_EXCHANGE = "api://AzureADTokenExchange"
_EXCHANGE_BY_HOST = {
    "login.microsoftonline.us": f"{_EXCHANGE}USGov",
    "login.partner.microsoftonline.cn": f"{_EXCHANGE}China",
    "login.chinacloudapi.cn": f"{_EXCHANGE}China",
}


@dataclass(frozen=True, slots=True)
class Authority:
    """The token issuer: Entra's address with the tenant as its path, and its own certificate authority if any."""

    url: str
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """An answer of Entra: a token, or `error` and its details.

    `id_claims` identify the person, read from an `id_token` that came straight from Entra over TLS. `claims` is what
    Entra wants proved, to be sent along when the person signs in again.
    """

    token: str = field(default="", repr=False)
    id_claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    id_token: str = field(default="", repr=False)
    error: str = ""
    suberror: str = ""
    claims: str = ""
    error_codes: tuple[int, ...] = ()
    description: str = ""


class MsalApplication:
    """A long-lived application for its own tokens; msal caches them and renews them early."""

    def __init__(self, authority: Authority, credential: Credential) -> None:
        self._authority = authority
        self._credential = credential
        self._app: _App | None = None
        self._making = Lock()

    async def app_token(self, scope: str, claims: str | None = None) -> TokenAnswer:
        """Return a token without a person, from the cache unless `claims` answers a challenge."""
        return await _in_thread(lambda: self._acquire(scope, claims))

    def close(self) -> None:
        """Close the connections to Entra."""
        if self._app is not None:
            self._app.close()

    def _acquire(self, scope: str, claims: str | None) -> Mapping[str, Any]:
        with self._making:
            self._app = self._app or _new_app(self._authority, self._credential)
        answer: Mapping[str, Any] = self._app.acquire_token_for_client([scope], claims_challenge=claims)
        return answer


async def on_behalf_of(
    authority: Authority, credential: Credential, assertion: str, scopes: Iterable[str], claims: str = ""
) -> TokenAnswer:
    """Exchange a person's token for one with these scopes. Nothing is stored, and no refresh token is requested.

    Each call uses a new msal application: a shared one would collect people's tokens, and would answer the next person
    with the previous one's failure.
    """

    def exchange() -> Any:
        with closing(_new_app(authority, credential)) as app:
            return app.acquire_token_on_behalf_of(assertion, list(scopes), claims_challenge=claims or None)

    return await _in_thread(exchange)


async def redeem_code(
    authority: Authority,
    credential: Credential,
    *,
    code: str,
    verifier: str,
    redirect_uri: str,
    scopes: Iterable[str],
    nonce: str,
) -> TokenAnswer:
    """Redeem the code of a finished sign-in for a token. Verifier, address and nonce are those of `authorize_url`.

    An id token that is missing or has another nonce gives the error `invalid_nonce`. Nothing is stored.
    """
    # msal expects the whole flow as if it had started it; the page itself checks the state.
    flow = {
        "state": "-",
        "scope": list(scopes),
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        "nonce": nonce,
    }

    def redeem() -> Any:
        with closing(_new_app(authority, credential)) as app:
            try:
                return app.acquire_token_by_auth_code_flow(flow, {"state": "-", "code": code})
            except RuntimeError:  # msal's error for a nonce that is not ours
                return {"error": "invalid_nonce"}

    answer = await _in_thread(redeem)
    # msal accepts an answer without an id token, and so without a nonce.
    return TokenAnswer(error="invalid_nonce") if answer.token and "nonce" not in answer.id_claims else answer


def authorize_url(  # noqa: PLR0913  the parameters of the protocol
    authority: Authority,
    app_id: str,
    *,
    redirect_uri: str,
    scopes: Iterable[str],
    state: str,
    nonce: str,
    verifier: str,
    claims: str = "",
    login_hint: str = "",
) -> str:
    """Return the sign-in address for a browser: authorization code with PKCE (S256). `claims` repeats a challenge."""
    query = {
        "client_id": app_id,
        "response_type": "code",
        "response_mode": "query",
        "redirect_uri": redirect_uri,
        "scope": " ".join(["openid", "profile", *scopes]),
        "state": state,
        "nonce": _nonce_on_the_wire(nonce),
        "code_challenge": _sha256_base64url(verifier),
        "code_challenge_method": "S256",
    }
    if claims:
        query["claims"] = claims
    if login_hint:
        query["login_hint"] = login_hint
    return f"{authority.url.rstrip('/')}/oauth2/v2.0/authorize?{urlencode(query)}"


# --- msal ---------------------------------------------------------------------------------------------------------


class _App(msal.ConfidentialClientApplication):  # type: ignore[misc]
    """msal's application, with a way to close its connections."""

    def close(self) -> None:
        self.http_client.close()


class _Session(requests.Session):
    """msal's default session, but with a timeout, and optionally trusting only one certificate authority."""

    def __init__(self, ca_file: Path | None) -> None:
        super().__init__()
        self.mount("https://", requests.adapters.HTTPAdapter(max_retries=1))
        if ca_file is not None:
            self.verify = str(ca_file)
            self.trust_env = False  # else REQUESTS_CA_BUNDLE or a proxy of the environment would win

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send the request with our timeout unless the caller sets one, and limit `Retry-After`."""
        answer = super().request(*args, **{"timeout": _TIMEOUT} | kwargs)
        # msal repeats a cached refusal for as long as this says, which can be up to an hour.
        if (asked := retry_after(answer.headers)) is not None:
            answer.headers["Retry-After"] = str(math.ceil(asked))
        return answer


def _new_app(authority: Authority, credential: Credential) -> _App:
    """Create an application with an empty cache. It fetches Entra's metadata, so it may fail like any call."""
    with ExitStack() as undo:
        session = undo.enter_context(_Session(authority.ca_file))
        app = _App(
            credential.app_id,
            authority=authority.url,
            client_credential=_client_credential(authority, credential),
            client_capabilities=CAPABILITIES,
            exclude_scopes=["offline_access"],  # we never want a refresh token
            http_client=session,
            # Microsoft does not know a private authority, so msal must not ask there about it.
            instance_discovery=authority.ca_file is None,
        )
        undo.pop_all()
    return app


def _client_credential(authority: Authority, credential: Credential) -> str | dict[str, Any]:
    if credential.managed_identity:
        audience = _EXCHANGE_BY_HOST.get(urlsplit(authority.url).hostname or "", _EXCHANGE)
        return {"client_assertion": partial(_identity_assertion, credential.managed_identity, audience)}
    if credential.certificate is None:
        return credential.secret
    file = KeyFile(credential.certificate, credential.passphrase, "its passphrase")
    try:
        proof = read_for_entra(file, credential.thumbprint)
    except BadFile as error:
        raise Unavailable(f"application {credential.app_id} cannot prove itself: {error}") from None
    if credential.thumbprint:
        return {"private_key": proof.key_pem().decode(), "thumbprint": plain_thumbprint(credential.thumbprint)}
    return {"private_key": proof.key_pem().decode(), "public_certificate": proof.chain_pem().decode()}


def _identity_assertion(client_id: str, audience: str) -> str:
    """Return a new token of the host's managed identity; msal calls this whenever it needs one."""
    with requests.Session() as session:
        session.trust_env = False  # the identity endpoint is on the host itself, never behind a proxy
        identity = msal.UserAssignedManagedIdentity(client_id=client_id)
        answer = msal.ManagedIdentityClient(identity, http_client=session).acquire_token_for_client(resource=audience)
    if "access_token" not in answer:
        raise Unavailable(f"the managed identity gave no token: {answer.get('error', 'no reason given')}")
    return str(answer["access_token"])


async def _in_thread(call: Callable[[], Any]) -> TokenAnswer:
    try:
        raw: Mapping[str, Any] = await asyncio.to_thread(call)
    except _NO_ANSWER as trouble:
        raise Unavailable(f"Entra did not answer as it should ({type(trouble).__name__})") from trouble
    if "access_token" in raw:
        return TokenAnswer(
            token=str(raw["access_token"]),
            id_claims=raw.get("id_token_claims") or {},
            id_token=str(raw.get("id_token") or ""),
        )
    return TokenAnswer(
        error=str(raw.get("error") or "unknown"),
        suberror=str(raw.get("suberror") or ""),
        claims=str(raw.get("claims") or ""),
        error_codes=tuple(raw.get("error_codes") or ()),
        description=str(raw.get("error_description") or ""),
    )


def _nonce_on_the_wire(nonce: str) -> str:
    """Return the SHA-256 (hex) of the nonce, which msal expects the browser to carry."""
    return hashlib.sha256(nonce.encode()).hexdigest()


def _sha256_base64url(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
