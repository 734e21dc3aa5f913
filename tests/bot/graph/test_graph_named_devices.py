"""The devices of a request: each is counted once, in every form in which Intune writes them."""

import json
from typing import Any

import pytest

from bot.graph.loose import NO_ID
from bot.graph.rows import parse_row

ONE, OTHER = {"deviceName": "PC-1", "deviceId": "aa-1"}, {"deviceName": "PC-2", "deviceId": "aa-2"}
BOTH = ["aa-1", "aa-2"]


def named(**fields: Any) -> list[str]:
    """Return the device ids of such a row, or the names of devices without an id."""
    row = parse_row({"id": "r", "payloadType": "ManagedDevice", "payloadOperation": "Action"} | fields)
    return [device.get("deviceId") or device["deviceName"] for device in row.devices]


@pytest.mark.parametrize(
    "display",
    [
        [ONE, OTHER],
        json.dumps([ONE, OTHER]),
        json.dumps(json.dumps([ONE, OTHER])),
        [json.dumps(ONE), json.dumps(OTHER)],
        {"devices": [ONE, OTHER]},
        json.dumps({"value": [ONE, OTHER]}),
        [ONE, OTHER, ONE],
        [ONE, {**ONE, "deviceId": "AA-1"}, OTHER],
        [{name.upper(): value for name, value in one.items()} for one in (ONE, OTHER)],
    ],
)
def test_described(display: Any) -> None:
    """Devices in the displayed list are read as list, text or wrapped object, in any casing, and each once."""
    assert named(displayPayload=display) == BOTH


@pytest.mark.parametrize(
    "call",
    [
        {"actionParameters": {"deviceIds": BOTH}},
        {"actionParameters": json.dumps({"deviceIds": BOTH})},
        {"actionParameters": {"deviceIds": json.dumps(BOTH)}},
        {"actionParameters": {"DeviceIds": "aa-1, aa-2"}},
        {"actionParameters": {"deviceIds": ["aa-1", None, " ", NO_ID, "AA-1", "aa-2"]}},
        {"payload": {"action": {"deviceIds": BOTH}}},
        {"payload": {"deviceIds": BOTH}, "actionParameters": {"keepUserData": False}},
        {"payload": {"deviceIds": BOTH}, "displayPayload": [{"deviceName": "PC-1"}, {"deviceName": "PC-2"}]},
        {"payload": {"deviceIds": BOTH}, "displayPayload": [ONE]},
    ],
)
def test_only_called(call: dict[str, Any]) -> None:
    """Device ids in the call are read as list or text, at any depth and beside other values; empty ids are skipped."""
    assert named(**call) == BOTH


def test_without_ids() -> None:
    """Devices without an id are counted separately, because two devices may have the same name."""
    ghost = {"deviceName": "GHOST", "deviceId": None}
    assert named(displayPayload=[ghost, ghost, {**ghost, "deviceId": NO_ID}]) == ["GHOST"] * 3
    assert named(displayPayload=[ghost, ghost], actionParameters={"deviceIds": ["aa-1"]}) == ["GHOST", "GHOST", "aa-1"]


ASSET = {"deviceName": "PC-1", "serialNumber": "S-1"}


@pytest.mark.parametrize(
    ("display", "ids", "expected"),
    [
        ([ASSET, ASSET], ["aa-1"], ["aa-1"]),
        ([ASSET, {**ASSET, "deviceName": "pc-1", "serialNumber": " s-1 "}], [], ["PC-1"]),
        ([ASSET, {**ASSET, "primaryUser": "Rita"}], [], ["PC-1"]),
        ([ASSET, {**ASSET, "deviceId": "aa-1"}], ["aa-1"], ["aa-1"]),
        ([{**ASSET, "deviceId": "aa-1"}, ASSET], ["aa-1"], ["aa-1"]),
        ([ASSET, {**ASSET, "serialNumber": "S-2"}], ["aa-1"], ["PC-1", "PC-1", "aa-1"]),
        ([ASSET, {**ASSET, "deviceName": "PC-2"}], [], ["PC-1", "PC-2"]),
        ([{**ASSET, "deviceId": "aa-1"}, {**ASSET, "deviceId": "aa-2"}], [], BOTH),
        ([ASSET, {"deviceName": "PC-1"}], [], ["PC-1", "PC-1"]),
    ],
)
def test_described_twice(display: Any, ids: list[str], expected: list[str]) -> None:
    """A device that is described twice without an id is one, by its name and its serial number; two ids are two."""
    assert named(displayPayload=display, actionParameters={"deviceIds": ids}) == expected


def test_what_is_no_device() -> None:
    """The displayed list of another kind of object does not count as devices."""
    assert named(payloadType="MobileApp", displayPayload=[{"name": "A"}, {"name": "B"}]) == []
    assert parse_row({"id": "r", "payloadType": "ManagedDevice", "payloadId": NO_ID}).target_id == ""
