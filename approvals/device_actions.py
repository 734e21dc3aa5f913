"""Actions on devices: one word for each, and which requests are about devices.

Intune names them in several ways: the calls and its access policies use other words than its audit of actions
(https://learn.microsoft.com/graph/api/resources/intune-devices-remoteactionaudit), and a held request may name no type.
"""

from collections.abc import Collection, Mapping

from approvals.kinds import KINDS

ON_DEVICE = "ManagedDevice"
"""Intune's name for the type of a device."""

_NAMES: Mapping[str, str] = {
    "wipe": "wipe",
    "devicewipe": "wipe",
    "factoryreset": "wipe",
    "retire": "retire",
    "deviceretire": "retire",
    "removecompanydata": "retire",
    "delete": "delete",
    "devicedelete": "delete",
    "deprovision": "deprovision",
    "devicedeprovision": "deprovision",
}
_POLICIES = frozenset({"devicewipe", "deviceretire", "devicedelete", "devicedeprovision", "deviceaction"})
_OTHER_POLICIES = frozenset(kind.policy_type for kind in KINDS if kind.policy_type)


def action_of(name: str) -> str:
    """Return the one word for an action on a device; an unknown name stays as it is, in lower case."""
    return _NAMES.get(_letters(name), name.lower())


def is_on_device(action: str, policy_types: Collection[str]) -> bool:
    """Return whether a request that names no type is about a device: its access policies tell or, if these do not
    belong to another type, its action."""
    asked = {one.casefold() for one in policy_types}
    return bool(asked & _POLICIES) or (_letters(action) in _NAMES and not asked & _OTHER_POLICIES)


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
