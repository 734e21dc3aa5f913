"""The protected kinds of configuration: their collections, access policies, permissions and checks."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.graph import permissions
from simulator.graph.call import BETA, BOTH
from simulator.graph.errors import GraphError, bad_request
from simulator.graph.permissions import Needs
from simulator.world import World

Entity = dict[str, Any]
Action = Callable[[Entity, Mapping[str, Any]], None]
"""Changes an object by the body of a separate call."""

_COMPLIANCE_PLATFORMS = {
    "windows10": "windows10AndLater",
    "ios": "iOSiPadOS",
    "macOS": "macOS",
    "android": "androidEnterprise",
}


@dataclass(frozen=True)
class Kind:
    """One collection under /deviceManagement.

    `assign` is the last segment of the assign call and `assign_key` the property of its body with the new assignments;
    without a key the whole body is an additional assignment. `group_key` is the property with assignments that name a
    group themselves (https://learn.microsoft.com/graph/api/intune-shared-devicemanagementscript-assign).

    `relation` is the property that lists them. `name` is the property with an object's name. `children` are collections
    below an object, shown if requested or expanded; `hidden` ones are shown only if expanded. `actions` are separate
    calls that change a child.
    """

    segment: str
    policy_type: str
    payload_type: str
    read: Needs
    write: Needs
    versions: frozenset[str]
    store: Callable[[World], dict[str, Entity]]
    platform: Callable[[Mapping[str, Any]], str]
    assign: str
    assign_key: str
    relation: str
    group_key: str = ""
    base64_properties: tuple[str, ...] = ()
    root: str = "deviceManagement"
    name: str = "displayName"
    children: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    actions: Mapping[str, Action] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The path of the collection."""
        return f"/{self.root}/{self.segment}"

    def check(self, entity: Mapping[str, Any]) -> None:
        """Raise `GraphError` 400 unless the object can be stored."""
        if not isinstance(entity.get(self.name), str) or not entity[self.name].strip():
            raise bad_request(f"The property '{self.name}' must not be empty.")
        for name in self.base64_properties:
            _check_base64(name, entity.get(name, ""))

    def check_changeable(self, entity: Mapping[str, Any]) -> None:
        """Raise `GraphError` unless administrators may change the object."""
        if entity.get("isBuiltIn"):
            raise GraphError(400, "BadRequest", "Built-in roles cannot be changed.", intune=True)


def _check_base64(name: str, value: object) -> None:
    try:
        base64.b64decode(str(value), validate=True)
    except binascii.Error as error:
        raise bad_request(f"Cannot convert the literal of '{name}' to the expected type 'Edm.Binary'.") from error


def _compliance_platform(policy: Mapping[str, Any]) -> str:
    kind = str(policy.get("@odata.type", "")).removeprefix("#microsoft.graph.")
    matching = (platform for prefix, platform in _COMPLIANCE_PLATFORMS.items() if kind.startswith(prefix))
    return next(matching, "notApplicable")


KINDS = (
    Kind(
        segment="deviceManagementScripts",
        policy_type="script",
        payload_type="DeviceManagementScript",
        read=permissions.SCRIPTS_READ,
        write=permissions.SCRIPTS_WRITE,
        versions=BETA,
        store=lambda world: world.scripts,
        platform=lambda _script: "windows10AndLater",
        assign="assign",
        assign_key="deviceManagementScriptAssignments",
        group_key="deviceManagementScriptGroupAssignments",
        relation="assignments",
        base64_properties=("scriptContent",),
    ),
    Kind(
        segment="deviceHealthScripts",
        policy_type="script",
        payload_type="DeviceHealthScript",
        read=permissions.SCRIPTS_READ,
        write=permissions.SCRIPTS_WRITE,
        versions=BETA,
        store=lambda world: world.health_scripts,
        platform=lambda _script: "windows10AndLater",
        assign="assign",
        assign_key="deviceHealthScriptAssignments",
        relation="assignments",
        base64_properties=("detectionScriptContent", "remediationScriptContent"),
    ),
    Kind(
        segment="deviceCompliancePolicies",
        policy_type="compliancePolicy",
        payload_type="DeviceCompliancePolicy",
        read=permissions.CONFIGURATION_READ,
        write=permissions.CONFIGURATION_WRITE,
        versions=BOTH,
        store=lambda world: world.compliance_policies,
        platform=_compliance_platform,
        assign="assign",
        assign_key="assignments",
        relation="assignments",
        hidden=("scheduledActionsForRule",),
    ),
    Kind(
        segment="roleDefinitions",
        policy_type="role",
        payload_type="RoleDefinition",
        read=permissions.ROLES_READ,
        write=permissions.ROLES_WRITE,
        versions=BOTH,
        store=lambda world: world.role_definitions,
        platform=lambda _role: "notApplicable",
        assign="roleAssignments",
        assign_key="",
        relation="roleAssignments",
    ),
)
