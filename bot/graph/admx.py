"""Values of administrative templates (ADMX) as setting trees."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from bot.graph import hiding, loose
from bot.graph.http import GraphClient
from bot.graph.secret_names import is_secret_name
from bot.graph.setting_tree import Node
from bot.graph.settings_catalog import (
    DISABLED,
    ENABLED,
    plain_node,
    shown_value,
)

_ADMX = {"$expand": "definition,presentationValues($expand=presentation)"}


VALUES = "definitionValues"
"""The member of a change that lists its values."""


_BOUND = re.compile(r"\('([^']+)'\)$")
"""The id in `groupPolicyDefinitions('…')`, by which a change names a definition."""


def administrative(values: Iterable[Any]) -> tuple[Node, ...]:
    """Return the settings of an administrative template (ADMX): on or off, and what was filled in."""
    return tuple(_administrative_node(value) for value in values)


def updated(values: Iterable[Any], change: Any) -> list[Any]:
    """Return the values after `updateDefinitionValues`: a body with `added`, `updated` and `deletedIds`
    (Microsoft365DSC).

    An update names the value that it replaces by its id; if it omits the definition, the former value's applies.
    """
    new = loose.elements(loose.get(change, "updated"))
    listed = list(values)
    gone = {*deleted(change), *map(_id, new)} - {""}
    kept = [one for one in listed if _id(one) not in gone]
    return [*kept, *with_former(listed, new), *loose.elements(loose.get(change, "added"))]


def with_former(values: Iterable[Any], new: Iterable[Any]) -> list[Any]:
    """Return the new values, each with what it omits of the former value of the same id."""
    former = {_id(one): one for one in values if _id(one)}
    return [{**former.get(_id(one), {}), **one} if isinstance(one, Mapping) else one for one in new]


def deleted(change: Any) -> tuple[str, ...]:
    """Return the ids of the values that `updateDefinitionValues` deletes, in lower case."""
    named = loose.elements(loose.get(change, "deletedIds"))
    return tuple(_id(one) if isinstance(one, Mapping) else str(one).casefold() for one in named)


def known(values: Iterable[Any]) -> frozenset[str]:
    """Return the ids of these values, in lower case."""
    return frozenset(filter(None, map(_id, values)))


def _id(value: Any) -> str:
    return loose.text(value, "id").casefold()


async def read_administrative(client: GraphClient, policy_id: str) -> list[Any]:
    """Read its present settings, with their definitions."""
    path = f"/beta/deviceManagement/groupPolicyConfigurations/{quote(policy_id, safe='')}/definitionValues"
    rows: list[Any] = hiding.without_secrets([row async for row in client.items(path, _ADMX)])
    return rows


def _administrative_node(value: Any) -> Node:
    if not isinstance(value, Mapping):
        return Node(VALUES, shown_value(value))
    definition = loose.get(value, "definition")
    key = loose.text(definition, "id") or _bound(value, "definition@odata.bind") or loose.text(value, "id")
    name = loose.text(definition, "displayName")
    # The same policy exists for users and for devices (groupPolicyDefinition, `classType`).
    side = loose.text(definition, "classType")
    filled = tuple(_presentation(one) for one in loose.objects(loose.get(value, "presentationValues")))
    return Node(key, _state(value), f"{name} ({side})" if name and side else name, parts=filled)


def _state(value: Mapping[str, Any]) -> str:
    said = loose.switch(value, "enabled")
    unknown = loose.text(value, "enabled") if said is None else ""
    return shown_value(unknown) if unknown else ENABLED if said else DISABLED


def _presentation(value: Any) -> Node:
    """Return what was filled in: a text, a number, a switch (`value`), or a list (`values`) of texts or of pairs."""
    shown = loose.get(value, "presentation")
    key = loose.text(shown, "id") or _bound(value, "presentation@odata.bind") or loose.text(value, "id")
    name = loose.text(shown, "label").strip(" :")
    if listed := loose.elements(loose.get(value, "values")):
        return Node(key, name=name, elements=tuple(_pair(key, one) for one in listed))
    held = {member.casefold(): part for member, part in value.items()}
    if is_secret_name(name):
        return Node(key, name=name, is_secret=True)
    return plain_node(key, held.get("value"), name)


def _pair(key: str, pair: Any) -> Node:
    if not isinstance(pair, Mapping):
        return Node(key, shown_value(pair))
    return Node(key, " = ".join(filter(None, (loose.text(pair, "name"), loose.text(pair, "value")))))


def _bound(value: Any, member: str) -> str:
    found = _BOUND.search(loose.text(value, member))
    return found[1] if found else ""
