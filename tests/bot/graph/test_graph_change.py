"""A change compared with the present state: nothing is left out, and nothing is shown twice."""

import base64
import json
from typing import Any

import pytest

from approvals.subject import Fate, Purpose, Script, Setting
from bot.graph.content import read_content
from bot.graph.http import GraphClient
from bot.graph.rows import parse_row
from handlers.ports.intune import Content
from tests.bot.graph.scripted import ScriptedGraph

ADMX = "/beta/deviceManagement/groupPolicyConfigurations/x"
APP = "/beta/deviceAppManagement/mobileApps/x"
VALUE = {"id": "v", "enabled": True, "definition": {"id": "d", "displayName": "Home page"}}
CHANGE = {"added": [], "updated": [{"id": "v", "enabled": False}], "deletedIds": []}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def read(client: GraphClient, kind: str, operation: str, **parts: Any) -> Content:
    """Return the content of a row with these parts, each written as JSON in a string."""
    row = {"id": "r", "payloadId": "x", "payloadType": kind, "payloadOperation": operation}
    return await read_content(client, parse_row(row | {name: json.dumps(part) for name, part in parts.items()}))


def settings(content: Content) -> list[tuple[str, str, str, Fate]]:
    return [(one.name, one.before, one.value, one.fate) for one in content.facts if isinstance(one, Setting)]


def scripts(content: Content) -> list[tuple[str, Purpose, Fate]]:
    return [(one.part, one.purpose, one.fate) for one in content.facts if isinstance(one, Script)]


@pytest.fixture
def admx(graph: ScriptedGraph) -> None:
    """Set up an administrative template with one setting."""
    graph.tell(ADMX, {"id": "x", "displayName": "Browser"})
    graph.tell(f"{ADMX}/definitionValues", {"value": [VALUE]})


@pytest.mark.usefixtures("admx")
@pytest.mark.parametrize("member", ["patchPayload", "actionParameters"])
async def test_a_call_of_its_own(client: GraphClient, member: str) -> None:
    """The body of a call of its own is read from either part of the request that may hold it."""
    parts = {"payload": {"displayName": "Browser"}, member: CHANGE}
    content = await read(client, "GroupPolicyConfiguration", "Update", **parts)
    assert settings(content) == [("d", "enabled", "disabled", Fate.CHANGED)]


@pytest.mark.usefixtures("admx")
async def test_a_call_under_another_name(client: GraphClient) -> None:
    """If the request does not say that its call is an update, all values are shown as they are, so that nothing is
    hidden."""
    content = await read(client, "GroupPolicyConfiguration", "Action", actionParameters=CHANGE)
    assert ("updated[1].enabled", "", "false", Fate.STANDS) in settings(content)


async def test_the_rules_of_an_app_are_told_once(graph: ScriptedGraph, client: GraphClient) -> None:
    """Graph shows the rules of an app in two lists; a changed rule is shown once, and no old rule is left over."""
    old, new = {"scriptContent": encoded("old\n")}, {"scriptContent": encoded("new\n")}
    whole = {"id": "x", "detectionRules": [old], "rules": [{**old, "ruleType": "detection"}]}
    for patch, part in (
        ({"detectionRules": [new]}, "detectionRules[1].scriptContent"),
        ({"rules": [{**new, "ruleType": "detection"}]}, "rules[1].scriptContent"),
    ):
        graph.tell(APP, whole)
        content = await read(client, "MobileApp", "Update", payload=whole, patchPayload=patch)
        assert scripts(content) == [(part, Purpose.DETECTION, Fate.CHANGED)]
        assert settings(content) == []
    gone = await read(client, "MobileApp", "Delete", payload=whole)
    assert scripts(gone) == [("detectionRules[1].scriptContent", Purpose.DETECTION, Fate.STANDS)]


async def test_rules_that_contradict_each_other(graph: ScriptedGraph, client: GraphClient) -> None:
    """If the two lists of rules contradict each other, both are shown."""
    good, evil = {"scriptContent": encoded("good\n")}, {"scriptContent": encoded("evil\n"), "ruleType": "detection"}
    graph.tell(APP, {"id": "x"})
    content = await read(client, "MobileApp", "Update", patchPayload={"detectionRules": [good], "rules": [evil]})
    assert [part for part, _, _ in scripts(content)] == ["detectionRules[1].scriptContent", "rules[1].scriptContent"]
    assert "evil" in content.script


async def test_a_script_that_is_taken_out(graph: ScriptedGraph, client: GraphClient) -> None:
    """A script that is removed with its rule is shown as removed."""
    graph.tell(APP, {"id": "x", "detectionRules": [{"scriptContent": encoded("a\n")}], "preInstallScript": None})
    content = await read(client, "MobileApp", "Update", patchPayload={"detectionRules": []})
    assert scripts(content) == [("detectionRules[1].scriptContent", Purpose.DETECTION, Fate.REMOVED)]


async def test_a_deletion_names_what_the_request_does_not(graph: ScriptedGraph, client: GraphClient) -> None:
    """A deletion also shows the settings that the request itself does not hold."""
    value = {"settingDefinitionId": "a", "simpleSettingValue": {"value": "1"}}
    graph.tell("/beta/deviceManagement/configurationPolicies/x", {"id": "x", "name": "P"})
    graph.tell("/beta/deviceManagement/configurationPolicies/x/settings", {"value": [{"settingInstance": value}]})
    content = await read(client, "ConfigurationPolicy", "Delete", payload={"name": "P"})
    assert ("a", "", "1", Fate.STANDS) in settings(content)


async def test_another_casing(graph: ScriptedGraph, client: GraphClient) -> None:
    """A setting whose name begins with a capital letter in the request is the same setting."""
    graph.tell("/beta/deviceManagement/deviceConfigurations/x", {"id": "x", "cameraBlocked": True})
    content = await read(client, "DeviceConfiguration", "Update", patchPayload={"CameraBlocked": False})
    assert settings(content) == [("cameraBlocked", "true", "false", Fate.CHANGED)]
