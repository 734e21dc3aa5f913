"""One object of each further kind that Multi-Admin Approval protects, as Graph shows it; values are invented."""

from typing import Any

from simulator.inventory import CREATED, encoded
from simulator.world import guid

Entity = dict[str, Any]

CAMERA = "device_vendor_msft_policy_config_camera_allowcamera"
FIREWALL = "vendor_msft_firewall_mdmstore_firewallrules_{firewallrulename}"
LINUX_SCRIPT = "linux_customconfig_script"
DISCOVERY = "linux_customcompliance_discoveryscript"
WIFI_KEY = "com.apple.wifi.managed_password"
ENCRYPT = "deviceConfiguration--windows10EndpointProtectionConfiguration_bitLockerEncryptDevice"
HOME_PAGE = guid("admx", "home-page")

_CATALOGUE = "#microsoft.graph.deviceManagementConfiguration"
_DETECTION = "if (Test-Path 'C:\\Program Files\\7-Zip') { Write-Output 1 }\n"


def objects() -> dict[str, dict[str, Entity]]:
    """Return the objects by collection and id."""
    return {segment: {one["id"]: one for one in made} for segment, made in _made().items()}


def definitions() -> dict[str, dict[str, Entity]]:
    """Return the definitions of settings by collection, and a reusable setting."""
    allow = [
        {"itemId": f"{CAMERA}_0", "displayName": "Not allowed", "name": "Not allowed"},
        {"itemId": f"{CAMERA}_1", "displayName": "Allowed", "name": "Allowed"},
    ]
    configuration = [
        _definition(CAMERA, "Choice", "Allow camera", options=allow),
        _definition(FIREWALL, "SettingGroupCollection", "Firewall rules"),
        _definition(f"{FIREWALL}_name", "Simple", "Name"),
        _definition(LINUX_SCRIPT, "Simple", "Script"),
        _definition(WIFI_KEY, "Simple", "Password"),
    ]
    return {
        "configurationSettings": {one["id"]: one for one in configuration},
        "complianceSettings": {DISCOVERY: _definition(DISCOVERY, "Simple", "Discovery script")},
        "settingDefinitions": {ENCRYPT: {"id": ENCRYPT, "displayName": "Encrypt devices", "valueType": "boolean"}},
        "reusablePolicySettings": {
            guid("reusable", "discovery"): {
                "id": guid("reusable", "discovery"),
                "displayName": "Disk discovery",
                "settingDefinitionId": f"{DISCOVERY}_reusablesetting",
                "settingInstance": simple(f"{DISCOVERY}_reusablesetting", encoded("#!/bin/sh\nlsblk --json\n")),
            }
        },
    }


def app_scripts() -> dict[tuple[str, str, str], Entity]:
    """Return the install script of the Win32 app, in its current content version."""
    script = guid("app-script", "install")
    return {
        (guid("mobileApps", "7-Zip"), "1", script): {
            "@odata.type": "#microsoft.graph.win32LobAppInstallPowerShellScript",
            "id": script,
            "displayName": "install.ps1",
            "content": encoded("Start-Process msiexec -ArgumentList '/i 7zip.msi /qn' -Wait\n"),
            "enforceSignatureCheck": False,
            "runAs32Bit": False,
            "state": "commitSuccess",
        }
    }


def choice(definition: str, value: str, *children: Entity) -> Entity:
    """Return a choice setting of the settings catalogue."""
    return {
        "@odata.type": f"{_CATALOGUE}ChoiceSettingInstance",
        "settingDefinitionId": definition,
        "choiceSettingValue": {"value": value, "children": list(children)},
    }


def simple(definition: str, value: Any, kind: str = "String") -> Entity:
    """Return a simple setting of the settings catalogue."""
    return {
        "@odata.type": f"{_CATALOGUE}SimpleSettingInstance",
        "settingDefinitionId": definition,
        "simpleSettingValue": {"@odata.type": f"{_CATALOGUE}{kind}SettingValue", "value": value},
    }


def group(definition: str, *groups: list[Entity]) -> Entity:
    """Return a group collection setting of the settings catalogue."""
    return {
        "@odata.type": f"{_CATALOGUE}GroupSettingCollectionInstance",
        "settingDefinitionId": definition,
        "groupSettingCollectionValue": [{"children": children} for children in groups],
    }


def settings(*instances: Entity) -> list[Entity]:
    """Return the settings of a policy, numbered by position as in Graph."""
    return [
        {"@odata.type": f"{_CATALOGUE}Setting", "id": str(number), "settingInstance": instance}
        for number, instance in enumerate(instances)
    ]


def _made() -> dict[str, list[Entity]]:
    return {
        "mobileApps": [_app(), _package()],
        "deviceShellScripts": [
            _plain("deviceShellScripts", "Rotate logs", scriptContent=encoded("#!/bin/sh\nexit 0\n"))
        ],
        "deviceCustomAttributeShellScripts": [
            _plain(
                "deviceCustomAttributeShellScripts",
                "Battery cycles",
                customAttributeName="cycles",
                customAttributeType="integer",
                scriptContent=encoded("#!/bin/sh\nioreg -r -c AppleSmartBattery | grep CycleCount\n"),
            )
        ],
        "deviceComplianceScripts": [
            _plain(
                "deviceComplianceScripts",
                "BIOS version",
                publisher="IT Operations",
                detectionScriptContent=encoded("Get-CimInstance Win32_BIOS | ConvertTo-Json\n"),
            )
        ],
        "configurationPolicies": [_camera(), _linux()],
        "compliancePolicies": [_linux_compliance()],
        "deviceConfigurations": [_custom(), _mac_profile()],
        "groupPolicyConfigurations": [_administrative()],
        "intents": [_baseline()],
        "deviceEnrollmentConfigurations": [
            _plain(
                "deviceEnrollmentConfigurations",
                "Personal devices",
                "deviceEnrollmentPlatformRestrictionConfiguration",
                priority=1,
                platformType="ios",
                platformRestriction={"platformBlocked": False, "personalDeviceEnrollmentBlocked": True},
            )
        ],
        "windowsAutopilotDeploymentProfiles": [
            _plain(
                "windowsAutopilotDeploymentProfiles",
                "Laptops",
                "azureADWindowsAutopilotDeploymentProfile",
                deviceNameTemplate="LT-%SERIAL%",
                outOfBoxExperienceSetting={"userType": "standard", "escapeLinkHidden": True},
            )
        ],
        "windowsFeatureUpdateProfiles": [
            _plain("windowsFeatureUpdateProfiles", "Windows 11", featureUpdateVersion="Windows 11, version 25H2")
        ],
        "windowsQualityUpdateProfiles": [
            _plain(
                "windowsQualityUpdateProfiles",
                "Expedited",
                expeditedUpdateSettings={"qualityUpdateRelease": "2026-10-13", "daysUntilForcedReboot": 2},
            )
        ],
        "windowsQualityUpdatePolicies": [_plain("windowsQualityUpdatePolicies", "Hotpatch", hotpatchEnabled=True)],
        "windowsDriverUpdateProfiles": [
            _plain("windowsDriverUpdateProfiles", "Drivers", approvalType="manual", deploymentDeferralInDays=0)
        ],
        "roleAssignments": [
            _plain(
                "roleAssignments",
                "Branch helpdesk in Berlin",
                "deviceAndAppManagementRoleAssignment",
                members=[guid("group", "Helpdesk")],
                resourceScopes=[],
            )
        ],
        "deviceCategories": [_plain("deviceCategories", "Kiosks")],
    }


def _plain(segment: str, name: str, kind: str = "", **values: Any) -> Entity:
    return {
        **({"@odata.type": f"#microsoft.graph.{kind}"} if kind else {}),
        "id": guid(segment, name),
        "displayName": name,
        "description": "",
        "createdDateTime": CREATED,
        "lastModifiedDateTime": CREATED,
        "assignments": [],
        **values,
    }


def _app() -> Entity:
    """Return the Win32 app. Graph shows its rules twice: in the form of v1.0, and by purpose."""
    app = _win32()
    rule = "#microsoft.graph.win32LobAppPowerShellScriptRule"
    required = [{**one, "@odata.type": rule, "ruleType": "requirement"} for one in app["requirementRules"]]
    found = [{**one, "@odata.type": rule, "ruleType": "detection"} for one in app["detectionRules"]]
    return {**app, "rules": found + required}


def _win32() -> Entity:
    return _plain(
        "mobileApps",
        "7-Zip",
        "win32LobApp",
        publisher="Igor Pavlov",
        committedContentVersion="1",
        fileName="7zip.intunewin",
        installCommandLine="powershell.exe -File install.ps1",
        uninstallCommandLine="msiexec /x 7zip.msi /qn",
        activeInstallScript={"targetId": guid("app-script", "install")},
        activeUninstallScript=None,
        detectionRules=[
            {
                "@odata.type": "#microsoft.graph.win32LobAppPowerShellScriptDetection",
                "enforceSignatureCheck": False,
                "runAs32Bit": False,
                "scriptContent": encoded(_DETECTION),
            }
        ],
        requirementRules=[
            {
                "@odata.type": "#microsoft.graph.win32LobAppPowerShellScriptRequirement",
                "displayName": "Enough room",
                "runAsAccount": "system",
                "detectionType": "integer",
                "operator": "greaterThan",
                "detectionValue": "1",
                "scriptContent": encoded("(Get-PSDrive C).Free / 1GB\n"),
            }
        ],
        relationships=[],
    )


def _package() -> Entity:
    return _plain(
        "mobileApps",
        "Company Portal for Mac",
        "macOSPkgApp",
        publisher="Microsoft",
        fileName="CompanyPortal.pkg",
        preInstallScript={"scriptContent": encoded("#!/bin/sh\nrm -rf '/Applications/Company Portal.app'\n")},
        postInstallScript={"scriptContent": encoded("#!/bin/sh\nopen -a 'Company Portal'\n")},
        relationships=[],
    )


def _policy(segment: str, name: str, platforms: str, family: str, *instances: Entity) -> Entity:
    made = _plain(
        segment,
        name,
        platforms=platforms,
        technologies="mdm",
        templateReference={"templateFamily": family, "templateDisplayName": None},
        settingCount=len(instances),
        settings=settings(*instances),
    )
    return {"name": made.pop("displayName"), **made}


def _camera() -> Entity:
    rule = [simple(f"{FIREWALL}_name", "Web"), choice(CAMERA, f"{CAMERA}_1")]
    return _policy(
        "configurationPolicies",
        "Windows hardening",
        "windows10",
        "none",
        choice(CAMERA, f"{CAMERA}_0"),
        group(FIREWALL, rule),
        simple(WIFI_KEY, "hunter2", "Secret"),
    )


def _linux() -> Entity:
    script = simple(LINUX_SCRIPT, encoded("#!/bin/sh\napt-get -y upgrade\n"))
    return _policy("configurationPolicies", "Linux updates", "linux", "deviceConfigurationScripts", script)


def _linux_compliance() -> Entity:
    script = simple(DISCOVERY, guid("reusable", "discovery"), "Reference")
    return _policy("compliancePolicies", "Linux disks", "linux", "none", script)


def _custom() -> Entity:
    return _plain(
        "deviceConfigurations",
        "Start menu",
        "windows10CustomConfiguration",
        version=1,
        omaSettings=[
            {
                "@odata.type": "#microsoft.graph.omaSettingStringXml",
                "displayName": "Layout",
                "omaUri": "./Vendor/MSFT/Policy/Config/Start/StartLayout",
                "fileName": "layout.xml",
                "value": encoded("<Layout>\n  <Pin/>\n</Layout>\n"),
                "isEncrypted": False,
            },
            {
                "@odata.type": "#microsoft.graph.omaSettingInteger",
                "displayName": "Telemetry",
                "omaUri": "./Vendor/MSFT/Policy/Config/System/AllowTelemetry",
                "value": 1,
            },
        ],
    )


def _mac_profile() -> Entity:
    return _plain(
        "deviceConfigurations",
        "Wi-Fi for Macs",
        "macOSCustomConfiguration",
        version=1,
        payloadName="Wi-Fi",
        payloadFileName="wifi.mobileconfig",
        payload=encoded("<plist><dict>\n<key>Password</key><string>hunter2</string>\n</dict></plist>\n"),
    )


def _administrative() -> Entity:
    value = {
        "@odata.type": "#microsoft.graph.groupPolicyPresentationValueText",
        "id": guid("admx-value", "url"),
        "value": "https://intranet.example",
        "presentation": {"id": guid("admx-presentation", "url"), "label": "Home page"},
    }
    return _plain(
        "groupPolicyConfigurations",
        "Browser",
        definitionValues=[
            {
                "id": guid("admx-setting", "home-page"),
                "enabled": True,
                "configurationType": "policy",
                "definition": {"id": HOME_PAGE, "displayName": "Set the home page", "classType": "machine"},
                "presentationValues": [value],
            }
        ],
    )


def _baseline() -> Entity:
    return _plain(
        "intents",
        "Windows baseline 24H2",
        templateId=guid("template", "baseline"),
        settings=[
            {
                "@odata.type": "#microsoft.graph.deviceManagementBooleanSettingInstance",
                "id": guid("intent-setting", "encrypt"),
                "definitionId": ENCRYPT,
                "valueJson": "true",
            }
        ],
    )


def _definition(key: str, kind: str, name: str, **more: Any) -> Entity:
    return {"@odata.type": f"{_CATALOGUE}{kind}SettingDefinition", "id": key, "displayName": name, "name": name, **more}
