"""Details of a device for approvers before it is wiped, read now."""

from urllib.parse import quote

from bot.graph import loose
from bot.graph.http import GraphClient
from handlers.ports.errors import Forbidden, NotFound, TokenRefused
from handlers.ports.intune import DeviceNow

_LABELS = {
    "deviceName": "Name",
    "serialNumber": "Serial number",
    "userDisplayName": "User",
    "userPrincipalName": "Account",
    "manufacturer": "Manufacturer",
    "model": "Model",
    "operatingSystem": "System",
    "osVersion": "Version",
    "managedDeviceOwnerType": "Owner",
    "complianceState": "Compliance",
    "managementState": "Management",
}
_TIMES = {"lastSyncDateTime": ("Last contact", loose.NEVER), "enrolledDateTime": ("Enrolled", loose.UNKNOWN)}
"""Property, label, and the word to show if Intune says that it has never been."""

_AMONG_MANY = ("deviceName", "managedDeviceOwnerType", "userPrincipalName", "lastSyncDateTime")


async def read_device(client: GraphClient, device_id: str) -> tuple[tuple[str, str], ...]:
    """Return label and value of what Intune knows of the device, times in UTC; raise `NotFound` if it is gone."""
    path = f"/v1.0/deviceManagement/managedDevices/{quote(device_id, safe='')}"
    device = await client.get(path, {"$select": ",".join(["id", *_LABELS, *_TIMES])})
    facts = [(label, loose.text(device, name)) for name, label in _LABELS.items()]
    facts += [(label, loose.shown_moment(device, name, never=never)) for name, (label, never) in _TIMES.items()]
    return tuple((label, value) for label, value in facts if value)


async def read_among_many(client: GraphClient, device_id: str) -> DeviceNow | None:
    """Return what distinguishes a device from others in a list; `None` if it has no id, is gone or is hidden."""
    if not device_id.strip():
        return None  # without an id Graph would list them all
    path = f"/v1.0/deviceManagement/managedDevices/{quote(device_id, safe='')}"
    try:
        device = await client.get(path, {"$select": ",".join(["id", *_AMONG_MANY])})
    except TokenRefused:
        raise  # a refused token does not mean that it is hidden
    except (NotFound, Forbidden):
        return None
    name, owner, user = (loose.text(device, one) for one in _AMONG_MANY[:3])
    return DeviceNow(name, owner, user, loose.moment(device, _AMONG_MANY[3]))
