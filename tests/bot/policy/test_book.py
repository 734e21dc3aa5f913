"""Making the policy book from the configuration, with the directory of the simulated tenant."""

import json
from datetime import datetime
from typing import Any

import pytest

from approvals.people import Group
from approvals.policy import PolicyBook, QuorumMode
from bot.config.file import (
    ConfigError,
    parse,
)
from bot.config.operations import KNOWN_OPERATIONS
from bot.graph.directory import GraphDirectory
from bot.graph.http import GraphClient
from bot.policy.book import book, resolve, resolve_identities, resolve_owners
from simulator.tenant import Tenant
from simulator.world import DOMAIN
from tests.bot.config.documents import DOCUMENT, written
from tests.bot.config.documents import Path as Place
from tests.office import MONDAY

APP_ID = "6f1c0a3e-52a1-4d0f-9b7e-0c8d6a1e4b22"


class StillClock:
    """A clock that stands still."""

    async def now(self) -> datetime:
        return MONDAY


def workflows(groups: list[str], required: int = 1) -> tuple[Place, Any]:
    """Return a change of the document to one workflow with these approver groups."""
    one = {"operation": "Device wipe", "requiredApprovers": required, "approverGroups": groups}
    return ("approvalWorkflows",), [one]


async def test_every_name_becomes_its_group(site: Tenant, graph_client: GraphClient) -> None:
    """Every group name in the configuration is replaced by the object id of the group."""
    made = await resolve(parse(written()), graph_client)

    named = {group.name: group.id for rule in made.rules for group in rule.workflow.groups}
    assert named == {name: site.world.group(name).id for name in named}
    assert set(named) == {name for workflow in DOCUMENT["approvalWorkflows"] for name in workflow["approverGroups"]}


async def test_a_group_may_be_named_by_its_object_id(site: Tenant, graph_client: GraphClient) -> None:
    """A group may be named by its object id; a group that is named twice, by id and by name, counts once."""
    directors = site.world.group("IT-Directors").id

    made = await resolve(
        parse(written(workflows([directors, "it-directors", "Security-Admins"], required=2))), graph_client
    )

    workflow = made.rules[0].workflow
    assert [group.name for group in workflow.groups] == ["IT-Directors", "Security-Admins"]
    assert workflow.mode is QuorumMode.EACH, "two people can be had for two groups, however often one of them is named"


async def test_every_wrong_group_is_told_at_once(site: Tenant, graph_client: GraphClient) -> None:
    """All wrong group names are reported at once, each with its reason, and the program does not start."""
    wrong = ["Nobody", "Helpdesk", "Everyone", "Security-Announcements", "0f1d2c3b-4a59-4687-b7a6-95a4b3c2d1e0"]
    everything_else = (("countersign", "everythingElse", "approverGroups"), ["Ghosts"])

    with pytest.raises(ConfigError) as found:
        await resolve(parse(written(workflows([*wrong, "IT-Directors"]), everything_else)), graph_client)

    told = found.value.mistakes
    assert [sentence.partition(":")[0] for sentence in told] == [
        *(f'approver group "{name}"' for name in wrong),
        'approver group "Ghosts"',
    ]
    assert "there is no group" in told[0]
    assert "name one by its object id" in told[1]
    assert all("only plain security groups" in sentence for sentence in told[2:4])


async def test_an_ambiguous_name_is_told_with_the_ids_to_choose_from(site: Tenant, graph_client: GraphClient) -> None:
    """The error for an ambiguous group name lists the ids to choose from."""
    twins = [group.id for group in site.world.groups.values() if group.name == "Helpdesk"]

    with pytest.raises(ConfigError) as found:
        await resolve(parse(written(workflows(["Helpdesk"]))), graph_client)

    assert all(twin in str(found.value) for twin in twins)


async def test_the_digest_follows_the_group_behind_a_name(site: Tenant, graph_client: GraphClient) -> None:
    """The digest changes if a group is deleted and made again under the same name."""
    config = parse(written())
    before = await resolve(config, graph_client)
    old = site.world.group("IT-Directors")
    del site.world.groups[old.id]
    old.id = APP_ID
    site.world.groups[old.id] = old

    after = await resolve(config, graph_client)

    assert after.digest != before.digest


async def test_owners_of_applications_become_people(site: Tenant, graph_client: GraphClient) -> None:
    """Owners of applications are named by account and stored by object id; all unknown owners are reported at once."""
    known = parse(
        written((("countersign", "applicationOwners"), {APP_ID: [f"dana@{DOMAIN}", site.world.user("sam").id]}))
    )
    unknown = parse(written((("countersign", "applicationOwners"), {APP_ID: ["ghost@x", f"dana@{DOMAIN}", "spook@x"]})))

    assert await resolve_owners(known, graph_client) == {
        APP_ID: (site.world.user("dana").id, site.world.user("sam").id)
    }
    with pytest.raises(ConfigError) as found:
        await resolve_owners(unknown, graph_client)
    assert found.value.mistakes == (
        'countersign.applicationOwners: the directory has no account "ghost@x"',
        'countersign.applicationOwners: the directory has no account "spook@x"',
    )


async def test_linked_accounts_become_object_ids(site: Tenant, graph_client: GraphClient) -> None:
    """Linked accounts are stored by object id, so that renaming an account keeps the link; an unknown name stops the
    start, and an unknown id does not."""
    rita, admin = site.world.user("rita"), site.world.user("ritaadmin")
    linked = [[rita.upn.upper(), admin.upn, APP_ID.upper()], [site.world.user("sam").id]]
    identities = await resolve_identities(parse(written((("countersign", "identities"), linked))), graph_client)
    assert identities == ((rita.id, admin.id, APP_ID), (site.world.user("sam").id,))
    people = GraphDirectory(graph_client, identities, direct_membership=True, clock=StillClock())
    admin.upn = f"adm-rossi@{DOMAIN}"
    for account in (rita.id, admin.id):
        person = await people.person(account)
        assert person
        assert person.accounts == {rita.id, admin.id, APP_ID}
    with pytest.raises(ConfigError) as found:
        await resolve_identities(parse(written((("countersign", "identities"), linked))), graph_client)
    assert "the directory has no account" in str(found.value)
    assert await resolve_identities(parse(written((("countersign", "identities"), "none"))), graph_client) == "none"


# --- without the directory ----------------------------------------------------------------------------------------


def booked(*changes: tuple[Place, Any]) -> PolicyBook:
    """Return the book of the changed document, where each group has its own name as its id."""
    text = written(*changes)
    names = {name for workflow in json.loads(text)["approvalWorkflows"] for name in workflow["approverGroups"]}
    return book(parse(text), {name: Group(name, name) for name in {*names, "MAA-Admins"}})


def test_somebody_of_each_group_is_the_default_where_the_seats_suffice() -> None:
    """A quorum needs each group if there are enough seats for all groups, and otherwise any group; a setting can change
    that."""
    any_two = (("countersign", "workflows", "Script deployment", "quorum"), "any")

    modes = {rule.workflow.operation: rule.workflow.mode for rule in booked().rules}
    overruled = {rule.workflow.operation: rule.workflow.mode for rule in booked(any_two).rules}

    assert modes["Script deployment"] is QuorumMode.EACH
    assert modes["Device wipe"] is QuorumMode.ANY
    assert overruled["Script deployment"] is QuorumMode.ANY


@pytest.mark.parametrize(
    ("policy_type", "kind", "operation"),
    [
        ("deviceWipe", "ManagedDevice", "Device wipe"),
        ("deviceRetire", "ManagedDevice", "Device wipe"),
        ("deviceDelete", "ManagedDevice", "Device wipe"),
        ("role", "RoleDefinition", "Role management"),
        ("script", "DeviceManagementScript", "Script deployment"),
        ("script", "DeviceHealthScript", "Script deployment"),
        ("compliancePolicy", "DeviceCompliancePolicy", "Compliance policy changes"),
        ("operationApprovalPolicy", "OperationApprovalPolicy", "Access policy changes"),
        ("app", "MobileApp", "Everything else"),
        ("somethingNew", "SomethingNew", "Everything else"),
    ],
)
def test_every_operation_finds_its_workflow(policy_type: str, kind: str, operation: str) -> None:
    """Each operation of the document is found by Graph's words for it, and every other operation goes to the
    catch-all."""
    assert [found.operation for found in booked().workflows_for((policy_type,), kind)] == [operation]


@pytest.mark.parametrize(
    ("policy_type", "kind", "operation"),
    [
        ("app", "MobileApp", "App deployment"),
        ("app", "win32LobApp", "App deployment"),
        ("unknownFutureValue", "winGetApp", "App deployment"),
        ("configurationPolicy", "ConfigurationPolicy", "Configuration policy changes"),
        ("configurationPolicy", "IDeviceManagementPolicy", "Configuration policy changes"),
        ("configurationPolicy", "windows10GeneralConfiguration", "Configuration policy changes"),
        ("unknownFutureValue", "GroupPolicyConfiguration", "Configuration policy changes"),
        ("compliancePolicy", "IDeviceManagementPolicy", "Compliance policy changes"),
        ("unknownFutureValue", "iosCompliancePolicy", "Compliance policy changes"),
        ("compliancePolicy", "DeviceManagementCompliancePolicy", "Compliance policy changes"),
        ("script", "DeviceShellScript", "Script deployment"),
        ("unknownFutureValue", "DeviceCustomAttributeShellScript", "Script deployment"),
        ("role", "DeviceAndAppManagementRoleAssignment", "Role management"),
        ("tenantConfiguration", "DeviceCategory", "Tenant configuration"),
        ("deviceDeprovision", "ManagedDevice", "Device deprovisioning"),
        ("unknownFutureValue", "IDeviceManagementPolicy", "Everything else"),
    ],
)
def test_a_workflow_can_name_every_type(policy_type: str, kind: str, operation: str) -> None:
    """A workflow can be configured for every operation that Intune protects, and is found by every name of its types; a
    name that fits several operations counts for none."""
    every = [{"operation": name, "requiredApprovers": 1, "approverGroups": ["MAA-Admins"]} for name in KNOWN_OPERATIONS]
    made = booked((("approvalWorkflows",), every))

    assert [found.operation for found in made.workflows_for((policy_type,), kind)] == [operation]


def test_settings_beside_the_document_reach_the_workflow() -> None:
    """A workflow's own channels and deadlines count before the general ones, and its own policy types replace the known
    ones."""
    channel, own = "19:all@thread.tacv2", "19:own@thread.tacv2"
    made = booked(
        (("countersign", "channels"), [channel]),
        (("countersign", "keepVotesOfFormerMembers"), True),
        (("countersign", "workflows", "Device wipe"), {"channels": [own], "policyTypes": ["DeviceWipe"]}),
        (("countersign", "workflows", "Role management"), {"channels": [], "deadlines": {"standard": "PT1H"}}),
    )

    rules = {rule.workflow.operation: rule for rule in made.rules}
    assert rules["Device wipe"].workflow.channels == (own,)
    assert rules["Device wipe"].policy_types == {"devicewipe"}
    assert rules["Script deployment"].workflow.channels == (channel,)
    assert rules["Role management"].workflow.channels == (), "an empty list means no channel, not everybody's"
    assert rules["Role management"].workflow.deadline.total_seconds() == 3600
    assert all(rule.workflow.keeps_votes for rule in made.rules)


def test_changes_to_the_access_policies_alarm_and_the_rest_only_notifies() -> None:
    """Changes of access policies raise an alarm; requests that no workflow covers are only shown, and nobody decides
    them."""
    made = booked((("countersign", "accessPolicyChanges"), {"approverGroups": ["MAA-Admins"]}))

    changes = made.rules[-1].workflow
    assert changes.alarms
    assert changes.group_ids == {"MAA-Admins"}
    assert made.catch_all.groups == ()
    assert not made.catch_all.alarms


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        ({}, []),
        ({"channels": ["19:all@thread.tacv2"]}, ["19:all@thread.tacv2"]),
        ({"operationsChannel": "19:ops@thread.tacv2"}, ["19:ops@thread.tacv2"]),
        (
            {
                "workflows": {
                    "Device wipe": {"channels": ["19:wipe@thread.tacv2"]},
                    "Role management": {"channels": ["19:role@thread.tacv2", "19:wipe@thread.tacv2"]},
                }
            },
            ["19:role@thread.tacv2", "19:wipe@thread.tacv2"],
        ),
        ({"everythingElse": {"channels": []}, "operationsChannel": "19:ops@thread.tacv2"}, []),
    ],
)
def test_what_no_workflow_covers_is_told_somewhere(ours: dict[str, Any], told: list[str]) -> None:
    """A request that no workflow covers is shown in the general channels, or else where alarms go, or else in the
    channels of the workflows. An empty list of its own means nowhere."""
    made = booked((("countersign",), ours))

    assert list(made.catch_all.channels) == told


def test_only_the_guard_comes_on_top() -> None:
    """Only the guard workflow is on top: it needs other people than the usual workflow."""
    made = booked((("countersign", "guard"), {"approverGroups": ["Device-Managers"]}))

    assert made.guard is not None
    assert made.guard.workflow.on_top
    assert not any(flow.on_top for flow in (made.catch_all, *(rule.workflow for rule in made.rules)))


def test_a_disabled_workflow_stays_in_the_book() -> None:
    """A disabled workflow still finds its requests, so that the catch-all does not get them."""
    made = booked((("approvalWorkflows", 1, "enabled"), False))

    [found] = made.workflows_for(("deviceWipe",), "ManagedDevice")

    assert (found.operation, found.enabled) == ("Device wipe", False)


async def test_who_may_break_glass_is_found_at_start(site: Tenant, graph_client: GraphClient) -> None:
    """People who may use break-glass are stored by object id, with the custodians of shared accounts and their linked
    accounts."""
    shared = f"emergency-admin-1@{DOMAIN}"
    emergency = {"custodians": {shared: [f"rita@{DOMAIN}"]}, "groups": ["IT-Directors"], "reviewWithin": "PT24H"}
    made = await resolve(parse(written((("countersign", "emergency"), emergency))), graph_client)

    assert made.emergency is not None
    account = made.emergency.account_of(site.world.user("emergency-admin-1").id)
    assert account is not None
    assert [person.name for person in account.custodians] == ["Rita Rossi"]
    assert site.world.user("ritaadmin").id in account.custodians[0].accounts
    assert made.emergency.group_ids == {site.world.group("IT-Directors").id}


async def test_every_emergency_account_has_to_exist(graph_client: GraphClient) -> None:
    """An emergency account that does not exist stops the start."""
    accounts = (("emergencyAccess", "breakGlassAccounts"), [f"emergency-admin-9@{DOMAIN}"])
    with pytest.raises(ConfigError, match="emergency-admin-9"):
        await resolve(parse(written(accounts)), graph_client)
