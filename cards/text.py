"""Text of people and of Intune, made harmless and short.

Whoever files a request writes its justification and the name of what it is about. On a card that text stands beside
ours, so it must not become a link, a mention, a heading or a date, hide characters, or push everything else away.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NewType

from approvals.moments import is_known

Markup = NewType("Markup", str)
"""Text that is safe where Adaptive Cards read Markdown. Only this module makes it."""

ELLIPSIS = "…"

# Needed to write Persian and several Indian languages; every other format character can only mislead.
_JOINERS = frozenset("\u200c\u200d")

_BLANK = re.compile(r"\s+")

# Markdown as CommonMark has it and as Teams on phones reads it. The phone's parser takes "\[text](address)" for a link
# in spite of the backslash, so what follows a bracket is escaped as well. A backslash that a client shows instead of
# obeying is only ugly; to make it rare, characters are escaped only where they would do something.
_ACTIVE = re.compile(
    r"""
      [\\`*\[\]<>~|]                 # emphasis, code, links, tags, strike-through, tables
    | (?<=\])\(                      # the address of a link
    | (?<![^\W_])_ | _(?![^\W_])     # emphasis; inside a word an underscore is a letter
    | ^[#+=-]                        # headings and lists
    | (?<=^\d)[.)] | (?<=^\d\d)[.)] | (?<=^\d\d\d)[.)]
    | &(?=\#?\w+;)                   # entities
    | (?<=\{)\{                      # the date functions of Adaptive Cards
    """,
    re.VERBOSE,
)

_DATE_FUNCTION = re.compile(r"\{(?=\{(?:DATE|TIME)\()")

# Fewer than a phone shows in one line of small code. An indentation and what follows it are pieces of their own.
_LONG_RUN = re.compile(r"[^ \n]{33,}")
_PIECE = re.compile(r"\u00a0{1,32}|[^\u00a0]{1,32}")


def plain(text: str, limit: int) -> str:
    """One line without control, bidirectional or invisible characters; cut visibly to `limit` characters."""
    line = _BLANK.sub(" ", "".join(map(_visible, text))).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + ELLIPSIS


def shown(text: str, limit: int = 600) -> Markup:
    """`plain` text that shows letter by letter where Markdown is read."""
    return Markup(_ACTIVE.sub(r"\\\g<0>", plain(text, limit)))


def told(words: Iterable[str | datetime], limit: int) -> Markup:
    """`plain` text and times as one line; times show in the reader's zone, and count as people read them."""
    whole, left = "", limit
    for part in words:
        if left <= 0:
            return Markup(whole + ELLIPSIS)
        if isinstance(part, datetime):
            whole += moment(part)
            left -= len(moment_utc(part))
        else:
            before, after = (" " * blank for blank in (part[:1].isspace(), part[-1:].isspace() and part.strip() != ""))
            whole += f"{before}{shown(part, left)}{after}"
            left -= len(part)
    return Markup(whole.strip())


UNKNOWN_TIME = "unknown"
"""What stands for a time that nobody knows, instead of a date of the year 1."""


def moment(at: datetime) -> Markup:
    """A time that every client shows in its reader's own zone and language."""
    if not is_known(at):
        return Markup(UNKNOWN_TIME)
    utc = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Markup(f"{{{{DATE({utc},SHORT)}}}} {{{{TIME({utc})}}}}")


def brief_moment(at: datetime) -> Markup:
    """The same in figures alone, for columns: on a phone it takes one line."""
    if not is_known(at):
        return Markup(UNKNOWN_TIME)
    utc = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Markup(f"{{{{DATE({utc},COMPACT)}}}} {{{{TIME({utc})}}}}")


def moment_utc(at: datetime) -> str:
    """A time for places that know no date functions."""
    return UNKNOWN_TIME if not is_known(at) else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def joined(*parts: Markup, by: str = " ") -> Markup:
    """Several texts as one, those that are empty left out."""
    return Markup(by.join(filter(None, parts)))


def listed(names: Iterable[str], last: str = "and") -> str:
    """ "A", "A and B", "A, B and C"."""
    *most, end = [*names] or [""]
    return f"{', '.join(most)} {last} {end}" if most else end


def verbatim(code: str) -> str:
    """Code for a place that reads no Markdown: with its lines and indentation, invisible characters made visible."""
    lines = "".join(map(_exposed, code.expandtabs(4))).splitlines()
    # A word joiner (it has no width) keeps code from being taken for a date function.
    return _DATE_FUNCTION.sub("{\u2060", "\n".join(map(_indented, lines)))


def breakable(code: str) -> str:
    """`verbatim` code with places to break in everything that is longer than a line.

    Adaptive Cards' own renderer breaks a long word of a text block, but lets one of a rich text block, or the no-break
    spaces of an indentation, go on beyond the edge of the card, where nobody reads it (adaptivecards 3.0.6 on npm: only
    `TextBlock` sets `word-wrap`). A zero-width space allows a break (Unicode UAX #14, class ZW); one that stood in the
    code itself is spelled out by `verbatim`.
    """
    return _LONG_RUN.sub(lambda run: "\u200b".join(_PIECE.findall(run[0])), code)


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category in {"Zl", "Zp"} or char in "\t\n\r":
        return " "
    hidden = category in {"Cc", "Cf", "Co", "Cs"} and char not in _JOINERS
    return "" if hidden else char


def _exposed(char: str) -> str:
    hidden = unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs"} and char not in "\n\r"
    return f"[U+{ord(char):04X}]" if hidden else char


def _indented(line: str) -> str:
    """Clients fold blanks at the beginning of a line; no-break spaces they keep."""
    code = line.lstrip(" ")
    return "\u00a0" * (len(line) - len(code)) + code.rstrip()
