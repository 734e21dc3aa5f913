"""Group assignments, and targets that are not known: nothing may read as "nobody" or as an inclusion without certainty.

https://learn.microsoft.com/graph/api/intune-shared-devicemanagementscript-assign (its example of a body)
https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-deviceconfigurationgroupassignment (excludeGroup)
"""

import json
from typing import Any

import pytest

from approvals.subject import Fate, Relation, Subject, TargetKind
from bot.graph import assignments
from bot.graph.loose import NO_ID
from bot.graph.rows import parse_row
from cards.reviewing import lines
from cards.words import title
from handlers.gathering.subjects import subject_of
from tests.bot.graph.tenant import Tenant

GROUP, OTHER_GROUP = "6f1c0000-0000-4000-8000-000000000001", "6f1c0000-0000-4000-8000-000000000002"
GRAPH, INSIDE = "#microsoft.graph.", "microsoft.management.services.api."
TO_ALL = {"@odata.type": f"{GRAPH}allDevicesAssignmentTarget"}
TO_GROUP = {"@odata.type": f"{GRAPH}groupAssignmentTarget", "groupId": GROUP}
BUT_GROUP = {"@odata.type": f"{GRAPH}exclusionGroupAssignmentTarget", "groupId": GROUP}
OF_SCRIPT = {"@odata.type": f"{GRAPH}deviceManagementScriptGroupAssignment", "targetGroupId": GROUP}
OF_PROFILE = {"@odata.type": f"{GRAPH}deviceConfigurationGroupAssignment", "targetGroupId": GROUP}


def one_of(listed: Any) -> assignments.Assignment:
    """Return the only assignment in the body of a call that lists this."""
    found = assignments.body_in({"mobileAppAssignments": listed})
    assert found is not None
    [one] = found
    return one


@pytest.mark.parametrize(
    ("sent", "excluded"),
    [
        (OF_SCRIPT, False),
        ({**OF_SCRIPT, "@odata.type": f"{INSIDE}DeviceManagementScriptGroupAssignment"}, False),
        ({"@odata.type": f"{GRAPH}termsAndConditionsGroupAssignment", "targetGroupId": GROUP}, False),
        ({"@odata.type": f"{GRAPH}mobileAppProvisioningConfigGroupAssignment", "targetGroupId": GROUP}, False),
        (OF_PROFILE, False),
        ({**OF_PROFILE, "excludeGroup": False}, False),
        ({**OF_PROFILE, "excludeGroup": None}, False),
        ({**OF_PROFILE, "excludeGroup": True}, True),
        ({**OF_PROFILE, "ExcludeGroup": "True"}, True),
        ({"targetGroupId": GROUP, "excludeGroup": True}, True),
        ({"targetGroupId": GROUP, "excludeGroup": "false"}, False),
    ],
)
def test_a_group_assignment_names_its_group(sent: dict[str, Any], excluded: bool) -> None:
    """A group assignment names its group, and `excludeGroup` says whether the group is left out."""
    one = one_of([sent])
    assert (one.kind, one.id, one.excluded, one.how) == (TargetKind.GROUP, GROUP, excluded, ())


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"target": {"@odata.type": f"{GRAPH}everythingTarget", "scope": "all"}}, "everythingTarget, scope: all"),
        ({"target": {"@odata.type": f"{GRAPH}newGroupAssignmentTarget", "groupId": GROUP}}, GROUP),
        ({"target": {"@odata.type": f"{GRAPH}deviceAndAppManagementAssignmentTarget", "groupId": GROUP}}, GROUP),
        ({"target": {"@odata.type": f"{INSIDE}GroupAssignmentTarget"}}, "groupAssignmentTarget"),
        ({"target": {**TO_GROUP, "groupId": [GROUP, OTHER_GROUP]}}, OTHER_GROUP),
        ({"target": {"collectionId": "SMS001"}}, "collectionId: SMS001"),
        ({"target": {"type": "allDevices"}}, "type: allDevices"),
        ({"target": {"type": "exclusion", "groupId": GROUP}}, "type: exclusion"),
        ({"target": {"groupId": None}}, "groupId: none"),
        ({"target": "allDevices"}, "allDevices"),
        ({"target": 7}, "7"),
        ({"target": json.dumps({"type": "allDevices"})}, "type: allDevices"),
        ({"target": [TO_ALL, TO_GROUP]}, "[1].@odata.type: allDevicesAssignmentTarget"),
        ({"target": {"inner": TO_GROUP}}, f"inner.groupId: {GROUP}"),
        ({"assignmentTarget": TO_ALL}, "assignmentTarget.@odata.type: allDevicesAssignmentTarget"),
        ({"groupIds": [GROUP]}, f"groupIds: {GROUP}"),
        ({"@odata.type": f"{GRAPH}everythingTarget", "scope": "all"}, "everythingTarget, scope: all"),
        ({"@odata.type": f"{GRAPH}somethingNewGroupAssignment", "targetGroupId": GROUP}, GROUP),
        ({"members": ["x"], "target": {"type": "allDevices"}}, "type: allDevices"),
        ({**OF_PROFILE, "excludeGroup": "perhaps"}, "excludeGroup: perhaps"),
        ({**OF_PROFILE, "excludeGroup": [True]}, "excludeGroup: true"),
        ({**OF_PROFILE, "groupId": OTHER_GROUP}, OTHER_GROUP),
        ({**OF_PROFILE, "targetGroupId": NO_ID}, NO_ID),
        ({"target": {**TO_GROUP, "excludeGroup": True}}, "excludeGroup: true"),
        ({"target": {**BUT_GROUP, "excludeGroup": False}}, "excludeGroup: false"),
        ({"target": {**TO_ALL, "excludeGroup": True}}, "excludeGroup: true"),
        ({"target": TO_GROUP, "excludeGroup": True}, "excludeGroup: true"),
        ({"target": TO_GROUP, "targetGroupId": OTHER_GROUP}, OTHER_GROUP),
        ({"mode": "exclude", "targetGroupId": GROUP}, "mode: exclude"),
    ],
)
def test_a_target_that_is_not_known(sent: dict[str, Any], said: str) -> None:
    """A target that is there but not certain is neither nobody nor an inclusion; it is kept with all that it says."""
    one = one_of([{"intent": "uninstall", **sent}])
    assert (one.kind, one.intent, one.excluded) == (TargetKind.UNKNOWN, "uninstall", False)
    assert said in one.id


@pytest.mark.parametrize(
    "listed",
    [
        "allDevices",
        ["allDevices"],
        [["allDevices"]],
        {"target": "allDevices"},
        {"value": [{"target": "allDevices"}]},
        [{"target": "allDevices"}],
        json.dumps([{"target": "allDevices"}]),
    ],
)
def test_what_is_no_assignment_is_not_left_out(listed: Any) -> None:
    """A list that holds something else than assignments, or text in its place, does not read as an empty list."""
    one = one_of(listed)
    assert (one.kind, one.id) == (TargetKind.UNKNOWN, "allDevices")


def test_what_lists_no_assignments() -> None:
    """A member that only says whether there are assignments lists none."""
    assert assignments.body_in({"hasAssignments": "True", "assignments": None, "other": True}) is None


@pytest.mark.parametrize("sent", [{}, {"target": None}, {"Target": None, "id": "a1"}, {"targetGroupId": None}])
def test_nobody_is_only_a_target_that_is_not_there(sent: dict[str, Any]) -> None:
    """An assignment without a target, or with null as its target, names nobody."""
    one = one_of([{"intent": "required", "source": "direct", "settings": {"notifications": "showAll"}, **sent}])
    assert (one.kind, one.id, one.intent) == (TargetKind.OTHER, "", "required")


@pytest.mark.parametrize("target", [[TO_ALL], [[TO_ALL]], json.dumps([TO_ALL]), [json.dumps(TO_ALL)]])
def test_a_list_around_one_target(target: Any) -> None:
    """A list of one target is this target, and the intent beside it is kept."""
    one = one_of([{"intent": "uninstall", "target": target}])
    assert (one.kind, one.intent) == (TargetKind.ALL_DEVICES, "uninstall")


def test_what_a_known_target_says_besides_is_kept() -> None:
    """A member that a known target has besides its group and its filter is a trait; a clash with another hides none."""
    more = {"scope": "users", "intent": "x"}
    assert one_of([{"intent": "required", "target": {**TO_GROUP, **more}}]).how == (
        ("intent", "required"),
        ("scope", "users"),
        ("target.intent", "x"),
    )
    assert one_of([{"target": {**TO_ALL, "groupId": GROUP}}]).how == (("groupId", GROUP),)


def test_a_group_of_cloud_pcs_is_told_from_another() -> None:
    """A target outside the directory is told from another one by everything that it names."""
    kind = f"{GRAPH}cloudPcManagementGroupAssignmentTarget"
    some = [one_of([{"target": {"@odata.type": kind, "groupId": group}}]) for group in (GROUP, OTHER_GROUP)]
    assert {one.kind for one in some} == {TargetKind.OTHER}
    assert len({one.target for one in some}) == 2


def test_words_for_yes_and_no_in_any_casing() -> None:
    """A boolean that is written as a word is the same as the boolean."""
    word, value = ({"target": TO_ALL, "runRemediationScript": yes} for yes in ("True", True))
    assert one_of([word]) == one_of([value])


@pytest.mark.parametrize(
    ("listed", "ids"),
    [
        (GROUP, (GROUP,)),
        (f"{GROUP}, {OTHER_GROUP}", (GROUP, OTHER_GROUP)),
        ("/", ("/",)),
        ([GROUP, "", None], (GROUP,)),
        (json.dumps(GROUP), (GROUP,)),
        ([{"id": GROUP}], (GROUP,)),
        ({"Id": GROUP}, (GROUP,)),
        ([[GROUP]], (GROUP,)),
        ("", ()),
    ],
)
def test_one_id_in_place_of_a_list(listed: Any, ids: tuple[str, ...]) -> None:
    """One id, or an object with an id, in place of a list of ids is a list of one."""
    assert assignments.listed_in([{"members": listed}], "members") == ids


@pytest.mark.parametrize(
    ("kind", "member", "relation"),
    [
        ("DeviceAndAppManagementRoleAssignment", "members", Relation.HOLDS),
        ("DeviceAndAppManagementRoleAssignment", "resourceScopes", Relation.OVER),
        ("OperationApprovalPolicy", "approverGroupIds", Relation.APPROVES),
    ],
)
async def test_one_group_in_place_of_a_list_is_shown(
    tenant: Tenant, kind: str, member: str, relation: Relation
) -> None:
    """A group that is written without a list is shown with its name and size."""
    group = tenant.world.group("Executives")
    subject = await read(tenant, payloadType=kind, payloadOperation="Create", payload={member: group.id})
    assert [(one.relation, one.target.name) for one in subject.reaches] == [(relation, "Executives")]


async def read(tenant: Tenant, **raw: Any) -> Subject:
    """Return what a reviewer would judge of such a request."""
    row = parse_row({"id": "r", "payloadName": "Viewer", **raw})
    return subject_of(row, await tenant.intune.content(row))


async def test_the_card_of_a_target_that_is_not_known(tenant: Tenant) -> None:
    """Title and line of an unknown target show what it says, and call it neither nobody nor reached."""
    body = {"mobileAppAssignments": [{"intent": "uninstall", "target": {"type": "allDevices"}}]}
    subject = await read(tenant, payloadType="x.MobileApp", payloadOperation="Assign", actionParameters=body)
    assert title(subject) == "Uninstall app Viewer from a target that Countersign does not know: type: allDevices"
    line = next(line for line in lines(subject) if "target" in line.value)
    assert line.label == "May reach"
    assert line.value == "A target that Countersign does not know: type: allDevices; Uninstall"


async def test_an_assignment_of_its_own_with_an_unknown_target(tenant: Tenant) -> None:
    """An assignment that is an object of its own shows its target even where that is not known."""
    payload = {"intent": "uninstall", "target": "allDevices"}
    subject = await read(tenant, payloadType="x.MobileAppAssignment", payloadOperation="Create", payload=payload)
    assert [(one.target.kind, one.target.id) for one in subject.reaches] == [(TargetKind.UNKNOWN, "allDevices")]


async def test_the_documented_call_for_a_script(tenant: Tenant) -> None:
    """The body of Graph's example assigns a script to its group, beside an assignment with a target."""
    [script, *_] = tenant.world.scripts.values()
    laptops, executives = (tenant.world.group(name).id for name in ("All-Windows-Laptops", "Executives"))
    body = {
        "deviceManagementScriptGroupAssignments": [{**OF_SCRIPT, "targetGroupId": laptops}],
        "deviceManagementScriptAssignments": [{"target": {**BUT_GROUP, "groupId": executives}}],
    }
    assert await shown(tenant, await tenant.file(f"deviceManagementScripts/{script['id']}/assign", body)) == {
        ("All-Windows-Laptops", False, Fate.ADDED),
        ("Executives", True, Fate.ADDED),
    }


@pytest.mark.parametrize("assign_body", [True, False])
async def test_a_profile_that_leaves_a_group_out(tenant: Tenant, assign_body: bool) -> None:
    """A group assignment with `excludeGroup` is shown as an exclusion, also if Intune does not show the call's body."""
    tenant.graph.knobs.assign_body = assign_body
    profile: dict[str, Any] = {"id": "6f1c0000-0000-4000-8000-00000000000a", "displayName": "Wifi", "assignments": []}
    tenant.world.protect("configurationPolicy", "Security-Admins")
    tenant.world.objects.setdefault("deviceConfigurations", {})[profile["id"]] = profile
    executives = tenant.world.group("Executives").id
    body = {"deviceConfigurationGroupAssignments": [{**OF_PROFILE, "targetGroupId": executives, "excludeGroup": True}]}
    filed = await tenant.file(f"deviceConfigurations/{profile['id']}/assign", body)
    assert await shown(tenant, filed) == {("Executives", True, Fate.ADDED)}


async def shown(tenant: Tenant, filed: str) -> set[tuple[str, bool, Fate]]:
    """Return the name, exclusion and fate of every target of this request."""
    row = await tenant.intune.get(filed)
    subject = subject_of(row, await tenant.intune.content(row))
    return {(one.target.name, one.excluded, one.fate) for one in subject.reaches}
