"""Text from people and from Intune, made harmless and short.

The person who files a request chooses its justification and its target's name. On a card that text stands beside ours,
so it must not become a link, a mention, a heading or a date, hide characters, or displace everything else.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NewType

from approvals.moments import is_known

Markup = NewType("Markup", str)
"""Text that is safe where Adaptive Cards read Markdown. Only this module creates it."""

ELLIPSIS = "…"

# Needed to write Persian and several Indian languages; every other format character can only mislead.
_JOINERS = frozenset("\u200c\u200d")

_BLANK = re.compile(r"\s+")

# Markdown by CommonMark and by Teams on phones. The phone's parser reads "\[text](address)" as a link despite the
# backslash, so the parenthesis after a bracket is escaped as well. Some clients show the backslash, which is only ugly;
# to make that rare, characters are escaped only where they have an effect.
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

# Fewer than a phone shows in one line of small code. An indentation and the text after it are separate pieces.
_LONG_RUN = re.compile(r"[^ \n]{33,}")
_PIECE = re.compile(r"\u00a0{1,32}|[^\u00a0]{1,32}")


def plain(text: str, limit: int) -> str:
    """Return one line without control, bidirectional or invisible characters, visibly cut to `limit` characters."""
    line = _BLANK.sub(" ", "".join(map(_visible, text))).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + ELLIPSIS


def shown(text: str, limit: int = 600) -> Markup:
    """Return `plain` text, escaped so that Markdown shows it literally."""
    return Markup(_ACTIVE.sub(r"\\\g<0>", plain(text, limit)))


def told(words: Iterable[str | datetime], limit: int) -> Markup:
    """Return `plain` text and times as one line; times show in the reader's zone, and count with their length in
    UTC."""
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
"""Text for an unknown time, instead of a date in the year 1."""


def moment(at: datetime) -> Markup:
    """Return a time that every client shows in its reader's own zone and language."""
    if not is_known(at):
        return Markup(UNKNOWN_TIME)
    utc = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Markup(f"{{{{DATE({utc},SHORT)}}}} {{{{TIME({utc})}}}}")


def brief_moment(at: datetime) -> Markup:
    """Return a time like `moment`, in figures only: on a phone it takes one line in a column."""
    if not is_known(at):
        return Markup(UNKNOWN_TIME)
    utc = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Markup(f"{{{{DATE({utc},COMPACT)}}}} {{{{TIME({utc})}}}}")


def moment_utc(at: datetime) -> str:
    """Return a time for places without date functions."""
    return UNKNOWN_TIME if not is_known(at) else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def joined(*parts: Markup, by: str = " ") -> Markup:
    """Join several texts, leaving out empty ones."""
    return Markup(by.join(filter(None, parts)))


def listed(names: Iterable[str], last: str = "and") -> str:
    """Join names: "A", "A and B", "A, B and C"."""
    *most, end = [*names] or [""]
    return f"{', '.join(most)} {last} {end}" if most else end


def verbatim(code: str) -> str:
    """Return code for a place without Markdown: with its lines and indentation, invisible characters made visible."""
    lines = "".join(map(_exposed, code.expandtabs(4))).splitlines()
    # A word joiner (it has no width) keeps code from being read as a date function.
    return _DATE_FUNCTION.sub("{\u2060", "\n".join(map(_indented, lines)))


def breakable(code: str) -> str:
    """Return `verbatim` code with places to break in everything that is longer than a line.

    Adaptive Cards' own renderer breaks a long word in a text block. In a rich text block, a long word or the no-break
    spaces of an indentation run past the edge of the card (adaptivecards 3.0.6 on npm: only `TextBlock` sets
    `word-wrap`). A zero-width space allows a break (Unicode UAX #14, class ZW); one in the code itself is spelled out
    by `verbatim`.
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
    """Replace leading blanks, which clients collapse, with no-break spaces, which they keep."""
    code = line.lstrip(" ")
    return "\u00a0" * (len(line) - len(code)) + code.rstrip()
