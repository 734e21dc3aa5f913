"""Names of secrets, recognised by their ends.

Settings that are only about secrets ("passwordRequired", "passcodeMinimumLength") are reviewed like any other: the end
of a name decides, apart from words that only say how the secret is written ("password1", "clientSecretValue"). The end
of an OMA-URI says what it sets (https://learn.microsoft.com/windows/client-management/mdm/accounts-csp,
`Users/{UserName}/Password`).
"""

import re
from collections.abc import Iterator

HIDDEN = "(not shown)"
"""Shown in place of a secret, so that everybody sees that there is one."""

_ENDINGS = (
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "passkey",
    "secret",
    "credential",
    "presharedkey",
    "privatekey",
    "sharedkey",
    "accesskey",
    "accountkey",
    "activationkey",
    "apikey",
    "authkey",
    "decryptionkey",
    "encryptionkey",
    "enrollmentkey",
    "joinkey",
    "licensekey",
    "mackey",
    "masterkey",
    "networkkey",
    "productkey",
    "recoverykey",
    "registrationkey",
    "secretkey",
    "securitykey",
    "serialkey",
    "sessionkey",
    "signingkey",
    "storagekey",
    "subscriptionkey",
    "wifikey",
    "wepkey",
    "workspacekey",
    "keymaterial",
    "activationcode",
    "unlockcode",
    "unlockpin",
    "userpin",
    "bypasscode",
    "connectionstring",
    # These contain a token (androidDeviceOwnerEnrollmentProfile, `qrCodeContent`) or a signature.
    "qrcodecontent",
    "sasurl",
)

_LAST_WORDS = frozenset(
    {
        "authorization",
        "bearer",
        "challenge",
        "otp",
        "pass",
        "pin",
        "psk",
        "psks",
        "pwd",
        "pwds",
        "sig",
        "token",
        "tokens",
    }
)
"""Secret only as whole words: longer words end with them, too. "Pins" are something else: those of the policy
ConfigureStartPins, and of certificates."""

_NO_SECRETS = ("bypass", "publicencryptionkey", "publickeytoken", "publicsigningkey")
"""They end like a secret. `publicKeyToken` is part of the name of a .NET assembly."""

_FORMS = (
    "base",
    "clear",
    "code",
    "content",
    "data",
    "encoded",
    "encrypted",
    "hash",
    "hex",
    "pem",
    "plain",
    "string",
    "text",
    "value",
    "values",
)
"""Words after the name of a secret that only say how it is written. Numbers ("password1", "base64") say no more."""

_COUNTS = frozenset({"max", "maximum", "min", "minimum", "number"})
"""First words of the name of a number (`maximumDepTokens`)."""

_WORD = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")

NAMES = ("name", "key", "id", "appconfigkey", "omauri", "definitionid", "valuename", "settingname", "propertyname")

_DESCRIBES = ("definition", "format", "id", "kind", "name", "prefix", "reference", "state", "template", "type", "units")
"""Ends of members that only describe a value (`valueType`)."""

_HOLDS_SETTINGS = ("definitionvalues", "presentationvalues", "choicesettingvalue", "groupsettingvalue")
"""Members with settings that have names of their own."""

_SWITCHES = frozenset(
    {
        "",
        "<enabled/>",
        "<disabled/>",
        "0",
        "1",
        "allow",
        "allowed",
        "allowstandardusertosetsystemservice",
        "block",
        "blocked",
        "deny",
        "disabled",
        "enabled",
        "false",
        "no",
        "none",
        "notconfigured",
        "null",
        "off",
        "on",
        "optional",
        "required",
        "true",
        "userdefined",
        "yes",
    }
)
"""Values that are never secret: an empty one, and a policy that is only switched on or off
(https://learn.microsoft.com/windows/client-management/understanding-admx-backed-policies). Apple calls what an app may
do its `Authorization` (developer.apple.com, PrivacyPreferencesPolicyControl.Services.Identity)."""


def is_secret_name(name: str) -> bool:
    """Return whether this is the name of a secret."""
    words = [word.casefold() for word in _WORD.findall(name)]
    return not (words and words[0] in _COUNTS) and any(map(_ends_with_secret, _without_forms(words)))


def _without_forms(words: list[str]) -> Iterator[list[str]]:
    """Yield the words of a name, and the same without each of the last ones that says only how something is written."""
    while words:
        yield words
        *others, last = words
        form = next((form for form in _FORMS if last.endswith(form)), "")
        if not (form or last.isdigit()):
            return
        shorter = last.removesuffix(form) if form else ""
        words = [*others, shorter] if shorter else others


def _ends_with_secret(words: list[str]) -> bool:
    name = "".join(words)
    ends = name.endswith(_ENDINGS) or name.removesuffix("s").endswith(_ENDINGS)
    return (ends or words[-1] in _LAST_WORDS) and not name.endswith(_NO_SECRETS)


def is_value(name: str) -> bool:
    """Return whether a member of this name holds the value of a pair, whatever its type (`valueString`, `stringValue`,
    `valueStringArray`, `appConfigKeyValue`; managed configurations of Android write a member for each type)."""
    return name == "data" or ("value" in name and not name.endswith((*_DESCRIBES, *_HOLDS_SETTINGS)))


def is_secret_path(path: str) -> bool:
    """Return whether an OMA-URI, or another name, ends like that of a secret. Its last part may be only "value"."""
    return is_secret_name("/".join(path.strip("/ ").rsplit("/", 2)[-2:]))


def is_switch(said: str) -> bool:
    return said.strip().casefold() in _SWITCHES
