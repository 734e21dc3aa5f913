"""The token endpoint: one function per grant type."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from simulator.entra.authorize import SignedIn, SignIns
from simulator.entra.errors import EntraError, blocked, disabled, mfa_required
from simulator.entra.faults import SECOND_FACTOR, EntraFaults
from simulator.entra.scopes import DEFAULT, Resources, Wanted, asked_claims, granted
from simulator.entra.tokens import LIFETIME_SECONDS, Minter
from simulator.world import Application

Form = Mapping[str, str]


@dataclass(frozen=True)
class Grant:
    """One successful token request, for assertions in tests; contains no token."""

    kind: str
    client_id: str
    user_id: str
    scope: str
    claims: str


@dataclass(frozen=True)
class _Refresh:
    user_id: str
    client_id: str


class Grants:
    """Issues tokens for authenticated clients."""

    def __init__(self, minter: Minter, resources: Resources, sign_ins: SignIns, faults: EntraFaults) -> None:
        self.granted: list[Grant] = []
        self._minter = minter
        self._resources = resources
        self._sign_ins = sign_ins
        self._faults = faults
        self._refresh_tokens: dict[str, _Refresh] = {}
        self._kinds: dict[str, Callable[[Application, Form, Wanted], dict[str, Any]]] = {
            "client_credentials": self._client_credentials,
            "authorization_code": self._authorization_code,
            "urn:ietf:params:oauth:grant-type:jwt-bearer": self._on_behalf_of,
            "refresh_token": self._refresh,
        }

    def answer(self, client: Application, form: Form) -> dict[str, Any]:
        """Return the token answer for that client; raises `EntraError`."""
        kind = self._kinds.get(form.get("grant_type", ""))
        if kind is None:
            raise EntraError("unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
        return kind(client, form, self._resources.read(form.get("scope", "")))

    def _client_credentials(self, client: Application, form: Form, wanted: Wanted) -> dict[str, Any]:
        if wanted.names != {DEFAULT}:
            raise EntraError("invalid_scope", 1002012, "The scope must end in /.default for client credentials.")
        token = self._minter.app_token(client.app_id, wanted.resource, **_capabilities(form))
        self._record(client, form, "")
        return _bearer(token)

    def _authorization_code(self, client: Application, form: Form, wanted: Wanted) -> dict[str, Any]:
        signed_in = self._sign_ins.redeem(form.get("code", ""))
        if signed_in.client_id != client.app_id:
            raise EntraError("invalid_grant", 70000, "The code was issued to another client.")
        if signed_in.redirect_uri != form.get("redirect_uri"):
            raise EntraError("invalid_grant", 50011, "The redirect URI does not match the one of the code.")
        _check_verifier(signed_in, form.get("code_verifier", ""))
        answer = self._delegated(client, form, wanted, signed_in.user_id, signed_in.contexts)
        if "openid" in signed_in.openid:
            user_id = self._seen(signed_in.user_id)
            answer["id_token"] = self._minter.id_token(user_id, client.app_id, signed_in.nonce, signed_in.contexts)
        return answer

    def _on_behalf_of(self, client: Application, form: Form, wanted: Wanted) -> dict[str, Any]:
        if form.get("requested_token_use") != "on_behalf_of":
            raise EntraError("invalid_request", 900144, "The request body must contain 'requested_token_use'.")
        claims = self._assertion(client, form.get("assertion", ""))
        return self._delegated(client, form, wanted, claims["oid"], frozenset(claims.get("acrs", ())))

    def _refresh(self, client: Application, form: Form, wanted: Wanted) -> dict[str, Any]:
        known = self._refresh_tokens.get(form.get("refresh_token", ""))
        if known is None or known.client_id != client.app_id:
            raise EntraError("invalid_grant", 70000, "The provided refresh token is not valid for this client.")
        return self._delegated(client, form, wanted, known.user_id, frozenset())

    def _assertion(self, client: Application, assertion: str) -> dict[str, Any]:
        audiences = [name for name in (client.app_id, client.identifier_uri) if name]
        try:
            claims = self._minter.key.verify(assertion, audiences)
        except jwt.ExpiredSignatureError as error:
            raise EntraError("invalid_grant", 500133, "Assertion is not within its valid time range.") from error
        except jwt.InvalidTokenError as error:
            raise EntraError("invalid_grant", 50013, f"Assertion failed validation: {error}.") from error
        if "scp" not in claims:
            raise EntraError("invalid_grant", 7000114, "Applications cannot make on-behalf-of calls for themselves.")
        return claims

    def _delegated(
        self, client: Application, form: Form, wanted: Wanted, user_id: str, contexts: frozenset[str]
    ) -> dict[str, Any]:
        self._admit(user_id, contexts)
        scopes = granted(client, wanted)
        subject = self._seen(user_id)
        more = _capabilities(form) | ({"acrs": sorted(contexts)} if contexts else {})
        answer = _bearer(self._minter.user_token(subject, wanted.resource, client.app_id, scopes, **more))
        answer["scope"] = " ".join(f"{wanted.resource}/{scope}" for scope in sorted(scopes))
        if "offline_access" in wanted.openid:
            answer["refresh_token"] = secrets.token_urlsafe(48)
            self._refresh_tokens[answer["refresh_token"]] = _Refresh(user_id, client.app_id)
        if form.get("client_info") == "1":
            answer["client_info"] = _encoded({"uid": subject, "utid": self._minter.world.tenant_id})
        self._record(client, form, user_id)
        return answer

    def _admit(self, user_id: str, contexts: frozenset[str]) -> None:
        if not self._minter.world.users[user_id].enabled:
            raise disabled()
        if user_id in self._faults.blocked:
            raise blocked()
        if user_id in self._faults.second_factor and not contexts:
            raise mfa_required(SECOND_FACTOR)

    def _seen(self, user_id: str) -> str:
        return self._faults.mistaken.get(user_id, user_id)

    def _record(self, client: Application, form: Form, user_id: str) -> None:
        asked = (form.get("scope", ""), form.get("claims", ""))
        self.granted.append(Grant(form["grant_type"], client.app_id, user_id, *asked))


def _check_verifier(signed_in: SignedIn, verifier: str) -> None:
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if signed_in.challenge and not secrets.compare_digest(digest, signed_in.challenge):
        raise EntraError("invalid_grant", 501481, "The Code_Verifier does not match the code_challenge.")


def _capabilities(form: Form) -> dict[str, Any]:
    """Return the claim `xms_cc`, if the client declares that it understands claims challenges."""
    asked = asked_claims(form.get("claims")).get("xms_cc", {})
    return {"xms_cc": asked["values"]} if asked.get("values") else {}


def _bearer(token: str) -> dict[str, Any]:
    lifetime = {"expires_in": LIFETIME_SECONDS, "ext_expires_in": LIFETIME_SECONDS}
    return {"token_type": "Bearer", **lifetime, "access_token": token}


def _encoded(value: Mapping[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
