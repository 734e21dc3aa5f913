"""The content of the tenant: people, groups, applications and the objects that Intune manages."""

from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

TENANT_ID = "7a1c0000-0000-4000-8000-00000000c0de"
DOMAIN = "company.onmicrosoft.com"


def guid(kind: str, name: str) -> str:
    """Return an object id that is the same in every run."""
    return str(uuid5(NAMESPACE_URL, f"https://{DOMAIN}/{kind}/{name}"))


@dataclass
class User:
    """A directory account; `in_teams`: can chat; `has_bot`: has the app installed personally."""

    id: str
    name: str
    upn: str
    employee_id: str = ""
    enabled: bool = True
    guest: bool = False
    licensed: bool = True
    intune_read: bool = True
    in_teams: bool = True
    has_bot: bool = True
    has_mailbox: bool = True
    time_zone: str = "Europe/Berlin"
    availability: str = "Available"

    @property
    def mri(self) -> str:
        """The person's id in Teams' activities."""
        return "29:" + self.id.replace("-", "")


@dataclass
class Group:
    """A directory group; `members` holds ids of users and of nested groups."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    security_enabled: bool = True
    mail_enabled: bool = False
    unified: bool = False
    on_role_assignment: bool = True


@dataclass
class Application:
    """An app registration with its service principal; `certificate` is its public certificate in PEM, if any."""

    app_id: str
    name: str
    secret: str
    roles: set[str] = field(default_factory=set)
    scopes: set[str] = field(default_factory=set)
    redirect_uris: set[str] = field(default_factory=set)
    identifier_uri: str = ""
    consented: bool = True
    certificate: str = ""

    @property
    def object_id(self) -> str:
        """The service principal's id in this directory; differs from the application's id."""
        return guid("service-principal", self.app_id)


@dataclass
class AccessPolicy:
    """An Intune access policy: what Multi-Admin Approval protects and who may approve."""

    id: str
    name: str
    policy_type: str
    platform: str
    approver_group_ids: list[str]
    excluded_app_ids: set[str] = field(default_factory=set)
    active: bool = True
    description: str = ""
    modified: str = "2026-11-02T09:00:00Z"


@dataclass
class World:
    """The whole content of the tenant. Dictionaries are keyed by object id, applications by application id.

    `primary_users` are the primary users of managed devices whose record names another one; `unregistered` are the
    Entra ids of devices that Intune manages but the directory no longer has. `objects` are further objects in Intune,
    by Graph collection; `definitions` are definitions of settings, in the same way. `app_scripts` are scripts in the
    content of an app, by app, version and script id.
    """

    tenant_id: str = TENANT_ID
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)
    policies: dict[str, AccessPolicy] = field(default_factory=dict)
    devices: dict[str, dict[str, Any]] = field(default_factory=dict)
    primary_users: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unregistered: set[str] = field(default_factory=set)
    scripts: dict[str, dict[str, Any]] = field(default_factory=dict)
    health_scripts: dict[str, dict[str, Any]] = field(default_factory=dict)
    compliance_policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    role_definitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    objects: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    definitions: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    app_scripts: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)

    def protect(self, policy_type: str, *groups: str) -> AccessPolicy:
        """Add an access policy for all platforms and return it."""
        ids = [self.group(name).id for name in groups]
        policy = AccessPolicy(guid("policy", policy_type), policy_type, policy_type, "notApplicable", ids)
        self.policies[policy.id] = policy
        return policy

    def user(self, name: str) -> User:
        """Return the person of that first name, in lower case; raises `ValueError` unless there is exactly one."""
        (found,) = [user for user in self.users.values() if user.upn.split("@")[0] == name]
        return found

    def group(self, name: str) -> Group:
        """Return the group of that display name; raises `ValueError` unless there is exactly one."""
        (found,) = [group for group in self.groups.values() if group.name == name]
        return found

    def application(self, name: str) -> Application:
        """Return the app registration of that display name; raises `ValueError` unless there is exactly one."""
        (found,) = [app for app in self.applications.values() if app.name == name]
        return found

    def device(self, name: str) -> dict[str, Any]:
        """Return the managed device of that name; raises `ValueError` unless there is exactly one."""
        (found,) = [device for device in self.devices.values() if device["deviceName"] == name]
        return found

    def direct_member(self, user_id: str, group_id: str) -> bool:
        """Return whether this person is a direct member of the group."""
        return user_id in self.groups[group_id].members

    def transitive_member(self, user_id: str, group_id: str, seen: frozenset[str] = frozenset()) -> bool:
        """Return whether this person is a member of the group or of a nested one."""
        members = self.groups[group_id].members
        nested = (member for member in members if member in self.groups and member not in seen)
        return user_id in members or any(self.transitive_member(user_id, group, seen | {group_id}) for group in nested)
