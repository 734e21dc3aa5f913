"""The present state of the object of a change: its own properties, and what is stored below it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never
from urllib.parse import quote

from approvals.kinds import ObjectKind, Shape
from bot.graph import admx, hiding, settings_catalog
from bot.graph.http import GraphClient
from bot.graph.settings_catalog import (
    Definition,
    Definitions,
)
from handlers.ports.errors import Forbidden, NotFound, PortError, TokenRefused

MOST_REMEMBERED = 5000
"""Definitions in the cache; a tenant's policies use some hundreds."""

RELATIONSHIPS = "relationships"
"""Relations of an app to other apps: what it replaces, and what it needs (mobileAppSupersedence,
mobileAppDependency)."""


@dataclass(frozen=True, slots=True)
class Present:
    """An object as it is now, without secrets. `below` are its settings, if they have a collection of their own."""

    held: Mapping[str, Any] = field(default_factory=dict)
    below: tuple[Any, ...] = ()
    definitions: Definitions = field(default_factory=dict)


async def read_present(client: GraphClient, kind: ObjectKind, object_id: str, named: Collection[str]) -> Present | None:
    """Read the object; `None` if it is hidden or gone. `named` are the members that the change names.

    Everything is read from beta: scripts, settings policies and access policies exist there only, and the rest reads
    the same.
    """
    path = f"/beta/{kind.place}/{quote(object_id, safe='')}"
    try:
        held = hiding.without_secrets(await _object(client, path, kind.expand))
        if kind.code == "app" and RELATIONSHIPS in {name.casefold() for name in named}:
            rows = [row async for row in client.items(f"{path}/{RELATIONSHIPS}")]
            held = {**held, RELATIONSHIPS: hiding.without_secrets(rows)}
        below, definitions = await _below(client, kind, object_id)
    except TokenRefused:
        raise  # a refused token does not mean that it is hidden
    except (NotFound, Forbidden):
        return None
    return Present(held, tuple(below), definitions)


@dataclass(frozen=True, slots=True)
class DefinitionNames:
    """The names of settings. A definition is the same in every tenant and hardly ever changes, so it is cached: a
    policy of many settings is read every half a minute."""

    client: GraphClient
    most: int = MOST_REMEMBERED
    _remembered: dict[str, Definition] = field(default_factory=dict)

    async def of(self, kind: ObjectKind | None, settings: Collection[Any], known: Definitions) -> Definitions:
        """Return the definitions of these settings, with those that are `known` already."""
        place = _definitions(kind) if kind else ""
        if not place:
            return known
        found = {**self._remembered, **known}
        missing = [one for one in settings_catalog.definition_ids(settings) if one.casefold() not in found]
        new = await settings_catalog.read_definitions(self.client, place, missing)
        if len(self._remembered) + len(new) > self.most:
            self._remembered.clear()
        self._remembered.update(new)
        return {**found, **new}


async def _object(client: GraphClient, path: str, expand: str) -> dict[str, Any]:
    """Read the object, with the parts that have to be requested by name if Graph accepts the query."""
    if not expand:
        return await client.get(path)
    try:
        return await client.get(path, {"$expand": expand})
    except PortError as error:
        if type(error) is not PortError:
            raise
        # The query was refused, not the object. Which queries Intune accepts differs by resource.
        return await client.get(path)


async def _below(client: GraphClient, kind: ObjectKind, object_id: str) -> tuple[list[Any], Definitions]:
    match kind.shape:
        case Shape.CATALOGUE:
            return await settings_catalog.read_settings(client, kind.place, object_id)
        case Shape.INTENT:
            return await settings_catalog.read_intent(client, object_id), {}
        case Shape.ADMINISTRATIVE:
            return await admx.read_administrative(client, object_id), {}
        case Shape.PLAIN | Shape.DEVICE:
            return [], {}
        case _:
            assert_never(kind.shape)


def _definitions(kind: ObjectKind) -> str:
    """Return the path where the definitions of a kind's settings are read one by one; empty if it has none."""
    match kind.shape:
        case Shape.CATALOGUE:
            return settings_catalog.COMPLIANCE if "compliance" in kind.code else settings_catalog.CATALOGUE
        case Shape.INTENT:
            return settings_catalog.TEMPLATES
        case Shape.ADMINISTRATIVE | Shape.PLAIN | Shape.DEVICE:
            return ""
        case _:
            assert_never(kind.shape)
