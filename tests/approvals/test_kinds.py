"""The table of types: every name belongs to one type, and every name that was ever seen is in the table."""

from itertools import combinations

import pytest

from approvals.kinds import KINDS, kind_of, names_of

SEEN = {
    # Seen in tools that show requests: markorr321/Intune-MAA, KelvinTegelaar/CIPP-API.
    "ManagedDevice": "device",
    "MobileApp": "app",
    "DeviceManagementScript": "script",
    "DeviceHealthScript": "remediation",
    "ConfigurationPolicy": "configuration policy",
    "IDeviceManagementPolicy": "configuration policy",
    "DeviceConfiguration": "configuration profile",
    "DeviceCompliancePolicy": "compliance policy",
    "RoleDefinition": "role",
    "DeviceAndAppManagementRoleDefinition": "role",
    "OperationApprovalPolicy": "access policy",
    "DeviceCategory": "device category",
    "GroupPolicyConfiguration": "administrative template",
    "DeviceEnrollmentConfiguration": "enrollment configuration",
    "WindowsAutopilotDeploymentProfile": "Autopilot profile",
    "WindowsFeatureUpdateProfile": "feature update profile",
    "WindowsQualityUpdateProfile": "quality update profile",
    "WindowsDriverUpdateProfile": "driver update profile",
    # Seen in Graph's schema.
    "DeviceShellScript": "shell script",
    "DeviceCustomAttributeShellScript": "custom attribute script",
    "DeviceComplianceScript": "compliance script",
    "DeviceManagementIntent": "security baseline",
    "DeviceManagementCompliancePolicy": "compliance policy",
    "RoleAssignment": "role assignment",
    "windowsManagedDevice": "device",
    "win32LobApp": "app",
    "macOSPkgApp": "app",
    "windows10CustomConfiguration": "configuration profile",
    "androidDeviceOwnerCompliancePolicy": "compliance policy",
    "windows10EnrollmentCompletionPageConfiguration": "enrollment configuration",
    "mobileAppSupersedence": "relationship of an app",
}


@pytest.mark.parametrize("name", SEEN)
def test_every_name(name: str) -> None:
    """A name is found in any casing, and with the name of its service in front."""
    for written in (name, name.upper(), f"#microsoft.graph.{name}", f"Microsoft.Management.Services.Api.{name}"):
        kind = kind_of(written)
        assert kind is not None
        assert kind.noun == SEEN[name]


@pytest.mark.parametrize("name", ["", "SomethingNew", "managedDevices"])
def test_what_nobody_knows(name: str) -> None:
    """An unknown name has no type: nothing is guessed from how it looks."""
    assert kind_of(name) is None


def test_a_policy_of_the_catalogue_by_what_protects_it() -> None:
    """The name of a catalogue policy stands for two types; its access policy tells which one, and where it is read."""
    compliance = kind_of("IDeviceManagementPolicy", ("CompliancePolicy",))
    configuration = kind_of("IDeviceManagementPolicy", ("configurationPolicy",))
    assert compliance is not None
    assert configuration is not None
    assert compliance.place.endswith("/compliancePolicies")
    assert configuration.place.endswith("/configurationPolicies")


def test_no_name_means_two_types() -> None:
    """No name belongs to two types; only the listed types have no access policy of their own, or no place."""
    assert [(one.code, other.code) for one, other in combinations(KINDS, 2) if one.names & other.names] == []
    assert len({kind.code for kind in KINDS}) == len(KINDS)
    assert [kind.code for kind in KINDS if not kind.policy_type] == ["catalogue-policy", "device"]
    assert [kind.code for kind in KINDS if not kind.place] == ["app-assignment", "device"]


def test_names_are_in_lower_case() -> None:
    """Names are stored in lower case, because they are compared like that."""
    assert [name for kind in KINDS for name in kind.names if name != name.casefold()] == []
    assert "win32lobapp" in names_of("app")
    assert names_of("nothing") == frozenset()
