"""Reads a message to the bot as plain text."""

import html
import re
from collections import Counter, defaultdict
from typing import Any

from bot.teams.inbound.activity import Activity, inner, text
from bot.teams.inbound.others_words import own_words
from handlers.incoming.inbox import Message, Named

# A mention in a message's text. The limits keep hostile text from taking more than linear time.
_MENTION = re.compile(r"<at(?: [^<>]{0,64})?>([^<>]{0,256})</at>")


# Tags that some clients put around paragraphs and between lines. Typed by a person, they would arrive escaped.
_PARAGRAPH = re.compile(r"</?(?:p|div)>|<br ?/?>", re.IGNORECASE)


def read_message(activity: Activity) -> Message:
    """Read the message with its addressing. Clicks that Teams turns into messages have an empty text."""
    written, named = _plain(activity)
    data = inner(activity.fields, "channelData")
    channel, team = text(inner(data, "channel"), "id"), text(inner(data, "team"), "id")
    targeted = inner(activity.fields, "recipient").get("isTargeted") is True
    return Message(
        once=activity.once(written, targeted, channel, team, [[one.name, one.id] for one in named]),
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
        named=named,
    )


def _plain(activity: Activity) -> tuple[str, tuple[Named, ...]]:
    """Return the author's own words and the people mentioned.

    The bot's mention is removed, other mentions become names, and whitespace is collapsed. A mention is recognized by
    its tag: typed text arrives escaped, so it is never taken for a mention, even if it is the bot's name.
    """
    said, people = own_words(activity.fields), list[Named]()
    ids = _Ids(activity.fields.get("entities"), _MENTION.findall(said))

    def shown(tag: re.Match[str]) -> str:
        mentioned = ids.next(tag[1])
        if mentioned.lower() == activity.bot:
            return " "
        people.append(Named(_one_line(tag[1]), mentioned))
        return tag[1]

    spoken = _PARAGRAPH.sub(" ", _MENTION.sub(shown, said))
    return _one_line(spoken), tuple(people)


class _Ids:
    """The person behind each mention in a text, from the entities that Teams sends with it.

    Names are not enough: the author of a mention can shorten the name (learn.microsoft.com, "Channel and group
    conversations with a bot"). People with the same short name are distinguished by order. If there are more mentions
    than entities, no person is assigned.
    """

    def __init__(self, entities: Any, names: list[str]) -> None:
        self._said: dict[str, list[str]] = defaultdict(list)
        for one in entities if isinstance(entities, list) else ():
            is_mention = isinstance(one, dict) and one.get("type") == "mention"
            if is_mention and (tag := _MENTION.fullmatch(text(one, "text"))):
                self._said[_one_line(tag[1])].append(text(inner(one, "mentioned"), "id"))
        self._tags = Counter(map(_one_line, names))
        self._met = Counter[str]()

    def next(self, name: str) -> str:
        """Return the id of the person in the next mention of this name, empty if unknown."""
        key = _one_line(name)
        said, place = self._said[key], self._met[key]
        self._met[key] += 1
        if len(set(said)) == 1:
            return said[0]
        return said[place] if len(said) == self._tags[key] else ""


def _one_line(spoken: str) -> str:
    return " ".join(html.unescape(spoken).split())
