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
_TIMES = {"lastSyncDateTime": "Last contact", "enrolledDateTime": "Enrolled"}


async def read_device(client: GraphClient, device_id: str) -> tuple[tuple[str, str], ...]:
    """Label and value of what Intune knows of the device, times in UTC; `NotFound` if it is gone."""
    path = f"/v1.0/deviceManagement/managedDevices/{quote(device_id, safe='')}"
    device = await client.get(path, {"$select": ",".join(["id", *_LABELS, *_TIMES])})
    facts = [(label, loose.text(device, name)) for name, label in _LABELS.items()]
    for name, label in _TIMES.items():
        at = loose.moment(device, name)
        facts.append((label, f"{at:%Y-%m-%d %H:%M} UTC" if at else ""))
    return tuple((label, value) for label, value in facts if value)
