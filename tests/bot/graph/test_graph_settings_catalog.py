"""Settings in readable words: from the catalogue, from templates and from administrative templates."""

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.graph import admx, settings_catalog
from bot.graph.http import GraphClient
from bot.graph.setting_tree import Node, changes, lines
from bot.graph.settings_catalog import Definition
from handlers.ports.errors import Forbidden
from tests.bot.graph.scripted import ScriptedGraph

KIND = "#microsoft.graph.deviceManagementConfiguration"
CAMERA = "device_vendor_msft_policy_config_camera_allowcamera"
RULES = "vendor_msft_firewall_mdmstore_firewallrules_{firewallrulename}"
DEFINED: list[dict[str, Any]] = [
    {
        "id": CAMERA,
        "displayName": "Allow camera",
        "options": [
            {"itemId": f"{CAMERA}_0", "displayName": "Not allowed"},
            {"itemId": f"{CAMERA}_1", "name": "Allowed"},
        ],
    },
    {"id": f"{RULES}_name", "name": "Rule name"},
]
NAMES = settings_catalog.definitions_in(DEFINED)


def choice(definition: str, value: str, *children: Any) -> dict[str, Any]:
    return {
        "@odata.type": f"{KIND}ChoiceSettingInstance",
        "settingDefinitionId": definition,
        "settingInstanceTemplateReference": None,
        "choiceSettingValue": {"value": value, "children": list(children), "settingValueTemplateReference": None},
    }


def simple(definition: str, value: Any, kind: str = "String") -> dict[str, Any]:
    held = {"@odata.type": f"{KIND}{kind}SettingValue", "value": value}
    return {
        "@odata.type": f"{KIND}SimpleSettingInstance",
        "settingDefinitionId": definition,
        "simpleSettingValue": held,
    }


def several(member: str, definition: str, *values: Any) -> dict[str, Any]:
    return {"settingDefinitionId": definition, member: list(values)}


def words(nodes: Iterable[Node]) -> list[tuple[str, str]]:
    """Return the lines as people read them, name and value."""
    return [(line.name or line.code, line.says or line.value) for line in lines(nodes)]


def shown(*instances: Any) -> list[tuple[str, str]]:
    settings = [{"id": str(number), "settingInstance": one} for number, one in enumerate(instances)]
    return words(settings_catalog.catalogue(settings, NAMES))


def test_codes_beside_words() -> None:
    """Beside the readable words, a line keeps Intune's ids, which votes are bound to."""
    [line] = lines(settings_catalog.catalogue([choice(CAMERA, f"{CAMERA}_0")], NAMES))
    assert (line.code, line.value) == (CAMERA, f"{CAMERA}_0")


def test_a_choice_by_its_label() -> None:
    """A choice is shown with the names of its setting and its option, in any casing of the ids."""
    assert shown(choice(CAMERA, f"{CAMERA}_0")) == [("Allow camera", "Not allowed")]
    assert shown(choice(CAMERA.upper(), f"{CAMERA}_1".upper())) == [("Allow camera", "Allowed")]


def test_what_is_not_defined_keeps_its_ids() -> None:
    """A setting or an option without a definition is shown by its id."""
    assert shown(choice("some_id", "some_id_1"), choice(CAMERA, f"{CAMERA}_9")) == [
        ("some_id", "some_id_1"),
        ("Allow camera", f"{CAMERA}_9"),
    ]


def test_what_depends_on_a_choice() -> None:
    """A setting that depends on a choice is shown with its path."""
    assert shown(choice(CAMERA, f"{CAMERA}_1", simple("resolution", 3, "Integer"), simple("on", True))) == [
        ("Allow camera", "Allowed"),
        ("Allow camera > resolution", "3"),
        ("Allow camera > on", "true"),
    ]


def test_collections_and_groups() -> None:
    """Values, choices and groups in collections are shown, each with its place."""
    rule = {"children": [simple(f"{RULES}_name", "Web"), choice(CAMERA, f"{CAMERA}_1")]}
    assert shown(
        several("simpleSettingCollectionValue", "apps", {"value": "a.exe"}, {"value": "b.exe"}),
        several("choiceSettingCollectionValue", CAMERA, {"value": f"{CAMERA}_1", "children": []}),
        several("groupSettingCollectionValue", RULES, rule, {"children": [simple(f"{RULES}_name", "Mail")]}),
        {"settingDefinitionId": "group", "groupSettingValue": {"children": [simple("inner", "x")]}},
    ) == [
        ("apps[1]", "a.exe"),
        ("apps[2]", "b.exe"),
        ("Allow camera[1]", "Allowed"),
        (f"{RULES}[1] > Rule name", "Web"),
        (f"{RULES}[1] > Allow camera", "Allowed"),
        (f"{RULES}[2] > Rule name", "Mail"),
        ("group.inner", "x"),
    ]


def test_an_inserted_setting_is_one_line() -> None:
    """An inserted setting is one change, although Graph's row numbers move."""
    first, second = simple("a", "1"), simple("b", "2")
    before = settings_catalog.catalogue([{"id": "0", "settingInstance": first}], NAMES)
    rows = [{"id": "0", "settingInstance": second}, {"id": "1", "settingInstance": first}]
    [change] = changes(before, settings_catalog.catalogue(rows, NAMES))
    assert change.before is None
    assert change.after is not None
    assert (change.after.code, change.after.value) == ("b", "2")


def test_secrets_are_never_shown() -> None:
    """A secret setting is shown as a secret, without its value."""
    held = simple("wifi_key", "hunter2", "Secret")
    [line] = lines(settings_catalog.catalogue([held], NAMES))
    assert (line.code, line.value, line.is_secret) == ("wifi_key", "", True)


def test_a_long_value_by_its_hash() -> None:
    """A long value is shown by its hash and its number of lines."""
    text = "#!/bin/sh\nexit 0\n"
    stored = base64.b64encode(text.encode()).decode()
    assert shown(simple("s", stored)) == [("s", f"sha256:{hashlib.sha256(text.encode()).hexdigest()}:2")]
    assert shown(simple("s", "x" * 400)) == [("s", f"sha256:{hashlib.sha256(b'x' * 400).hexdigest()}:1")]


def test_a_form_that_nobody_knows_is_shown_as_it_is() -> None:
    """A setting of an unknown form is shown as JSON."""
    assert shown({"settingDefinitionId": "a", "@odata.type": "new", "newSettingValue": {"x": 1}}) == [
        ("a", '{"newsettingvalue": {"x": 1}}')
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(
                ["settingInstance", "settingDefinitionId", "choiceSettingValue", "children", "value", "valueJson"]
            )
            | st.text(),
            inner,
        )
    ),
    max_leaves=20,
)


@given(st.lists(JSON))
def test_nothing_raises(settings: list[Any]) -> None:
    """Settings of any content are read without an error."""
    for nodes in (
        settings_catalog.catalogue(settings, NAMES),
        settings_catalog.intent(settings, NAMES),
        admx.administrative(settings),
    ):
        list(lines(nodes))
    settings_catalog.definition_ids(settings)
    for part in settings:
        admx.updated(settings, {"added": part, "updated": part, "deletedIds": part})


# --- reading ------------------------------------------------------------------------------------------------------

PLACE = "deviceManagement/configurationPolicies"
PATH = f"/beta/{PLACE}/p/settings"


async def test_settings_with_their_definitions(graph: ScriptedGraph, client: GraphClient) -> None:
    """Settings and their definitions are read together."""
    graph.tell(PATH, {"value": [{"settingInstance": choice(CAMERA, "x"), "settingDefinitions": DEFINED}]})
    settings, definitions = await settings_catalog.read_settings(client, PLACE, "p")
    assert settings_catalog.definition_ids(settings) == (CAMERA,)
    assert definitions == NAMES
    assert graph.calls[0].query["$expand"] == "settingDefinitions"


async def test_settings_that_may_not_be_read(graph: ScriptedGraph, client: GraphClient) -> None:
    """Settings that may not be read raise `Forbidden`, and do not count as none."""
    graph.tell(PATH, {"error": {"code": "Forbidden", "message": "no"}}, 403)
    with pytest.raises(Forbidden):
        await settings_catalog.read_settings(client, PLACE, "p")


async def test_definitions_one_by_one(graph: ScriptedGraph, client: GraphClient) -> None:
    """Missing definitions are read one by one; a setting whose definition is hidden keeps its id, and so do all if
    Graph fails."""
    graph.tell(f"/beta/{settings_catalog.CATALOGUE}/{CAMERA}", DEFINED[0])
    found = await settings_catalog.read_definitions(client, settings_catalog.CATALOGUE, [CAMERA, "gone"])
    assert found == {CAMERA: Definition("Allow camera", {f"{CAMERA}_0": "Not allowed", f"{CAMERA}_1": "Allowed"})}
    graph.tell(f"/beta/{settings_catalog.CATALOGUE}/down", status=503)
    assert await settings_catalog.read_definitions(client, settings_catalog.CATALOGUE, ["down", CAMERA]) == {}


async def test_definitions_are_not_looked_up_without_end(graph: ScriptedGraph, client: GraphClient) -> None:
    """The number of definitions that are read one by one is limited."""
    ids = [f"id{number}" for number in range(settings_catalog.MOST_DEFINITIONS + 10)]
    assert await settings_catalog.read_definitions(client, settings_catalog.CATALOGUE, ids) == {}
    assert len(graph.calls) == settings_catalog.MOST_DEFINITIONS


# --- templates ----------------------------------------------------------------------------------------------------

BITLOCKER = "deviceConfiguration--windows10EndpointProtectionConfiguration_bitLockerEncryptDevice"


def told(definition: str, value: Any) -> dict[str, Any]:
    return {"id": "s", "definitionId": definition, "valueJson": json.dumps(value)}


def test_a_template_by_its_json() -> None:
    """Settings of a template are read from their JSON; their names come from the definition, or from the last part of
    its id."""
    settings = [
        told(BITLOCKER, True),
        told("x_apps", ["a", "b"]),
        told("x_drive", {"$implementationId": None, "recovery": {"mode": "required"}, "password": "hunter2"}),
        {"definitionId": "x_old", "value": 5},
    ]
    nodes = settings_catalog.intent(settings, {BITLOCKER.casefold(): Definition("Encrypt devices")})
    assert words(nodes) == [
        ("Encrypt devices", "true"),
        ("apps", "a, b"),
        ("drive > $implementationId", ""),
        ("drive > recovery > mode", "required"),
        ("drive > password", ""),
        ("old", "5"),
    ]


def test_a_secret_of_a_template() -> None:
    """A secret of a template is recognised by the name of its definition."""
    [line] = lines(settings_catalog.intent([told("wifi_preSharedKey", "hunter2")], {}))
    assert (line.value, line.is_secret) == ("", True)


async def test_a_template_is_read(graph: ScriptedGraph, client: GraphClient) -> None:
    """The settings of a template are read from the collection of this template."""
    graph.tell("/beta/deviceManagement/intents/i/settings", {"value": [told(BITLOCKER, False)]})
    assert settings_catalog.definition_ids(await settings_catalog.read_intent(client, "i")) == (BITLOCKER,)


# --- administrative templates -------------------------------------------------------------------------------------


def policy(name: str, *filled: dict[str, Any], enabled: bool = True) -> dict[str, Any]:
    definition = {"id": f"d-{name}", "displayName": name, "classType": "machine"}
    return {"id": f"v-{name}", "enabled": enabled, "definition": definition, "presentationValues": list(filled)}


def filled(label: str, **held: Any) -> dict[str, Any]:
    return {"id": "x", "presentation": {"id": f"p-{label}", "label": label}, **held}


def test_an_administrative_template() -> None:
    """An administrative template shows for each policy whether it is enabled, its scope, and its values."""
    held = [
        policy("Home page", filled("URL:", value="https://intranet"), filled("Times", value=0)),
        policy("Sites", filled("List", values=[{"name": "a", "value": "1"}, "b"]), enabled=False),
    ]
    assert words(admx.administrative(held)) == [
        ("Home page (machine)", "enabled"),
        ("Home page (machine) > URL", "https://intranet"),
        ("Home page (machine) > Times", "0"),
        ("Sites (machine)", "disabled"),
        ("Sites (machine) > List[1]", "a = 1"),
        ("Sites (machine) > List[2]", "b"),
    ]


def test_a_change_of_an_administrative_template() -> None:
    """A change of an administrative template shows what is added, changed and removed, and not what stays."""
    held = [policy("Stays"), policy("Turned off"), policy("Goes")]
    bound = "https://graph.microsoft.com/beta/deviceManagement/groupPolicyDefinitions('d-New')"
    body = {
        "added": [{"enabled": True, "definition@odata.bind": bound}],
        "updated": [{"id": "v-Turned off", "enabled": False}],
        "deletedIds": ["v-Goes"],
    }
    after = admx.administrative(admx.updated(held, body))
    found = list(changes(admx.administrative(held), after))
    assert [
        (one.before and one.before.name, one.before and one.before.value, one.after and one.after.value)
        for one in found
    ] == [
        ("Turned off (machine)", "enabled", "disabled"),
        (None, None, "enabled"),
        ("Goes (machine)", "enabled", None),
    ]


# --- properties of an object itself -------------------------------------------------------------------------------


def test_properties_of_any_form() -> None:
    """Properties of objects and lists are shown with their paths, types by their last part, and Graph's annotations are
    left out."""
    held = {
        "a": {"b": [1, 2], "c@odata.context": "x"},
        "rules": [{"@odata.type": "#microsoft.graph.win32LobAppFileSystemDetection", "path": "C:"}, {}],
        "gone": {"d": 1},
        "none": None,
    }
    assert words(settings_catalog.properties(held, {"gone", "rules[1].path"})) == [
        ("a.b", "1, 2"),
        ("rules[1].@odata.type", "win32LobAppFileSystemDetection"),
        ("rules[2]", ""),
        ("none", ""),
    ]


def test_a_long_list_is_compared_by_its_elements() -> None:
    """One more value in a long list is one change."""
    values = [f"application{number}.exe" for number in range(30)]
    before, after = ([settings_catalog.plain("apps", some)] for some in (values, ["new.exe", *values]))
    [change] = changes(before, after)
    assert change.after is not None
    assert (change.after.code, change.after.value) == ("apps[1]", "new.exe")


async def test_an_administrative_template_is_read(graph: ScriptedGraph, client: GraphClient) -> None:
    """An administrative template is read together with the names of its settings and values."""
    graph.tell("/beta/deviceManagement/groupPolicyConfigurations/g/definitionValues", {"value": [policy("Home")]})
    assert await admx.read_administrative(client, "g") == [policy("Home")]
    assert graph.calls[0].query["$expand"] == "definition,presentationValues($expand=presentation)"
