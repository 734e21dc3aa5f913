"""The permissions of a role, from any form in which Intune or Graph lists them."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.graph import loose


def permissions_of(role: Mapping[str, Any]) -> frozenset[str]:
    """Return everything a role allows, and what it denies with a "not" in front.

    `actions` is the older member for what it allows (rolePermission). A name in place of an object counts as allowed.
    """
    listed = [*loose.elements(loose.get(role, "rolePermissions")), *loose.elements(loose.get(role, "permissions"))]
    return frozenset(name for permission in listed for name in _granted(permission))


def _granted(permission: Any) -> Iterator[str]:
    if isinstance(permission, str):
        yield permission
    yield from _names(permission, "actions")
    yield from _names(permission, "allowedResourceActions")
    yield from (f"not {name}" for name in _names(permission, "notAllowedResourceActions"))
    for actions in loose.elements(loose.get(permission, "resourceActions")):
        yield from _granted(actions)


def _names(actions: Any, member: str) -> list[str]:
    return [str(one) for one in loose.elements(loose.get(actions, member))]
