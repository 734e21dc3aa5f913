"""Further kinds of configuration that Multi-Admin Approval protects.

Collections, assign calls and their bodies are from Graph's beta schema (PyPI msgraph-beta-sdk 1.66.0).
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from simulator.graph import permissions
from simulator.graph.call import BETA
from simulator.graph.kinds import Action, Entity, Kind
from simulator.graph.permissions import Needs
from simulator.world import World

_READ: Mapping[str, Needs] = {
    "app": permissions.APPS_READ,
    "script": permissions.SCRIPTS_READ,
    "service": permissions.SERVICE_READ,
    "configuration": permissions.CONFIGURATION_READ,
    "role": permissions.ROLES_READ,
}
_WRITE: Mapping[str, Needs] = {
    "app": permissions.APPS_WRITE,
    "script": permissions.SCRIPTS_WRITE,
    "service": permissions.SERVICE_WRITE,
    "configuration": permissions.CONFIGURATION_WRITE,
    "role": permissions.ROLES_WRITE,
}


def _stored(segment: str) -> Callable[[World], dict[str, Entity]]:
    return lambda world: world.objects.setdefault(segment, {})


def _kind(
    segment: str,
    payload_type: str,
    policy_type: str,
    scope: str,
    *,
    key: str = "assignments",
    assign: str = "assign",
    **more: Any,
) -> Kind:
    return Kind(
        segment=segment,
        policy_type=policy_type,
        payload_type=payload_type,
        read=_READ[scope],
        write=_WRITE[scope],
        versions=BETA,
        store=_stored(segment),
        platform=lambda _entity: "notApplicable",
        assign=assign,
        assign_key=key,
        relation="assignments",
        **more,
    )


def _update_definition_values(entity: Entity, body: Mapping[str, Any]) -> None:
    gone, changed = set(body.get("deletedIds") or ()), {one["id"]: one for one in body.get("updated") or ()}
    kept = [value | changed.get(value["id"], {}) for value in entity["definitionValues"] if value["id"] not in gone]
    entity["definitionValues"] = kept + [{"id": str(uuid4()), **one} for one in body.get("added") or ()]


def _update_settings(entity: Entity, body: Mapping[str, Any]) -> None:
    changed = {setting["definitionId"]: setting for setting in body["settings"]}
    kept = [changed.pop(setting["definitionId"], setting) for setting in entity["settings"]]
    entity["settings"] = [*kept, *changed.values()]


def _update_relationships(entity: Entity, body: Mapping[str, Any]) -> None:
    entity["relationships"] = list(body["relationships"])


_RELATIONSHIPS: Mapping[str, Action] = {"updateRelationships": _update_relationships}
_SETTINGS: Mapping[str, Action] = {"updateSettings": _update_settings}
_DEFINITION_VALUES: Mapping[str, Action] = {"updateDefinitionValues": _update_definition_values}

FURTHER = (
    _kind(
        "mobileApps",
        "MobileApp",
        "app",
        "app",
        key="mobileAppAssignments",
        root="deviceAppManagement",
        children=("relationships",),
        actions=_RELATIONSHIPS,
    ),
    _kind(
        "deviceShellScripts",
        "DeviceShellScript",
        "script",
        "script",
        key="deviceManagementScriptAssignments",
        group_key="deviceManagementScriptGroupAssignments",
        base64_properties=("scriptContent",),
    ),
    _kind(
        "deviceCustomAttributeShellScripts",
        "DeviceCustomAttributeShellScript",
        "script",
        "script",
        key="deviceManagementScriptAssignments",
        group_key="deviceManagementScriptGroupAssignments",
        base64_properties=("scriptContent",),
    ),
    _kind(
        "deviceComplianceScripts",
        "DeviceComplianceScript",
        "script",
        "script",
        key="deviceHealthScriptAssignments",
        base64_properties=("detectionScriptContent",),
    ),
    _kind(
        "configurationPolicies",
        "ConfigurationPolicy",
        "configurationPolicy",
        "configuration",
        name="name",
        children=("settings",),
    ),
    _kind(
        "compliancePolicies",
        "DeviceManagementCompliancePolicy",
        "compliancePolicy",
        "configuration",
        name="name",
        children=("settings",),
        hidden=("scheduledActionsForRule",),
    ),
    _kind(
        "deviceConfigurations",
        "DeviceConfiguration",
        "configurationPolicy",
        "configuration",
        group_key="deviceConfigurationGroupAssignments",
    ),
    _kind(
        "groupPolicyConfigurations",
        "GroupPolicyConfiguration",
        "configurationPolicy",
        "configuration",
        children=("definitionValues",),
        actions=_DEFINITION_VALUES,
    ),
    _kind(
        "intents",
        "DeviceManagementIntent",
        "configurationPolicy",
        "configuration",
        children=("settings",),
        actions=_SETTINGS,
    ),
    _kind(
        "deviceEnrollmentConfigurations",
        "DeviceEnrollmentConfiguration",
        "configurationPolicy",
        "service",
        key="enrollmentConfigurationAssignments",
    ),
    _kind(
        "windowsAutopilotDeploymentProfiles",
        "WindowsAutopilotDeploymentProfile",
        "configurationPolicy",
        "service",
        key="",
        assign="assignments",
    ),
    _kind("windowsFeatureUpdateProfiles", "WindowsFeatureUpdateProfile", "configurationPolicy", "configuration"),
    _kind("windowsQualityUpdateProfiles", "WindowsQualityUpdateProfile", "configurationPolicy", "configuration"),
    _kind("windowsQualityUpdatePolicies", "WindowsQualityUpdatePolicy", "configurationPolicy", "configuration"),
    _kind("windowsDriverUpdateProfiles", "WindowsDriverUpdateProfile", "configurationPolicy", "configuration"),
    _kind("roleAssignments", "DeviceAndAppManagementRoleAssignment", "role", "role"),
    _kind("deviceCategories", "DeviceCategory", "tenantConfiguration", "configuration"),
)
"""All kinds that are not in `kinds`. Which access policy protects which is documented only in words."""
