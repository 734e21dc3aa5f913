"""What the bot writes, as the Bot Connector takes it.

Text is plain to its author and shown letter by letter: names and justifications come from elsewhere, and none of it
may turn into markup or into somebody's mention.
"""

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Any

from handlers.ports.teams import Card, Mention

Message = dict[str, Any]
"""A message as the Bot Connector takes it."""

CARD_TYPE = "application/vnd.microsoft.card.adaptive"


def card_message(card: Card, summary: str) -> Message:
    """A card; `summary` is what the notification says, since a card says nothing there by itself.

    It holds no text: Teams would make two messages of it, and name neither (BotBuilder-MicrosoftTeams#125,
    msteams-docs#1321).
    """
    return {"type": "message", "summary": summary, "attachments": [{"contentType": CARD_TYPE, "content": card}]}


def line(text: str, mentions: Sequence[Mention] = ()) -> Message:
    """One line, with the people who are to be notified in front of it."""
    return {"type": "message", "summary": text} | _text(text, mentions)


def _text(text: str, mentions: Sequence[Mention]) -> Message:
    # "xml" is the one format in which escaping is complete; Markdown leaves room for links and emphasis.
    tags = [f"<at>{escape(name, quote=False)}</at>" for name in _told_apart(mentions)]
    words = " ".join([*tags, escape(text, quote=False)]).rstrip()
    entities = [_entity(mention, tag) for mention, tag in zip(mentions, tags, strict=True)]
    return {"text": words, "textFormat": "xml", "entities": entities}


def _told_apart(mentions: Sequence[Mention]) -> list[str]:
    """Their names, with a number behind each that somebody before had: Teams finds the person behind a tag by its
    text."""
    before = Counter[str]()
    names = []
    for mention in mentions:
        before[mention.name] += 1
        number = before[mention.name]
        names.append(mention.name if number == 1 else f"{mention.name} ({number})")
    return names


def _entity(mention: Mention, tag: str) -> dict[str, Any]:
    return {"type": "mention", "text": tag, "mentioned": {"id": mention.mri, "name": mention.name}}
