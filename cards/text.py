"""Other people's words, made harmless: what comes from Intune and from people is text, never markup."""

import re
import unicodedata
from datetime import UTC, datetime

_MARKUP = re.compile(r"([\\`*_\[\]<>#~|])")
_LIST_START = re.compile(r"^(\d+)([.)])|^([-+])")


def escape(text: str, limit: int) -> str:
    """One line of plain text: no Markdown, no mention, no date function, no invisible tricks, at most `limit` long."""
    visible = "".join(char if _is_visible(char) else " " for char in text)
    line = shorten(" ".join(visible.split()), limit)
    line = _MARKUP.sub(r"\\\1", line.replace("{{", "{ {"))
    return _LIST_START.sub(lambda found: f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}", line)


def shorten(text: str, limit: int) -> str:
    """The text, or its beginning with a visible sign that something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def moment(at: datetime) -> str:
    """Date and time in the reader's own zone, drawn by Teams. Works in a TextBlock only."""
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{{{{DATE({stamp},SHORT)}}}} {{{{TIME({stamp})}}}}"


def _is_visible(char: str) -> bool:
    """Control characters, direction overrides and lone surrogates only serve to deceive."""
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
