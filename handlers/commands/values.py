"""Read single values of a line: a name, the id of a request, a day, a reason. Anything else is a mistake."""

import re
import unicodedata
from datetime import date

from approvals.justification import LONGEST_REASON
from handlers.commands.words import CLOSING

LONGEST_NAME = 256
"""Characters of a device, a policy or a group: Intune's own limit for names."""

MOST_QUOTED = 40
"""Characters of a person's typed text that are repeated to them."""

_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
_JOINERS = frozenset("\u200c\u200d")  # needed to write Persian and several Indian languages
_REQUEST_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}")


class Mistake(Exception):
    """An error in a line, as a sentence."""


def name_in(text: str, what: str) -> str:
    """Return a name; refuse one with characters that make it look different."""
    name = text.strip()
    if not name:
        raise Mistake(f"Please name {what}.")
    if len(name) > LONGEST_NAME:
        raise Mistake(f"A name has at most {LONGEST_NAME} characters; this one has {len(name)}.")
    if any(unicodedata.category(char) in _INVISIBLE and char not in _JOINERS for char in name):
        raise Mistake(f"The name {quoted(name)} contains invisible characters. Please type it again.")
    return name


def request_id_in(text: str) -> str:
    """Return the id of a request, in upper case as ours are."""
    written = text.strip().upper()
    if not _REQUEST_ID.fullmatch(written):
        raise Mistake("The id of a request has 16 letters and digits. Its card shows it under Details.")
    return written


def day_in(text: str) -> date:
    """Return a day, written year first."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Mistake(f"{quoted(text)} is not a date. Please write it as 2026-12-24.") from None


def reason_in(text: str) -> str:
    """Return a reason without the quotes around it; whether it is good enough is checked where it is used."""
    said = text.strip()
    for mark, closing in CLOSING.items():
        if len(said) > 1 and said[0] == mark and said[-1] in closing:
            said = said[1:-1].strip()
            break
    if not said:
        raise Mistake("Please say why.")
    if len(said) > LONGEST_REASON:
        raise Mistake(f"The reason has {len(said)} characters; at most {LONGEST_REASON} are allowed.")
    return said


def quoted(text: str) -> str:
    """Return typed text in quotes, harmless and short."""
    seen = "".join(filter(str.isprintable, text))
    return f'"{seen if len(seen) <= MOST_QUOTED else seen[: MOST_QUOTED - 1] + "…"}"'
