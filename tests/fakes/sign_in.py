"""Sign-in of people, in memory."""

from dataclasses import dataclass

from handlers.ports.errors import SignInFailed, SignInTrouble
from handlers.ports.sign_in import UserToken
from tests.fakes.troubles import Troubles


@dataclass(frozen=True)
class Page:
    """One sign-in page: the click that it was made for."""

    request_id: str
    person: str
    verb: str
    claims: str
    context: str
    fingerprint: str = ""


def assertion_of(account: str) -> str:
    """Return what Teams sends to prove that this person is signed in."""
    return f"assertion of {account}"


class SignIn:
    """Accepts `assertion_of` a person as that person's proof, and keeps the pages that it has made."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.troubles = Troubles()

    async def on_behalf_of(self, assertion: str, person: str) -> UserToken:
        await self.troubles.begin("on_behalf_of")
        await self.prove(assertion, person)
        return UserToken(person, f"token of {person}", proof=assertion)

    async def prove(self, assertion: str, person: str) -> None:
        await self.troubles.begin("prove")
        if assertion != assertion_of(person):
            raise SignInFailed(SignInTrouble.OTHER_PERSON, "that is somebody else's")

    async def page_for(
        self, request_id: str, person: str, verb: str, claims: str = "", context: str = "", fingerprint: str = ""
    ) -> str:
        await self.troubles.begin("page_for")
        self.pages.append(Page(request_id, person, verb, claims, context, fingerprint))
        return f"https://bot.example/signin/{len(self.pages)}"
