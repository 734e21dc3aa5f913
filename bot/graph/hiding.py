"""Secrets, recognised by their names: they are not shown on cards, stored or logged.

Settings that are only about secrets ("passwordRequired", "passcodeMinimumLength") are reviewed like any other: the end
of a name decides. Graph writes secrets in separate properties (wifiConfiguration, `preSharedKey`), and as pairs of a
name and a value (https://learn.microsoft.com/graph/api/resources/intune-apps-appconfigurationsettingitem,
intune-devices-devicehealthscriptstringparameter, intune-deviceconfig-omasettingstring). The end of an OMA-URI says what
it sets (https://learn.microsoft.com/windows/client-management/mdm/accounts-csp, `Users/{UserName}/Password`).
"""

import html
import json
import re
from collections.abc import Mapping
from typing import Any

from bot.graph import encoded

HIDDEN = "(not shown)"
"""Shown in place of a secret, so that everybody sees that there is one."""

_ENDINGS = (
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "credential",
    "presharedkey",
    "privatekey",
    "sharedkey",
    "accesskey",
    "accountkey",
    "apikey",
    "licensekey",
    "networkkey",
    "productkey",
    "recoverykey",
    "wifikey",
    "wepkey",
    "keymaterial",
    "unlockcode",
    "unlockpin",
    "userpin",
    "bypasscode",
    "connectionstring",
)
_LAST_WORDS = frozenset({"challenge", "pin", "psk", "pwd", "token"})
"""Secret only as whole words: longer words end with them, too."""

_WORD = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")

_NAMES = ("name", "key", "appconfigkey", "omauri", "definitionid")
_VALUES = frozenset({"value", "valuestring", "stringvalue", "defaultvalue", "appconfigkeyvalue", "valuejson"})
_SECRET_TYPE = "secretsettingvalue"  # noqa: S105  type of a secret in the settings catalogue
_NUMBER = "omasettinginteger"
"""A number is not a secret: an OMA-URI that ends with "Password" may say whether a simple password is allowed."""

_SIMPLE = frozenset({"simplesettingvalue", "simplesettingcollectionvalue"})

# All repetitions are bounded: the text comes from the requestor, and matching must not take long.
_TEXT = r"(?:<!\[CDATA\[.{0,2000}?\]\]>|[^<])*"
# Keys in Apple's profiles: developer.apple.com, "Profile-Specific Payload Keys".
_APPLE = re.compile(
    rf"(<key>([^<]{{0,200}})</key>(?:\s|<!--.{{0,500}}?-->)*<(string|data|integer)>){_TEXT}(?=</\3\s*>)", re.DOTALL
)
# The key of a wireless network: learn.microsoft.com, "WLAN_profile Schema Elements", keyMaterial.
_ELEMENT = re.compile(rf"(<((?:[\w.-]+:)?([\w.-]+))(?:\s[^<>]*)?(?<!/)>){_TEXT}(?=</\2\s*>)", re.DOTALL)

_SWITCHES = frozenset({"", "<enabled/>", "<disabled/>"})
"""Values that are never secret: an empty one, and a policy that is only switched on or off
(https://learn.microsoft.com/windows/client-management/understanding-admx-backed-policies)."""


def is_secret_name(name: str) -> bool:
    """Return whether this is the name of a secret."""
    words = [word.casefold() for word in _WORD.findall(name)]
    return bool(words) and (words[-1] in _LAST_WORDS or "".join(words).endswith(_ENDINGS))


def without_secrets(value: Any) -> Any:
    """Return the same with `HIDDEN` in place of every value that is secret by its name or its type."""
    return _without(value, secret=False)


def text_without_secrets(text: str) -> str:
    """Return a profile, or another text that configures a device, without its secrets."""
    if "&lt;" in text and (plain := html.unescape(text)) != (shown := _xml(plain)):
        return shown  # XML in XML
    return _json(text) if _may_be_json(text) else _xml(text)


def _without(value: Any, *, secret: bool) -> Any:
    if isinstance(value, Mapping):
        return _object(value, secret=secret)
    if isinstance(value, list):
        return [HIDDEN if secret and _is_said(part) else _without(part, secret=secret) for part in value]
    return _json(value) if isinstance(value, str) and _may_be_json(value) else value


def _object(held: Mapping[str, Any], *, secret: bool) -> dict[str, Any]:
    by_name = {str(name).casefold(): part for name, part in held.items()}
    pair = secret or _is_secret_pair(by_name)
    setting = is_secret_name(str(by_name.get("settingdefinitionid", "")))
    return {name: _member(str(name), part, pair=pair, setting=setting) for name, part in held.items()}


def _member(name: str, part: Any, *, pair: bool, setting: bool) -> Any:
    own = is_secret_name(name) or (pair and name.casefold() in _VALUES)
    if own and _is_said(part):
        return HIDDEN
    return _without(part, secret=own or (setting and name.casefold() in _SIMPLE))


def _is_secret_pair(by_name: Mapping[str, Any]) -> bool:
    """Return whether the value of this name-value pair is a secret, by its type or its name."""
    if str(by_name.get("@odata.type", "")).casefold().endswith(_SECRET_TYPE):
        return True
    if str(by_name.get("@odata.type", "")).casefold().endswith(_NUMBER):
        return False
    names = (by_name.get(name) for name in _NAMES)
    return any(isinstance(name, str) and is_secret_name(name.rsplit("/", 1)[-1]) for name in names)


def _is_said(part: Any) -> bool:
    """Return whether this is a plain value that may be secret. Switches are not secret."""
    return isinstance(part, (str, int, float)) and not isinstance(part, bool) and part not in _SWITCHES


def _may_be_json(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n").startswith(("{", "[", '"'))


def _json(text: str) -> str:
    """Return a text that is JSON itself (a setting's `valueJson`) without its secrets, any other text unchanged."""
    try:
        found = encoded.from_json(text)
    except (ValueError, RecursionError):
        return text
    kept = without_secrets(found) if encoded.is_shallow(found) else found
    return text if kept == found else json.dumps(kept, ensure_ascii=False)


def _xml(text: str) -> str:
    return _ELEMENT.sub(_element, _APPLE.sub(_key, text)) if "<" in text else text


def _key(found: re.Match[str]) -> str:
    return f"{found[1]}{HIDDEN}" if is_secret_name(found[2]) else found[0]


def _element(found: re.Match[str]) -> str:
    return f"{found[1]}{HIDDEN}" if is_secret_name(found[3]) else found[0]
