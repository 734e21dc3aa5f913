"""Checks which person a token belongs to. All checks on Entra's claims about a person are here."""

from collections.abc import Mapping
from typing import Any

import jwt

from bot.entra.msal_client import TokenAnswer
from bot.entra.signing_keys import SigningKeys
from handlers.ports.errors import SignInFailed, SignInTrouble

_LEEWAY = 60  # seconds that our clock and Entra's may differ


class PersonTokens:
    """Checks tokens of this tenant that are issued for the sign-in application.

    `issuer` is Entra's v2.0 issuer for the tenant; `audiences` are the application's id and its `api://` address. With
    `takes_id_tokens`, an id token from our own sign-in page is accepted like Teams' token. `context` is the
    authentication context that a token has to contain, if one is demanded.
    """

    def __init__(
        self,
        keys: SigningKeys,
        *,
        issuer: str,
        tenant_id: str,
        audiences: tuple[str, ...],
        takes_id_tokens: bool = False,
        context: str = "",
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._tenant_id = tenant_id
        self._audiences = audiences
        self._takes_id_tokens = takes_id_tokens
        self._context = context

    async def check_assertion(self, assertion: str, person: str) -> None:
        """Raise `SignInFailed` unless Teams' token is valid and belongs to this person (object id)."""
        key = await self._keys.find(_key_id(assertion))
        if key is None:
            raise SignInFailed(SignInTrouble.INVALID, "the token is signed with a key that Entra does not publish")
        try:
            claims: dict[str, Any] = jwt.decode(
                assertion,
                key.public,
                algorithms=["RS256"],
                audience=self._audiences,
                issuer=self._issuer,
                leeway=_LEEWAY,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError as trouble:
            raise SignInFailed(SignInTrouble.EXPIRED, "the token has expired") from trouble
        except jwt.InvalidTokenError as trouble:
            raise SignInFailed(SignInTrouble.INVALID, f"the token is not valid ({type(trouble).__name__})") from trouble
        # Only the id token of a sign-in that we started ourselves has a nonce.
        of_person = claims.get("scp") or (self._takes_id_tokens and claims.get("nonce"))
        if claims.get("idtyp") == "app" or not of_person:
            raise SignInFailed(SignInTrouble.INVALID, "the token is an application's, not a person's")
        self._check_person(claims, person)
        _check_context(claims, self._context)

    def check_id_token(self, claims: Mapping[str, Any], person: str, context: str = "") -> None:
        """Raise `SignInFailed` unless this person signed in to our application, in this authentication context.

        The claims came straight from Entra over TLS, which replaces the signature check (OpenID Connect Core, 3.1.3.7);
        msal does not check them.
        """
        if claims.get("iss") != self._issuer or claims.get("aud") not in self._audiences:
            raise SignInFailed(SignInTrouble.INVALID, "the sign-in was made for another tenant or application")
        self._check_person(claims, person)
        _check_context(claims, context)

    def check_result(self, answer: TokenAnswer, person: str) -> None:
        """Raise `SignInFailed` if Entra's answer to a checked sign-in names another person.

        A token for Graph is opaque by contract, and its signature is not ours to check. So its content can only lead to
        a refusal: an unreadable token passes, because its sign-in has been checked.
        """
        for claims in (answer.id_claims, _readable_claims(answer.token)):
            if "oid" in claims or "tid" in claims:
                self._check_person(claims, person)

    def _check_person(self, claims: Mapping[str, Any], person: str) -> None:
        if claims.get("oid") != person or claims.get("tid") != self._tenant_id:
            raise SignInFailed(SignInTrouble.OTHER_PERSON, "the token belongs to somebody else")


def _check_context(claims: Mapping[str, Any], context: str) -> None:
    """Raise `SignInFailed` if the token does not contain this context. The request for it passed through the person's
    own browser, where it may have been removed."""
    said = claims.get("acrs") or ()
    if context and context not in ([said] if isinstance(said, str) else said):
        raise SignInFailed(SignInTrouble.MORE_PROOF, f"the sign-in does not prove {context}")


def _key_id(assertion: str) -> str:
    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.InvalidTokenError as trouble:
        raise SignInFailed(SignInTrouble.INVALID, "this is no token") from trouble
    key_id = header.get("kid")
    if not isinstance(key_id, str) or header.get("alg") != "RS256":
        raise SignInFailed(SignInTrouble.INVALID, "the token names no key, or another way of signing")
    return key_id


def _readable_claims(token: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return {}
    return claims
