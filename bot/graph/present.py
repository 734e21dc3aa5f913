"""The present state of what a change is about: its own properties, and what stands below it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never
from urllib.parse import quote

from approvals.kinds import ObjectKind, Shape
from bot.graph import hiding, settings_catalog
from bot.graph.http import GraphClient
from bot.graph.settings_catalog import Definition, Definitions
from handlers.ports.errors import Forbidden, NotFound, PortError, TokenRefused

MOST_REMEMBERED = 5000
"""Definitions; a tenant's policies use some hundreds."""

RELATIONSHIPS = "relationships"
"""Of an app to other apps: what it replaces, and what it needs (mobileAppSupersedence, mobileAppDependency)."""


@dataclass(frozen=True, slots=True)
class Present:
    """An object as it stands, without secrets. `below` are its settings, where they have a collection of their own."""

    held: Mapping[str, Any] = field(default_factory=dict)
    below: tuple[Any, ...] = ()
    definitions: Definitions = field(default_factory=dict)


async def read_present(client: GraphClient, kind: ObjectKind, object_id: str, named: Collection[str]) -> Present | None:
    """The object, or nothing where it is hidden or gone. `named` are the members that the change speaks of.

    Everything is read from beta: scripts, policies of settings and access policies exist there only, and the rest reads
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
        raise  # what could not be asked for is not hidden
    except (NotFound, Forbidden):
        return None
    return Present(held, tuple(below), definitions)


@dataclass(frozen=True, slots=True)
class DefinitionNames:
    """What settings are called. A definition is the same in every tenant and hardly ever another one, so what was read
    once is remembered: a policy of many settings is looked at every half a minute."""

    client: GraphClient
    most: int = MOST_REMEMBERED
    _remembered: dict[str, Definition] = field(default_factory=dict)

    async def of(self, kind: ObjectKind | None, settings: Collection[Any], known: Definitions) -> Definitions:
        """The definitions of these settings, with those that are `known` already."""
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
    """The object, with what has to be asked for by name as far as Graph takes the question."""
    if not expand:
        return await client.get(path)
    try:
        return await client.get(path, {"$expand": expand})
    except PortError as error:
        if type(error) is not PortError:
            raise
        # It is refused as such, which says nothing about the object. Which queries Intune takes differs by resource.
        return await client.get(path)


async def _below(client: GraphClient, kind: ObjectKind, object_id: str) -> tuple[list[Any], Definitions]:
    match kind.shape:
        case Shape.CATALOGUE:
            return await settings_catalog.read_settings(client, kind.place, object_id)
        case Shape.INTENT:
            return await settings_catalog.read_intent(client, object_id), {}
        case Shape.ADMINISTRATIVE:
            return await settings_catalog.read_administrative(client, object_id), {}
        case Shape.PLAIN | Shape.DEVICE:
            return [], {}
        case _:
            assert_never(kind.shape)


def _definitions(kind: ObjectKind) -> str:
    """Where the definitions of a kind's settings are read one by one; empty where it has none."""
    match kind.shape:
        case Shape.CATALOGUE:
            return settings_catalog.COMPLIANCE if "compliance" in kind.code else settings_catalog.CATALOGUE
        case Shape.INTENT:
            return settings_catalog.TEMPLATES
        case Shape.ADMINISTRATIVE | Shape.PLAIN | Shape.DEVICE:
            return ""
        case _:
            assert_never(kind.shape)
