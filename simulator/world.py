"""Who and what lives in the tenant: people, groups, applications and the things Intune manages."""

from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

TENANT_ID = "7a1c0000-0000-4000-8000-00000000c0de"
DOMAIN = "company.onmicrosoft.com"


def guid(kind: str, name: str) -> str:
    """An object id that is the same in every run."""
    return str(uuid5(NAMESPACE_URL, f"https://{DOMAIN}/{kind}/{name}"))


@dataclass
class User:
    """A directory account; `in_teams` accounts can chat, `has_bot` ones have the app installed personally."""

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
        """The id by which Teams knows this person to bots."""
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
    """An app registration with its service principal; `certificate` is the public half in PEM, where it has one."""

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
        """The service principal's id in this directory, which is not the application's id."""
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
    """Everything the tenant holds. Dictionaries are keyed by object id, applications by application id.

    `primary_users` names the primary users of a managed device where they are not the one of its record;
    `unregistered` holds the Entra ids of devices that Intune manages and the directory no longer knows. `objects` are
    further things that Intune manages, by the collection of Graph that shows them.
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

    def protect(self, policy_type: str, *groups: str) -> AccessPolicy:
        """One more access policy, for every platform."""
        ids = [self.group(name).id for name in groups]
        policy = AccessPolicy(guid("policy", policy_type), policy_type, policy_type, "notApplicable", ids)
        self.policies[policy.id] = policy
        return policy

    def user(self, name: str) -> User:
        """The one person of that first name, in lower case as the stories use it."""
        (found,) = [user for user in self.users.values() if user.upn.split("@")[0] == name]
        return found

    def group(self, name: str) -> Group:
        """The one group of that display name."""
        (found,) = [group for group in self.groups.values() if group.name == name]
        return found

    def application(self, name: str) -> Application:
        """The one app registration of that display name."""
        (found,) = [app for app in self.applications.values() if app.name == name]
        return found

    def device(self, name: str) -> dict[str, Any]:
        """The one managed device of that name."""
        (found,) = [device for device in self.devices.values() if device["deviceName"] == name]
        return found

    def direct_member(self, user_id: str, group_id: str) -> bool:
        """Whether the group names this person itself."""
        return user_id in self.groups[group_id].members

    def transitive_member(self, user_id: str, group_id: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether the group, or any group nested in it, names this person."""
        members = self.groups[group_id].members
        nested = (member for member in members if member in self.groups and member not in seen)
        return user_id in members or any(self.transitive_member(user_id, group, seen | {group_id}) for group in nested)
