"""Graph's names as words.

The text is plain, without Markdown; the caller escapes it.
"""

import re

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[a-z])(?=\d+[A-Z])")
_PLACE = re.compile(r"(?<=\S)\[(\d+)\]")
_BOUND = "@odata.bind"
_PERMISSION = re.compile(r"(?P<denied>not )?Microsoft\.Intune_(?P<resource>[A-Za-z0-9]+)_(?P<action>[A-Za-z0-9]+)$")
"""https://learn.microsoft.com/graph/api/resources/intune-rbac-resourceaction"""

_ACRONYMS = {"os": "OS", "oma": "OMA", "uri": "URI", "url": "URL", "vpn": "VPN"}


def label(name: str) -> str:
    """Return Graph's name of a setting as words: "runAsAccount" becomes "Run as account", "omaSettings[2].value"
    becomes "OMA settings 2: value". Words stay as they are, and so does a code ("com.apple.wifi.managed_password")."""
    if "_" in name:
        return _begun(name)
    first, *others = _PLACE.sub(r" \1", name.removesuffix(_BOUND)).split(".")
    return ": ".join([_begun(_words(first)), *map(_words, others)])


def way(name: str) -> str:
    """Return a setting's path by the names of its definitions: "Firewall rules[1] > Name" becomes "Firewall rules 1:
    Name"."""
    return _PLACE.sub(r" \1", name).replace(" > ", ": ")


def permission(name: str) -> str:
    """Return a role's permission as Intune's portal names it: "Remote tasks: wipe". Other names stay as they are."""
    found = _PERMISSION.match(name)
    if found is None:
        return name
    return f"{found['denied'] or ''}{_begun(_words(found['resource']))}: {_words(found['action']).lower()}"


def _words(name: str) -> str:
    spaced = _HUMP.sub(" ", name)
    if spaced == name:
        return _ACRONYMS.get(name, name)
    words = " ".join(_ACRONYMS.get(word, word) for word in spaced.lower().split(" "))
    return words.replace("bit locker", "BitLocker")


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]
