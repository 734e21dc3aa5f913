"""From a person's own sign-in to one token for one call."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class UserToken:
    """A Graph token of one person, good for one call. Its text never shows in a log or a traceback.

    `proof` is what Entra signed for us about who they are, where another process has to see that for itself.
    """

    account: str
    text: str = field(repr=False)
    proof: str = field(default="", repr=False)


class SignIn(Protocol):
    """From a person's own sign-in to one token for one call."""

    async def on_behalf_of(self, assertion: str, person: str) -> UserToken:
        """Exchange Teams' token; `SignInFailed` if it is not that person's or Entra wants more."""

    async def prove(self, assertion: str, person: str) -> None:
        """Whether Teams' token is that person's own; `SignInFailed` if not. Nothing is done with it."""

    async def page_for(
        self, request_id: str, person: str, verb: str, claims: str = "", context: str = "", witness: str = ""
    ) -> str:
        """The address of the bot's own sign-in page, single-use, for this person and purpose. `claims` is what Entra
        wants proved, `context` the authentication context that we demand ourselves, `witness` what they were looking
        at when they clicked."""
