"""Secrets are hidden from cards and from the store wherever they are; other settings with similar names are shown."""

import base64
import json
import time
from typing import Any

import pytest

from bot.graph.hiding import HIDDEN, is_secret_name, text_without_secrets, without_secrets
from bot.graph.scripts import scripts_in

KEY = "hunter2"


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "adminAccountPassword",
        "proxyPassword",
        "pass_word",
        "preSharedKey",
        "PreSharedKey",
        "client_secret",
        "api-key",
        "apiKey",
        "productKey",
        "enrollmentToken",
        "macOsUnlockCode",
        "UserPIN",
        "unlockPin",
        "unlockpin",
        "PSK",
        "activationLockBypassCode",
    ],
)
def test_a_secret_by_its_name(name: str) -> None:
    """A secret is recognised by the name of its field, in any casing and with any prefix."""
    assert is_secret_name(name)
    assert without_secrets({name: KEY, "ssid": "x"}) == {name: HIDDEN, "ssid": "x"}


@pytest.mark.parametrize(
    "name",
    ["passwordRequired", "passcodeMinimumLength", "recoveryPasswordUsage", "appConfigKey", "key", "tokenType", "spin"],
)
def test_what_only_speaks_of_secrets(name: str) -> None:
    """A setting whose name only mentions a secret is shown."""
    assert not is_secret_name(name)


PAIRS: list[Any] = [
    {"omaUri": "./Device/Vendor/MSFT/Accounts/Users/adm/Password", "value": KEY},
    {"appConfigKey": "password", "appConfigKeyType": "stringType", "appConfigKeyValue": KEY},
    {"@odata.type": "#microsoft.graph.deviceHealthScriptStringParameter", "name": "ApiToken", "defaultValue": KEY},
    {"key": "client_secret", "valueString": KEY},
    {"definitionId": "deviceConfiguration--wifi_wifiPassword", "valueJson": f'"{KEY}"'},
    {"settingDefinitionId": "com.apple.wifi.managed_password", "simpleSettingValue": {"value": KEY}},
    {"settingDefinitionId": "x_secret", "simpleSettingCollectionValue": [{"value": KEY}]},
    {"@Odata.Type": "#microsoft.graph.deviceManagementConfigurationSecretSettingValue", "Value": KEY},
    {"pin": [KEY]},
    {"unlockCode": {"value": KEY}},
    {"valueJson": json.dumps(json.dumps({"secret": KEY}))},
]


@pytest.mark.parametrize("held", PAIRS)
def test_a_secret_beside_its_name(held: Any) -> None:
    """A secret is hidden if its name is in another field beside it: in pairs, lists, definitions and JSON inside
    JSON."""
    told = json.dumps(without_secrets({"deep": [held]}))
    assert KEY not in told
    assert HIDDEN in told


SWITCHES: list[Any] = [
    {"@odata.type": "#microsoft.graph.omaSettingInteger", "omaUri": "./x/AllowSimpleDevicePassword", "value": 1},
    {"omaUri": "./x/PromptForPassword", "value": "<enabled/>"},
    {"password": False, "pin": None, "secret": ""},
    {"settingDefinitionId": "x_password", "choiceSettingValue": {"value": "x_password_1"}},
    {"name": "Reset Password", "description": "For the desk"},
]


@pytest.mark.parametrize("held", SWITCHES)
def test_switches_are_no_secrets(held: Any) -> None:
    """A setting that only allows or requires a password is shown."""
    assert without_secrets(held) == held


TEXTS = [
    f"<WLANProfile><keyMaterial>{KEY}</keyMaterial></WLANProfile>",
    f"<w:keyMaterial x='1'><![CDATA[{KEY}]]></w:keyMaterial>",
    f"&lt;keyMaterial&gt;{KEY}&lt;/keyMaterial&gt;",
    f"<key>Password</key><!-- it --> <string>{KEY}</string>",
    f"<key> UserPIN </key>\n<integer>{KEY}</integer>",
    f"<key>SharedSecret</key><string><![CDATA[{KEY}]]></string>",
    f"<Credentials><Password>{KEY}</Password></Credentials>",
    json.dumps({"managedProperty": [{"key": "password", "valueString": KEY}]}),
    "\ufeff" + json.dumps({"deep": {"apiKey": KEY}}),
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_secret_in_a_profile(text: str) -> None:
    """Secrets in the text of Windows, Apple and Android profiles are hidden."""
    assert KEY not in text_without_secrets(text)
    stored = {"@odata.type": "x.macOSCustomConfiguration", "payload": base64.b64encode(text.encode()).decode()}
    [script] = scripts_in(stored)
    assert KEY not in script.text
    assert HIDDEN in script.text


def test_the_rest_of_a_profile_stays() -> None:
    """Text of a profile without secrets is kept unchanged."""
    profile = "<dict><key>SSID</key><string>Corp</string><passwordPolicy>8</passwordPolicy></dict>"
    assert text_without_secrets(profile) == profile


@pytest.mark.parametrize("piece", ["<key>", "<key> ", "<a><![CDATA[", "<key>Password</key><!--", "</key>", " "])
def test_no_text_takes_long(piece: str) -> None:
    """Hiding secrets takes little time for any text, because the filing person chooses the text."""
    begun = time.process_time()
    text_without_secrets("<key>" + piece * (200_000 // len(piece)))
    assert time.process_time() - begun < 2
