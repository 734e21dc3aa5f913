"""Finding objects in Graph by name. Graph compares exactly, so the query finds more, and results are compared here."""

import re
from collections.abc import Mapping
from typing import Any

from approvals.naming import canonical, is_name, spellings
from bot.graph import loose
from bot.graph.people import literal

_PLAIN = re.compile(r"[!#-&(-_a-~]*")  # characters with only one spelling: ASCII without spaces and quotes


def filter_for(name: str, words: str) -> str:
    """Return a filter that finds everything that `is_called` accepts, and more: phones write a curly quote where people
    type a straight one.

    Graph supports `startswith` for users and groups, and Intune for devices, where it finds even more
    (microsoftgraph/microsoft-graph-docs#11809).
    """
    wanted = canonical(words)
    start = _PLAIN.match(wanted)
    begins = start[0] if start else ""
    if begins == wanted:
        return f"{name} eq {literal(wanted)}"
    heads = (begins,) if begins else spellings(wanted[0])
    return " or ".join(f"startswith({name},{literal(head)})" for head in heads)


def is_called(holder: Mapping[str, Any], name: str, words: str) -> bool:
    """Return whether these words are its name, as people type it."""
    found = loose.text(holder, name)
    return bool(found) and is_name(words, found)
