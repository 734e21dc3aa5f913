"""Other people's words in a message: what its author quotes or forwards, in each of the shapes in which Teams sends it.

They are not the author's words, so they are no command. Newer clients put `<quoted messageId="…"/>` into the text,
also with more attributes (openclaw#102376, teams.py#321). Older ones send the whole message again, as an HTML
attachment with a `<blockquote>`, and may repeat its words in the text (openclaw#51647, openclaw#44739). A forward has
the same blockquote with another type (openclaw#102379), and Graph's quotes are an `<attachment id="…">`
(learn.microsoft.com/graph/teams-messaging-overview). Only these come from Teams; other text that looks like a tag
stays.
"""

import html
import re
from collections.abc import Iterator
from typing import Any

from bot.teams.inbound.activity import Payload, text

# The limits keep hostile text from taking more than linear time.
_MARKER = re.compile(
    r"<(?P<tag>quoted|forwarded|attachment)(?=\s)[^<>]{0,512}?\s(?:message)?id\s{0,8}=\s{0,8}[\"'][^<>]{0,1024}>"
    r"(?:[^<>]{0,4096}</(?P=tag)>)?",
    re.IGNORECASE,
)
_QUOTE_BEGINS = re.compile(
    r"<blockquote(?=[^<>]{0,512}itemtype=[\"']https?://schema\.skype\.com/(?:Reply|Forward)[\"'])[^<>]{0,1024}>",
    re.IGNORECASE,
)
_QUOTE_ENDS = "</blockquote>"
_SENDER = re.compile(r"<strong[^<>]{0,512}itemprop=[\"']mri[\"'][^<>]{0,512}>[^<>]{0,512}</strong>", re.IGNORECASE)
_PIECE = re.compile(r"<[^<>]{1,1024}>|&#?\w{1,32};|.", re.DOTALL)


def own_words(fields: Payload) -> str:
    """Return the raw text of a message, without what its author quotes or forwards."""
    said = "".join(part for part, is_quote in _parts(_MARKER.sub(" ", text(fields, "text"))) if not is_quote)
    for content in _written_in_html(fields):
        parts = list(_parts(content))
        if any(is_quote for _, is_quote in parts):
            return _without_repeated(said, parts)
    return said


def _written_in_html(fields: Payload) -> Iterator[str]:
    attachments: Any = fields.get("attachments")
    for one in attachments if isinstance(attachments, list) else ():
        if isinstance(one, dict) and text(one, "contentType") == "text/html":
            yield text(one, "content")


def _parts(content: str) -> Iterator[tuple[str, bool]]:
    """Yield the content piece by piece, each with whether it is a quote. A quote without an end does not count."""
    place = 0
    while begin := _QUOTE_BEGINS.search(content, place):
        end = content.find(_QUOTE_ENDS, begin.end())
        if end < 0:
            break
        yield content[place : begin.start()], False
        place = end + len(_QUOTE_ENDS)
        yield content[begin.start() : place], True
    yield content[place:], False


def _without_repeated(said: str, parts: list[tuple[str, bool]]) -> str:
    """Return the text without the quotes that it repeats, if text and HTML have the same letters; else unchanged.

    Every letter has to match: a reply may start with the same words as the quote.
    """
    letters = list(_letters(said))
    spoken, at, kept = "".join(letter for letter, _ in letters), 0, list[str]()
    ends = [0, *(end for _, end in letters)]
    for content, is_quote in parts:
        length = _length(spoken, at, content, is_quote=is_quote)
        if length is None:
            return said
        if not is_quote:
            kept.append(said[ends[at] : ends[at + length]])
        at += length
    return " ".join(kept) if at == len(spoken) else said


def _length(spoken: str, at: int, content: str, *, is_quote: bool) -> int | None:
    """Return how many letters of the text, from `at` on, match this content.

    In the text, a quote may lack its sender or be missing.
    """
    for one in (content, _SENDER.sub("", content)) if is_quote else (content,):
        found = "".join(letter for letter, _ in _letters(one))
        if spoken.startswith(found, at):
            return len(found)
    return 0 if is_quote else None


def _letters(content: str) -> Iterator[tuple[str, int]]:
    """Yield every visible character with its end position. Tags and whitespace are skipped."""
    for piece in _PIECE.finditer(content):
        if piece[0][0] == "<" and len(piece[0]) > 1:
            continue
        for letter in "".join(html.unescape(piece[0]).split()):
            yield letter, piece.end()
