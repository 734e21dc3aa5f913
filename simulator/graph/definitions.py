"""Definitions of settings: single ones, and expanded in the settings that they define."""

from collections.abc import Mapping
from typing import Any

from simulator.graph import odata, permissions
from simulator.graph.call import BETA, Answer, Call, Route
from simulator.graph.errors import not_found
from simulator.graph.permissions import Needs
from simulator.graph.state import State
from simulator.world import World

_SEGMENTS: Mapping[str, Needs] = {
    "configurationSettings": permissions.CONFIGURATION_READ,
    "complianceSettings": permissions.CONFIGURATION_READ,
    "settingDefinitions": permissions.CONFIGURATION_READ,
    "reusablePolicySettings": permissions.CONFIGURATION_READ,
}


class Definitions:
    """Definitions and reusable settings, only by id, and only in beta."""

    def __init__(self, state: State) -> None:
        self._world = state.world

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", f"/deviceManagement/{segment}/{{id}}", self._get, needs, BETA)
            for segment, needs in _SEGMENTS.items()
        ]

    def _get(self, call: Call) -> Answer:
        segment = call.path.split("/")[2]
        known = {name.casefold(): entities for name, entities in self._world.definitions.items()}
        by_id = {key.casefold(): row for key, row in known.get(segment.casefold(), {}).items()}
        row = by_id.get(call.arguments["id"].casefold())
        if row is None:
            raise not_found(call.arguments["id"])
        return odata.entity(call, row, f"deviceManagement/{segment}")


def shown(call: Call, row: Mapping[str, Any], world: World) -> dict[str, Any]:
    """Return a row below an object, with what $expand names: the definitions of a setting or of an ADMX value."""
    relations = {"definition", "presentationValues"}
    kept = {name: value for name, value in row.items() if name not in relations or odata.expanded(call, name)}
    if "settingInstance" in row and odata.expanded(call, "settingDefinitions"):
        known = world.definitions.get("configurationSettings", {}) | world.definitions.get("complianceSettings", {})
        kept["settingDefinitions"] = [known[name] for name in _named(row["settingInstance"]) if name in known]
    return kept


def _named(part: Any) -> list[str]:
    """Return all definitions that a setting names, at any depth."""
    if isinstance(part, list):
        return [name for item in part for name in _named(item)]
    if not isinstance(part, Mapping):
        return []
    own = [part["settingDefinitionId"]] if "settingDefinitionId" in part else []
    return own + [name for item in part.values() for name in _named(item)]
