"""Finds the route of a call, or the error if there is none."""

from collections.abc import Iterable
from dataclasses import replace

from simulator.graph.call import Answer, Call, Route
from simulator.graph.errors import GraphError, bad_request, no_segment

_INTUNE = "/deviceManagement/"


class Router:
    """The table of all routes; the first match is used."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = list(routes)

    def handle(self, call: Call) -> Answer:
        """Check the token's permissions and call the route's handler; raises `GraphError`."""
        route, arguments = self._find(call)
        call.caller.require(route.needs)
        return route.handler(replace(call, arguments=arguments))

    def _find(self, call: Call) -> tuple[Route, dict[str, str]]:
        other_method = False
        for route in self._routes:
            arguments = route.arguments(call.path) if call.version in route.versions else None
            if arguments is not None and route.method == call.method:
                return route, arguments
            other_method |= arguments is not None
        raise self._unknown(call, other_method)

    def _unknown(self, call: Call, other_method: bool) -> GraphError:
        if other_method or self._knows(call):
            return bad_request("No method match route template")
        return no_segment(_collection(call.path))

    def _knows(self, call: Call) -> bool:
        """Return whether this version has the collection."""
        name = _collection(call.path).lower()
        return any(
            _collection(route.template).lower() == name for route in self._routes if call.version in route.versions
        )


def _collection(path: str) -> str:
    return path.removeprefix(_INTUNE).strip("/").partition("/")[0]
