"""Finding the person whom a mention means."""

import pytest

from approvals.people import Person
from handlers.gathering.mentioned import Mentioned
from handlers.incoming.clicks import Scope
from handlers.incoming.inbox import Message, Named
from handlers.ports.errors import Unavailable
from handlers.ports.requests import IdempotencyKey
from handlers.ports.teams import Mention, PersonalReference
from tests.fakes.conversations import Conversations
from tests.fakes.teams import Chat

CHANNEL = "19:approvals@thread.tacv2"
DANA = Person("d0000000-0000-4000-8000-00000000000d", "Dana Diaz", frozenset({"d0000000-0000-4000-8000-0000000000ad"}))
SAM = Person("50000000-0000-4000-8000-000000000005", "Dana Diaz")
ALEX = Person("a0000000-0000-4000-8000-00000000000a", "Alex")
"""A person whose Teams id is not known."""


def said(scope: Scope = Scope.CHANNEL) -> Message:
    where = f"{CHANNEL};messageid=1"
    return Message(
        IdempotencyKey("1", "f"), SAM.account, "Sam", "29:sam", scope, where, "https://teams.example/", "/delegate"
    )


@pytest.fixture
def mentioned() -> Mentioned:
    """Return a flow for which Teams knows Dana in the channel, and the bot has met Sam."""
    chat, conversations = Chat(), Conversations()
    chat.rosters[CHANNEL] = {DANA.account: Mention("29:dana", "Dana Diaz")}
    conversations.people[ALEX.account] = PersonalReference(ALEX.account, "", "https://teams.example/")
    conversations.people[SAM.account] = PersonalReference(SAM.account, "29:sam", "https://teams.example/")
    return Mentioned(chat, conversations)


@pytest.mark.parametrize(
    ("identity", "found"),
    [
        ("29:dana", [DANA]),
        ("29:sam", [SAM]),
        (DANA.account, [DANA]),
        (DANA.account.upper(), [DANA]),
        (f"8:orgid:{DANA.account}", [DANA]),
        ("d0000000-0000-4000-8000-0000000000ad", [DANA]),
        ("29:Dana", []),
        ("Dana Diaz", []),
        ("00000000-0000-4000-8000-000000000000", []),
        ("", []),
    ],
)
async def test_the_id_alone_tells(mentioned: Mentioned, identity: str, found: list[Person]) -> None:
    """A mention is resolved by its id only, Teams' own or the object id, and never by its name."""
    assert await mentioned.among([DANA, SAM, ALEX], Named("Dana Diaz", identity), said()) == found


async def test_in_a_chat_there_are_those_whom_the_bot_has_met(mentioned: Mentioned) -> None:
    """In a 1:1 chat, only people whom the bot has met can be found."""
    personal = said(Scope.PERSONAL)
    assert await mentioned.among([DANA, SAM], Named("Dana", "29:sam"), personal) == [SAM]
    assert await mentioned.among([DANA, SAM], Named("Dana", "29:dana"), personal) == []


async def test_no_answer_is_no_fact(mentioned: Mentioned) -> None:
    """If Teams does not answer, the error is raised."""
    chat = mentioned.chat
    assert isinstance(chat, Chat)
    chat.troubles.refuses["mentions"] = Unavailable("no answer")
    with pytest.raises(Unavailable):
        await mentioned.among([DANA], Named("Dana", "29:dana"), said())
