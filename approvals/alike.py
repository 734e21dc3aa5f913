"""What says the same although it is written otherwise: ids in another casing, names too, and sets in another order.

A vote binds to meaning. Graph compares the names of members and object ids without regard to case, and of these lists
it promises no order.
"""

import re
from collections.abc import Collection

_GUID = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])")

_SETS = ("assignments", "ids")
"""How lists end that hold who is assigned, or ids."""

_ROLES = frozenset(
    {
        "allowedresourceactions",
        "notallowedresourceactions",
        "members",
        "resourceactions",
        "resourcescopes",
        "rolepermissions",
    }
)
"""What a role allows, and to whom (roleDefinition, roleAssignment)."""


def with_plain_ids(text: str) -> str:
    """The same text with every object id in lower case."""
    return _GUID.sub(lambda found: found[0].lower(), text)


def is_set(name: str, items: Collection[object]) -> bool:
    """Return whether the order of a list has no meaning: by its name, or because it holds nothing but object ids."""
    known = name.casefold()
    ids = all(isinstance(item, str) and _GUID.fullmatch(item) for item in items)
    return ids or known.endswith(_SETS) or known in _ROLES
