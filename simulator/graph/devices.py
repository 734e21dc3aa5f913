"""managedDevices: reading, and wipe, retire, delete and deprovision through the gate."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from simulator.graph import odata, permissions
from simulator.graph.call import BETA, Answer, Call, Route
from simulator.graph.errors import bad_request, not_found
from simulator.graph.gate import Change, Gate
from simulator.graph.state import State
from simulator.graph.times import parsed, plain

BASE = "/deviceManagement/managedDevices"
_WHAT = "deviceManagement/managedDevices"
_PLATFORMS = {"Windows": "windows10AndLater", "macOS": "macOS", "iOS": "iOSiPadOS", "Android": "androidEnterprise"}
_POLICY_TYPES = {
    "wipe": "deviceWipe",
    "retire": "deviceRetire",
    "delete": "deviceDelete",
    "deprovision": "deviceDeprovision",
}
_WIPE_OPTIONS: dict[str, type] = {
    "keepEnrollmentData": bool,
    "keepUserData": bool,
    "macOsUnlockCode": str,
    "persistEsimDataPlan": bool,
}
_BETA_WIPE_OPTIONS = _WIPE_OPTIONS | {"useProtectedWipe": bool, "obliterationBehavior": str}


class Devices:
    """The managed devices of the world. The progress of an action is computed on reading."""

    def __init__(self, state: State, gate: Gate) -> None:
        self._state = state
        self._gate = gate
        self._staying = set[str]()  # wiped with enrollment kept, so their records stay

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", BASE, self._list, permissions.DEVICES_READ),
            Route("POST", f"{BASE}/executeAction", self._act_on_all, permissions.RETIRE, versions=frozenset({"beta"})),
            Route("GET", f"{BASE}/{{id}}", self._get, permissions.DEVICES_READ),
            Route("GET", f"{BASE}/{{id}}/users", self._users, permissions.DEVICES_READ),
            Route("DELETE", f"{BASE}/{{id}}", self._delete, permissions.DELETE_DEVICE),
            Route("POST", f"{BASE}/{{id}}/wipe", self._wipe, permissions.WIPE),
            Route("POST", f"{BASE}/{{id}}/retire", self._retire, permissions.RETIRE),
            Route("POST", f"{BASE}/{{id}}/deprovision", self._deprovision, permissions.RETIRE, BETA),
        ]

    def _list(self, call: Call) -> Answer:
        for device_id in list(self._state.world.devices):
            self._let_go(device_id)
        # Some properties are filled only if a single device is read.
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

    def _deprovision(self, call: Call) -> Answer:
        call.text("deprovisionReason")
        return self._act(call, "deprovision")

    def _act(self, call: Call, action: str) -> Answer:
        device = self._device(call)
        parameters = json.dumps(call.json()) if call.body else "{}"
        stays = bool(call.body and call.json().get("keepEnrollmentData"))
        change = Change(
            policy_type=_POLICY_TYPES[action],
            platform=_PLATFORMS[device["operatingSystem"]],
            payload_type="ManagedDevice",
            payload_id=device["id"],
            payload_name=device["deviceName"],
            operation="Action",
            apply=lambda device_id: self._apply(device_id, action, stays=stays),
            details=_details([device], action, parameters),
        )
        return self._gate.perform(call, change)

    def _act_on_all(self, call: Call) -> Answer:
        """Perform an action on many devices. It probably files one request with all of them in `displayPayload`,
        because that is a list; nobody has confirmed it."""
        body = call.json()
        action, devices = str(body.get("actionName")), self._state.world.devices
        named = [devices[device_id] for device_id in body.get("deviceIds", ()) if device_id in devices]
        if action not in _POLICY_TYPES or not named:
            raise bad_request("The action or its devices are not known.")
        ids, stays = [device["id"] for device in named], bool(body.get("keepEnrollmentData"))

        def apply(_: str) -> Answer:
            for device_id in ids:
                self._apply(device_id, action, stays=stays)
            return Answer(200, {"successfulDeviceIds": ids, "failedDeviceIds": []})

        change = Change(
            policy_type=_POLICY_TYPES[action],
            platform=_PLATFORMS[named[0]["operatingSystem"]],
            payload_type="ManagedDevice",
            payload_id=",".join(sorted(ids)),
            payload_name="",
            operation="Action",
            apply=apply,
            details=_details(named, action, call.body.decode()) | {"payloadId": ""},
        )
        return self._gate.perform(call, change)

    def _apply(self, device_id: str, action: str, *, stays: bool) -> Answer:
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
            self._staying.discard(device_id)
            if stays:
                self._staying.add(device_id)
        return Answer(204)

    def _device(self, call: Call) -> dict[str, Any]:
        device_id = call.arguments["id"].lower()
        self._let_go(device_id)
        device = self._state.world.devices.get(device_id)
        if device is None:
            raise not_found(call.arguments["id"])
        return device

    def _row(self, device: Mapping[str, Any]) -> dict[str, Any]:
        results, shown = [self._progress(one) for one in device["deviceActionResults"]], self._state.knobs.action_shown
        row = {**device, "deviceActionResults": results if shown == "results" else []}
        if results and shown != "nowhere":
            last = results[-1]
            endings = {"pending": "Pending", "done": "Issued", "failed": "Failed", "canceled": "Canceled"}
            row["managementState"] = last["actionName"] + endings[last["actionState"]]
        return row

    def _let_go(self, device_id: str) -> None:
        """Remove the record if it is due; the device may come back under another id."""
        devices, knobs = self._state.world.devices, self._state.knobs
        device = devices.get(device_id)
        results = device["deviceActionResults"] if device else []
        if device is None or not results or device_id in self._staying or knobs.leaves == "never":
            return
        if knobs.leaves == "when done" and self._progress(results[-1])["actionState"] != "done":
            return
        del devices[device_id]
        if knobs.comes_back:
            anew = str(uuid4())
            enrolled = plain(self._state.clock.now())
            devices[anew] = {**device, "id": anew, "enrolledDateTime": enrolled, "deviceActionResults": []}

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


def _details(devices: Sequence[Mapping[str, Any]], action: str, parameters: str) -> dict[str, Any]:
    shown = [
        {
            "deviceName": device["deviceName"],
            "serialNumber": device["serialNumber"],
            "primaryUser": device["userDisplayName"],
            "primaryUserEmail": device["emailAddress"],
            "actionName": action,
            "deviceId": device["id"],
        }
        for device in devices
    ]
    return {"actionName": action, "actionParameters": parameters, "displayPayload": json.dumps(shown)}
