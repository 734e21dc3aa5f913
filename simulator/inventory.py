"""The sample company's objects in Intune: devices, scripts, remediations, compliance policies and roles."""

import base64
from collections.abc import Iterable
from typing import Any

from simulator.world import DOMAIN, guid

Entity = dict[str, Any]
CREATED = "2026-03-02T08:15:00Z"


def _by_id(entities: Iterable[Entity]) -> dict[str, Entity]:
    return {entity["id"]: entity for entity in entities}


def encoded(script: str) -> str:
    """Return a script's text as Intune encodes it: base64."""
    return base64.b64encode(script.encode()).decode()


def devices() -> dict[str, Entity]:
    """Return six devices; two have the same name."""
    return _by_id(
        [
            _device("PC-1", "SN-1001", "Windows", "rita", "Latitude 7450"),
            _device("PC-2", "SN-1002", "Windows", "otto", "Latitude 7450"),
            _device("LAPTOP-7", "SN-1007", "Windows", "dana", "ThinkPad X1"),
            _device("LAPTOP-7", "SN-2007", "Windows", "sam", "ThinkPad X1"),
            _device("MAC-3", "SN-1003", "macOS", "cora", "MacBook Pro"),
            _device("PHONE-4", "SN-1004", "iOS", "olga", "iPhone 17", owner="personal"),
        ]
    )


def fleet(size: int) -> dict[str, Entity]:
    """Return `size` more laptops, from PC-000; every seventh is personally owned."""
    owners = ("otto", "sam", "dana", "olga")
    return _by_id(
        _device(
            f"PC-{number:03}",
            f"SN-9{number:03}",
            "Windows",
            owners[number % len(owners)],
            "Latitude 7450",
            owner="company" if number % 7 else "personal",
        )
        for number in range(size)
    )


_MAKERS = {"Windows": "Dell Inc.", "macOS": "Apple", "iOS": "Apple"}
_VERSIONS = {"Windows": "10.0.26200.7019", "macOS": "26.1", "iOS": "26.1"}


def _device(name: str, serial: str, system: str, user: str, model: str, *, owner: str = "company") -> Entity:
    return {
        "id": guid("device", serial),
        "deviceName": name,
        "serialNumber": serial,
        "userId": guid("user", f"{user}@{DOMAIN}"),
        "userPrincipalName": f"{user}@{DOMAIN}",
        "userDisplayName": user.capitalize(),
        "emailAddress": f"{user}@{DOMAIN}",
        "operatingSystem": system,
        "osVersion": _VERSIONS[system],
        "complianceState": "compliant",
        "managementState": "managed",
        "managedDeviceOwnerType": owner,
        "enrolledDateTime": CREATED,
        "lastSyncDateTime": "2026-11-23T06:41:17.1234567Z",
        "azureADDeviceId": guid("entra-device", serial),
        "model": model,
        "manufacturer": _MAKERS[system],
        "physicalMemoryInBytes": 17179869184,
        "deviceActionResults": [],
    }


def scripts() -> dict[str, Entity]:
    """Return PowerShell scripts that are not assigned."""
    return _by_id(
        [
            _script("Disable-LegacyTLS", "Turns TLS 1.0 and 1.1 off.", "Set-ItemProperty HKLM:\\Tls -Name Enabled 0\n"),
            _script("Clear-TempFolders", "Frees disk space.", "Get-ChildItem $env:TEMP | Remove-Item -Recurse\n"),
        ]
    )


def _script(name: str, description: str, text: str) -> Entity:
    return {
        "id": guid("script", name),
        "displayName": name,
        "description": description,
        "scriptContent": encoded(text),
        "runAsAccount": "system",
        "enforceSignatureCheck": False,
        "fileName": f"{name}.ps1",
        "roleScopeTagIds": ["0"],
        "createdDateTime": CREATED,
        "lastModifiedDateTime": CREATED,
        "assignments": [],
    }


def health_scripts() -> dict[str, Entity]:
    """Return one remediation."""
    return _by_id(
        [
            {
                "id": guid("health-script", "Fix-WindowsUpdate"),
                "displayName": "Fix-WindowsUpdate",
                "description": "Restarts the update service where it stands still.",
                "publisher": "IT Operations",
                "version": "1.0",
                "detectionScriptContent": encoded("if ((Get-Service wuauserv).Status -ne 'Running') { exit 1 }\n"),
                "remediationScriptContent": encoded("Restart-Service wuauserv\n"),
                "runAsAccount": "system",
                "enforceSignatureCheck": False,
                "isGlobalScript": False,
                "roleScopeTagIds": ["0"],
                "createdDateTime": CREATED,
                "lastModifiedDateTime": CREATED,
                "assignments": [],
            }
        ]
    )


def compliance_policies() -> dict[str, Entity]:
    """Return compliance policies for Windows and iPhones."""
    windows = {"bitLockerEnabled": True, "passwordRequired": True, "osMinimumVersion": "10.0.26100.0"}
    phones = {"passcodeRequired": True, "passcodeMinimumLength": 6, "securityBlockJailbrokenDevices": True}
    return _by_id(
        [
            _compliance_policy("Windows baseline", "#microsoft.graph.windows10CompliancePolicy", windows),
            _compliance_policy("iPhone baseline", "#microsoft.graph.iosCompliancePolicy", phones),
        ]
    )


def _compliance_policy(name: str, kind: str, settings: Entity) -> Entity:
    return {
        "@odata.type": kind,
        "id": guid("compliance-policy", name),
        "displayName": name,
        "description": "",
        "version": 3,
        "createdDateTime": CREATED,
        "lastModifiedDateTime": CREATED,
        "assignments": [],
        **settings,
    }


def role_definitions() -> dict[str, Entity]:
    """Return a built-in role and a custom role."""
    helpdesk = ["Microsoft.Intune_ManagedDevices_Read", "Microsoft.Intune_RemoteTasks_RemoteLock"]
    operator = ["Microsoft.Intune_RemoteTasks_Wipe", "Microsoft.Intune_RemoteTasks_Retire"]
    return _by_id(
        [
            _role("Help Desk Operator", "Remote tasks on users and devices.", [*helpdesk, *operator], built_in=True),
            _role("Branch Helpdesk", "Looks, locks, and nothing else.", helpdesk, built_in=False),
        ]
    )


def _role(name: str, description: str, allowed: list[str], *, built_in: bool) -> Entity:
    actions = {"allowedResourceActions": allowed, "notAllowedResourceActions": []}
    return {
        "id": guid("role", name),
        "displayName": name,
        "description": description,
        "isBuiltIn": built_in,
        "rolePermissions": [{"resourceActions": [actions]}],
        "roleScopeTagIds": ["0"],
        "roleAssignments": [],
    }


def app(name: str, kind: str = "win32LobApp") -> Entity:
    """Return an app without assignments."""
    return {
        "@odata.type": f"#microsoft.graph.{kind}",
        "id": guid("app", name),
        "displayName": name,
        "description": "",
        "publisher": "IT Operations",
        "createdDateTime": CREATED,
        "lastModifiedDateTime": CREATED,
        "assignments": [],
    }


def assignment_filter(name: str, rule: str) -> Entity:
    """Return an assignment filter with this rule."""
    return {
        "id": guid("assignment-filter", name),
        "displayName": name,
        "description": "",
        "platform": "windows10AndLater",
        "rule": rule,
        "assignmentFilterManagementType": "devices",
        "roleScopeTags": ["0"],
        "createdDateTime": CREATED,
        "lastModifiedDateTime": CREATED,
    }
