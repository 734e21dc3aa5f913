"""Clicks in Teams and the answers to them: the types that the Teams edge and the flows share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cards.actions import Button
from handlers.ports.requests import IdempotencyKey
from handlers.ports.teams import CardJson


class Scope(StrEnum):
    """Kind of the conversation, in Teams' words; silent sign-in works everywhere but in channels."""

    CHANNEL = "channel"
    GROUP_CHAT = "group-chat"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Click:
    """A click on a card; the channel's signature proves its sender.

    `account` is the clicker's object id and `mri` their id in Teams; `message_id` and `conversation` say on which
    message; `assertion` is the token that Teams exchanged for them, if any; `automatic` marks a refresh nobody asked
    for. `note` is what they typed. `service_url` is where Teams wants to be answered.
    """

    once: IdempotencyKey
    account: str
    name: str
    mri: str
    scope: Scope
    conversation: str
    message_id: str
    button: Button
    note: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    assertion: str | None = field(default=None, repr=False)
    automatic: bool = False
    service_url: str = ""


@dataclass(frozen=True, slots=True)
class ShowCard:
    """Replace the card, for this person only."""

    card: CardJson


@dataclass(frozen=True, slots=True)
class AskForToken:
    """Have Teams fetch this person's token silently and send the click again; where it cannot, offer the page."""

    sign_in_url: str


@dataclass(frozen=True, slots=True)
class Say:
    """Show one sentence instead of a card."""

    text: str


Answer = ShowCard | AskForToken | Say
