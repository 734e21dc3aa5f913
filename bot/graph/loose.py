"""Reading JSON without a guaranteed form: names in any casing, parts as objects or as strings, missing members."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from approvals.moments import is_known
from bot.graph import encoded
from bot.graph.hiding import without_secrets

Object = dict[str, Any]


def get(holder: Any, *names: str) -> Any:
    """Return the first of these members that is not empty, whatever their casing; `None` if there is none."""
    if not isinstance(holder, Mapping):
        return None
    by_name = {str(name).casefold(): value for name, value in holder.items()}
    values = (by_name.get(name.casefold()) for name in names)
    return next((value for value in values if value not in (None, "", [], {})), None)


def text(holder: Any, *names: str) -> str:
    """Return the first of these members that is not empty, as text; empty for an object, a list or none."""
    value = get(holder, *names)
    return "" if value is None or isinstance(value, (dict, list)) else str(value)


NO_ID = "00000000-0000-0000-0000-000000000000"
"""The id that Microsoft's services write if there is none."""


def identifier(holder: Any, name: str) -> str:
    """Return an object id; empty if there is none."""
    found = text(holder, name)
    return "" if found == NO_ID else found


def once(rows: Iterable[Any]) -> list[Any]:
    """Return each thing once, by its id, as it was first shown.

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
"""The years in which .NET, Windows and Unix begin to count, in any time zone. Such a time means "never"."""


def moment(holder: Any, name: str) -> datetime | None:
    """Return a time in UTC, or `None`. Graph writes up to seven decimals of a second, Python reads six.

    The ends of the calendar do not count as times. Nor can their zone be changed: Python overflows
    (O365/python-o365#822).
    """
    at = _written(holder, name)
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC) if at is not None and is_known(at) else None


def shown_moment(holder: Any, name: str, *, never: str = UNKNOWN) -> str:
    """Return a time as text for people. `never` is the word for a time that means "never"."""
    at, written = moment(holder, name), _written(holder, name)
    if at is not None:
        return f"{at:%Y-%m-%d %H:%M} UTC"
    return never if written is not None and written.year in _ZEROS else UNKNOWN


def _written(holder: Any, name: str) -> datetime | None:
    """Parse a time in the zone in which it is written."""
    try:
        return datetime.fromisoformat(text(holder, name))
    except ValueError:
        return None


def decoded(value: Any) -> Any:
    """Return a part without its secrets, parsed if it is JSON in a string; text that is not JSON stays text.

    The JSON may be encoded as a string once more, and begin with a byte order mark (`encoded.from_json`). JSON that is
    nested too deeply also stays text, because of the code that processes it later: one request must not prevent the bot
    from reading all others.
    """
    if isinstance(value, str):
        try:
            found = encoded.from_json(value)
        except (ValueError, RecursionError):
            return value
        return without_secrets(found) if encoded.is_shallow(found) else value
    return without_secrets(value) if encoded.is_shallow(value) else json.dumps(value)


def unfolded(value: Any) -> Any:
    """Return a part, parsed if it looks like JSON in a string; any other text stays text."""
    is_written = isinstance(value, str) and value.lstrip("\ufeff \t\r\n").startswith(("{", "[", '"'))
    return decoded(value) if is_written else value


_TEXTS = frozenset(
    {
        "appconfigkeyvalue",
        "defaultvalue",
        "description",
        "displayname",
        "name",
        "notes",
        "stringvalue",
        "value",
        "valuestring",
    }
)
_ENDS_OF_TEXTS = ("content", "json", "script", "xml")
"""Members whose values are texts, even if these look like JSON: what people wrote, a setting's value, a script."""


def unfolded_within(value: Any, left: int = encoded.DEEPEST) -> Any:
    """Return a part with every object and list in it that is written as JSON in a string; texts stay as they are.

    What would be nested too deeply (`encoded.is_shallow`) stays a string.
    """
    if isinstance(value, str) and value.lstrip("\ufeff \t\r\n").startswith(("{", "[", '"')):
        found = decoded(value)
        value = found if isinstance(found, (dict, list)) and encoded.is_shallow(found, left) else value
    if isinstance(value, Mapping):
        return {name: part if _is_text(name, part) else unfolded_within(part, left - 1) for name, part in value.items()}
    return [unfolded_within(part, left - 1) for part in value] if isinstance(value, list) else value


def _is_text(name: object, part: Any) -> bool:
    known = str(name).casefold()
    return isinstance(part, str) and (known in _TEXTS or known.endswith(_ENDS_OF_TEXTS))


def elements(value: Any) -> list[Any]:
    """Return the elements of a list, or a single one in place of a list, also in any form that cannot be read."""
    value = unfolded_within(value)
    if isinstance(value, list):
        return value
    return [] if value in (None, "", "null", {}) else [value]


_WORDS = {"true": True, "1": True, "false": False, "0": False}


def switch(holder: Any, name: str) -> bool | None:
    """Return whether this member says yes, also where it is a word or a number; `None` if it says something else."""
    return _WORDS.get(text(holder, name).strip().casefold())


def objects(value: Any) -> tuple[Object, ...]:
    """Return the objects of a list, or of a single object in place of a list."""
    value = decoded(value)
    items = map(unfolded, value if isinstance(value, list) else [value])
    return tuple(item for item in items if isinstance(item, dict))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every plain value with its path, in order; null and empty values become empty text."""
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
    """Return a value as Intune writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or value == {} else str(value)
