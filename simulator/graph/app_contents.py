"""Scripts in the content of a Win32 app: separate objects below a version, referenced by the app."""

from simulator.graph import odata, permissions
from simulator.graph.call import BETA, Answer, Call, Route
from simulator.graph.errors import not_found
from simulator.graph.state import State


class AppContents:
    """Read access only; uploading content is not a protected write."""

    def __init__(self, state: State) -> None:
        self._scripts = state.world.app_scripts

    def routes(self) -> list[Route]:
        """Return the routes, with the type in the path as the SDKs write it."""
        version = "/deviceAppManagement/mobileApps/{id}/microsoft.graph.win32LobApp/contentVersions/{version}"
        return [Route("GET", f"{version}/scripts/{{script}}", self._script, permissions.APPS_READ, BETA)]

    def _script(self, call: Call) -> Answer:
        place = (call.arguments["id"].lower(), call.arguments["version"], call.arguments["script"].lower())
        if place not in self._scripts:
            raise not_found(call.arguments["script"])
        return odata.entity(call, self._scripts[place], "deviceAppManagement/mobileApps/contentVersions/scripts")
