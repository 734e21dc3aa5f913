"""The present state of what a change is about: its own properties, and what stands below it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never
from urllib.parse import quote

from approvals.kinds import Kind, Shape
from bot.graph import loose, settings_catalog
from bot.graph.http import GraphClient
from bot.graph.settings_catalog import Definitions
from handlers.ports.errors import Forbidden, NotFound, TokenRefused

RELATIONSHIPS = "relationships"
"""Of an app to other apps: what it replaces, and what it needs (mobileAppSupersedence, mobileAppDependency)."""


@dataclass(frozen=True, slots=True)
class Present:
    """An object as it stands, without secrets. `below` are its settings, where they have a collection of their own."""

    held: Mapping[str, Any] = field(default_factory=dict)
    below: tuple[Any, ...] = ()
    definitions: Definitions = field(default_factory=dict)


async def read_present(client: GraphClient, kind: Kind, object_id: str, named: Collection[str]) -> Present | None:
    """The object, or nothing where it is hidden or gone. `named` are the members that the change speaks of.

    Everything is read from beta: scripts, policies of settings and access policies exist there only, and the rest reads
    the same.
    """
    path = f"/beta/{kind.place}/{quote(object_id, safe='')}"
    try:
        held = loose.without_secrets(await client.get(path, {"$expand": kind.expand} if kind.expand else None))
        if kind.code == "app" and RELATIONSHIPS in named:
            rows = [row async for row in client.items(f"{path}/{RELATIONSHIPS}")]
            held = {**held, RELATIONSHIPS: loose.without_secrets(rows)}
        below, definitions = await _below(client, kind, object_id)
    except TokenRefused:
        raise  # what could not be asked for is not hidden
    except (NotFound, Forbidden):
        return None
    return Present(held, tuple(below), definitions)


async def read_names(
    client: GraphClient, kind: Kind | None, settings: Collection[Any], known: Definitions
) -> Definitions:
    """What the settings of a policy are called, with those that are `known` already."""
    place = _definitions(kind) if kind else ""
    missing = [one for one in settings_catalog.definition_ids(settings) if one.casefold() not in known]
    return {**known, **await settings_catalog.read_definitions(client, place, missing)} if place else known


async def _below(client: GraphClient, kind: Kind, object_id: str) -> tuple[list[Any], Definitions]:
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


def _definitions(kind: Kind) -> str:
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
