"""Requests that people file in the portal: one of each type and shape that Intune's Multi Admin Approval holds back.

The shapes of the calls are those of Graph's beta schema (PyPI msgraph-beta-sdk 1.66.0) and of what tools read in
requests (markorr321/Intune-MAA, KelvinTegelaar/CIPP-API); every value is invented.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator import further_inventory as catalogue
from simulator.inventory import assignment_filter, encoded, fleet
from simulator.tenant import Tenant
from simulator.world import guid

_MANAGEMENT, _APPS = "deviceManagement", "deviceAppManagement/mobileApps"
_GRAPH = "#microsoft.graph"
_FILTER = "deviceAndAppManagementAssignmentFilter"
_LAPTOPS = "All-Windows-Laptops"

_DETECT = """$key = 'HKLM:\\SOFTWARE\\7-Zip'
if (-not (Test-Path $key)) {
    exit 1
}
if ((Get-ItemProperty $key).Version -ge '24.09') {
    Write-Output 'found'
}
"""
_SHELL = "#!/bin/sh\nfind /var/log -name '*.gz' -mtime +14 -delete\nlogger 'old logs removed'\n"
_DEFENDER = "Set-MpPreference -DisableRealtimeMonitoring $false\nUpdate-MpSignature\n"
_LAYOUT = "<Layout>\n  <Pin app='Teams'/>\n  <Pin app='Company Portal'/>\n</Layout>\n"
_LINUX = "#!/bin/sh\napt-get -y update\napt-get -y upgrade\n"

File = Callable[[Tenant], str]


@dataclass(frozen=True, slots=True)
class Filing:
    """One request. `reader` is an approver who opens Details, which has this many `pages`."""

    name: str
    file: File
    reader: str = "ivan"
    pages: int = 1


def _target(site: Tenant, kind: str = "groupAssignmentTarget", group: str = _LAPTOPS, **more: Any) -> dict[str, Any]:
    named = {"groupId": site.world.group(group).id} if "roupAssignment" in kind else {}
    return {"target": {"@odata.type": f"{_GRAPH}.{kind}", **named, **more}}


def _changed(collection: str, name: str, patch: Mapping[str, Any], why: str) -> File:
    return lambda site: site.portal.file_change("rita", collection, name, patch, why)


def _made(collection: str, body: Mapping[str, Any], why: str) -> File:
    return lambda site: site.portal.file_new("rita", collection, body, why)


def _removed(collection: str, name: str, why: str) -> File:
    return lambda site: site.portal.file_removal("rita", collection, name, why)


def _called(collection: str, name: str, call: str, body: Mapping[str, Any], why: str) -> File:
    return lambda site: site.portal.file_call("rita", collection, name, call, body, why)


def _wiped(device: str, why: str, **options: Any) -> File:
    return lambda site: site.portal.file_wipe("rita", device, why, **options)


def _app_created(site: Tenant) -> str:
    body = {
        "@odata.type": f"{_GRAPH}.macOSPkgApp",
        "displayName": "Remote Help",
        "description": "Lets the helpdesk see a screen.",
        "publisher": "Example Software",
        "fileName": "RemoteHelp-3.2.pkg",
        "largeIcon": {"@odata.type": f"{_GRAPH}.mimeContent", "type": "image/png", "value": "A" * 4000},
        "isFeatured": False,
        "primaryBundleId": "com.example.remotehelp",
        "primaryBundleVersion": "3.2.0",
        "includedApps": [
            {
                "@odata.type": f"{_GRAPH}.macOSIncludedApp",
                "bundleId": "com.example.remotehelp",
                "bundleVersion": "3.2.0",
            }
        ],
        "ignoreVersionDetection": False,
        "roleScopeTagIds": ["0"],
        "preInstallScript": {"scriptContent": encoded("#!/bin/sh\nlaunchctl bootout system/com.example.old\n")},
        "postInstallScript": {"scriptContent": encoded("#!/bin/sh\nopen -a 'Remote Help'\n")},
    }
    return site.portal.file_new("rita", _APPS, body, "Replaces the old remote tool, CHG-204")


def _app_changed(site: Tenant) -> str:
    app = next(one for one in site.world.objects["mobileApps"].values() if one["displayName"] == "7-Zip")
    [rule] = app["detectionRules"]
    patch = {
        "@odata.type": f"{_GRAPH}.win32LobApp",
        "displayName": "7-Zip",
        "installCommandLine": "powershell.exe -ExecutionPolicy Bypass -File install.ps1 -Silent",
        "detectionRules": [{**rule, "scriptContent": encoded(_DETECT)}],
    }
    return site.portal.file_change("rita", _APPS, "7-Zip", patch, "Version 24.09 closes a hole, CHG-198")


def _app_assigned(site: Tenant) -> str:
    body = {
        "mobileAppAssignments": [
            {
                "@odata.type": f"{_GRAPH}.mobileAppAssignment",
                "intent": "required",
                **_target(site),
                "settings": {
                    "@odata.type": f"{_GRAPH}.win32LobAppAssignmentSettings",
                    "notifications": "showAll",
                    "restartSettings": None,
                    "installTimeSettings": {
                        "useLocalTime": True,
                        "startDateTime": "2026-11-25T18:00:00Z",
                        "deadlineDateTime": "2026-11-27T06:00:00Z",
                    },
                    "deliveryOptimizationPriority": "notConfigured",
                },
            },
            {"intent": "available", **_target(site, "allLicensedUsersAssignmentTarget"), "settings": None},
        ]
    }
    return site.portal.file_call("rita", _APPS, "7-Zip", "assign", body, "Roll it out, CHG-198")


def _app_uninstalled(site: Tenant) -> str:
    old = assignment_filter("Old Windows", '(device.osVersion -startsWith "10.0.19")')
    site.world.objects["assignmentFilters"][old["id"]] = old
    filtered = {f"{_FILTER}Id": old["id"], f"{_FILTER}Type": "include"}
    assignment = {"intent": "uninstall", **_target(site, "allDevicesAssignmentTarget", **filtered), "settings": None}
    body = {"mobileAppAssignments": [assignment]}
    return site.portal.file_call("rita", _APPS, "7-Zip", "assign", body, "The licence ends this month, CHG-206")


def _app_superseded(site: Tenant) -> str:
    relation = {
        "@odata.type": f"{_GRAPH}.mobileAppSupersedence",
        "targetId": guid("mobileApps", "Company Portal for Mac"),
        "targetDisplayName": "Company Portal for Mac",
        "targetType": "child",
        "supersedenceType": "replace",
    }
    body = {"relationships": [relation]}
    return site.portal.file_call("rita", _APPS, "7-Zip", "updateRelationships", body, "The old one goes, CHG-207")


def _catalogue(site: Tenant) -> str:
    rules = [[catalogue.simple(f"{catalogue.FIREWALL}_name", name)] for name in ("Mail", "Web")]
    rules[1].append(catalogue.choice(catalogue.CAMERA, f"{catalogue.CAMERA}_1"))
    settings = catalogue.settings(
        catalogue.choice(catalogue.CAMERA, f"{catalogue.CAMERA}_1"),
        catalogue.group(catalogue.FIREWALL, *rules),
        catalogue.simple(catalogue.WIFI_KEY, "another", "Secret"),
    )
    patch = {"name": "Windows hardening", "settings": settings}
    place = f"{_MANAGEMENT}/configurationPolicies"
    return site.portal.file_change("rita", place, "Windows hardening", patch, "Meetings need cameras, CHG-188")


def _admx(site: Tenant) -> str:
    [admx] = site.world.objects["groupPolicyConfigurations"].values()
    updated = [{"id": admx["definitionValues"][0]["id"], "enabled": False}]
    body = {"added": [], "updated": updated, "deletedIds": []}
    place = f"{_MANAGEMENT}/groupPolicyConfigurations"
    return site.portal.file_call("rita", place, "Browser", "updateDefinitionValues", body, "No home page any more")


def _oma_uri(site: Tenant) -> str:
    profiles = site.world.objects["deviceConfigurations"].values()
    layout, telemetry = next(one for one in profiles if "omaSettings" in one)["omaSettings"]
    patch = {
        "@odata.type": f"{_GRAPH}.windows10CustomConfiguration",
        "omaSettings": [{**layout, "value": encoded(_LAYOUT)}, {**telemetry, "value": 3}],
    }
    return site.portal.file_change("rita", f"{_MANAGEMENT}/deviceConfigurations", "Start menu", patch, "New pins")


def _role_assigned(site: Tenant) -> str:
    role = guid("role", "Branch Helpdesk")
    body = {
        "@odata.type": f"{_GRAPH}.deviceAndAppManagementRoleAssignment",
        "displayName": "Night helpdesk",
        "description": "",
        "members": [site.world.group("Night-Shift").id],
        "resourceScopes": [site.world.group(_LAPTOPS).id],
        "roleDefinition@odata.bind": f"https://graph.microsoft.com/beta/{_MANAGEMENT}/roleDefinitions('{role}')",
    }
    return site.portal.file_new("rita", f"{_MANAGEMENT}/roleAssignments", body, "Nights are short of people")


def _deprovisioned(site: Tenant) -> str:
    path = f"/{_MANAGEMENT}/managedDevices/{site.world.device('PC-1')['id']}/deprovision"
    return site.portal.file("rita", "POST", path, {"deprovisionReason": "Sold"}, "Sold to its user, INC-2101")


def _unknown(site: Tenant) -> str:
    patch = {"displayName": "Kiosk devices"}
    filed = site.portal.file_change("rita", f"{_MANAGEMENT}/deviceCategories", "Kiosks", patch, "A pilot")
    name = "Microsoft.Management.Services.Api.QuantumPolicy"
    site.graph.knobs.shown_fields[filed] = {"payloadType": name}
    return filed


def _bulk(site: Tenant) -> str:
    laptops = fleet(500)
    site.world.devices |= laptops
    return site.portal.file_bulk("rita", "wipe", laptops, "Old laptops go back to the lessor, CHG-300")


def _remediation(site: Tenant) -> str:
    [script] = site.world.health_scripts.values()
    patch = {"remediationScriptContent": encoded("Stop-Service wuauserv\nStart-Service wuauserv\n")}
    path = f"/{_MANAGEMENT}/deviceHealthScripts/{script['id']}"
    return site.portal.file("rita", "PATCH", path, patch, "Restart was not enough, CHG-190")


def _remediation_assigned(site: Tenant) -> str:
    [script] = site.world.health_scripts.values()
    schedule = {
        "@odata.type": f"{_GRAPH}.deviceHealthScriptDailySchedule",
        "interval": 1,
        "time": "03:00:00",
        "useUtc": False,
    }
    body = {"deviceHealthScriptAssignments": [{**_target(site), "runRemediationScript": True, "runSchedule": schedule}]}
    path = f"/{_MANAGEMENT}/deviceHealthScripts/{script['id']}/assign"
    return site.portal.file("rita", "POST", path, body, "Every night, CHG-190")


def _script_assigned(site: Tenant) -> str:
    return site.portal.assign_script("rita", "Disable-LegacyTLS", _LAPTOPS, "Audit finding 12")


FILINGS = (
    Filing("app-created", _app_created),
    Filing("app-changed", _app_changed),
    Filing("app-assigned", _app_assigned),
    Filing("app-uninstalled", _app_uninstalled),
    Filing("app-superseded", _app_superseded),
    Filing("app-deleted", _removed(_APPS, "7-Zip", "Nobody uses it any more")),
    Filing(
        "script-created", lambda site: site.portal.file_script("rita", "Update-Defender", _DEFENDER, "CHG-118"), "cora"
    ),
    Filing(
        "script-changed",
        lambda site: site.portal.file_script("rita", "Disable-LegacyTLS", _DEFENDER, "Audit finding 12"),
        "cora",
    ),
    Filing("script-assigned", _script_assigned, "cora"),
    Filing("remediation-changed", _remediation, "cora"),
    Filing("remediation-assigned", _remediation_assigned, "cora"),
    Filing(
        "shell-script-changed",
        _changed(
            f"{_MANAGEMENT}/deviceShellScripts", "Rotate logs", {"scriptContent": encoded(_SHELL)}, "Disks fill up"
        ),
        "cora",
    ),
    Filing(
        "custom-attribute-changed",
        _changed(
            f"{_MANAGEMENT}/deviceCustomAttributeShellScripts",
            "Battery cycles",
            {"scriptContent": encoded("#!/bin/sh\npmset -g batt\n"), "customAttributeType": "string"},
            "More detail",
        ),
        "cora",
    ),
    Filing(
        "compliance-script-changed",
        _changed(
            f"{_MANAGEMENT}/deviceComplianceScripts",
            "BIOS version",
            {"detectionScriptContent": encoded("(Get-CimInstance Win32_BIOS).Version | ConvertTo-Json\n")},
            "Shorter",
        ),
        "cora",
    ),
    Filing("settings-catalogue-changed", _catalogue),
    Filing(
        "linux-script-changed",
        _changed(
            f"{_MANAGEMENT}/configurationPolicies",
            "Linux updates",
            {"settings": catalogue.settings(catalogue.simple(catalogue.LINUX_SCRIPT, encoded(_LINUX)))},
            "Fresh lists first",
        ),
    ),
    Filing("admx-changed", _admx),
    Filing(
        "baseline-changed",
        _called(
            f"{_MANAGEMENT}/intents",
            "Windows baseline 24H2",
            "updateSettings",
            {"settings": [{"definitionId": catalogue.ENCRYPT, "valueJson": "false"}]},
            "Old laptops have no chip for it",
        ),
    ),
    Filing("oma-uri-changed", _oma_uri),
    Filing("mac-profile-deleted", _removed(f"{_MANAGEMENT}/deviceConfigurations", "Wi-Fi for Macs", "Old network")),
    Filing(
        "compliance-changed",
        lambda site: site.portal.file_compliance(
            "rita",
            "Windows baseline",
            {"bitLockerEnabled": False, "osMinimumVersion": "10.0.22631.0"},
            "Old laptops fail",
        ),
        "olga",
    ),
    Filing(
        "role-changed",
        lambda site: site.portal.file_role(
            "rita",
            "Branch Helpdesk",
            [
                "Microsoft.Intune_ManagedDevices_Read",
                "Microsoft.Intune_RemoteTasks_RemoteLock",
                "Microsoft.Intune_RemoteTasks_Wipe",
            ],
            "Night shift, CHG-121",
        ),
    ),
    Filing("role-assigned", _role_assigned),
    Filing(
        "access-policy-changed",
        lambda site: site.portal.file_policy_change("rita", "deviceWipe", ["Security-Team"], "Approvals take too long"),
        "marc",
    ),
    Filing(
        "category-changed",
        _changed(f"{_MANAGEMENT}/deviceCategories", "Kiosks", {"displayName": "Kiosk devices"}, "Name"),
    ),
    Filing(
        "autopilot-changed",
        _changed(
            f"{_MANAGEMENT}/windowsAutopilotDeploymentProfiles",
            "Laptops",
            {"outOfBoxExperienceSetting": {"userType": "administrator", "escapeLinkHidden": True}},
            "Developers set up their own",
        ),
    ),
    Filing(
        "enrollment-changed",
        _changed(
            f"{_MANAGEMENT}/deviceEnrollmentConfigurations",
            "Personal devices",
            {"platformRestriction": {"platformBlocked": False, "personalDeviceEnrollmentBlocked": False}},
            "Bring your own phone",
        ),
    ),
    Filing("wipe", _wiped("PC-1", "Stolen on the train, INC-2041"), "dana"),
    Filing(
        "wipe-protected",
        _wiped("PC-1", "Leaver, INC-2050", keepUserData=True, keepEnrollmentData=True, useProtectedWipe=True),
        "dana",
    ),
    Filing(
        "wipe-mac-obliterated",
        _wiped("MAC-3", "Stolen, INC-2051", obliterationBehavior="always", macOsUnlockCode="273849"),
        "dana",
    ),
    Filing("retire", lambda site: site.portal.file_retire("rita", "PHONE-4", "Left the company"), "dana"),
    Filing("delete", lambda site: site.portal.file_delete("rita", "PC-2", "A doublet"), "dana"),
    Filing("deprovision", _deprovisioned),
    Filing("unknown-type", _unknown),
    Filing("bulk-wipe", _bulk, "dana", pages=2),
)
