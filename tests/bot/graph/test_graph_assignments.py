"""Assignments: intent, filter, schedule and settings, compared between what stands now and what is asked for."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.subject import Fate, Reach, Subject, TargetKind
from bot.graph import assignments, targets
from bot.graph.loose import NO_ID
from bot.graph.rows import parse_row
from handlers.gathering.subjects import subject_of
from simulator.graph.faults import Fault, Kind
from simulator.inventory import app, assignment_filter
from simulator.portal import Portal
from tests.bot.graph.tenant import Tenant

WHY = "Licence ended"
NAMESPACE = "#microsoft.graph."
ALL_DEVICES = {"@odata.type": f"{NAMESPACE}allDevicesAssignmentTarget"}
FILTER_TYPE = "deviceAndAppManagementAssignmentFilterType"
FILTER_ID = "deviceAndAppManagementAssignmentFilterId"
Sent = Mapping[str, Any]


def to(group: str, **more: Any) -> dict[str, Any]:
    """Return a target that is this group."""
    return {"@odata.type": f"{NAMESPACE}groupAssignmentTarget", "groupId": group, **more}


def but(group: str) -> dict[str, Any]:
    """Return a target that excludes this group."""
    return {"@odata.type": f"{NAMESPACE}exclusionGroupAssignmentTarget", "groupId": group}


def filtered(target: Sent, filter_id: str, kind: str = "include") -> dict[str, Any]:
    """Return the same target with a filter."""
    return {**target, FILTER_ID: filter_id, FILTER_TYPE: kind}


class Place:
    """A protected app, and the calls that assign it in the portal."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant, self.portal, self._filed = tenant, Portal(tenant.graph), ""
        world = tenant.world
        world.protect("app", "Security-Admins")
        self.viewer = app("Viewer")
        world.objects.setdefault("mobileApps", {})[self.viewer["id"]] = self.viewer
        self.filters = world.objects.setdefault("assignmentFilters", {})
        self.executives, self.laptops = world.group("Executives").id, world.group("All-Windows-Laptops").id

    def filter(self, name: str, rule: str) -> str:
        """Add a filter and return its id."""
        made = assignment_filter(name, rule)
        self.filters[made["id"]] = made
        return str(made["id"])

    async def assigned(self, *asked: Sent, standing: Sequence[Sent] = ()) -> str:
        """File an assignment of the app with these assignments standing, and return the request's id."""
        self.viewer["assignments"] = [{"id": f"a{number}", **one} for number, one in enumerate(standing)]
        body = {"mobileAppAssignments": [{"@odata.type": f"{NAMESPACE}mobileAppAssignment", **one} for one in asked]}
        if self._filed:
            self.portal.cancel("rita", self._filed)
        self._filed = self.portal.file_call("rita", "deviceAppManagement/mobileApps", "Viewer", "assign", body, WHY)
        return self._filed

    async def subject(self, filed: str) -> Subject:
        """Read what a reviewer would judge now."""
        row = await self.tenant.intune.get(filed)
        return subject_of(row, await self.tenant.intune.content(row))

    async def reaches(self, *asked: Sent, standing: Sequence[Sent] = ()) -> tuple[Reach, ...]:
        """Return what such an assignment reaches, and the fate of each target."""
        return (await self.subject(await self.assigned(*asked, standing=standing))).reaches


@pytest.fixture
def place(tenant: Tenant) -> Place:
    return Place(tenant)


def told(reaches: Sequence[Reach]) -> dict[tuple[str, bool, Fate], dict[str, tuple[str, str]]]:
    """Map target, exclusion and fate to every trait, with its old and its new value."""
    return {
        (one.target.name or one.target.id or one.target.kind, one.excluded, one.fate): {
            how.name: (how.before if how.fate is not Fate.STANDS else how.value, how.value) for how in one.how
        }
        for one in reaches
    }


async def test_uninstalling_is_no_offering(place: Place) -> None:
    """An assignment that uninstalls an app is shown with this intent."""
    gone = await place.reaches({"intent": "uninstall", "target": ALL_DEVICES})
    assert told(gone) == {("all-devices", False, Fate.ADDED): {"intent": ("uninstall", "uninstall")}}


async def test_added_kept_changed_and_removed(place: Place) -> None:
    """A call to assign replaces all assignments, so those that the call does not repeat are shown as removed."""
    standing = [
        {"intent": "required", "target": to(place.laptops)},
        {"intent": "available", "target": to(place.executives)},
        {"intent": "available", "target": but("gone")},
    ]
    reaches = await place.reaches(
        {"intent": "uninstall", "target": to(place.laptops)},
        {"intent": "available", "target": to(place.executives)},
        {"intent": "required", "target": ALL_DEVICES},
        standing=standing,
    )
    assert told(reaches) == {
        ("All-Windows-Laptops", False, Fate.CHANGED): {"intent": ("required", "uninstall")},
        ("Executives", False, Fate.STANDS): {"intent": ("available", "available")},
        ("all-devices", False, Fate.ADDED): {"intent": ("required", "required")},
        ("gone", True, Fate.REMOVED): {"intent": ("available", "available")},
    }


async def test_an_empty_call_takes_everything_away(place: Place) -> None:
    """An assign call with an empty list removes all assignments."""
    reaches = await place.reaches(standing=[{"intent": "required", "target": ALL_DEVICES}])
    assert [(one.target.kind, one.fate) for one in reaches] == [(TargetKind.ALL_DEVICES, Fate.REMOVED)]


async def test_where_the_body_is_not_shown(place: Place) -> None:
    """If Intune does not show the body of the call, the fate of the standing assignments is unknown."""
    place.tenant.graph.knobs.assign_body = False
    reaches = await place.reaches(
        {"intent": "uninstall", "target": to(place.laptops)}, standing=[{"intent": "required", "target": ALL_DEVICES}]
    )
    assert [(one.target.kind, one.fate) for one in reaches] == [
        (TargetKind.GROUP, Fate.ADDED),
        (TargetKind.ALL_DEVICES, Fate.UNSAID),
    ]


async def test_an_exclusion_that_becomes_an_inclusion_is_two_lines(place: Place) -> None:
    """An exclusion that becomes an inclusion is shown as one removed and one added line."""
    reaches = await place.reaches(
        {"intent": "required", "target": to(place.executives)},
        standing=[{"intent": "required", "target": but(place.executives)}],
    )
    assert set(told(reaches)) == {("Executives", False, Fate.ADDED), ("Executives", True, Fate.REMOVED)}


async def test_one_group_with_two_intents(place: Place) -> None:
    """One group can have an assignment for each intent; the console allows that (MSEndpointMgr/IntuneWin32App#76, #85,
    #101, #140)."""
    both = [
        {"intent": "available", "target": to(place.laptops)},
        {"intent": "required", "target": to(place.laptops)},
    ]
    reaches = await place.reaches(
        both[0], {"intent": "uninstall", "target": to(place.laptops)}, standing=[both[1], both[0]]
    )
    assert told(reaches) == {
        ("All-Windows-Laptops", False, Fate.STANDS): {"intent": ("available", "available")},
        ("All-Windows-Laptops", False, Fate.CHANGED): {"intent": ("required", "uninstall")},
    }
    excluded = [{"intent": word, "target": but(place.laptops)} for word in ("available", "required")]
    reaches = await place.reaches(*both, *excluded, standing=[both[1], *excluded[:1]])
    assert sorted((one.excluded, one.fate) for one in reaches) == [
        (False, Fate.ADDED),
        (False, Fate.STANDS),
        (True, Fate.ADDED),
        (True, Fate.STANDS),
    ]


async def test_a_filter_narrows_all_devices(place: Place) -> None:
    """A filter is shown by its name and its rule, and removing it is shown as a change."""
    kiosks = place.filter("Kiosks", '(device.model -eq "K1")')
    reaches = await place.reaches(
        {"intent": "required", "target": ALL_DEVICES},
        standing=[{"intent": "required", "target": filtered(ALL_DEVICES, kiosks)}],
    )
    assert told(reaches) == {
        ("all-devices", False, Fate.CHANGED): {
            "intent": ("required", "required"),
            FILTER_TYPE: ("include", ""),
            targets.FILTER_NAME: ("Kiosks", ""),
            targets.FILTER_RULE: ('(device.model -eq "K1")', ""),
        }
    }


async def test_a_filter_that_does_not_apply(place: Place) -> None:
    """The id of a filter whose type is "none" is ignored."""
    left = filtered(ALL_DEVICES, place.filter("Kiosks", "(x)"), "none")
    assert told(await place.reaches({"target": left})) == {("all-devices", False, Fate.ADDED): {}}


async def test_another_rule_is_another_content(place: Place) -> None:
    """A changed rule of a filter changes the digest, and a changed name does not."""
    kiosks = place.filter("Kiosks", '(device.model -eq "K1")')
    filed = await place.assigned({"intent": "required", "target": filtered(ALL_DEVICES, kiosks, "exclude")})
    before = (await place.subject(filed)).digest()
    place.filters[kiosks]["displayName"] = "Kiosks of the lobby"
    assert (await place.subject(filed)).digest() == before
    place.filters[kiosks]["rule"] = '(device.model -eq "K2")'
    assert (await place.subject(filed)).digest() != before


@pytest.mark.parametrize("kind", [Kind.MISSING, Kind.HIDDEN])
@pytest.mark.parametrize("where", ["asked", "standing"])
async def test_a_filter_that_cannot_be_read(place: Place, kind: Kind, where: str) -> None:
    """A filter that cannot be read makes the content unread, so the request waits, whether the call or the present
    state names it."""
    kiosks = place.filter("Kiosks", "(x)")
    cut: Sent = {"intent": "required", "target": filtered(ALL_DEVICES, kiosks)}
    plain: Sent = {"target": to(place.laptops)}
    sides: dict[str, tuple[list[Sent], list[Sent]]] = {
        "asked": ([cut], [plain]),
        "standing": ([{**cut, "target": ALL_DEVICES}], [cut]),
    }
    asked, standing = sides[where]
    filed = await place.assigned(*asked, standing=standing)
    known = await place.subject(filed)
    assert not known.unread
    place.tenant.graph.faults.append(Fault(kind, "assignmentFilters", times=99))
    hidden = await place.subject(filed)
    assert hidden.unread == (f"filter:{kiosks}",)
    assert hidden.hides(known) == (f"filter:{kiosks}",)


async def test_settings_from_old_to_new(place: Place) -> None:
    """Changed settings of an assignment (deadline, restart, notifications) are shown from old to new under Intune's
    names."""
    kind = f"{NAMESPACE}win32LobAppAssignmentSettings"
    time = {"useLocalTime": False, "startDateTime": None, "deadlineDateTime": "2026-12-01T20:00:00Z"}
    restart = {"gracePeriodInMinutes": 1440, "countdownDisplayBeforeRestartInMinutes": 15}
    old = {"@odata.type": kind, "notifications": "showAll", "restartSettings": None, "installTimeSettings": time}
    new = old | {"installTimeSettings": time | {"deadlineDateTime": "2026-11-24T20:00:00Z"}, "restartSettings": restart}
    target = to(place.laptops)
    reaches = await place.reaches(
        {"intent": "required", "target": target, "settings": new},
        standing=[{"intent": "required", "target": target, "settings": old}],
    )
    [how] = told(reaches).values()
    assert how["settings.installTimeSettings.deadlineDateTime"] == ("2026-12-01T20:00:00Z", "2026-11-24T20:00:00Z")
    assert how["settings.restartSettings.gracePeriodInMinutes"] == ("", "1440")
    assert how["settings.notifications"] == ("showAll", "showAll")
    assert not [name for name in how if "odata" in name]


async def test_a_remediation_that_will_repair(tenant: Tenant) -> None:
    """A remediation that only detected once a day and will repair every hour is shown as changed."""
    [script] = tenant.world.health_scripts.values()
    daily = {"@odata.type": f"{NAMESPACE}deviceHealthScriptDailySchedule", "interval": 1, "useUtc": True}
    hourly = {"@odata.type": f"{NAMESPACE}deviceHealthScriptHourlySchedule", "interval": 1}
    once = {"target": ALL_DEVICES, "runRemediationScript": False, "runSchedule": {**daily, "time": "08:00:00"}}
    script["assignments"] = [{"id": "a1", **once}]
    asked = {"target": ALL_DEVICES, "runRemediationScript": True, "runSchedule": hourly}
    filed = await tenant.file(f"deviceHealthScripts/{script['id']}/assign", {"deviceHealthScriptAssignments": [asked]})
    [reach] = (await Place(tenant).subject(filed)).reaches
    assert reach.fate is Fate.CHANGED
    how = told([reach])["all-devices", False, Fate.CHANGED]
    assert how["runRemediationScript"] == ("false", "true")
    assert how["runSchedule.@odata.type"] == ("deviceHealthScriptDailySchedule", "deviceHealthScriptHourlySchedule")
    assert how["runSchedule.time"] == ("08:00:00", "")


async def test_one_time_in_two_forms(place: Place) -> None:
    """The same time with and without seven decimals is no change; Graph adds decimals."""
    forms = ("2026-12-01T20:00:00Z", "2026-12-01T20:00:00.0000000Z")
    times = ({"installTimeSettings": {"deadlineDateTime": form}, "time": f"08:00:00{form[19:-1]}"} for form in forms)
    sent, shown = ({"target": ALL_DEVICES, "settings": settings} for settings in times)
    [reach] = await place.reaches(sent, standing=[shown])
    assert reach.fate is Fate.STANDS


async def test_what_a_policy_set_assigned(place: Place) -> None:
    """An assignment by a policy set is shown as such, and the mark of a direct assignment is left out."""
    standing = [
        {"intent": "required", "target": to(place.laptops), "source": "policySets", "sourceId": "p1"},
        {"intent": "required", "target": to(place.executives), "source": "direct", "sourceId": place.viewer["id"]},
    ]
    reaches = await place.reaches(
        standing[0], {"intent": "Required", "target": to(place.executives)}, standing=standing
    )
    assert told(reaches) == {
        ("All-Windows-Laptops", False, Fate.STANDS): {
            "intent": ("required", "required"),
            "source": ("policySets", "policySets"),
            "sourceId": ("p1", "p1"),
        },
        ("Executives", False, Fate.STANDS): {"intent": ("required", "required")},
    }


async def test_collections_are_told_apart(place: Place) -> None:
    """Two collections of Configuration Manager are two different targets."""
    kind = f"{NAMESPACE}configurationManagerCollectionAssignmentTarget"
    one, other = ({"target": {"@odata.type": kind, "collectionId": name}} for name in ("SMS00001", "SMS00002"))
    reaches = await place.reaches(other, standing=[one])
    assert [(one.fate, {how.name: how.value for how in one.how}["collectionId"]) for one in reaches] == [
        (Fate.ADDED, "SMS00002"),
        (Fate.REMOVED, "SMS00001"),
    ]


async def test_an_assignment_without_a_target(place: Place) -> None:
    """An assignment without a target counts as an assignment, both in the call and in the present state."""
    aimless, fine = {"intent": "uninstall"}, {"intent": "available", "target": to(place.laptops)}
    reaches = await place.reaches(aimless, fine, standing=[fine, {"intent": "required", "target": None}])
    assert [(one.target.kind, one.fate) for one in reaches] == [
        (TargetKind.OTHER, Fate.CHANGED),
        (TargetKind.GROUP, Fate.STANDS),
    ]


INSIDE = "microsoft.management.services.api."


@pytest.mark.parametrize(
    "target",
    [
        {"@odata.type": "#microsoft.graph.groupAssignmentTarget"},
        {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": None},
        {"@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", "groupId": NO_ID},
        {"@odata.type": "#microsoft.graph.deviceAndAppManagementAssignmentTarget"},
    ],
)
def test_a_target_that_does_not_name_its_group(target: Sent) -> None:
    """A target without a group id, or of the general type only, is not known: it may reach anybody."""
    [found] = assignments.assignments_of([{"target": target}])
    assert found.kind is TargetKind.UNKNOWN


@pytest.mark.parametrize("target", [{}, None])
def test_a_target_that_names_nobody(target: Sent | None) -> None:
    """An empty target names nobody."""
    [found] = assignments.assignments_of([{"target": target}])
    assert (found.kind, found.id) == (TargetKind.OTHER, "")


GROUP = "6f1c0000-0000-4000-8000-000000000001"
NESTED = [
    {"deviceManagementScriptGroupAssignments": [{"id": "s1", "targetGroupId": GROUP}]},
    {"deviceManagementScriptAssignments": [{"id": "s1", "target": {"groupId": GROUP}}]},
    {"assignments": [{"target": {"@odata.type": f"{INSIDE}GroupAssignmentTarget", "groupId": GROUP}}]},
    {"assignments": [{"target": {"@odata.type": f"{INSIDE}GroupAssignmentTarget", "GroupId": GROUP}}]},
    {"enrollmentConfigurationAssignments": [{"Target": to(GROUP)}]},
    {"a": {"b": [{"c": to(GROUP)}]}},
    {"target": to(GROUP)},
    to(GROUP),
    {"items": [{"target": to(GROUP)}]},
    {"mobileAppAssignments": json.dumps([{"target": to(GROUP)}])},
    {"mobileAppAssignments": [json.dumps({"target": json.dumps(to(GROUP))})]},
    {"a": json.dumps(json.dumps({"assignments": [{"target": to(GROUP)}]}))},
]


@pytest.mark.parametrize("nested", NESTED)
def test_however_they_are_nested(nested: Sent) -> None:
    """Assignments are found in every form of nesting that the resources use."""
    [found] = assignments.assignments_in([nested])
    assert (found.kind, found.id, found.excluded, found.how) == (TargetKind.GROUP, GROUP, False, ())


def test_a_body_written_as_text_takes_all_away() -> None:
    """A body that is written as text is read, also an empty list; a text that only begins like JSON is no body."""
    assert assignments.body_in({"mobileAppAssignments": "[]"}) == ()
    assert assignments.body_in({"note": "[draft]", "other": '"quoted'}) is None
    assert assignments.listed_in([{"members": json.dumps([GROUP])}], "members") == (GROUP,)


def test_role_assignments_are_none_of_these() -> None:
    """Assignments of roles are not read here, because they have members or only names."""
    assert (
        assignments.assignments_in([{"roleAssignments": [{"id": "r1", "displayName": "Night"}, {"members": ["g"]}]}])
        == ()
    )


def test_names_in_any_casing() -> None:
    """The names of the fields are read in any casing."""
    inside, outside = (
        assignments.assignments_in([{"assignments": [one]}])
        for one in (
            {"Intent": "Uninstall", "Source": "Direct", "SourceId": "x", "Target": to(GROUP)},
            {"intent": "uninstall", "target": to(GROUP)},
        )
    )
    assert inside == outside


async def test_a_request_that_shows_its_body_alone(place: Place) -> None:
    """A request that shows the body of its call but not the object is read from that body."""
    body = '{"mobileAppAssignments": [{"intent": "uninstall", "target": {"groupId": "g1"}}]}'
    standing = [{"intent": "required", "target": {"groupId": "g2"}}]
    raw = {"id": "r", "payloadOperation": "Assign", "payloadType": "x.MobileApp", "actionParameters": body}
    row = parse_row(raw | {"existingAssignments": standing})
    content = await place.tenant.intune.content(row)
    assert [(one.target.id, one.fate) for one in content.reaches] == [("g1", Fate.ADDED), ("g2", Fate.REMOVED)]


INTENTS = st.sampled_from(["required", "available", "uninstall", "availableWithoutEnrollment"])
KINDS = st.sampled_from([{"groupId": "g1"}, {"groupId": "G2"}, but("g1"), ALL_DEVICES])
ASSIGNMENTS = st.lists(st.fixed_dictionaries({"intent": INTENTS, "target": KINDS}), max_size=6)


@given(ASSIGNMENTS, ASSIGNMENTS, st.randoms())
def test_order_says_nothing(standing: list[Sent], asked: list[Sent], chance: Any) -> None:
    """Pairing does not depend on the order of the assignments, and keeps every one of them."""
    first = assignments.paired(assignments.assignments_of(standing), assignments.assignments_of(asked))
    chance.shuffle(standing)
    chance.shuffle(asked)
    again = assignments.paired(assignments.assignments_of(standing), assignments.assignments_of(asked))
    assert set(first) == set(again)
    olds, news = [old for old, _ in first if old], [new for _, new in first if new]
    assert sorted(map(repr, olds)) == sorted(map(repr, assignments.assignments_of(standing)))
    assert sorted(map(repr, news)) == sorted(map(repr, assignments.assignments_of(asked)))
    assert all(old.target == new.target for old, new in first if old and new)


async def test_the_order_of_assignments_is_no_other_content(place: Place) -> None:
    """The order of the assignments does not change the digest."""
    kiosks = place.filter("Kiosks", "(x)")
    some = [
        {"intent": "available", "target": filtered(ALL_DEVICES, kiosks)},
        {"intent": "required", "target": to(place.laptops)},
        {"intent": "available", "target": filtered(ALL_DEVICES, kiosks)},
    ]
    digests = set()
    for asked in (some, some[::-1]):
        raw: dict[str, Any] = {"id": "r", "payloadOperation": "Assign", "payloadType": "x.MobileApp"}
        raw |= {"payload": {"displayName": "V"}} | {
            "actionParameters": {"mobileAppAssignments": asked},
            "addedAssignments": asked,
        }
        row = parse_row(raw | {"existingAssignments": asked[1:]})
        digests.add(subject_of(row, await place.tenant.intune.content(row)).digest())
    assert len(digests) == 1
