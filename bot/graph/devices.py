"""What an approver wants to know of a device before it is wiped, read now."""

from urllib.parse import quote

from bot.graph import loose
from bot.graph.http import GraphClient

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
"""Property, label, and what it means where Intune says that it has never been."""


async def read_device(client: GraphClient, device_id: str) -> tuple[tuple[str, str], ...]:
    """Label and value of what Intune knows of the device, times in UTC; `NotFound` if it is gone."""
    path = f"/v1.0/deviceManagement/managedDevices/{quote(device_id, safe='')}"
    device = await client.get(path, {"$select": ",".join(["id", *_LABELS, *_TIMES])})
    facts = [(label, loose.text(device, name)) for name, label in _LABELS.items()]
    facts += [(label, loose.shown_moment(device, name, never=never)) for name, (label, never) in _TIMES.items()]
    return tuple((label, value) for label, value in facts if value)
