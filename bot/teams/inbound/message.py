"""Reads a message to the bot as plain text."""

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from bot.teams.inbound.activity import Activity, inner, text
from bot.teams.inbound.others_words import own_words
from handlers.incoming.inbox import Message, Named

# The limits keep hostile text from taking more than linear time.
_MENTION = re.compile(r"<at(?:\s[^<>]{0,64})?>([^<>]{0,256})</at>", re.IGNORECASE)

# Tags that some clients put around paragraphs, between lines and around words, with or without attributes. Only these:
# a person may write a "<", and typed tags arrive escaped.
_BLOCK = re.compile(r"</?(?:p|div|br|ul|ol|li)(?:\s[^<>]{0,512})?/?>", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:span|font|b|strong|i|em|u|s|a|emoji)(?:\s[^<>]{0,512})?/?>", re.IGNORECASE)

# Characters without width, which people paste together with the visible ones and cannot see.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")


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
    said, people = _INLINE.sub("", own_words(activity.fields)), list[Named]()
    ids = _Ids(activity, _MENTION.findall(said))

    def shown(tag: re.Match[str]) -> str:
        mentioned = ids.next(tag[1])
        if mentioned.lower() == activity.bot:
            return " "
        people.append(Named(_one_line(tag[1]), mentioned))
        return tag[1]

    spoken = _BLOCK.sub(" ", _MENTION.sub(shown, said))
    return _one_line(spoken), tuple(people)


class _Ids:
    """The person behind each mention in a text, from the entities that Teams sends with it.

    Names are not enough: the author of a mention can shorten the name (learn.microsoft.com, "Channel and group
    conversations with a bot"), and in group chats the entity may say only whom it means (botbuilder-dotnet#2504).
    People with the same short name are distinguished by order. Tags and entities of which no name agrees belong
    together by order, if there are as many of both. If there are more mentions than entities, no person is assigned.
    """

    def __init__(self, activity: Activity, tags: list[str]) -> None:
        self._said: dict[str, list[str]] = defaultdict(list)
        names = list(map(_key, tags))
        self._tags = Counter(names)
        others = list[str]()
        for name, identity in _mentions(activity):
            (self._said[name] if name in self._tags else others).append(identity)
        nameless = [name for name in names if name not in self._said]
        if len(nameless) == len(others):
            for name, identity in zip(nameless, others, strict=True):
                self._said[name].append(identity)
        self._said.setdefault(_key(text(inner(activity.fields, "recipient"), "name")), [activity.bot])
        self._met = Counter[str]()

    def next(self, name: str) -> str:
        """Return the id of the person in the next mention of this name, empty if unknown."""
        key = _key(name)
        said, place = self._said[key], self._met[key]
        self._met[key] += 1
        if len(set(said)) == 1:
            return said[0]
        return said[place] if len(said) == self._tags[key] else ""


def _mentions(activity: Activity) -> Iterator[tuple[str, str]]:
    """Yield the name and the id of each mention that Teams sends beside the text, the bot's id in its usual form."""
    entities: Any = activity.fields.get("entities")
    for one in entities if isinstance(entities, list) else ():
        if not isinstance(one, dict) or text(one, "type").lower() != "mention":
            continue
        mentioned = inner(one, "mentioned")
        tag = _MENTION.fullmatch(_INLINE.sub("", text(one, "text")).strip())
        identity = text(mentioned, "id")
        is_us = identity.lower() in (activity.bot, activity.bot.removeprefix("28:"))
        yield _key(tag[1] if tag else text(mentioned, "name")), activity.bot if is_us else identity


def _key(name: str) -> str:
    """Return a name for comparison."""
    return _one_line(name).casefold()


def _one_line(spoken: str) -> str:
    return " ".join(_INVISIBLE.sub("", html.unescape(spoken)).split())
