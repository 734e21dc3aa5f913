"""Secrets are hidden from cards and from the store wherever they are; other settings with similar names are shown."""

import base64
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.graph.hidden_texts import line_without_secrets, text_without_secrets, texts_without_secrets
from bot.graph.hiding import without_secrets
from bot.graph.scripts import scripts_in
from bot.graph.secret_names import HIDDEN, is_secret_name

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


MORE_NAMES = """
    passwords wepKeys preSharedKeys accessTokens productKeys credentials
    password1 password2 pwd1 PIN1 passwordValue clientSecretValue tokenValue pinValue pinCode secretString
    privateKeyPem sharedSecretBase64 pskHex adminPasswordEncrypted passCodeText apiSecret1 mdmEnrollmentTokenValue
    WIFI_PASSWORD_HASH clientsecretvalue x_pinvalue
    secretKey authKey encryptionKey subscriptionKey activationKey masterKey storageKey joinKey serialKey
    adminPass userPass pass authorization bearer otp qrCodeContent sasUrl x_secretkey
"""


@pytest.mark.parametrize("name", MORE_NAMES.split())
def test_a_secret_in_another_form(name: str) -> None:
    """A plural, a number, or a word for the form at the end of the name does not show the secret."""
    assert without_secrets({name: KEY, "ssid": "x"}) == {name: HIDDEN, "ssid": "x"}


@given(
    st.sampled_from(["password", "clientSecret", "preSharedKey", "Pin", "token", "API_KEY"]),
    st.lists(st.sampled_from(["1", "22", "Value", "_text", "String", "-code", "Hex", "Base64", "Pem", "Encrypted"])),
)
def test_every_form_of_a_secret(name: str, forms: list[str]) -> None:
    """Any number of such words may follow."""
    assert is_secret_name("".join([name, *forms]))


ABOUT = """
    passwordRequired passcodeMinimumLength recoveryPasswordUsage appConfigKey key keys tokenType spin
    passwordMinimumLength passwordExpirationDays passwordBlockSimple passwordRequiredType passwordPolicy
    passwordFormatString pinRequired pinExpirationInDays simplePinBlocked tokenLifetime tokenLifetimeInMinutes tokenId
    keyboard keyUsage publicKey publicKeyPem publicKeyToken keySize primaryKey secondaryKey registryKey keyValue keyName
    certificateKeyStorageProvider fileVaultSelectedRecoveryKeyTypes firewallPreSharedKeyEncodingMethod
    emergencyBypass byPass compass passkeyType securityKeyForSignIn maximumDepTokens numberOfPastPinsRemembered
    ConfigureStartPins errorCode productCode postalCode hostname value value1 text data code 1
"""


@pytest.mark.parametrize("name", ABOUT.split())
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
    {"omaUri": "./Vendor/X/Password/", "value": KEY},
    {"omaUri": "./Vendor/X/Password/Value", "value": KEY},
    {"displayName": "Local admin password", "omaUri": "./Vendor/X/P1", "value": KEY},
    {"id": "AdminPassword", "value": KEY},
    {"valueName": "DefaultPassword", "detectionValue": KEY},
    {"key": "password", "valueStringArray": [KEY]},
    {"key": "credentials", "valueBundle": {"managedProperty": [{"key": "second", "valueString": KEY}]}},
    {"settingDefinitionId": "x_secretkey", "simpleSettingValue": {"value": KEY}},
]

VALUES = ("value", "valueString", "valueInteger", "valueLong", "valueDouble", "valueText", "intValue", "stringValue")


@pytest.mark.parametrize("member", [*VALUES, *(f"{name}Array" for name in VALUES), "values", "currentValue"])
@pytest.mark.parametrize("value", [4711, "4711", 47.11, ["4711"]])
def test_every_type_of_value(member: str, value: Any) -> None:
    """The value beside a secret's name is hidden in the member of any type (managedConfiguration of Android)."""
    assert "47" not in json.dumps(without_secrets({"key": "pin", member: value}))
    assert without_secrets({"key": "limit", member: value}) == {"key": "limit", member: value}


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
    {"key": "password", "valueBool": True, "valueType": "string", "valueName": "x"},
    {"displayName": "Require a password", "omaUri": "./x/DevicePasswordEnabled", "value": "2"},
    {"displayName": "No password", "omaUri": "./x/Admx", "value": '<enabled/><data id="Length" value="8"/>'},
    {"@odata.type": "#microsoft.graph.omaSettingStringXml", "displayName": "Wi-Fi password", "value": "PGE+eDwvYT4="},
    {"authorization": "Allow", "enforceAppPIN": "true", "password": "NotConfigured", "pin": 0},
    {"displayName": "Wi-Fi password", "definitionValues": [{"value": 8}], "customKeyValueData": "x"},
    {"name": "LAPS password", "settings": [{"definitionId": "x_length", "value": 8}]},
    {"omaUri": "./x/ConfigureStartPins", "value": '{"pinnedList": []}'},
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
    f"server=a\npassword=two words {KEY}\n",
    f"[wifi]\n  psk: a,{KEY}\r\n",
    f'passphrase=a&"{KEY}|{KEY}',
    f"server=a;password=a,{KEY};mode=b",
    f"server=a;password={KEY}",
    f"Config: password1 = {KEY}",
    f"Product key: {KEY}",
    f'{{"password": "two words {KEY}",}}',
    f'{{"config": "server=a;password={KEY}"}}',
    f'{{"a": "{{\\"password\\": \\"{KEY}\\",}}"}}',
    f'x [{{"password":"{KEY}"}}]',
    f'<add key="password" value="{KEY}"/>',
    f"<add value='{KEY}' key='password'/>",
    f'<enabled/><data id="AdminPassword" value="{KEY}"/>',
    f'<cfg password="two words {KEY}"/>',
    f'<password value="{KEY}"/>',
    f"<name>password</name> <value>{KEY}</value>",
    f"<Item><Target><LocURI>./Vendor/X/Password/</LocURI></Target><Data>{KEY}</Data></Item>",
    f'<string name="password">{KEY}</string>',
    f"<key>Passwords</key><array><string>a</string> <string>{KEY}</string></array>",
    f"curl -H 'Authorization: Bearer {KEY}' https://example.com",
    f"agent.exe /quiet --token {KEY} /log",
    f'agent.exe /password:"{KEY}" TOKEN={KEY}',
    f"https://example.com/a?sv=1&sig={KEY}&se=2",
    f"http://proxy:{KEY}@example.com:8080",
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


KEPT = [
    "MinimumPasswordLength = 8\nPasswordComplexity = 1\nClearTextPassword = 0\n",
    '<enabled/><data id="PasswordLength" value="14"/>',
    '<data id="AllowPassword" value="1"/><assemblyIdentity name="x" publicKeyToken="b77a5c561934e089"/>',
    "<key>Authorization</key><string>Allow</string><key>forcePIN</key><true/>",
    "<key>Services</key><dict><key>Tokens</key><array/></dict>",
    '{"passwordMinimumLength": 8, "passwordRequired": true, "password": null, "keyUsage": "digitalSignature",}',
    "password={{password}} token=$env:TOKEN pin=%PIN%",
    "powershell.exe -File reset-password.ps1 -Silent",
    "Users choose a password, and keep their token.",
    "if (password == other) { }",
    "password=(not shown)",
    "cGFzc3dvcmRzIGFyZSBnb29k",
    "https://example.com:8080/token/a@b",
]


@pytest.mark.parametrize("text", KEPT)
def test_a_text_without_secrets_stays(text: str) -> None:
    """Policies about passwords, references to values kept elsewhere, and prose are shown as they are."""
    assert text_without_secrets(text) == text


NEXT_TO_SECRETS = {
    "server=a;password=x1;mode=b": f"server=a;password={HIDDEN};mode=b",
    "server=a,password=x1,mode=b": f"server=a,password={HIDDEN},mode=b",
    "agent.exe token=x1 && other.exe": f"agent.exe token={HIDDEN} && other.exe",
    "agent.exe --token x1|other.exe": f"agent.exe --token {HIDDEN}|other.exe",
    'set x="1" & password="$(other.exe)"': 'set x="1" & password="$(other.exe)"',
    "password=x1\nserver=a\n": f"password={HIDDEN}\nserver=a\n",
    "password=\nserver=a\n": "password=\nserver=a\n",
    '<add key="password" value="x1" mode="a"/>': f'<add key="password" value="{HIDDEN}" mode="a"/>',
}


@pytest.mark.parametrize("text", NEXT_TO_SECRETS)
def test_only_the_secret_is_hidden(text: str) -> None:
    """Other settings, and other commands on the same line, stay visible: a secret's name must not conceal them."""
    assert text_without_secrets(text) == NEXT_TO_SECRETS[text]


@given(st.text(), st.sampled_from(TEXTS))
def test_hiding_twice_changes_nothing(text: str, profile: str) -> None:
    """What is hidden stays as it is when it is read again: a stored text may be processed a second time."""
    for one in (text, profile):
        hidden = text_without_secrets(one)
        assert text_without_secrets(hidden) == hidden


def _encoded(text: str, encoding: str = "utf-8") -> str:
    return base64.b64encode(text.encode(encoding)).decode()


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_encoded_secret(text: str, encoding: str) -> None:
    """A value in base64 that contains a secret is replaced by its hash, so that a change of it is still seen."""
    one, other = (texts_without_secrets({"deep": [_encoded(t, encoding)]}) for t in (text, f"{text} "))
    assert one["deep"][0].startswith(HIDDEN)
    assert one != other


def test_all_texts_of_an_object() -> None:
    """Every text in an object of unknown type is searched for secrets, and scripts stay as they were filed."""
    script = _encoded(f"$password = '{KEY}'")
    held = {
        "scriptContent": script,
        "description": f"password={KEY}",
        "b": {"pin": 4711, "c": [_encoded("plain"), 1, None]},
        "t": ({"pin": 1234},),
    }
    assert texts_without_secrets(held) == {
        "scriptContent": script,
        "description": f"password={HIDDEN}",
        "b": {"pin": HIDDEN, "c": [_encoded("plain"), 1, None]},
        "t": [{"pin": HIDDEN}],
    }


def test_a_line_whose_secret_changes() -> None:
    """Two values that differ only in a secret look different, so that a card shows the change."""
    one, other = (line_without_secrets(f"server=a;password={secret}") for secret in (KEY, f"{KEY}3"))
    assert one.startswith(f"server=a;password={HIDDEN}, SHA-256 ")
    assert one != other
    assert line_without_secrets("server=a") == "server=a"
    assert line_without_secrets(_encoded(f"password={KEY}")) == text_without_secrets(_encoded(f"password={KEY}"))


@pytest.mark.parametrize("property_name", ["scriptContent", "detectionScriptContent", "remediationScriptContent"])
def test_a_script_is_shown_in_full(property_name: str) -> None:
    """People see every character that will run, also if a script contains a password."""
    [script] = scripts_in({property_name: _encoded(f"$password = '{KEY}'")})
    assert script.text == f"$password = '{KEY}'"


PIECES = [
    "<key>",
    "<key> ",
    "<a><![CDATA[",
    "<key>Password</key><!--",
    "</key>",
    " ",
    "a.",
    "a-",
    "a ",
    "a=",
    "pin=",
    "pin=a;",
]
QUOTES = [
    'pin="',
    "pin='a",
    '<a b="',
    '<a b="c" ',
    '<a "',
    "://a:",
    "--pin ",
    "--pin a",
    "\\",
    "<key>pin</key><array><string>",
]


@pytest.mark.parametrize("piece", [*PIECES, *QUOTES])
def test_no_text_takes_long(piece: str) -> None:
    """Hiding secrets takes little time for any text, because the filing person chooses the text."""
    begun = time.process_time()
    text_without_secrets("<key>" + piece * (200_000 // len(piece)))
    assert time.process_time() - begun < 2
