"""Typed reasons: the visible part of the text, and whether it is enough for its purpose."""

from dataclasses import dataclass

SHORTEST_REASON, LONGEST_REASON = 10, 800
"""Limits in characters for the reason of an order. Intune takes 1024, and our text begins with the request and the
person."""

LEAST_JUSTIFICATION, LONGEST_JUSTIFICATION = 20, 800
"""Limits in characters, without blanks at the ends and with runs of them as one. Intune keeps 1024, with our prefix."""

LONGEST_TICKET = 64
"""Longest ticket number in characters: matching a pattern may take time that grows as a power of the length."""

LEAST_WRITTEN = 12
"""Fewest letters and digits. Every twenty characters of a real sentence have this many; the rest is blanks and dots."""

LEAST_DIFFERENT = 6
"""Fewest different letters and digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRules:
    """Requirements for a text: fewest and most characters (0 is no limit), different ones, letters and digits, and
    different ones of those.

    Blanks at the ends, invisible characters and runs of blanks do not count; with `as_typed` the last two do.
    """

    least: int = 1
    most: int = 0
    different: int = 0
    written: int = 0
    written_different: int = 0
    as_typed: bool = False


FOR_AN_ORDER = TextRules(least=SHORTEST_REASON, most=LONGEST_REASON, different=2, as_typed=True)
"""For an order: its approvers read the reason before anything happens, and can reject it."""

FOR_AN_EMERGENCY = TextRules(
    least=LEAST_JUSTIFICATION, most=LONGEST_JUSTIFICATION, written=LEAST_WRITTEN, written_different=LEAST_DIFFERENT
)
"""For break-glass and its review: a real sentence, because nobody else is asked."""

FOR_URGENCY = TextRules()
"""For urgency: any visible character."""

FOR_A_BRAKE = TextRules(written=1)
"""For a brake: at least one letter or digit."""


@dataclass(frozen=True, slots=True)
class Lack:
    """A problem with a reason: it says too little or, with `too_long`, has too many characters (`length`)."""

    length: int
    too_long: bool = False


_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Invisible characters that Unicode classes as letters or symbols: Hangul and Khmer fillers, the empty Braille
pattern."""

_VARIANTS = frozenset(chr(code) for code in (*range(0xFE00, 0xFE10), *range(0x180B, 0x1810), 0x034F))
"""Marks that only select how the preceding character looks."""


def real_text(text: str) -> str:
    """Return the text without invisible characters, and with single blanks."""
    return " ".join("".join(char if _is_seen(char) else " " for char in text).split())


def lack_of(text: str, wanted: TextRules) -> Lack | None:
    """Return what this text lacks of these requirements, or nothing."""
    said = text.strip() if wanted.as_typed else real_text(text)
    written = [char for char in said.casefold() if char.isalnum()]
    enough = (
        len(said) >= wanted.least
        and len(set(said.casefold().replace(" ", ""))) >= wanted.different
        and len(written) >= wanted.written
        and len(set(written)) >= wanted.written_different
    )
    if not enough:
        return Lack(len(said))
    return Lack(len(said), too_long=True) if wanted.most and len(said) > wanted.most else None


def _is_seen(char: str) -> bool:
    return char.isprintable() and char not in _BLANK and char not in _VARIANTS
