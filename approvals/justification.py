"""Reasons that people type: what of them can be read, and whether that is enough for what they are about to do."""

from dataclasses import dataclass

SHORTEST_REASON, LONGEST_REASON = 10, 800
"""Characters of the reason for an order. Intune takes 1024, and ours begins with the request and the person."""

LEAST_JUSTIFICATION, LONGEST_JUSTIFICATION = 20, 800
"""Characters, blanks at the ends and runs of them not counted. Intune keeps 1024 with what we put before it."""

LONGEST_TICKET = 64
"""Characters of a ticket's number: a pattern may cost a power of them."""

LEAST_WRITTEN = 12
"""So many letters and digits stand in every twenty characters of a real sentence; blanks and dots are the rest."""

LEAST_DIFFERENT = 6
"""So many different ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How much somebody has to write: at least and at most so many characters (0 is any number), so many different
    ones, so many letters and digits, and so many different ones of those.

    Blanks at the ends do not count, nor what cannot be seen and runs of blanks; `as_typed` counts those two as well.
    """

    least: int = 1
    most: int = 0
    different: int = 0
    written: int = 0
    written_different: int = 0
    as_typed: bool = False


FOR_AN_ORDER = Wanted(least=SHORTEST_REASON, most=LONGEST_REASON, different=2, as_typed=True)
"""Its approvers read it before anything happens, and can say no to it."""

FOR_AN_EMERGENCY = Wanted(
    least=LEAST_JUSTIFICATION, most=LONGEST_JUSTIFICATION, written=LEAST_WRITTEN, written_different=LEAST_DIFFERENT
)
"""Of who breaks the glass, and of who reviews that: a real sentence, for nobody else is asked."""

FOR_URGENCY = Wanted()
"""Something that can be seen."""

FOR_A_BRAKE = Wanted(written=1)
"""A word."""


@dataclass(frozen=True, slots=True)
class Lack:
    """What is wrong with a reason: it says too little or, with so many characters, is too long."""

    length: int
    too_long: bool = False


_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and signs by their category that nobody sees: Hangul and Khmer fillers, the empty Braille pattern."""

_VARIANTS = frozenset(chr(code) for code in (*range(0xFE00, 0xFE10), *range(0x180B, 0x1810), 0x034F))
"""Marks that only choose how the character before them looks."""


def real_text(text: str) -> str:
    """Without what cannot be seen, and with single blanks."""
    return " ".join("".join(char if _is_seen(char) else " " for char in text).split())


def lack_of(text: str, wanted: Wanted) -> Lack | None:
    """What is wrong with this text as a reason, where so much is wanted of it."""
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
