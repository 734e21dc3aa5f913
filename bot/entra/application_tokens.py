"""Tokens of one of our applications, without a person."""

import time
from collections.abc import Callable

from bot.config.credential import Credential
from bot.entra.msal_client import (
    Authority,
    MsalApplication,
)
from bot.web.single_flight import SingleFlight
from handlers.ports.errors import Forbidden, Unavailable

# Entra's error codes for temporary failures other than HTTP 5xx.
_NOT_NOW = frozenset({"temporarily_unavailable", "server_error"})

NEW = "{}"
"""Empty claims: they fetch a new token past every cache, after one was refused without a reason."""

IN_HAND = 60.0
"""Seconds for which a token is reused without asking msal. msal returns no token that expires within five minutes, so
this is safe; and asking takes a thread, all of which sign-ins may hold while Entra is slow."""


class AppTokens:
    """Tokens for one scope, for `GraphClient` and the channel; msal caches them until they age."""

    def __init__(
        self,
        authority: Authority,
        credential: Credential,
        scope: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._application = MsalApplication(authority, credential)
        self._name = credential.app_id
        self._scope = scope
        self._monotonic = monotonic
        self._one = SingleFlight()
        self._in_hand = ""
        self._until = 0.0

    async def __call__(self, claims: str | None = None) -> str:
        """Return a valid token. `claims` answers a challenge and fetches a new one past every cache; so does `NEW`.

        Raises `Forbidden` if Entra refuses our credential, `Unavailable` if it does not answer.
        """
        if claims is None and self._in_hand and self._monotonic() < self._until:
            return self._in_hand
        return await self._one(claims, lambda: self._fetch(claims))

    def close(self) -> None:
        """Close the connections to Entra."""
        self._application.close()

    async def _fetch(self, claims: str | None) -> str:
        answer = await self._application.app_token(self._scope, claims)
        if answer.token:
            self._in_hand, self._until = answer.token, self._monotonic() + IN_HAND
            return answer.token
        codes = ", ".join(f"AADSTS{code}" for code in answer.error_codes)
        trouble = f"Entra gives application {self._name} no token: {answer.error} {codes}".rstrip()
        raise (Unavailable if answer.error in _NOT_NOW else Forbidden)(trouble)
