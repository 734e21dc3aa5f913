"""Exchange of a person's own sign-in for one token for one call."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class UserToken:
    """A Graph token of one person for one call. Its text never shows in a log or a traceback.

    `proof` is Entra's signed token of who they are, for another process that has to check it itself.
    """

    account: str
    text: str = field(repr=False)
    proof: str = field(default="", repr=False)


class SignIn(Protocol):
    """Exchanges a person's own sign-in for one token for one call."""

    async def on_behalf_of(self, assertion: str, person: str) -> UserToken:
        """Exchange Teams' token; raise `SignInFailed` if it is not that person's or Entra wants more."""

    async def prove(self, assertion: str, person: str) -> None:
        """Check that Teams' token is that person's own; raise `SignInFailed` if not. Do nothing else with it."""

    async def page_for(
        self, request_id: str, person: str, verb: str, claims: str = "", context: str = "", fingerprint: str = ""
    ) -> str:
        """The address of the bot's own sign-in page, single-use, for this person and purpose. `claims` is what Entra
        wants proved, `context` the authentication context that we demand ourselves, `fingerprint` what they were
        looking at when they clicked."""
