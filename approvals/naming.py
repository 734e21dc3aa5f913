"""Comparing names as people type them and as services store them: quotes, blanks and composed letters may differ."""

import unicodedata

_QUOTES = {"'": "’‘‚‛ʼʹ′`´＇", '"': "“”„‟″＂"}  # noqa: RUF001  quotes that phones and Office insert
_STRAIGHT = {ord(curly): straight for straight, curlies in _QUOTES.items() for curly in curlies}
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))


def is_name(typed: str, name: str) -> bool:
    """Return whether this is the name as a person types it, ignoring case, kinds of quotes, blanks at the ends, their
    number and width, and whether letters are composed."""
    return folded(typed) == folded(name)


def canonical(name: str) -> str:
    """Return the name with straight quotes, single blanks and composed letters, and without invisible characters."""
    visible = unicodedata.normalize("NFC", name).translate(_STRAIGHT | _INVISIBLE)
    return " ".join(visible.split())


def spellings(letter: str) -> tuple[str, ...]:
    """Return the possible spellings of one canonical letter or quote."""
    forms = (letter, unicodedata.normalize("NFD", letter), *_QUOTES.get(letter, ""))
    return tuple(dict.fromkeys(forms))


def folded(name: str) -> str:
    """Return a form that is equal for equal names: caseless as Unicode defines it (Unicode Standard 3.13, D145)."""
    return canonical(unicodedata.normalize("NFD", canonical(name)).casefold())
