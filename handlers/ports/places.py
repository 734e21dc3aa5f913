"""Where a card stands: in a channel, in the chat of one person, or in a channel as the card of a review."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class InChannel:
    """In this channel or group chat of Teams, as the card of the request."""

    channel: str
    kind: Literal["channel"] = "channel"


@dataclass(frozen=True, slots=True)
class InChat:
    """In the 1:1 chat of this account (an object id): only that person reads there."""

    account: str
    kind: Literal["chat"] = "chat"


@dataclass(frozen=True, slots=True)
class ReviewInChannel:
    """In this channel or group chat, as the card of the review, beside that of the request."""

    channel: str
    kind: Literal["review"] = "review"


Place = InChannel | InChat | ReviewInChannel
"""Where a card stands. `kind` tells them apart where they are stored."""


def channel_of(conversation: str) -> str:
    """The channel id of a conversation in which a card stands (a thread's id begins with it)."""
    return conversation.split(";", 1)[0]
