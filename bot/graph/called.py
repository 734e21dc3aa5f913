"""Asking Graph for what is called so. It compares letter by letter, so more is asked for, and compared here."""

import re
from collections.abc import Mapping
from typing import Any

from approvals.naming import canonical, is_name, spellings
from bot.graph import loose
from bot.graph.people import literal

_PLAIN = re.compile(r"[!#-&(-_a-~]*")  # what is written in one way only: ASCII without blanks and quotes


def filter_for(name: str, words: str) -> str:
    """A filter that finds everything that `is_called` so, and more: phones write a curly quote where people
    type a straight one.

    `startswith` is what Graph takes for users and groups, and Intune for devices (where it finds still more,
    microsoftgraph/microsoft-graph-docs#11809).
    """
    wanted = canonical(words)
    start = _PLAIN.match(wanted)
    begins = start[0] if start else ""
    if begins == wanted:
        return f"{name} eq {literal(wanted)}"
    heads = (begins,) if begins else spellings(wanted[0])
    return " or ".join(f"startswith({name},{literal(head)})" for head in heads)


def is_called(holder: Mapping[str, Any], name: str, words: str) -> bool:
    """Whether that is its name, as people type it."""
    found = loose.text(holder, name)
    return bool(found) and is_name(words, found)
