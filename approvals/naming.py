"""Names as people type them and as services keep them: the same, whatever quotes, blanks and letters are made of."""

import unicodedata

_QUOTES = {"'": "’‘‚‛ʼʹ′`´＇", '"': "“”„‟″＂"}  # noqa: RUF001  those that phones and Office put in
_STRAIGHT = {ord(curly): straight for straight, curlies in _QUOTES.items() for curly in curlies}
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))


def is_name(typed: str, name: str) -> bool:
    """Whether this is the name as somebody types it: case does not matter, nor which quotes, nor blanks at the ends,
    runs of them and their width, nor whether letters are composed."""
    return folded(typed) == folded(name)


def canonical(name: str) -> str:
    """The name with straight quotes, single blanks and composed letters, and without what nobody sees."""
    visible = unicodedata.normalize("NFC", name).translate(_STRAIGHT | _INVISIBLE)
    return " ".join(visible.split())


def spellings(letter: str) -> tuple[str, ...]:
    """The ways in which one canonical letter or quote may be written."""
    forms = (letter, unicodedata.normalize("NFD", letter), *_QUOTES.get(letter, ""))
    return tuple(dict.fromkeys(forms))


def folded(name: str) -> str:
    """What is the same for names that are one: caseless as Unicode defines it (Unicode Standard 3.13, D145)."""
    return canonical(unicodedata.normalize("NFD", canonical(name)).casefold())
