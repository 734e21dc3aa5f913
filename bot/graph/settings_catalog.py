"""Settings policies as people read them: the settings catalogue, templates (intents) and administrative templates.

Shapes are those of Graph's beta schema (PyPI msgraph-beta-sdk 1.66.0: deviceManagementConfigurationSettingInstance and
its kinds, deviceManagementSettingInstance, groupPolicyDefinitionValue). Names and labels come from the definitions,
which Graph gives with a policy's settings (`settings?$expand=settingDefinitions`, as in microsoft/Microsoft365DSC and
Micke-K/IntuneManagement) or one by one (learn.microsoft.com, deviceManagementConfigurationSettingDefinition, "Get"). If
a definition is not shown, its id is used instead.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from approvals.alike import is_set
from bot.graph import encoded, hiding, loose
from bot.graph.hidden_texts import line_without_secrets
from bot.graph.http import GraphClient
from bot.graph.secret_names import HIDDEN, is_secret_name
from bot.graph.setting_tree import Node
from handlers.ports.errors import PortError, Throttled, TokenRefused, Unavailable


@dataclass(frozen=True, slots=True)
class Definition:
    """The name of a setting, and the labels of its choices by their ids in lower case."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)


Definitions = Mapping[str, Definition]
"""Definitions by their ids, in lower case."""


CATALOGUE = "deviceManagement/configurationSettings"


COMPLIANCE = "deviceManagement/complianceSettings"


TEMPLATES = "deviceManagement/settingDefinitions"
"""Paths where the definitions of a kind of policy are read one by one."""


MOST_DEFINITIONS = 60
"""Definitions looked up one by one for a policy; a new one has about that many settings, and further ones keep their
ids."""


LONGEST_VALUE = 300
"""Characters of a value that are shown; a longer value is replaced by its hash, and shown as a separate text."""


SETTINGS = "settings"
"""The member of a change that lists its settings."""


ENABLED, DISABLED = "enabled", "disabled"


HASHED = "sha256:"
"""Prefix of a value that is replaced by its hash and, after a colon, its number of lines."""


_TYPE = "@odata.type"


_PAGE = {"$expand": "settingDefinitions", "$top": "1000"}


_SECRET = "SecretSettingValue"  # noqa: S105  the type of a value that Graph does not show


_TOLD = frozenset({"@odata.type", "settinginstancetemplatereference", "auditruleinformation", "settingdefinitionid"})


_VALUES = frozenset(
    {
        "choicesettingvalue",
        "choicesettingcollectionvalue",
        "simplesettingvalue",
        "simplesettingcollectionvalue",
        "groupsettingvalue",
        "groupsettingcollectionvalue",
    }
)


_COLLECTION = "collectionvalue"
"""How the members end that hold several values."""


def catalogue(settings: Iterable[Any], definitions: Definitions) -> tuple[Node, ...]:
    """Return the settings of a policy of the settings catalogue, or of a compliance policy of that kind."""
    instances = (loose.get(setting, "settingInstance") or setting for setting in settings)
    return tuple(node for instance in instances for node in _nodes(instance, definitions))


def definition_ids(settings: Iterable[Any]) -> tuple[str, ...]:
    """Return every definition that these settings name, at any depth, in order."""
    return tuple(dict.fromkeys(_ids(list(settings))))


def definitions_in(rows: Iterable[Any]) -> dict[str, Definition]:
    """Return the definitions that Graph gave with settings, or separately."""
    found: dict[str, Definition] = {}
    for row in rows:
        for one in (row, *loose.objects(loose.get(row, "settingDefinitions"))):
            if (name := loose.text(one, "displayName", "name")) and (key := loose.text(one, "id")):
                found[key.casefold()] = Definition(name, dict(_labels(one)))
    return found


async def read_settings(client: GraphClient, place: str, policy_id: str) -> tuple[list[Any], dict[str, Definition]]:
    """Read the settings of a policy, without secrets, and their definitions; `place` is its collection.

    Raises if they may not be read, or are gone: unread settings are not the same as no settings.
    """
    rows = [row async for row in client.items(f"/beta/{place}/{quote(policy_id, safe='')}/settings", _PAGE)]
    return hiding.without_secrets(rows), definitions_in(rows)


async def read_definitions(client: GraphClient, place: str, ids: Iterable[str]) -> dict[str, Definition]:
    """Read the definitions of these ids, as far as Graph shows them; at most `MOST_DEFINITIONS` are looked up.

    They are only words, not part of what is asked for: if Graph fails, the ids are used for now.
    """
    found: dict[str, Definition] = {}
    for definition_id in list(ids)[:MOST_DEFINITIONS]:
        try:
            row = await client.get(f"/beta/{place}/{quote(definition_id, safe='')}")
        except (TokenRefused, Throttled, Unavailable):
            break
        except PortError:
            continue  # this one is hidden, gone, or has an id that Graph does not accept
        found |= {definition_id.casefold(): one for one in definitions_in([row]).values()}
    return found


def _nodes(instance: Any, definitions: Definitions) -> Iterator[Node]:
    """Yield a node for every value of an instance; an instance of unknown form is shown as JSON, or as it is."""
    if not isinstance(instance, Mapping):
        yield Node(SETTINGS, shown_value(instance))
        return
    key = loose.text(instance, "settingDefinitionId")
    definition = definitions.get(key.casefold()) or Definition("")
    held = {name.casefold(): value for name, value in instance.items() if name.casefold() not in _TOLD}
    known = {name: value for name, value in held.items() if name in _VALUES and value is not None}
    for member, value in known.items():
        if isinstance(value, list) or member.endswith(_COLLECTION):
            elements = tuple(_value(one, key, definition, definitions) for one in loose.elements(value))
            yield Node(key, name=definition.name, elements=elements)
        else:
            yield _value(value, key, definition, definitions)
    if not known:
        written = json.dumps(held, sort_keys=True, ensure_ascii=False) if held else ""
        yield Node(key, shown_value(written), definition.name)


def _value(value: Any, key: str, definition: Definition, definitions: Definitions) -> Node:
    """Return one value (plain, a choice with its label, or a group) together with the settings that depend on it."""
    is_secret = loose.text(value, "@odata.type").endswith(_SECRET) or loose.get(value, "value") == HIDDEN
    children = loose.elements(loose.get(value, "children"))
    parts = tuple(node for child in children for node in _nodes(child, definitions))
    held = value if isinstance(value, Mapping) else {"value": value}  # a plain value in place of an object
    plain = None if is_secret else loose.get(held, "value")
    label = definition.labels.get(plain.casefold(), "") if isinstance(plain, str) else ""
    said = None if plain is None else shown_value(plain)
    return Node(key, said, definition.name, label, parts, is_secret=is_secret)


def _labels(definition: Any) -> Iterator[tuple[str, str]]:
    for option in loose.objects(loose.get(definition, "options")):
        item, label = loose.text(option, "itemId"), loose.text(option, "displayName", "name")
        if item and label:
            yield item.casefold(), label


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if found := loose.text(value, "settingDefinitionId", "definitionId"):
            yield found
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _ids(part)


def intent(settings: Iterable[Any], definitions: Definitions) -> tuple[Node, ...]:
    """Return the settings of a template's instance (a security baseline). Each has its value as JSON in a string."""
    return tuple(_intent_node(setting, definitions) for setting in settings)


async def read_intent(client: GraphClient, policy_id: str) -> list[Any]:
    """Read its present settings, without secrets."""
    path = f"/beta/deviceManagement/intents/{quote(policy_id, safe='')}/settings"
    rows: list[Any] = hiding.without_secrets([row async for row in client.items(path)])
    return rows


def _intent_node(setting: Any, definitions: Definitions) -> Node:
    if not isinstance(setting, Mapping):
        return Node(SETTINGS, shown_value(setting))
    key = loose.text(setting, "definitionId")
    # "deviceConfiguration--windows10EndpointProtectionConfiguration_bitLockerEncryptDevice": the last part is clearest.
    known = definitions.get(key.casefold())
    last = key.rsplit("_", 1)[-1]
    if is_secret_name(last):
        return Node(key, name=known.name if known else last, is_secret=True)
    written = loose.get(setting, "valueJson")
    found = plain(key, loose.decoded(written) if written is not None else loose.get(setting, "value"))
    return replace(found, name=known.name if known else last)


def properties(held: Mapping[str, Any], skipped: Collection[str] = ()) -> tuple[Node, ...]:
    """Return the settings in an object's own properties, except those whose path is among the `skipped`."""
    return tuple(plain(str(name), part, str(name), skipped) for name, part in held.items() if str(name) not in skipped)


def plain(key: str, value: Any, way: str = "", skipped: Collection[str] = ()) -> Node:
    """Return a node for any value. An object becomes a node with parts, a list that is long or contains objects a node
    with elements, and a short list of plain values a node with one value."""
    if isinstance(value, Mapping) and value:
        names = (str(name) for name in value if _is_property(str(name)) and f"{way}.{name}" not in skipped)
        return Node(key, parts=tuple(plain(name, value[name], f"{way}.{name}", skipped) for name in names))
    if isinstance(value, list) and is_set(key, value) and not _is_nested(value):
        value = sorted(value, key=str)
    if isinstance(value, list) and _is_long_or_nested(value):
        numbered = enumerate(value, start=1)
        return Node(key, elements=tuple(plain(key, part, f"{way}[{place}]", skipped) for place, part in numbered))
    if key == _TYPE:
        return Node(key, str(value).rsplit(".", 1)[-1].lstrip("#"))
    return plain_node(key, value)


def plain_node(key: str, value: Any, name: str = "") -> Node:
    return Node(key, name=name, is_secret=True) if value == HIDDEN else Node(key, shown_value(value), name)


def _is_long_or_nested(value: list[Any]) -> bool:
    return _is_nested(value) or sum(len(str(part)) + 2 for part in value) > LONGEST_VALUE


def _is_nested(value: list[Any]) -> bool:
    return any(isinstance(part, (Mapping, list)) for part in value)


def _is_property(name: str) -> bool:
    """Return whether this is a property, not an annotation of Graph's; an object's type counts as one."""
    return "@" not in name or name == _TYPE


def shown_value(value: Any) -> str:
    """Return a plain value as Intune writes it; one of several lines, or a long one, as its hash and number of
    lines."""
    said = next((shown for _, shown in loose.leaves(value)), "")
    if not isinstance(value, str):
        return said
    found = encoded.decode_or_plain(value)
    if found.lines < 2 and len(value) <= LONGEST_VALUE:
        return line_without_secrets(said)
    return f"{HASHED}{found.sha256}:{found.lines}"
