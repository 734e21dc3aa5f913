"""Reading JSON that nobody has promised: names in any casing, parts as objects or as strings, things missing."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from approvals.moments import YEARS, is_known
from bot.graph import encoded
from bot.graph.hiding import without_secrets

Object = dict[str, Any]


def get(holder: Any, *names: str) -> Any:
    """The first of these members that holds something, whatever their casing; `None` where none does."""
    if not isinstance(holder, Mapping):
        return None
    by_name = {str(name).casefold(): value for name, value in holder.items()}
    values = (by_name.get(name.casefold()) for name in names)
    return next((value for value in values if value not in (None, "", [], {})), None)


def text(holder: Any, *names: str) -> str:
    """The first of these members that is text or a plain value; empty where none is."""
    value = get(holder, *names)
    return "" if value is None or isinstance(value, (dict, list)) else str(value)


NO_ID = "00000000-0000-0000-0000-000000000000"
"""How Microsoft's services write that there is no id."""


def identifier(holder: Any, name: str) -> str:
    """Return an object id; empty where there is none."""
    found = text(holder, name)
    return "" if found == NO_ID else found


def once(rows: Iterable[Any]) -> list[Any]:
    """Each thing once, by its id, as it was first shown.

    The last one of a page may be the first one of the next page as well (microsoft-graph-docs-contrib#2285).
    """
    by_id: dict[object, Any] = {}
    for number, row in enumerate(rows):
        by_id.setdefault(text(row, "id").casefold() or number, row)
    return list(by_id.values())


UNKNOWN = "unknown"
NEVER = "never"

_YEAR_ONE = re.compile(r"0001-01-01T00:00:00(\.0+)?([Zz]|[+-]\d\d:\d\d)?$")
_ZEROS = frozenset({1, 1600, 1601, 1969, 1970})
"""The years in which .NET, Windows and Unix begin to count, seen from any zone: their word for "never"."""


def moment(holder: Any, name: str) -> datetime | None:
    """A time in UTC, or nothing where there is none. Graph writes up to seven decimals of a second, Python reads six.

    The ends of the calendar are no times. Nor can their zone be changed: Python overflows (O365/python-o365#822).
    """
    at = _written(holder, name)
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC) if at is not None and is_known(at) else None


def is_endless(holder: Any, name: str) -> bool:
    """Whether this says that something has no end: a time that is further away than anything ends."""
    at = _written(holder, name)
    return at is not None and at.year >= YEARS.stop


def shown_moment(holder: Any, name: str, *, never: str = UNKNOWN) -> str:
    """A time as people read it. `never` is the word where the neighbour says that it has never been."""
    at, written = moment(holder, name), _written(holder, name)
    if at is not None:
        return f"{at:%Y-%m-%d %H:%M} UTC"
    return never if written is not None and written.year in _ZEROS else UNKNOWN


def _written(holder: Any, name: str) -> datetime | None:
    """As it is written, in the zone in which it is written."""
    try:
        return datetime.fromisoformat(text(holder, name))
    except ValueError:
        return None


def decoded(value: Any) -> Any:
    """A part that may have been written as JSON in a string, without its secrets; text that is no JSON stays text.

    That string may have been written as JSON once more, and begin with a mark of byte order (`encoded.from_json`). What
    is nested deeper than anybody nests stays text, too, for whatever walks through it later: one request must not keep
    the bot from reading all others.
    """
    if isinstance(value, str):
        try:
            found = encoded.from_json(value)
        except (ValueError, RecursionError):
            return value
        return without_secrets(found) if encoded.is_shallow(found) else value
    return without_secrets(value) if encoded.is_shallow(value) else json.dumps(value)


def unfolded(value: Any) -> Any:
    """A part that may have been written as JSON in a string; any other text stays text."""
    is_written = isinstance(value, str) and value.lstrip("\ufeff \t\r\n").startswith(("{", "[", '"'))
    return decoded(value) if is_written else value


def objects(value: Any) -> tuple[Object, ...]:
    """The objects of a list, or of a single object in place of a list."""
    value = decoded(value)
    items = map(unfolded, value if isinstance(value, list) else [value])
    return tuple(item for item in items if isinstance(item, dict))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every plain value with its path, in the order in which they stand; what is null or empty is an empty text."""
    if isinstance(value, Mapping) and value:
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and any(isinstance(part, (dict, list)) for part in value):
        for number, part in enumerate(value, start=1):
            yield from leaves(part, f"{path}[{number}]")
    else:
        parts = value if isinstance(value, list) else [value]
        yield path, ", ".join(map(_plain, parts))


def _plain(value: Any) -> str:
    """As Intune writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or value == {} else str(value)
