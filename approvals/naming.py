"""Confirming by name: who is about to do something grave types what it is about, so that no click does it alone."""


def is_name(typed: str, name: str) -> bool:
    """Whether this is the name as somebody types it: case does not matter, nor blanks at the ends and runs of them."""
    return _bare(typed) == _bare(name)


def _bare(text: str) -> str:
    return " ".join(text.split()).casefold()
