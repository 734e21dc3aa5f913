"""The place of a card: a channel, the chat of one person, or a channel for the card of a review."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class InChannel:
    """This channel or group chat of Teams, for the card of the request."""

    channel: str
    kind: Literal["channel"] = "channel"


@dataclass(frozen=True, slots=True)
class InChat:
    """The 1:1 chat of this account (an object id): only that person reads it."""

    account: str
    kind: Literal["chat"] = "chat"


@dataclass(frozen=True, slots=True)
class ReviewInChannel:
    """This channel or group chat, for the card of the review, beside that of the request."""

    channel: str
    kind: Literal["review"] = "review"


Place = InChannel | InChat | ReviewInChannel
"""The place of a card. `kind` tells the types apart in the store."""


def channel_of(conversation: str) -> str:
    """Return the channel id of a card's conversation (a thread's id begins with it)."""
    return conversation.split(";", 1)[0]
