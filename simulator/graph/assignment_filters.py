"""Assignment filters: rules that include or exclude devices of an assignment's target.

https://learn.microsoft.com/graph/api/resources/intune-policyset-deviceandappmanagementassignmentfilter
"""

from simulator.graph import odata, permissions
from simulator.graph.call import BETA, Answer, Call, Route
from simulator.graph.errors import not_found
from simulator.graph.state import State

_WHAT = "deviceManagement/assignmentFilters"


class AssignmentFilters:
    """Read access only, in beta. A change of a filter changes the devices of every assignment that names it."""

    def __init__(self, state: State) -> None:
        self._filters = state.world.objects.setdefault("assignmentFilters", {})

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", f"/{_WHAT}", self._list, permissions.CONFIGURATION_READ, BETA),
            Route("GET", f"/{_WHAT}/{{id}}", self._get, permissions.CONFIGURATION_READ, BETA),
        ]

    def _list(self, call: Call) -> Answer:
        return odata.collection(call, list(self._filters.values()), _WHAT)

    def _get(self, call: Call) -> Answer:
        found = self._filters.get(call.arguments["id"].lower())
        if found is None:
            raise not_found(call.arguments["id"])
        return odata.entity(call, found, _WHAT)
