"""The original policy document, and ways to change it."""

import copy
import json
from typing import Any

WORKFLOWS = """
{
  "approvalWorkflows": [
    {
      "operation": "Role management",
      "description": "Creating, modifying, or deleting Intune roles",
      "enabled": true,
      "requiredApprovers": 1,
      "approverGroups": ["Security-Admins", "IT-Directors"]
    },
    {
      "operation": "Device wipe",
      "description": "Factory reset or selective wipe operations",
      "enabled": true,
      "requiredApprovers": 1,
      "approverGroups": ["Device-Managers", "Security-Team"]
    },
    {
      "operation": "Script deployment",
      "description": "PowerShell script deployment to devices",
      "enabled": true,
      "requiredApprovers": 2,
      "approverGroups": ["Security-Admins", "Change-Advisory-Board"]
    },
    {
      "operation": "Compliance policy changes",
      "description": "Modifications to device compliance policies",
      "enabled": true,
      "requiredApprovers": 1,
      "approverGroups": ["Compliance-Officers", "Security-Team"]
    }
  ]
}
"""

EMERGENCY = """
{
  "emergencyAccess": {
    "breakGlassAccounts": [
      "emergency-admin-1@company.onmicrosoft.com",
      "emergency-admin-2@company.onmicrosoft.com"
    ],
    "emergencyBypassEnabled": true,
    "postEmergencyReviewRequired": true,
    "emergencyJustificationRequired": true,
    "auditLogRetention": "P2555D"
  }
}
"""

Path = tuple[str | int, ...]

DOCUMENT: dict[str, Any] = json.loads(WORKFLOWS) | json.loads(EMERGENCY)
"""Both objects in one file."""

MISSING = object()
"""For `written`: leave that key out."""


def written(*changes: tuple[Path, Any]) -> str:
    """Return the document as text with another value at each path; missing objects on the way are created."""
    document = copy.deepcopy(DOCUMENT)
    for (*way, last), value in changes:
        place: Any = document
        for step in way:
            place = place.setdefault(step, {}) if isinstance(place, dict) else place[step]
        if value is MISSING:
            del place[last]
        else:
            place[last] = value
    return json.dumps(document)


def ours(**settings: Any) -> str:
    """Return the document with Countersign's own settings."""
    return written((("countersign",), settings))
