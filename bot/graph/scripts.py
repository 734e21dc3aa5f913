"""Every script that a payload carries, wherever Intune keeps it, and those that it only names.

Property names are those of Graph's beta schema, as PyPI's msgraph-beta-sdk 1.66.0 has them in its models and as
https://learn.microsoft.com/graph/api/resources/ describes them: deviceManagementScript, deviceShellScript,
deviceCustomAttributeShellScript (`scriptContent`), deviceHealthScript (`detectionScriptContent`,
`remediationScriptContent`), deviceComplianceScript, win32LobAppPowerShellScriptDetection, -Requirement and -Rule,
macOSAppScript (`scriptContent`), win32LobAppInstallPowerShellScript and its twin (`content`),
deviceCompliancePolicyScript (`rulesContent`), and the binary texts of device configurations.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from approvals.subject import Purpose
from bot.graph import encoded, loose
from bot.graph.hidden_texts import text_without_secrets


@dataclass(frozen=True, slots=True)
class FoundScript:
    """A script, or another text that configures a device.

    `path` is the place of the raw property; positions in lists are counted from one. `about` is the payload's own name
    for it (a rule's name, an OMA-URI, a setting's definition), empty if it has none. `sha256` covers the file's bytes,
    or the text as it was sent if there are none; `text` is empty if it cannot be read.
    """

    path: str
    purpose: Purpose
    about: str
    sha256: str
    lines: int
    text: str
    is_readable: bool


@dataclass(frozen=True, slots=True)
class ScriptChange:
    """A script before and after a change; `None` if it is new, or gone."""

    before: FoundScript | None
    after: FoundScript | None


@dataclass(frozen=True, slots=True)
class Held:
    """An object inside a payload, with its path and the names of the members that lead to it."""

    value: Mapping[str, Any]
    path: str
    within: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The last part of its type, in lower case."""
        return loose.text(self.value, "@odata.type").rsplit(".", 1)[-1].casefold()

    def below(self, name: str) -> str:
        """Return the path of one of its members."""
        return f"{self.path}.{name}" if self.path else name


_NAMED = {
    "scriptcontent": Purpose.SCRIPT,
    "detectionscriptcontent": Purpose.DETECTION,
    "remediationscriptcontent": Purpose.REMEDIATION,
    "rulescontent": Purpose.COMPLIANCE_RULES,
}


_WITHIN = {
    "detectionrules": Purpose.DETECTION,
    "requirementrules": Purpose.REQUIREMENT,
    "preinstallscript": Purpose.PRE_INSTALL,
    "postinstallscript": Purpose.POST_INSTALL,
}


_CONTENT_TYPES = {
    "win32lobappinstallpowershellscript": Purpose.INSTALL,
    "win32lobappuninstallpowershellscript": Purpose.UNINSTALL,
}


# Texts in binary properties ("UTF8 encoded byte array") that configure a device or an app, by their schema.
_CONFIGURATIONS = frozenset(
    {
        "configurationxml",
        "customxml",
        "defenderexploitprotectionxml",
        "eapxml",
        "encodedsettingxml",
        "officeconfigurationxml",
        "payload",
        "payloadjson",
        "startmenulayoutedgeassetsxml",
        "startmenulayoutxml",
    }
)


_OMA_ENCODED = frozenset({"omasettingbase64", "omasettingstringxml"})


def scripts_in(payload: Any) -> tuple[FoundScript, ...]:
    """Return every script in these objects, in order; parts that are JSON in a string are read too."""
    return tuple(script for held in objects_in(payload, "", ()) for read in _READERS for script in read(held))


def compared(before: Iterable[FoundScript], after: Iterable[FoundScript]) -> tuple[ScriptChange, ...]:
    """Return the changed scripts, in the new order, and then the removed ones.

    Scripts are matched by purpose, name and hash; the rest by purpose and name, and what is then left by purpose alone.
    So a script that only moved to another position is not reported as changed, and after a rule was renamed, its new
    script is compared with its old one.
    """
    old, new = list(before), list(after)
    pairs: dict[FoundScript, FoundScript] = {}
    for alike in (_whole, _purpose_and_name, _purpose_alone):
        for script in new:
            if script not in pairs and (found := next((one for one in old if alike(one) == alike(script)), None)):
                old.remove(found)
                pairs[script] = found
    changes = (ScriptChange(pairs.get(script), script) for script in new)
    changed = (
        one for one in changes if one.before is None or one.after is None or one.before.sha256 != one.after.sha256
    )
    return (*changed, *(ScriptChange(script, None) for script in old))


def _whole(script: FoundScript) -> tuple[str, ...]:
    return script.purpose, script.about, script.sha256


def _purpose_and_name(script: FoundScript) -> tuple[str, ...]:
    return script.purpose, script.about


def _purpose_alone(script: FoundScript) -> tuple[str, ...]:
    return (script.purpose,)


def objects_in(value: Any, path: str, within: tuple[str, ...]) -> Iterator[Held]:
    """Yield every object in a value, the outer ones first."""
    if isinstance(value, str) and value.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        value = loose.decoded(value)
    if isinstance(value, list):
        for number, item in enumerate(value, start=1):
            yield from objects_in(item, f"{path}[{number}]", within)
    elif isinstance(value, Mapping):
        held = Held(value, path, within)
        yield held
        for name, part in value.items():
            yield from objects_in(part, held.below(str(name)), (*within, str(name).casefold()))


def _named_scripts(held: Held) -> Iterator[FoundScript]:
    """Yield the scripts in properties whose names say that they hold one."""
    for name, value in held.value.items():
        if (part := _NAMED.get(name.casefold())) and isinstance(value, str) and value:
            purpose = _purpose(held) if part is Purpose.SCRIPT else part
            about = loose.text(held.value, "displayName") if purpose is Purpose.REQUIREMENT else ""
            yield _script(held.below(name), purpose, about, encoded.decode(value))


def _purpose(held: Held) -> Purpose:
    """Return the purpose of a `scriptContent`, by its place; the rules of v1.0 state it themselves
    (win32LobAppRuleType)."""
    if part := next((_WITHIN[name] for name in reversed(held.within) if name in _WITHIN), None):
        return part
    kind = loose.text(held.value, "ruleType").casefold() or held.kind
    if "detection" in kind:
        return Purpose.DETECTION
    return Purpose.REQUIREMENT if "requirement" in kind else Purpose.SCRIPT


def _contents(held: Held) -> Iterator[FoundScript]:
    """Yield the scripts of a Win32 app's content, which are objects of their own."""
    part, value = _CONTENT_TYPES.get(held.kind), held.value.get("content")
    if part and isinstance(value, str) and value:
        yield _script(held.below("content"), part, loose.text(held.value, "displayName"), encoded.decode(value))


def _configurations(held: Held) -> Iterator[FoundScript]:
    """Yield binary properties that contain text. Other content there (a certificate) is not a script."""
    for name, value in held.value.items():
        if name.casefold() in _CONFIGURATIONS and isinstance(value, str) and value:
            found = encoded.decode(value)
            if found.is_readable or "customconfiguration" in held.kind:
                yield _script(held.below(name), Purpose.CONFIGURATION, "", found)


def _oma_settings(held: Held) -> Iterator[FoundScript]:
    """Yield the texts of OMA-URIs; plain ones on one line are settings like any other.

    Graph sets `isEncrypted` on a value that it keeps as a secret, and shows stars instead. Another call would return
    its text (`getOmaSettingPlainTextValue`). It is not made here, because the text may be a key.
    """
    uri, value = loose.text(held.value, "omaUri"), loose.get(held.value, "value")
    if not uri or not isinstance(value, str):
        return
    path, is_file = held.below("value"), bool(loose.text(held.value, "fileName"))
    if loose.get(held.value, "isEncrypted") or not value.strip("*"):
        hidden = encoded.decode(value)
        yield FoundScript(path, Purpose.CONFIGURATION, uri, hidden.sha256, 0, "", is_readable=False)
    elif held.kind in _OMA_ENCODED or (not held.kind and is_file):
        yield _script(path, Purpose.CONFIGURATION, uri, encoded.decode(value))
    elif _is_long(value):
        yield _script(path, Purpose.CONFIGURATION, uri, encoded.decode_or_plain(value))


def _setting_values(held: Held) -> Iterator[FoundScript]:
    """Yield values of the settings catalogue that contain a script.

    Known are `linux_customconfig_script` of the template family deviceConfigurationScripts, and
    `linux_customcompliance_discoveryscript_reusablesetting`, both in base64 (KelvinTegelaar/CIPP-API,
    almenscorner/IntuneCD). Others are recognised by their content: several lines, in base64 or as they are.
    """
    definition = loose.text(held.value, "settingDefinitionId")
    for path, value in _simple_values(held) if definition else ():
        kind, stored = loose.text(value, "@odata.type"), loose.get(value, "value")
        if not isinstance(stored, str) or kind.endswith(("SecretSettingValue", "ReferenceSettingValue")):
            continue
        found = encoded.decode_or_plain(stored)
        if _is_long(found.text) or (found.encoding != "plain" and "script" in definition.casefold()):
            yield _script(path, _part_of_setting(definition.casefold()), definition, found)


def _simple_values(held: Held) -> Iterator[tuple[str, Any]]:
    if single := loose.get(held.value, "simpleSettingValue"):
        yield held.below("simpleSettingValue.value"), single
    listed = loose.get(held.value, "simpleSettingCollectionValue")
    for number, value in enumerate(listed if isinstance(listed, list) else (), start=1):
        yield held.below(f"simpleSettingCollectionValue[{number}].value"), value


def _part_of_setting(definition: str) -> Purpose:
    if "discoveryscript" in definition:
        return Purpose.DISCOVERY
    if "customcompliance_rules" in definition:
        return Purpose.COMPLIANCE_RULES
    return Purpose.SCRIPT if "script" in definition else Purpose.CONFIGURATION


_READERS: tuple[Callable[[Held], Iterator[FoundScript]], ...] = (
    _named_scripts,
    _contents,
    _configurations,
    _oma_settings,
    _setting_values,
)


def _is_long(text: str) -> bool:
    return "\n" in text.strip() or "\r" in text.strip() or text.lstrip("\ufeff \t\r\n").startswith(("<", "#!"))


def _script(path: str, part: Purpose, about: str, found: encoded.Decoded) -> FoundScript:
    # The hash still covers what is not shown.
    hides = part in {Purpose.CONFIGURATION, Purpose.COMPLIANCE_RULES}
    text = text_without_secrets(found.text) if hides else found.text
    return FoundScript(path, part, about, found.sha256, found.lines, text, found.is_readable)
