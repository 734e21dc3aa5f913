"""What the bot writes, as the Bot Connector takes it.

Text is plain to its author and shown letter by letter: names and justifications come from elsewhere, and none of it
may turn into markup or into somebody's mention.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

from handlers.ports.teams import Card, Mention

Message = dict[str, Any]
"""A message as the Bot Connector takes it."""

CARD_TYPE = "application/vnd.microsoft.card.adaptive"


def card_message(card: Card, summary: str, mentions: Sequence[Mention] = ()) -> Message:
    """A card; `summary` is what the notification says, since a card says nothing there by itself."""
    message: Message = {
        "type": "message",
        "summary": summary,
        "attachments": [{"contentType": CARD_TYPE, "content": card}],
    }
    return message | (_text("", mentions) if mentions else {})


def line(text: str, mentions: Sequence[Mention] = ()) -> Message:
    """One line, with the people who are to be notified in front of it."""
    return {"type": "message", "summary": text} | _text(text, mentions)


def _text(text: str, mentions: Sequence[Mention]) -> Message:
    # "xml" is the one format in which escaping is complete; Markdown leaves room for links and emphasis.
    tags = [f"<at>{escape(mention.name, quote=False)}</at>" for mention in mentions]
    words = " ".join([*tags, escape(text, quote=False)]).rstrip()
    entities = [_entity(mention, tag) for mention, tag in zip(mentions, tags, strict=True)]
    return {"text": words, "textFormat": "xml", "entities": entities}


def _entity(mention: Mention, tag: str) -> dict[str, Any]:
    return {"type": "mention", "text": tag, "mentioned": {"id": mention.mri, "name": mention.name}}
