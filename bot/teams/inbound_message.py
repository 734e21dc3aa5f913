"""A message that somebody wrote to the bot, as plain text."""

import html
import re
from typing import Any

from bot.teams.activity import Activity, inner, text
from handlers.inbox import Message

# A mention in a message's text. The bounds keep a hostile text from costing more than its length.
_MENTION = re.compile(r"<at(?: [^<>]{0,64})?>([^<>]{0,256})</at>")


# What some clients put around paragraphs and between lines; typed by a person it would arrive escaped.
_PARAGRAPH = re.compile(r"</?(?:p|div)>|<br ?/?>", re.IGNORECASE)


def read_message(activity: Activity) -> Message:
    """The message, addressed as it was; clicks that Teams turns into messages have an empty text."""
    written = _plain(activity)
    data = inner(activity.fields, "channelData")
    channel, team = text(inner(data, "channel"), "id"), text(inner(data, "team"), "id")
    targeted = inner(activity.fields, "recipient").get("isTargeted") is True
    return Message(
        once=activity.once(written, targeted, channel, team),
        account=activity.account,
        name=activity.name,
        mri=activity.mri,
        scope=activity.scope,
        conversation=activity.conversation,
        service_url=activity.service_url,
        text=written,
        channel=channel,
        team=team,
        targeted=targeted,
    )


def _plain(activity: Activity) -> str:
    """The text without the bot's mention, other mentions as names, and every run of blanks as one.

    A mention is told by its tag: what somebody types arrives escaped, so their words are never taken for one, even
    if they are the bot's name.
    """
    ours = _names_of_the_bot(activity)
    spoken = _MENTION.sub(lambda tag: " " if tag[1] in ours else tag[1], text(activity.fields, "text"))
    spoken = _PARAGRAPH.sub(" ", spoken)
    return " ".join(html.unescape(spoken).split())


def _names_of_the_bot(activity: Activity) -> set[str]:
    entities = activity.fields.get("entities")
    mentions = [one for one in entities if _mentions(one, activity.bot)] if isinstance(entities, list) else []
    tags = [_MENTION.fullmatch(text(mention, "text")) for mention in mentions]
    return {tag[1] for tag in tags if tag}


def _mentions(entity: Any, whom: str) -> bool:
    if not isinstance(entity, dict) or entity.get("type") != "mention":
        return False
    return text(inner(entity, "mentioned"), "id").lower() == whom
