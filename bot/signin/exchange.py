"""Sign-in: exchanges a person's token from Teams for one token that calls Graph in their name."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Protocol

from bot.config.credential import Credential
from bot.entra.msal_client import (
    Authority,
    on_behalf_of,
)
from bot.entra.person_tokens import PersonTokens
from bot.entra.troubles import trouble_of
from handlers.ports.sign_in import UserToken


@dataclass(frozen=True, slots=True)
class SignInPurpose:
    """The purpose of a nonce: one action of one person (object id) on one request, and what Entra wants proved.

    `context` is the authentication context that we ourselves demand, `fingerprint` what they were looking at.
    """

    request_id: str
    person: str
    verb: str
    claims: str = ""
    context: str = ""
    fingerprint: str = ""


class Nonces(Protocol):
    """Single-use keys of the sign-in page, which expire after some minutes."""

    async def create(self, purpose: Mapping[str, str]) -> str: ...

    async def peek(self, nonce: str) -> Mapping[str, str] | None: ...

    async def consume(self, nonce: str) -> Mapping[str, str] | None:
        """Use it up and return its purpose, to only one caller."""


class TeamsSignIn:
    """The `SignIn` port: checks and exchanges Teams' token, and creates links to the bot's own page.

    `scope` is the scope of the token; `public_url` is where people's browsers reach the bot, as an origin.
    """

    def __init__(
        self,
        tokens: PersonTokens,
        nonces: Nonces,
        *,
        authority: Authority,
        credential: Credential,
        scope: str,
        public_url: str,
    ) -> None:
        self._tokens = tokens
        self._nonces = nonces
        self._authority = authority
        self._credential = credential
        self._scope = scope
        self._public_url = public_url.rstrip("/")

    async def on_behalf_of(self, assertion: str, person: str) -> UserToken:
        """Exchange Teams' token. Raises `SignInFailed` if it is not that person's or Entra wants more."""
        await self._tokens.check_assertion(assertion, person)
        answer = await on_behalf_of(self._authority, self._credential, assertion, [self._scope])
        if not answer.token:
            raise trouble_of(answer)
        self._tokens.check_result(answer, person)
        return UserToken(person, answer.token)

    async def prove(self, assertion: str, person: str) -> None:
        """Raise `SignInFailed` unless Teams' token is that person's own."""
        await self._tokens.check_assertion(assertion, person)

    async def page_for(
        self, request_id: str, person: str, verb: str, claims: str = "", context: str = "", fingerprint: str = ""
    ) -> str:
        """The address of the bot's own sign-in page, single-use, for this person and purpose."""
        nonce = await self._nonces.create(asdict(SignInPurpose(request_id, person, verb, claims, context, fingerprint)))
        return f"{self._public_url}/signin/{nonce}"
