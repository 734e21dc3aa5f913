"""Scripts in every place where Intune keeps them: each is found with its path, its hash and its text."""

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.subject import Purpose
from bot.graph import script_references, scripts
from bot.graph.http import GraphClient
from handlers.ports.errors import Unavailable
from tests.bot.graph.scripted import ScriptedGraph

TEXT = "Get-ChildItem C:\\ | Out-Null\n"
GRAPH = "#microsoft.graph."
INTUNE = "microsoft.management.services.api."
"""The prefix of the type names in a held payload."""


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def rule(kind: str, text: str = TEXT, **more: Any) -> dict[str, Any]:
    return {"@odata.type": f"{INTUNE}{kind}", "scriptContent": encoded(text), **more}


def simple(definition: str, value: Any, kind: str = "String") -> dict[str, Any]:
    """Return a setting of the catalogue with one value."""
    return {
        "settingInstance": {
            "@odata.type": f"{GRAPH}deviceManagementConfigurationSimpleSettingInstance",
            "settingDefinitionId": definition,
            "simpleSettingValue": {
                "@odata.type": f"{GRAPH}deviceManagementConfiguration{kind}SettingValue",
                "value": value,
            },
        }
    }


def oma(kind: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"@odata.type": f"{GRAPH}omaSetting{kind}", "omaUri": "./Vendor/X", "value": value, **more}


HELD: dict[str, tuple[dict[str, Any], str, Purpose, str]] = {
    "PowerShell": ({"scriptContent": encoded(TEXT), "displayName": "x"}, "scriptContent", Purpose.SCRIPT, ""),
    "detection": ({"detectionScriptContent": encoded(TEXT)}, "detectionScriptContent", Purpose.DETECTION, ""),
    "remediation": ({"remediationScriptContent": encoded(TEXT)}, "remediationScriptContent", Purpose.REMEDIATION, ""),
    "Win32 detection": (
        {"detectionRules": [{"path": "C:\\"}, rule("win32LobAppPowerShellScriptDetection")]},
        "detectionRules[2].scriptContent",
        Purpose.DETECTION,
        "",
    ),
    "Win32 requirement": (
        {"requirementRules": [rule("win32LobAppPowerShellScriptRequirement", displayName="Enough room")]},
        "requirementRules[1].scriptContent",
        Purpose.REQUIREMENT,
        "Enough room",
    ),
    "Win32 rule that detects": (
        {"rules": [rule("win32LobAppPowerShellScriptRule", ruleType="detection")]},
        "rules[1].scriptContent",
        Purpose.DETECTION,
        "",
    ),
    "Win32 rule that requires": (
        {"rules": [rule("win32LobAppPowerShellScriptRule", ruleType="requirement", displayName="Room")]},
        "rules[1].scriptContent",
        Purpose.REQUIREMENT,
        "Room",
    ),
    "before a Mac's package": (
        {"preInstallScript": rule("macOSAppScript")},
        "preInstallScript.scriptContent",
        Purpose.PRE_INSTALL,
        "",
    ),
    "after a Mac's package": (
        {"postInstallScript": rule("macOSAppScript")},
        "postInstallScript.scriptContent",
        Purpose.POST_INSTALL,
        "",
    ),
    "a Mac's profile": (
        {"@odata.type": f"{INTUNE}macOSCustomConfiguration", "payload": encoded("<plist>\n</plist>")},
        "payload",
        Purpose.CONFIGURATION,
        "",
    ),
    "a profile without its type": (
        {"payloadFileName": "x.mobileconfig", "payload": encoded("<plist>\n</plist>")},
        "payload",
        Purpose.CONFIGURATION,
        "",
    ),
    "custom compliance": (
        {"deviceCompliancePolicyScript": {"rulesContent": encoded('{"Rules": []}')}},
        "deviceCompliancePolicyScript.rulesContent",
        Purpose.COMPLIANCE_RULES,
        "",
    ),
    "OMA in base64": (
        {"omaSettings": [oma("Base64", encoded("<x/>"), fileName="x.xml")]},
        "omaSettings[1].value",
        Purpose.CONFIGURATION,
        "./Vendor/X",
    ),
    "OMA as XML": (
        {"omaSettings": [oma("StringXml", encoded("<x/>"))]},
        "omaSettings[1].value",
        Purpose.CONFIGURATION,
        "./Vendor/X",
    ),
    "OMA as text": (
        {"omaSettings": [oma("String", "<x>\n</x>")]},
        "omaSettings[1].value",
        Purpose.CONFIGURATION,
        "./Vendor/X",
    ),
    "Linux": (
        {"settings": [simple("linux_customconfig_script", encoded(TEXT))]},
        "settings[1].settingInstance.simpleSettingValue.value",
        Purpose.SCRIPT,
        "linux_customconfig_script",
    ),
    "Linux discovery": (
        simple("linux_customcompliance_discoveryscript_reusablesetting", encoded(TEXT)),
        "settingInstance.simpleSettingValue.value",
        Purpose.DISCOVERY,
        "linux_customcompliance_discoveryscript_reusablesetting",
    ),
    "a setting of several lines": (
        simple("some_setting", "one\ntwo"),
        "settingInstance.simpleSettingValue.value",
        Purpose.CONFIGURATION,
        "some_setting",
    ),
    "a script of a Win32 app": (
        {
            "@odata.type": f"{GRAPH}win32LobAppInstallPowerShellScript",
            "displayName": "i.ps1",
            "content": encoded(TEXT),
        },
        "content",
        Purpose.INSTALL,
        "i.ps1",
    ),
}


@pytest.mark.parametrize("name", HELD)
def test_every_place(name: str) -> None:
    """A script in each known place is found with its path, purpose, name, hash and number of lines."""
    payload, path, part, about = HELD[name]
    [found] = scripts.scripts_in(payload)
    assert (found.path, found.purpose, found.about, found.is_readable) == (path, part, about, True)
    assert found.sha256 == sha(found.text)
    assert found.lines == len(found.text.splitlines())


@pytest.mark.parametrize("name", HELD)
def test_every_place_in_json_in_a_string(name: str) -> None:
    """A script is also found in a part of the payload that is written as JSON in a string."""
    payload, path, part, _ = HELD[name]
    [found] = scripts.scripts_in({"items": json.dumps([payload])})
    assert (found.path, found.purpose) == (f"items[1].{path}", part)


@pytest.mark.parametrize(
    "payload",
    [
        {"scriptContent": None},
        {"scriptContent": ""},
        {"scriptContent": ["x"]},
        {"content": encoded(TEXT)},
        {"trustedRootCertificate": encoded(TEXT)},
        {"payload": base64.b64encode(bytes(range(256))).decode()},
        {"omaSettings": [oma("Integer", 1), oma("Boolean", True), oma("String", "Enabled")]},
        simple("linux_customconfig_executionfrequency", "1week"),
        simple("device_vendor_script_enabled", "yes"),
        simple("linux_customconfig_script", encoded(TEXT), "Secret"),
        simple("linux_customcompliance_discoveryscript", "d5ce302b-125e-4602-8dd0-b4a73afcf1a7", "Reference"),
    ],
)
def test_what_is_no_script(payload: dict[str, Any]) -> None:
    """Values that are no scripts are not returned as scripts, and secrets are not shown in this way."""
    assert scripts.scripts_in(payload) == ()


def test_what_cannot_be_read_is_there_all_the_same() -> None:
    """A script, profile or value that cannot be read is listed as not readable, with its hash."""
    picture = base64.b64encode(bytes(range(256))).decode()
    found = scripts.scripts_in(
        {
            "scriptContent": "%%1",
            "nested": {"@odata.type": f"{GRAPH}iosCustomConfiguration", "payload": picture},
            "omaSettings": [oma("StringXml", "****", isEncrypted=True), oma("String", "****")],
        }
    )
    assert [(one.path, one.text, one.is_readable) for one in found] == [
        ("scriptContent", "", False),
        ("nested.payload", "", False),
        ("omaSettings[1].value", "", False),
        ("omaSettings[2].value", "", False),
    ]
    assert found[0].sha256 == sha("%%1")


def test_keys_in_a_profile_are_not_shown() -> None:
    """Keys and passwords in the text of a profile are hidden, and the hash covers them."""
    wlan = "<sharedKey><keyMaterial>hunter2</keyMaterial></sharedKey>"
    apple = "<dict>\n<key>Password</key>\n<string>hunter2</string><key>SharedSecret</key><data>hunter2</data></dict>"
    for text in (wlan, apple):
        [found] = scripts.scripts_in({"payload": encoded(text)})
        assert "hunter2" not in found.text
        assert "(not shown)" in found.text
        assert found.sha256 == sha(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["scriptContent", "payload", "omaUri", "value", "simpleSettingValue", "@odata.type"])
                | st.text(),
                inner,
            )
        ),
        max_leaves=20,
    )
)
def test_nothing_raises(payload: Any) -> None:
    """Any payload is searched without an error."""
    scripts.scripts_in(payload)
    script_references.references_in(payload, "id")


# --- before and after ---------------------------------------------------------------------------------------------


def detections(*texts: str) -> tuple[scripts.FoundScript, ...]:
    rules = [rule("win32LobAppPowerShellScriptDetection", text) for text in texts]
    return scripts.scripts_in({"detectionRules": rules})


def changes(before: Any, after: Any) -> list[tuple[str, str]]:
    found = scripts.compared(before, after)
    return [(one.before.text if one.before else "", one.after.text if one.after else "") for one in found]


def test_one_in_front_of_others_is_one_change() -> None:
    """A script that is put in front of others is one change; the others count as unchanged although their paths
    move."""
    assert changes(detections("a", "b", "c"), detections("new", "a", "b", "c")) == [("", "new")]
    assert changes(detections("a", "b", "c"), detections("b", "c")) == [("a", "")]
    assert changes(detections("a", "b", "c"), detections("a", "x", "c")) == [("b", "x")]
    assert changes(detections("a", "b"), detections("b", "a")) == []


def test_a_renamed_rule_keeps_its_script() -> None:
    """A rule that only gets another name keeps its script; a new name with a new text is a change of the same rule."""

    def required(name: str, text: str) -> tuple[scripts.FoundScript, ...]:
        return scripts.scripts_in(
            {"requirementRules": [rule("win32LobAppPowerShellScriptRequirement", text, displayName=name)]}
        )

    assert changes(required("Room", "a"), required("Space", "b")) == [("a", "b")]
    assert changes(required("Room", "a"), required("Space", "a")) == []


# --- scripts that are kept elsewhere ------------------------------------------------------------------------------

APP = {
    "committedContentVersion": "3",
    "activeInstallScript": {"targetId": "s 1"},
    "activeUninstallScript": {"targetId": "s2"},
}
BASE = "/beta/deviceAppManagement/mobileApps/app/microsoft.graph.win32LobApp/contentVersions/3/scripts"


async def test_the_scripts_of_a_win32_app(graph: ScriptedGraph, client: GraphClient) -> None:
    """The scripts of a Win32 app are read from its current content, and a script that Graph does not show is unread."""
    kind = f"{GRAPH}win32LobAppInstallPowerShellScript"
    graph.tell(f"{BASE}/s 1", {"@odata.type": kind, "displayName": "install.ps1", "content": encoded(TEXT)})
    install, uninstall = await script_references.read_referred(client, script_references.references_in(APP, "app"))
    [script] = install.scripts
    assert (script.path, script.purpose, script.about) == (
        "activeInstallScript > content",
        Purpose.INSTALL,
        "install.ps1",
    )
    assert script.sha256 == sha(TEXT)
    assert not install.is_unread
    assert (uninstall.reference.purpose, uninstall.reference.id, uninstall.is_unread) == (Purpose.UNINSTALL, "s2", True)


async def test_a_content_that_nobody_names(graph: ScriptedGraph, client: GraphClient) -> None:
    """If the app does not name its content version, its scripts are unread, and Graph is not asked."""
    [one] = await script_references.read_referred(
        client, script_references.references_in({"activeInstallScript": {"targetId": "s"}}, "app")
    )
    assert one.is_unread
    assert graph.calls == []


async def test_the_scripts_of_custom_compliance(graph: ScriptedGraph, client: GraphClient) -> None:
    """The script of custom compliance is a separate object on Windows, and a reusable setting on Linux."""
    graph.tell("/beta/deviceManagement/deviceComplianceScripts/c1", {"detectionScriptContent": encoded(TEXT)})
    graph.tell(
        "/beta/deviceManagement/reusablePolicySettings/r1",
        simple("linux_customcompliance_discoveryscript_reusablesetting", encoded(TEXT)),
    )
    named = {
        "deviceCompliancePolicyScript": {"deviceComplianceScriptId": "c1"},
        "settings": [simple("linux_customcompliance_discoveryscript", "r1", "Reference")],
    }
    found = await script_references.read_referred(client, script_references.references_in(named, "policy"))
    assert [(one.scripts[0].purpose, one.scripts[0].text) for one in found] == [(Purpose.DISCOVERY, TEXT)] * 2


async def test_a_neighbour_that_fails(graph: ScriptedGraph, client: GraphClient) -> None:
    """If Graph fails, reading the scripts raises."""
    graph.tell(f"{BASE}/s 1", status=503)
    with pytest.raises(Unavailable):
        await script_references.read_referred(client, script_references.references_in(APP, "app"))
