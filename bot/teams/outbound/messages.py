"""Builds messages in the format of the Bot Connector.

All text is shown literally: names and justifications come from other people, and must not become markup or mentions.
"""

from collections.abc import Collection, Sequence
from html import escape
from itertools import chain, count
from typing import Any

from handlers.ports.teams import CardJson, Mention

Outgoing = dict[str, Any]
"""A message in the format of the Bot Connector."""

CARD_TYPE = "application/vnd.microsoft.card.adaptive"


def card_message(card: CardJson, summary: str) -> Outgoing:
    """Build a message with a card. `summary` is the text of the notification, because a card has none.

    It has no text: Teams would make two messages of it, and return no id for either (BotBuilder-MicrosoftTeams#125,
    msteams-docs#1321).
    """
    return {"type": "message", "summary": summary, "attachments": [{"contentType": CARD_TYPE, "content": card}]}


def line(text: str, mentions: Sequence[Mention] = ()) -> Outgoing:
    """Build one line of text, preceded by mentions of the people to notify."""
    return {"type": "message", "summary": text} | _text(text, mentions)


def _text(text: str, mentions: Sequence[Mention]) -> Outgoing:
    # "xml" is the only format in which escaping is complete; Markdown would still allow links and emphasis.
    tags = [f"<at>{escape(name, quote=False)}</at>" for name in _told_apart(mentions)]
    words = " ".join([*tags, escape(text, quote=False)]).rstrip()
    entities = [_entity(mention, tag) for mention, tag in zip(mentions, tags, strict=True)]
    return {"text": words, "textFormat": "xml", "entities": entities}


def _told_apart(mentions: Sequence[Mention]) -> list[str]:
    """Return the names, with a number after repeated ones: Teams finds the person of a tag by its text.

    Names that differ only in case or blanks count as repeated.
    """
    taken = set[str]()
    names = []
    for mention in mentions:
        name = _unused(" ".join(mention.name.split()), taken)
        taken.add(name.casefold())
        names.append(name)
    return names


def _unused(name: str, taken: Collection[str]) -> str:
    numbered = (f"{name} ({number})" for number in count(2))
    return next(one for one in chain([name], numbered) if one.casefold() not in taken)


def _entity(mention: Mention, tag: str) -> dict[str, Any]:
    return {"type": "mention", "text": tag, "mentioned": {"id": mention.mri, "name": mention.name}}
