"""Reasons that people type: what of them can be read, and whether it is a sentence or just pressed keys."""

LEAST_JUSTIFICATION, LONGEST_JUSTIFICATION = 20, 800
"""Characters, blanks at the ends and runs of them not counted. Intune keeps 1024 with what we put before it."""

LONGEST_TICKET = 64
"""Characters of a ticket's number: a pattern may cost a power of them."""

LEAST_WRITTEN = 12
"""So many letters and digits stand in every twenty characters of a real sentence; blanks and dots are the rest."""

LEAST_DIFFERENT = 6
"""So many different ones."""

_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and signs by their category that nobody sees: Hangul and Khmer fillers, the empty Braille pattern."""

_VARIANTS = frozenset(chr(code) for code in (*range(0xFE00, 0xFE10), *range(0x180B, 0x1810), 0x034F))
"""Marks that only choose how the character before them looks."""


def real_text(text: str) -> str:
    """Without what cannot be seen, and with single blanks."""
    return " ".join("".join(char if _is_seen(char) else " " for char in text).split())


def is_real_text(text: str) -> bool:
    """Whether somebody has written a sentence there."""
    said = real_text(text)
    written = [char for char in said.casefold() if char.isalnum()]
    return len(said) >= LEAST_JUSTIFICATION and len(written) >= LEAST_WRITTEN and len(set(written)) >= LEAST_DIFFERENT


def _is_seen(char: str) -> bool:
    return char.isprintable() and char not in _BLANK and char not in _VARIANTS
