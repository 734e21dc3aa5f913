"""The sample tenant: a company with people, devices and policies for the stories."""

import secrets

from simulator.further_inventory import app_scripts, definitions, objects
from simulator.inventory import compliance_policies, devices, health_scripts, role_definitions, scripts
from simulator.world import DOMAIN, AccessPolicy, Application, Group, User, World, guid

BOT = "Countersign"
SIGN_IN = "Countersign Sign-In"
WORKER = "Countersign Worker"
ACTOR = "Countersign Actor"
EMERGENCY = "Countersign Emergency"
PIPELINE = "Deployment-Pipeline"
MAILBOX = f"approvals@{DOMAIN}"


def company() -> World:
    """Return a new company.onmicrosoft.com; ids are the same every time, secrets are not."""
    world = World(
        devices=devices(),
        scripts=scripts(),
        health_scripts=health_scripts(),
        compliance_policies=compliance_policies(),
        role_definitions=role_definitions(),
        objects=objects(),
        definitions=definitions(),
        app_scripts=app_scripts(),
    )
    world.users = {user.id: user for user in _people()}
    world.groups = {group.id: group for group in _groups(world)}
    world.policies = {policy.id: policy for policy in _policies(world)}
    world.applications = {app.app_id: app for app in _applications()}
    return world


def _person(name: str, title: str, **differences: object) -> User:
    upn = f"{name}@{DOMAIN}"
    plain = {"id": guid("user", upn), "name": title, "upn": upn, "employee_id": f"E-{name}"}
    return User(**(plain | differences))  # type: ignore[arg-type]


def _people() -> list[User]:
    away = {"in_teams": False, "has_bot": False}
    return [
        _person("rita", "Rita Rossi"),
        _person("ritaadmin", "Rita Rossi (admin)", employee_id="E-rita", has_mailbox=False),
        _person("dana", "Dana Diaz"),
        _person("sam", "Sam Schmidt"),
        _person("alex", "Alex Adler"),
        _person("cora", "Cora Costa"),
        _person("both", "Bo Thorsen"),
        _person("ivan", "Ivan Ilic"),
        _person("olga", "Olga Olsen"),
        _person("petra", "Petra Peters"),
        _person("nina", "Nina Novak"),
        _person("otto", "Otto Okafor", intune_read=False),
        _person("gus", "Gus Guest", guest=True, employee_id="", intune_read=False),
        _person("dora", "Dora Dahl", enabled=False),
        _person("marc", "Marc Meyer"),
        _person("noa", "Noa Nilsen", has_bot=False),
        _person("emergency-admin-1", "Emergency Admin 1", employee_id="", **away),
        _person("emergency-admin-2", "Emergency Admin 2", employee_id="", **away),
        _person("approvals", "Approvals mailbox", employee_id="", enabled=False, intune_read=False, **away),
    ]


def _groups(world: World) -> list[Group]:
    def group(name: str, *members: str, key: str = "", **differences: bool) -> Group:
        people = {world.user(member).id for member in members}
        return Group(guid("group", key or name), name, people, **differences)

    night_shift = group("Night-Shift", "nina")
    security_team = group("Security-Team", "sam", "petra")
    security_team.members.add(night_shift.id)
    laptops = group("All-Windows-Laptops", on_role_assignment=False)
    laptops.members |= {d["azureADDeviceId"] for d in world.devices.values() if d["operatingSystem"] == "Windows"}
    return [
        group("Security-Admins", "alex", "both"),
        group("IT-Directors", "ivan"),
        group("Device-Managers", "dana", "ritaadmin", "dora", "noa"),
        security_team,
        night_shift,
        group("Change-Advisory-Board", "cora", "both"),
        group("Compliance-Officers", "olga"),
        group("MAA-Admins", "marc"),
        laptops,
        group("Everyone", "rita", "dana", "otto", unified=True, mail_enabled=True, security_enabled=False),
        group("Security-Announcements", "sam", "alex", mail_enabled=True),
        group("Service-Desk", "rita", "otto", "petra", on_role_assignment=False),
        group("Executives", "olga", on_role_assignment=False),
        group("Helpdesk", "otto", on_role_assignment=False),
        group("Helpdesk", "rita", key="Helpdesk (old)", on_role_assignment=False),
    ]


def _policies(world: World) -> list[AccessPolicy]:
    def policy(name: str, kind: str, *groups: str, platform: str = "notApplicable") -> AccessPolicy:
        return AccessPolicy(guid("policy", kind), name, kind, platform, [world.group(group).id for group in groups])

    keepers = ("Device-Managers", "Security-Team")
    return [
        policy("Device wipe", "deviceWipe", *keepers),
        policy("Device retire", "deviceRetire", *keepers),
        policy("Device delete", "deviceDelete", *keepers),
        policy("Scripts", "script", "Security-Admins", "Change-Advisory-Board", platform="windows10AndLater"),
        policy("Roles", "role", "Security-Admins", "IT-Directors"),
        policy("Compliance policies", "compliancePolicy", "Compliance-Officers", "Security-Team"),
        policy("Access policies", "operationApprovalPolicy", "MAA-Admins"),
    ]


def _application(name: str, *roles: str, **more: object) -> Application:
    return Application(guid("application", name), name, secrets.token_urlsafe(32), set(roles), **more)  # type: ignore[arg-type]


def _applications() -> list[Application]:
    bot = _application(BOT)
    return [
        bot,
        _application(
            SIGN_IN,
            scopes={"User.Read", "DeviceManagementRBAC.Read.All"},
            identifier_uri=f"api://botid-{bot.app_id}",
        ),
        _application(
            WORKER,
            "DeviceManagementRBAC.Read.All",
            "DeviceManagementConfiguration.Read.All",
            "DeviceManagementScripts.Read.All",
            "DeviceManagementApps.Read.All",
            "DeviceManagementManagedDevices.Read.All",
            "DeviceManagementServiceConfig.Read.All",
            "Device.Read.All",
            "GroupMember.Read.All",
            "User.Read.All",
            "Presence.Read.All",
            "Mail.Send",
        ),
        _application(
            ACTOR,
            "DeviceManagementConfiguration.ReadWrite.All",
            "DeviceManagementScripts.ReadWrite.All",
            "DeviceManagementRBAC.ReadWrite.All",
            "DeviceManagementManagedDevices.ReadWrite.All",
            "DeviceManagementManagedDevices.PrivilegedOperations.All",
        ),
        _application(
            EMERGENCY,
            "DeviceManagementManagedDevices.Read.All",
            "DeviceManagementManagedDevices.PrivilegedOperations.All",
        ),
        _application(
            PIPELINE,
            "DeviceManagementConfiguration.ReadWrite.All",
            "DeviceManagementScripts.ReadWrite.All",
            "DeviceManagementManagedDevices.ReadWrite.All",
            "DeviceManagementManagedDevices.PrivilegedOperations.All",
        ),
    ]
