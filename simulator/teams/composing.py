"""Messages as Teams' clients compose them: with mentions, and as replies with a quote."""

import html
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from simulator.teams.places import Message
from simulator.world import User

LONGEST_PREVIEW = 50


class Shape(StrEnum):
    """The form in which a client sends a reply with a quote."""

    MARKER = "a marker in the text and an entity"  # openclaw#102376, teams.py#321
    HTML = "an attachment of HTML beside the text"  # openclaw#51647
    REPEATED = "an attachment of HTML, and the quote's words in the text too"  # openclaw#44739
    BLOCKQUOTE = "a blockquote in the text"


def written(text: str, mentioned: Sequence[User]) -> dict[str, Any]:
    """Return a text in which each `{}` mentions a person by first name. In Teams, authors can shorten a mention to the
    first name with one key."""
    if not mentioned:
        return {"text": text, "entities": []}
    tags = [f"<at>{user.name.split()[0]}</at>" for user in mentioned]
    entities = [_mention(tag, user.mri, user.name.split()[0]) for tag, user in zip(tags, mentioned, strict=True)]
    return {"text": text.format(*tags), "entities": entities}


def to_bot(composed: dict[str, Any], bot_app_id: str) -> dict[str, Any]:
    """Return the message with a mention of the bot at the beginning."""
    tag = "<at>Countersign</at>"
    entities = [_mention(tag, f"28:{bot_app_id}", "Countersign"), *composed["entities"]]
    return composed | {"text": f"{tag} {composed['text']}", "entities": entities}


def quoting(composed: dict[str, Any], quoted: Message, sender: dict[str, str], shape: Shape) -> dict[str, Any]:
    """Return the message as a reply to a message of this sender."""
    preview = _preview(quoted)
    block = (
        f'<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="{quoted.id}">'
        f'<strong itemprop="mri" itemid="{sender["id"]}">{html.escape(sender["name"])}</strong>'
        f'<span itemprop="time" itemid="{quoted.id}"></span>'
        f'<p itemprop="preview">{html.escape(preview)}</p></blockquote>'
    )
    if shape is Shape.MARKER:
        reply = {"messageId": quoted.id, "senderId": sender["id"], "senderName": sender["name"], "preview": preview}
        entity = {"type": "quotedReply", "quotedReply": reply | {"time": quoted.id, "validatedMessageReference": True}}
        marked = f'<quoted messageId="{quoted.id}"/> {composed["text"]}'
        return composed | {"text": marked, "entities": [*composed["entities"], entity]}
    if shape is Shape.BLOCKQUOTE:
        return composed | {"text": f"{block}\n<p>{composed['text']}</p>"}
    attachment = {"contentType": "text/html", "content": f"{block}\n<p>{composed['text']}</p>"}
    repeated = f"{sender['name']}\r\n{html.escape(preview)}\r\n\r\n" if shape is Shape.REPEATED else ""
    return composed | {"text": f"{repeated}{composed['text']}", "attachments": [attachment]}


def _mention(tag: str, identity: str, name: str) -> dict[str, Any]:
    return {"type": "mention", "text": tag, "mentioned": {"id": identity, "name": name}}


def _preview(quoted: Message) -> str:
    shown = quoted.text or str((quoted.card or {}).get("fallbackText", ""))
    return shown if len(shown) <= LONGEST_PREVIEW else f"{shown[:LONGEST_PREVIEW]}…"
