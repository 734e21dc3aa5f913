"""The devices of a request: those that Intune describes, and those that only the call itself names.

It is not documented that one request may be for many; `displayPayload` is a list, most often as JSON in a string
(markorr321/Intune-MAA), and the call lists ids
(https://learn.microsoft.com/graph/api/intune-devices-manageddevice-executeaction). Each device counts once.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.graph import loose

DeviceRow = dict[str, str]

_ID, _IDS = "deviceId", "deviceids"
_MEMBERS = {
    name.casefold(): name
    for name in ("deviceName", "serialNumber", "primaryUser", "primaryUserEmail", "actionName", _ID)
}
_TELLS = frozenset({"devicename", "serialnumber", _ID.casefold()})
"""Members that show that an object is one device, not a list of devices."""

_BETWEEN = re.compile(r"[,;\s]+")


def named_devices(display: Any, call: Mapping[str, Any]) -> tuple[DeviceRow, ...]:
    """Return every device, the described ones first.

    Descriptions without an id cannot be matched with the call's ids. If the call has an id for each of them, they are
    left out: the call names the same devices, and better.
    """
    described = _once(_described(display))
    known = {_key(one) for one in described}
    called = [{_ID: one} for one in _called(call)]
    more = _once(one for one in called if _key(one) not in known)
    nameless = [one for one in described if not _key(one)]
    if nameless and len(more) >= len(nameless):
        described = [one for one in described if _key(one)]
    return (*described, *more)


def _described(part: Any) -> Iterator[DeviceRow]:
    """Yield the described devices, however deep."""
    part = loose.decoded(part)
    if isinstance(part, list):
        for one in part:
            yield from _described(one)
    elif isinstance(part, dict):
        if not _TELLS.isdisjoint(map(str.casefold, part)):
            yield _device(part)
        else:
            yield from _described([one for one in part.values() if isinstance(one, (dict, list))])


def _device(part: Mapping[str, Any]) -> DeviceRow:
    """Return a device under Intune's usual names, without empty values."""
    told = {_MEMBERS.get(name.casefold(), name): loose.text(part, name).strip() for name in part}
    if told.get(_ID) == loose.NO_ID:
        del told[_ID]
    return {name: value for name, value in told.items() if value}


def _called(part: Any) -> Iterator[str]:
    """Yield every id that the call lists, at any depth."""
    if isinstance(part, list):
        for one in part:
            yield from _called(one)
    elif isinstance(part, Mapping):
        for name, value in part.items():
            yield from _ids(value) if str(name).casefold() == _IDS else _called(loose.decoded(value))


def _ids(value: Any) -> Iterator[str]:
    value = loose.decoded(value)
    listed = value if isinstance(value, list) else _BETWEEN.split(str(value or ""))
    found = (str(one).strip() for one in listed if one is not None and not isinstance(one, (dict, list)))
    yield from (one for one in found if one and one != loose.NO_ID)


def _once(devices: Iterable[DeviceRow]) -> list[DeviceRow]:
    """Return each device once: by its id; without one by its name and its serial number, which other devices with an
    id may have as well."""
    found: dict[object, DeviceRow] = {}
    listed = list(devices)
    by_id = {_asset(one) for one in listed if _key(one)}
    for number, one in enumerate(listed):
        if _key(one) or not _asset(one):
            found.setdefault(_key(one) or number, one)
        elif _asset(one) not in by_id:
            found.setdefault(_asset(one), one)
    return list(found.values())


def _key(one: DeviceRow) -> str:
    return one.get(_ID, "").casefold()


def _asset(one: DeviceRow) -> tuple[str, ...]:
    """Return the name and the serial number; empty without both, because two devices may have the same name."""
    told = tuple(one.get(name, "").casefold() for name in ("deviceName", "serialNumber"))
    return told if all(told) else ()
