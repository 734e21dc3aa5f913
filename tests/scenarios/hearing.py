"""Hears everything that a bot says, at the moment when it arrives, and reads what it claims."""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from simulator.teams.buttons import actions
from simulator.teams.places import Conversation, Message
from simulator.tenant import Tenant

_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-=.!|~<>&])")
_MOMENT = re.compile(r"\{\{DATE\(([^,)]+),\w+\)\}\} \{\{TIME\([^)]+\)\}\}")
_VOTE = re.compile(r"^[✓✕] (.+?) (approved|rejected)(?: in Intune)?$")
OF_DEVICES = re.compile(r"\b(\d+) of (\d+) (?:devices are )?done\b")
COUNT = re.compile(r"\b(\d+) of (\d+)\b(?! devices| done)")


@dataclass(frozen=True)
class Claims:
    """What a card of a request says. `rows` are labels with their values; a time in them is in ISO 8601. `texts` are
    all other lines, from top to bottom."""

    request: str
    status: str
    urgent: bool
    title: str
    rows: Mapping[str, str]
    texts: tuple[str, ...]
    verbs: tuple[str, ...]

    @property
    def voters(self) -> set[tuple[str, str]]:
        """The names of the people who approved or rejected, with their verdict."""
        return {(found[1], found[2]) for text in self.texts if (found := _VOTE.match(text))}

    @property
    def counts(self) -> set[tuple[int, int]]:
        """All counts of the form "1 of 2" on the card, except in the words of people."""
        ours = [text for text in self.texts if not text.startswith("“")]
        ours += [value for label, value in self.rows.items() if label != "Reason"]
        return {(int(have), int(need)) for text in ours for have, need in COUNT.findall(text)}

    def moment(self, label: str) -> datetime | None:
        """Return the time beside this label."""
        return datetime.fromisoformat(self.rows[label]) if label in self.rows else None


def read(card: Mapping[str, Any]) -> Claims | None:
    """Return what a card of a request claims; None for a card of another kind."""
    ids = [str(action["data"]["request"]) for action in actions(card) if "request" in (action.get("data") or {})]
    header = next((part for part in card.get("body") or () if _is_header(part)), None)
    if not ids or header is None:
        return None
    status, title, _ = (_words(item["text"]) for item in header["items"])
    word, _, urgent = re.sub(r"^[^\w\s] ?", "", status).partition(" · ")
    below = [part for part in card["body"] if part is not header]
    return Claims(
        request=ids[0],
        status=word,
        urgent=urgent == "Urgent",
        title=title,
        rows=dict(_rows(below)),
        texts=tuple(_texts(below)),
        verbs=tuple(str(action["verb"]) for action in actions(card) if action.get("verb")),
    )


def request_of(message: Message) -> str:
    """Return the id of the request that a card belongs to, from any button that it ever had."""
    for version in message.versions:
        for action in actions(version):
            if "request" in (action.get("data") or {}):
                return str(action["data"]["request"])
    return ""


def _is_header(part: Mapping[str, Any]) -> bool:
    items: list[dict[str, Any]] = part.get("items") or []
    return len(items) == 3 and all(one.get("type") == "TextBlock" for one in items) and items[1].get("size") == "Large"


def _words(markup: str) -> str:
    return _ESCAPED.sub(r"\1", _MOMENT.sub(lambda found: found[1], markup))


def every_text(part: Any) -> Iterator[str]:
    """Yield every text on a card of any kind, without its buttons."""
    if isinstance(part, list):
        for one in part:
            yield from every_text(one)
    elif isinstance(part, Mapping):
        if isinstance(part.get("text"), str):
            yield _words(part["text"])
        for name in ("body", "items", "columns"):
            yield from every_text(part.get(name))


def _rows(parts: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for part in parts:
        if part.get("type") == "ColumnSet":
            label, value = (column["items"][0]["text"] for column in part["columns"])
            yield _words(label), _words(value)
        else:
            yield from _rows(part.get("items") or [])


def _texts(parts: list[dict[str, Any]]) -> Iterator[str]:
    for part in parts:
        if part.get("type") == "TextBlock":
            yield _words(part["text"])
        elif part.get("type") != "ColumnSet":
            yield from _texts(part.get("items") or [])


@dataclass(frozen=True)
class CardSaid:
    """A card that is new in a conversation, or was changed."""

    place: Conversation
    message: Message
    card: dict[str, Any]
    edited: bool


@dataclass(frozen=True)
class LineSaid:
    """A line of text. `under` is the first message of its thread, if that is another message."""

    place: Conversation
    text: str
    under: Message | None


@dataclass(frozen=True)
class MailSaid:
    """One letter: its subject and its paragraphs. Each paragraph is about one request."""

    to: tuple[str, ...]
    subject: str
    paragraphs: tuple[str, ...]


Said = CardSaid | LineSaid | MailSaid


@dataclass
class Ear:
    """Hears what has arrived after each call to one of the tenant's services, before the bot has its answer."""

    hear: Callable[[Said], None]
    site: Tenant | None = None
    _versions: dict[str, int] = field(default_factory=dict)
    _mails: int = 0

    @asynccontextmanager
    async def watch(self, service: str, request: web.Request) -> AsyncIterator[None]:
        """Listen after each call that the tenant reports."""
        try:
            yield
        finally:
            self.listen()

    def listen(self) -> None:
        """Pass on what is new."""
        if self.site is None:
            return
        for place in self.site.connector.places.all():
            for message in place.messages:
                known = self._versions.get(message.id, 0)
                self._versions[message.id] = len(message.versions)
                for number in range(known, len(message.versions)):
                    self.hear(_said(place, message, number))
        mails = self.site.graph.outbox
        for mail in mails[self._mails :]:
            self.hear(MailSaid(mail.to, mail.subject, tuple(mail.text.strip().split("\n\n"))))
        self._mails = len(mails)


def _said(place: Conversation, message: Message, number: int) -> Said:
    version = message.versions[number]
    for attachment in version.get("attachments") or ():
        return CardSaid(place, message, attachment["content"], edited=number > 0)
    root = message.conversation.partition(";messageid=")[2]
    under = next((one for one in place.messages if one.id == root and one is not message), None)
    return LineSaid(place, str(version.get("text") or ""), under)
