"""managedDevices: looking for one, and wipe, retire and delete behind the gate."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from simulator.graph import odata, permissions
from simulator.graph.call import Answer, Call, Route
from simulator.graph.errors import bad_request, not_found
from simulator.graph.gate import Change, Gate
from simulator.graph.state import State
from simulator.graph.times import parsed, plain

BASE = "/deviceManagement/managedDevices"
_WHAT = "deviceManagement/managedDevices"
_PLATFORMS = {"Windows": "windows10AndLater", "macOS": "macOS", "iOS": "iOSiPadOS", "Android": "androidEnterprise"}
_POLICY_TYPES = {"wipe": "deviceWipe", "retire": "deviceRetire", "delete": "deviceDelete"}
_WIPE_OPTIONS: dict[str, type] = {
    "keepEnrollmentData": bool,
    "keepUserData": bool,
    "macOsUnlockCode": str,
    "persistEsimDataPlan": bool,
}
_BETA_WIPE_OPTIONS = _WIPE_OPTIONS | {"useProtectedWipe": bool, "obliterationBehavior": str}


class Devices:
    """The managed devices of the world. Progress of an action is computed when somebody looks."""

    def __init__(self, state: State, gate: Gate) -> None:
        self._state = state
        self._gate = gate

    def routes(self) -> list[Route]:
        """The part's routes."""
        return [
            Route("GET", BASE, self._list, permissions.DEVICES_READ),
            Route("GET", f"{BASE}/{{id}}", self._get, permissions.DEVICES_READ),
            Route("GET", f"{BASE}/{{id}}/users", self._users, permissions.DEVICES_READ),
            Route("DELETE", f"{BASE}/{{id}}", self._delete, permissions.DELETE_DEVICE),
            Route("POST", f"{BASE}/{{id}}/wipe", self._wipe, permissions.WIPE),
            Route("POST", f"{BASE}/{{id}}/retire", self._retire, permissions.RETIRE),
            Route("POST", f"{BASE}/executeAction", self._act_on_many, permissions.WIPE, frozenset({"beta"})),
        ]

    def _list(self, call: Call) -> Answer:
        # Some properties are filled only where one device is asked for.
        rows = [self._row(device) | {"physicalMemoryInBytes": 0} for device in self._state.world.devices.values()]
        size = self._state.knobs.page_size
        return odata.collection(call, rows, _WHAT, page_size=size, empty_matches_all=True)

    def _get(self, call: Call) -> Answer:
        return odata.entity(call, self._row(self._device(call)), _WHAT)

    def _users(self, call: Call) -> Answer:
        device, world = self._device(call), self._state.world
        named = world.primary_users.get(device["id"], (device["userId"],))
        users = [world.users[user] for user in named if user in world.users]
        rows = [{"id": user.id, "displayName": user.name, "userPrincipalName": user.upn} for user in users]
        return odata.collection(call, rows, "users")

    def _wipe(self, call: Call) -> Answer:
        _check_options(call)
        return self._act(call, "wipe")

    def _retire(self, call: Call) -> Answer:
        return self._act(call, "retire")

    def _delete(self, call: Call) -> Answer:
        return self._act(call, "delete")

    def _act(self, call: Call, action: str) -> Answer:
        device = self._device(call)
        parameters = json.dumps(call.json()) if call.body else "{}"
        change = Change(
            policy_type=_POLICY_TYPES[action],
            platform=_PLATFORMS[device["operatingSystem"]],
            payload_type="ManagedDevice",
            payload_id=device["id"],
            payload_name=device["deviceName"],
            operation="Action",
            apply=lambda device_id: self._apply(device_id, action),
            details=_details(device, action, parameters),
        )
        return self._gate.perform(call, change)

    def _act_on_many(self, call: Call) -> Answer:
        """One request for all of them. It has neither the id nor the name of a target.

        https://learn.microsoft.com/graph/api/intune-devices-manageddevice-executeaction
        """
        body = call.json()
        action, devices = body["actionName"], [self._state.world.devices[one] for one in body["deviceIds"]]
        change = Change(
            policy_type=_POLICY_TYPES[action],
            platform=_PLATFORMS[devices[0]["operatingSystem"]],
            payload_type="ManagedDevice",
            payload_id="",
            payload_name="",
            operation="Action",
            apply=lambda _: [self._apply(device["id"], action) for device in devices][-1],
            details={
                "actionName": action,
                "actionParameters": json.dumps(body),
                "displayPayload": json.dumps([_shown(device, action) for device in devices]),
            },
        )
        return self._gate.perform(call, change)

    def _apply(self, device_id: str, action: str) -> Answer:
        if action == "delete":
            del self._state.world.devices[device_id]
        else:
            started = plain(self._state.clock.now())
            self._state.world.devices[device_id]["deviceActionResults"].append(
                {
                    "actionName": action,
                    "actionState": "pending",
                    "startDateTime": started,
                    "lastUpdatedDateTime": started,
                }
            )
        return Answer(204)

    def _device(self, call: Call) -> dict[str, Any]:
        device = self._state.world.devices.get(call.arguments["id"].lower())
        if device is None:
            raise not_found(call.arguments["id"])
        return device

    def _row(self, device: Mapping[str, Any]) -> dict[str, Any]:
        results = [self._progress(result) for result in device["deviceActionResults"]]
        row = {**device, "deviceActionResults": results}
        if results:
            last = results[-1]
            endings = {"pending": "Pending", "done": "Issued", "failed": "Failed"}
            row["managementState"] = last["actionName"] + endings[last["actionState"]]
        return row

    def _progress(self, result: Mapping[str, Any]) -> dict[str, Any]:
        ended: datetime = parsed(result["startDateTime"]) + self._state.knobs.action_delay
        if self._state.clock.now() < ended:
            return dict(result)
        return {**result, "actionState": self._state.knobs.action_outcome, "lastUpdatedDateTime": plain(ended)}


def _check_options(call: Call) -> None:
    options = _BETA_WIPE_OPTIONS if call.version == "beta" else _WIPE_OPTIONS
    for name, value in call.json().items() if call.body else ():
        if name not in options:
            raise bad_request(
                f"The parameter '{name}' in the request payload is not a valid parameter for the operation."
            )
        if not isinstance(value, options[name] | None):
            raise bad_request(f"The parameter '{name}' has a value of the wrong type.")


def _details(device: Mapping[str, Any], action: str, parameters: str) -> dict[str, Any]:
    shown = json.dumps([_shown(device, action)])
    return {"actionName": action, "actionParameters": parameters, "displayPayload": shown}


def _shown(device: Mapping[str, Any], action: str) -> dict[str, Any]:
    return {
        "deviceName": device["deviceName"],
        "serialNumber": device["serialNumber"],
        "primaryUser": device["userDisplayName"],
        "primaryUserEmail": device["emailAddress"],
        "actionName": action,
        "deviceId": device["id"],
    }
