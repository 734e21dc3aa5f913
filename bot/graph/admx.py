"""Values of administrative templates (ADMX) as setting trees."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from bot.graph import hiding, loose
from bot.graph.http import GraphClient
from bot.graph.setting_tree import Node
from bot.graph.settings_catalog import (
    DISABLED,
    ENABLED,
    plain_node,
    shown_value,
)

_ADMX = {"$expand": "definition,presentationValues($expand=presentation)"}


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
    named = loose.get(change, "deletedIds")
    gone = {str(one).casefold() for one in (named if isinstance(named, list) else ())}
    new = loose.objects(loose.get(change, "updated"))
    listed = list(values)
    former = {loose.text(one, "id").casefold(): one for one in listed if isinstance(one, Mapping)}
    gone |= {loose.text(one, "id").casefold() for one in new}
    kept = [one for one in listed if not loose.text(one, "id") or loose.text(one, "id").casefold() not in gone]
    replaced = [{**former.get(loose.text(one, "id").casefold(), {}), **one} for one in new]
    return [*kept, *replaced, *loose.objects(loose.get(change, "added"))]


async def read_administrative(client: GraphClient, policy_id: str) -> list[Any]:
    """Read its present settings, with their definitions."""
    path = f"/beta/deviceManagement/groupPolicyConfigurations/{quote(policy_id, safe='')}/definitionValues"
    rows: list[Any] = hiding.without_secrets([row async for row in client.items(path, _ADMX)])
    return rows


def _administrative_node(value: Any) -> Node:
    definition = loose.get(value, "definition")
    key = loose.text(definition, "id") or _bound(value, "definition@odata.bind") or loose.text(value, "id")
    name = loose.text(definition, "displayName")
    # The same policy exists for users and for devices (groupPolicyDefinition, `classType`).
    side = loose.text(definition, "classType")
    filled = tuple(_presentation(one) for one in loose.objects(loose.get(value, "presentationValues")))
    state = ENABLED if loose.get(value, "enabled") else DISABLED
    return Node(key, state, f"{name} ({side})" if name and side else name, parts=filled)


def _presentation(value: Any) -> Node:
    """Return what was filled in: a text, a number, a switch (`value`), or a list (`values`) of texts or of pairs."""
    shown = loose.get(value, "presentation")
    key = loose.text(shown, "id") or _bound(value, "presentation@odata.bind") or loose.text(value, "id")
    name = loose.text(shown, "label").strip(" :")
    listed = loose.get(value, "values")
    if isinstance(listed, list):
        return Node(key, name=name, elements=tuple(_pair(key, one) for one in listed))
    held = {member.casefold(): part for member, part in value.items()}
    if hiding.is_secret_name(name):
        return Node(key, name=name, is_secret=True)
    return plain_node(key, held.get("value"), name)


def _pair(key: str, pair: Any) -> Node:
    if not isinstance(pair, Mapping):
        return Node(key, shown_value(pair))
    return Node(key, " = ".join(filter(None, (loose.text(pair, "name"), loose.text(pair, "value")))))


def _bound(value: Any, member: str) -> str:
    found = _BOUND.search(loose.text(value, member))
    return found[1] if found else ""
