"""Secrets, recognised by their names: they are not shown on cards, stored or logged.

Graph writes secrets in separate properties (wifiConfiguration, `preSharedKey`), and as pairs of a name and a value
(https://learn.microsoft.com/graph/api/resources/intune-apps-appconfigurationsettingitem,
intune-devices-devicehealthscriptstringparameter, intune-deviceconfig-omasettingstring).
"""

import json
from collections.abc import Mapping, Set
from typing import Any

from bot.graph import encoded
from bot.graph.secret_names import HIDDEN, NAMES, is_secret_name, is_secret_path, is_switch, is_value

_ABOUT = frozenset({"allow", "block", "disable", "enable", "enforce", "force", "no", "prompt", "require", "reset"})
"""First words of labels that are only about secrets ("Require a password")."""

_LABELLED = frozenset({"value", "defaultvalue"})
"""Members that a label belongs to. It may be that of a whole profile, so others are not hidden because of it."""

_SECRET_TYPE = "secretsettingvalue"  # noqa: S105  type of a secret in the settings catalogue

_NUMBER = "omasettinginteger"
"""A number is not a secret: an OMA-URI that ends with "Password" may say whether a simple password is allowed."""

_FILES = ("omasettingstringxml", "omasettingbase64")
"""Whole files, searched as texts: a "password" in their label must not hide everything else in them."""

_SIMPLE = frozenset({"simplesettingvalue", "simplesettingcollectionvalue"})


def without_secrets(value: Any) -> Any:
    """Return the same with `HIDDEN` in place of every value that is secret by its name or its type."""
    return _without(value, secret=False)


def _without(value: Any, *, secret: bool) -> Any:
    if isinstance(value, Mapping):
        return _object(value, secret=secret)
    if isinstance(value, (list, tuple)):
        return [HIDDEN if secret and _is_said(part) else _without(part, secret=secret) for part in value]
    return json_without_secrets(value) if isinstance(value, str) and may_be_json(value) else value


def _object(held: Mapping[str, Any], *, secret: bool) -> dict[str, Any]:
    by_name = {str(name).casefold(): part for name, part in held.items()}
    values = _secret_values(by_name, secret=secret)
    within = _SIMPLE if is_secret_name(str(by_name.get("settingdefinitionid", ""))) else frozenset()
    return {
        name: _member(part, own=is_secret_name(name) or known in values, within=secret or known in within)
        for name, known, part in ((str(name), str(name).casefold(), part) for name, part in held.items())
    }


def _member(part: Any, *, own: bool, within: bool) -> Any:
    """Return a member of an object without its secrets. `own` says that it is a secret, `within` that it contains
    one."""
    return HIDDEN if own and _is_said(part) else _without(part, secret=own or within)


def _secret_values(by_name: Mapping[str, Any], *, secret: bool) -> Set[str]:
    """Return the members that hold the value of a name-value pair, if it is a secret."""
    if secret or _is_secret_pair(by_name):
        return {name for name in by_name if is_value(name)}
    return _LABELLED if _is_secret_label(by_name) else frozenset()


def _is_secret_pair(by_name: Mapping[str, Any]) -> bool:
    """Return whether the value of this name-value pair is a secret, by its type or its name."""
    if _kind(by_name).endswith(_SECRET_TYPE):
        return True
    if _kind(by_name).endswith(_NUMBER):
        return False
    names = (by_name.get(name) for name in NAMES)
    return any(isinstance(name, str) and is_secret_path(name) for name in names)


def _kind(by_name: Mapping[str, Any]) -> str:
    return str(by_name.get("@odata.type", "")).casefold()


def _is_secret_label(by_name: Mapping[str, Any]) -> bool:
    """Return whether a name for people says that the value is a secret; XML is searched for secrets instead."""
    label = by_name.get("displayname")
    if not isinstance(label, str) or label.casefold().split(" ", 1)[0] in _ABOUT:
        return False
    is_text = _kind(by_name).endswith((_NUMBER, *_FILES)) or str(by_name.get("value")).lstrip().startswith("<")
    return is_secret_name(label) and not is_text


def _is_said(part: Any) -> bool:
    """Return whether this is a plain value that may be secret. Switches are not secret."""
    return isinstance(part, (str, int, float)) and not isinstance(part, bool) and not is_switch(str(part))


def may_be_json(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n").startswith(("{", "[", '"'))


def json_without_secrets(text: str) -> str:
    """Return a text that is JSON itself (a setting's `valueJson`) without its secrets, any other text unchanged."""
    try:
        found = encoded.from_json(text)
    except (ValueError, RecursionError):
        return text
    kept = without_secrets(found) if encoded.is_shallow(found) else found
    return text if kept == found else json.dumps(kept, ensure_ascii=False)
