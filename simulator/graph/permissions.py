"""Graph permissions that calls need: one name of each set of a tuple.

From the published permissions table. Delegated and application permissions have the same names.
"""

Needs = tuple[frozenset[str], ...]


def _any(*names: str) -> frozenset[str]:
    return frozenset(names)


_CONFIGURATION_WRITE = _any("DeviceManagementConfiguration.ReadWrite.All")
_CONFIGURATION_READ = _CONFIGURATION_WRITE | {"DeviceManagementConfiguration.Read.All"}
_RBAC_WRITE = _any("DeviceManagementRBAC.ReadWrite.All")
_RBAC_READ = _RBAC_WRITE | {"DeviceManagementRBAC.Read.All"}
_SCRIPTS_WRITE = _any("DeviceManagementScripts.ReadWrite.All")
_APPS_WRITE = _any("DeviceManagementApps.ReadWrite.All")
_SERVICE_WRITE = _any("DeviceManagementServiceConfig.ReadWrite.All")
_DEVICES_WRITE = _any("DeviceManagementManagedDevices.ReadWrite.All")
_PRIVILEGED = _any("DeviceManagementManagedDevices.PrivilegedOperations.All")
_USERS = _any("User.Read.All", "Directory.Read.All")
_MEMBERS = _any("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All")

# Approving needs only read permissions: Intune's roles and the approver groups decide the rest.
APPROVALS: Needs = (_CONFIGURATION_READ | _RBAC_READ,)
POLICIES_WRITE: Needs = (_CONFIGURATION_WRITE | _RBAC_WRITE,)
CONFIGURATION_READ: Needs = (_CONFIGURATION_READ,)
CONFIGURATION_WRITE: Needs = (_CONFIGURATION_WRITE,)
ROLES_READ: Needs = (_RBAC_READ,)
ROLES_WRITE: Needs = (_RBAC_WRITE,)
SCRIPTS_READ: Needs = (_SCRIPTS_WRITE | {"DeviceManagementScripts.Read.All"},)
SCRIPTS_WRITE: Needs = (_SCRIPTS_WRITE,)
APPS_READ: Needs = (_APPS_WRITE | {"DeviceManagementApps.Read.All"},)
APPS_WRITE: Needs = (_APPS_WRITE,)
# Enrollment and Autopilot have their own: learn.microsoft.com, "Get windowsAutopilotDeploymentProfile".
SERVICE_READ: Needs = (_SERVICE_WRITE | {"DeviceManagementServiceConfig.Read.All"},)
SERVICE_WRITE: Needs = (_SERVICE_WRITE,)
DEVICES_READ: Needs = (_DEVICES_WRITE | {"DeviceManagementManagedDevices.Read.All"},)
WIPE: Needs = (_DEVICES_WRITE | _PRIVILEGED | _CONFIGURATION_WRITE,)
RETIRE: Needs = (_PRIVILEGED,)
DELETE_DEVICE: Needs = (_DEVICES_WRITE,)
AUDIT: Needs = APPS_READ
GROUPS: Needs = (_MEMBERS | {"Group.ReadBasic.All"},)
MEMBERS: Needs = (_MEMBERS,)
USERS: Needs = (_USERS | {"User.ReadBasic.All"},)
USERS_IN_FULL: Needs = (_USERS,)
CHECK_MEMBERSHIP: Needs = (_USERS | {"User.ReadBasic.All"}, _MEMBERS)
DEVICES: Needs = (_any("Device.Read.All", "Directory.Read.All"), _MEMBERS)
MEMBER_OF: Needs = (_USERS | _MEMBERS,)
MAIL: Needs = (_any("Mail.Send"),)
PRESENCE: Needs = (_any("Presence.Read.All"),)

# Permissions of an administrator's session in the portal; Intune's roles limit it, not Graph's permissions.
EVERYTHING = frozenset().union(
    *APPROVALS,
    *POLICIES_WRITE,
    *SCRIPTS_WRITE,
    *APPS_WRITE,
    *SERVICE_WRITE,
    *DEVICES_READ,
    *WIPE,
    *AUDIT,
    *CHECK_MEMBERSHIP,
    *MAIL,
    *PRESENCE,
)
