"""Orders against the simulated Graph: found, planned, held, completed and followed."""

import json
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from approvals.order import Act, Option, Order
from approvals.problems import AssignedOtherwise, GroupExcluded, NoTarget
from approvals.subject import Fate
from bot.graph.http import GraphClient
from bot.graph.orders import GraphOrders
from handlers.gathering.subjects import subject_of
from handlers.ports.errors import Conflict, Forbidden, NotFound, TokenRefused, Unavailable
from handlers.ports.orders import Plan, Progress
from simulator.graph.faults import Fault, Kind
from simulator.graph.knobs import Knobs
from simulator.story import ACTOR
from tests.bot.graph.scripted import ScriptedGraph
from tests.office import Office, office

PROFILES = {
    "observed": Knobs(),
    "docs-2026-05": Knobs(profile="docs-2026-05"),
    "nested": Knobs(nested=True),
    "nested, as documented": Knobs(nested=True, profile="docs-2026-05"),
    "no header": Knobs(code_header=False),
    "no header, nested": Knobs(code_header=False, nested=True),
}
WHY = "Countersign R1, asked by Rita: stolen"


@pytest.fixture
async def day(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    """A tenant with the real bot, whose ports are tested here."""
    async with office(tmp_path, getattr(request, "param", None), asking=True) as opened:
        yield opened


def device(day: Office, name: str = "PC-1") -> str:
    return str(day.tenant.world.device(name)["id"])


async def digest(day: Office, order: Order) -> str:
    ports = day.bot.adapters
    plan = await ports.orders.plan(order)
    return subject_of(plan.row, await ports.intune.content(plan.row)).digest()


async def finds_nothing(day: Office, act: Act, words: str) -> None:
    """Assert that these words find nothing and that Graph is not called."""
    before = len(day.tenant.graph.calls)
    assert await day.bot.adapters.orders.find(act, words) == ()
    assert await day.bot.adapters.orders.find_groups(words) == ()
    assert len(day.tenant.graph.calls) == before


async def test_blank_words_find_nothing(day: Office) -> None:
    """Blank words find nothing without a call to Graph, because Graph would return every device."""
    for act, words in product(Act, ["", "   ", "\u00a0", "\t"]):
        await finds_nothing(day, act, words)


async def test_devices_are_told_apart(day: Office) -> None:
    """Two devices of one name are both found, with the facts that a person needs to choose."""
    found = await day.bot.adapters.orders.find(Act.WIPE, "laptop-7")
    assert [dict(one.lines)["Serial number"] for one in found] == ["SN-1007", "SN-2007"]
    assert [label for label, _ in found[0].lines] == [
        "Model",
        "User",
        "Serial number",
        "Owner",
        "Compliance",
        "Last contact",
    ]


ALIKE = [
    ["Zo\u00eb\u2019s iPad", "Zoe\u0308's\u00a0iPad", "zo\u00eb's  ipad"],
    ["\u2019t Gooi 5", "'T GOOI 5"],
    ["\u00c4rzte-PC", "A\u0308rzte-PC", "\u00e4rzte-pc"],
]


@pytest.mark.parametrize(("kept", "alike"), [(name, names) for names in ALIKE for name in names])
async def test_a_name_is_found_however_it_is_written(day: Office, kept: str, alike: list[str]) -> None:
    """Devices, groups and assignable objects are found in every spelling that looks the same, although Graph compares
    exactly."""
    day.tenant.world.device("PC-1")["deviceName"] = kept
    group = day.tenant.world.group("Executives")
    group.name = kept
    next(iter(day.tenant.world.scripts.values()))["displayName"] = kept
    orders = day.bot.adapters.orders
    for typed in (name for names in ALIKE for name in names):
        count = int(typed in alike)
        assert [one.name for one in await orders.find(Act.WIPE, typed)] == [kept] * count
        assert [one.name for one in await orders.find(Act.SCRIPT, typed)] == [kept] * count
        assert [one.id for one in await orders.find_groups(typed)] == [group.id] * count


@pytest.mark.parametrize("serial", ["Default string", "To be filled by O.E.M.", "0", "None", "System Serial Number"])
async def test_a_serial_number_that_is_none_finds_nothing(day: Office, serial: str) -> None:
    """A placeholder in place of a serial number finds no device, except a device with this name."""
    for name in ("PC-1", "MAC-3", "PC-2"):
        day.tenant.world.device(name)["serialNumber"] = serial
    assert await day.bot.adapters.orders.find(Act.WIPE, serial) == ()
    day.tenant.world.device("PC-2")["deviceName"] = serial
    assert [one.name for one in await day.bot.adapters.orders.find(Act.WIPE, serial)] == [serial]


async def test_how_many_match_is_said(day: Office) -> None:
    """At most ten matches are listed, and the total number is given."""
    devices, one = day.tenant.world.devices, day.tenant.world.device("PC-1")
    for number in range(30):
        devices[f"d{number}"] = {**one, "id": f"d{number}", "deviceName": "KIOSK"}
    found = await day.bot.adapters.orders.find(Act.WIPE, "kiosk")
    assert (len(found), found.total) == (10, 30)


async def matches_nothing(day: Office, words: str) -> None:
    """Assert that these words match neither a device, nor an object, nor a group."""
    for act in Act:
        assert await day.bot.adapters.orders.find(act, words) == ()
    assert await day.bot.adapters.orders.find_groups(words) == ()


async def test_hostile_words_find_nothing(day: Office) -> None:
    """Words that look like a query are searched as plain text."""
    for words in ("' or 1 eq 1", "x' or deviceName ne '", "PC%", "PC-1#", "PC-1&$top=1", "*", "''"):
        await matches_nothing(day, words)


async def test_what_can_be_assigned_is_found_by_name(day: Office) -> None:
    """Objects that can be assigned are found by name in any casing."""
    orders = day.bot.adapters.orders
    assert [one.name for one in await orders.find(Act.SCRIPT, "disable-legacytls")] == ["Disable-LegacyTLS"]
    assert [one.name for one in await orders.find(Act.COMPLIANCE, "Windows baseline")] == ["Windows baseline"]
    assert dict((await orders.find_groups("Everyone"))[0].lines)["Kind"].startswith("Microsoft 365")


async def test_a_plan_says_platform_and_groups(day: Office) -> None:
    """A plan has the platform and the groups of the device and of its user, also the groups above those."""
    orders, world = day.bot.adapters.orders, day.tenant.world
    plan = await orders.plan(Order(Act.WIPE, device(day, "PHONE-4")))
    assert plan.platform == "iOSiPadOS"
    assert world.group("Executives").id in plan.in_groups
    plan = await orders.plan(Order(Act.WIPE, device(day)))
    assert plan.platform == "windows10AndLater"
    assert world.group("All-Windows-Laptops").id in plan.in_groups
    policy = next(one for one in world.compliance_policies.values() if one["displayName"] == "iPhone baseline")
    order = Order(Act.COMPLIANCE, policy["id"], world.group("Executives").id)
    assert (await orders.plan(order)).platform == "iOSiPadOS"


async def test_groups_that_cannot_be_seen_are_no_answer(day: Office) -> None:
    """If the groups of a device cannot be read, planning raises, so that a protected target is not missed."""
    day.tenant.graph.faults.append(Fault(Kind.UNAVAILABLE, "devices.*transitiveMemberOf", times=9))
    with pytest.raises(Unavailable):
        await day.bot.adapters.orders.plan(Order(Act.WIPE, device(day)))


async def test_what_is_gone_is_gone(day: Office) -> None:
    """A target or a group that is gone raises `NotFound`."""
    orders = day.bot.adapters.orders
    with pytest.raises(NotFound):
        await orders.plan(Order(Act.WIPE, "00000000-0000-4000-8000-000000000000"))
    script = next(iter(day.tenant.world.scripts))
    with pytest.raises(NotFound):
        await orders.plan(Order(Act.SCRIPT, script, "00000000-0000-4000-8000-000000000000"))


async def test_the_digest_changes_with_what_is_reviewed(day: Office) -> None:
    """The digest of a wipe changes with serial number, user and options, and not with last contact or compliance."""
    order, pc = Order(Act.WIPE, device(day)), day.tenant.world.device("PC-1")
    before = await digest(day, order)
    pc |= {"lastSyncDateTime": "2026-11-23T07:00:00Z", "complianceState": "noncompliant"}
    assert await digest(day, order) == before
    assert await digest(day, Order(Act.WIPE, device(day), options=frozenset({Option.PROTECTED}))) != before
    for name, value in {"serialNumber": "X", "userPrincipalName": "x@y.z"}.items():
        pc[name] = value
        again = await digest(day, order)
        assert again != before
        before = again


async def test_the_digest_of_a_script_changes_with_its_text(day: Office) -> None:
    """The digest of a script order changes with the script's text, and not with the number of its targets."""
    world = day.tenant.world
    script = next(one for one in world.scripts.values() if one["displayName"] == "Disable-LegacyTLS")
    group = world.group("All-Windows-Laptops")
    order = Order(Act.SCRIPT, script["id"], group.id)
    before = await digest(day, order)
    script["scriptContent"] = "ZXZpbA=="
    changed = await digest(day, order)
    assert changed != before
    group.members.add(world.user("rita").id)
    assert await digest(day, order) == changed


async def test_which_policies_hold_it(day: Office) -> None:
    """An operation is held if an active access policy of its type covers its platform."""
    orders, world = day.bot.adapters.orders, day.tenant.world
    [wipe] = [one for one in world.policies.values() if one.policy_type == "deviceWipe"]
    assert await orders.is_held("DeviceWipe", "windows10AndLater")
    wipe.platform = "macOS"
    assert not await orders.is_held("deviceWipe", "windows10AndLater")
    assert await orders.is_held("deviceWipe", "macOS")
    wipe.active = False
    assert not await orders.is_held("deviceWipe", "macOS")
    assert not await orders.is_held("deviceDance", "notApplicable")


async def test_one_voice_that_says_no_is_enough(day: Office) -> None:
    """An operation counts as not held if either source says so. If Intune's own answer is missing or empty, the list of
    policies counts alone."""
    orders, faults = day.bot.adapters.orders, day.tenant.graph.faults
    for answer, is_held in (([{"policyType": "script", "policyPlatform": "notApplicable"}], False), ([], True)):
        day.tenant.graph.knobs.requires_approval = answer
        assert await orders.is_held("deviceWipe", "windows10AndLater") is is_held
    day.tenant.graph.knobs.requires_approval = None
    for kind in (Kind.MISSING, Kind.HIDDEN):
        faults[:] = [Fault(kind, path="retrieveOperationsRequiringApproval")]
        assert await orders.is_held("deviceWipe", "windows10AndLater")
        assert faults[0].times == 0
    faults[:] = [Fault(Kind.UNAUTHORIZED, path="retrieveOperationsRequiringApproval", times=10)]
    with pytest.raises(TokenRefused):
        await orders.is_held("deviceWipe", "windows10AndLater")


async def test_an_assignment_keeps_what_is_there(day: Office) -> None:
    """The call to assign keeps the existing assignments, and is the same as long as nothing changes."""
    world, orders = day.tenant.world, day.bot.adapters.orders
    script = next(iter(world.scripts.values()))
    first, second = world.group("Executives").id, world.group("All-Windows-Laptops").id
    target = {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": first}
    script["assignments"] = [{"id": "a1", "target": target}]
    call = await orders.call_for(Order(Act.SCRIPT, script["id"], second))
    assert first.encode() in call.body
    assert second.encode() in call.body
    assert b"a1" not in call.body
    assert await orders.call_for(Order(Act.SCRIPT, script["id"], second)) == call
    again = await orders.call_for(Order(Act.SCRIPT, script["id"], first))
    assert again.body.count(first.encode()) == 1


SCRIPT_KIND = "#microsoft.graph.deviceManagementScriptAssignment"


def standing(day: Office, *assignments: dict[str, object]) -> tuple[Order, dict[str, Any]]:
    """Return an order that assigns a script to Executives, and the script with these existing assignments."""
    script = next(iter(day.tenant.world.scripts.values()))
    script["assignments"] = [{"id": f"a{number}", **one} for number, one in enumerate(assignments)]
    return Order(Act.SCRIPT, script["id"], day.tenant.world.group("Executives").id), script


def group_target(group: str, kind: str = "group", **more: object) -> dict[str, object]:
    """Return a target of an assignment that names this group."""
    return {"@odata.type": f"#microsoft.graph.{kind}AssignmentTarget", "groupId": group, **more}


def in_any_order(some: Iterable[object]) -> list[str]:
    return sorted(json.dumps(one, sort_keys=True) for one in some)


async def planned(day: Office, order: Order) -> Plan:
    return await day.bot.adapters.orders.plan(order)


async def test_an_order_keeps_every_attribute_of_what_stands(day: Office) -> None:
    """An order keeps every attribute of the existing assignments except their own ids."""
    cut = {"deviceAndAppManagementAssignmentFilterId": "f1", "deviceAndAppManagementAssignmentFilterType": "exclude"}
    laptops = day.tenant.world.group("All-Windows-Laptops").id
    some: list[dict[str, object]] = [
        {"@odata.type": SCRIPT_KIND, "target": group_target(laptops, **cut), "runSchedule": {"interval": 1}},
        {"target": group_target("g2", "exclusionGroup"), "source": "policySets", "sourceId": "p1"},
    ]
    order, script = standing(day, *some)
    sent = json.loads((await day.bot.adapters.orders.call_for(order)).body)["deviceManagementScriptAssignments"]
    assert in_any_order(sent[:-1]) == in_any_order(some)
    assert sent[-1] == {"target": group_target(order.group_id)}
    plan = await planned(day, order)
    assert in_any_order(plan.row.existing) == in_any_order(some)
    content = await day.bot.adapters.intune.content(plan.row)
    assert sorted(one.fate for one in content.reaches) == [Fate.ADDED, Fate.STANDS, Fate.STANDS]
    call = await day.bot.adapters.orders.call_for(order)
    script["assignments"].reverse()
    assert await day.bot.adapters.orders.call_for(order) == call


async def test_an_excluded_group_stays_excluded(day: Office) -> None:
    """An order never changes an exclusion into an inclusion, also if the id is written in capital letters."""
    group = day.tenant.world.group("Executives").id
    order, _ = standing(day, {"target": group_target(group.upper(), "exclusionGroup")})
    assert (await planned(day, order)).problem == GroupExcluded("Executives")
    with pytest.raises(Conflict):
        await day.bot.adapters.orders.call_for(order)
    assert await day.bot.adapters.orders.progress(order, day.tenant.clock.now()) is Progress.WAITING


async def test_what_is_assigned_in_another_way_stays_so(day: Office) -> None:
    """A group that is assigned with a filter or by a policy set cannot be ordered, because the order would change
    that."""
    group = day.tenant.world.group("Executives").id
    cut = {"deviceAndAppManagementAssignmentFilterId": "f1", "deviceAndAppManagementAssignmentFilterType": "include"}
    ways: list[dict[str, object]] = [
        {"target": group_target(group, **cut)},
        {"target": group_target(group), "source": "policySets"},
    ]
    for other in ways:
        order, _ = standing(day, other)
        assert (await planned(day, order)).problem == AssignedOtherwise("Executives")
        with pytest.raises(Conflict):
            await day.bot.adapters.orders.call_for(order)
    order, _ = standing(day, ways[0])
    assert await day.bot.adapters.orders.progress(order, day.tenant.clock.now()) is Progress.WAITING


@pytest.mark.parametrize(
    "target",
    [
        {},
        {"target": None},
        {"target": {}},
        {"target": {"@odata.type": "#microsoft.graph.everythingTarget"}},
        {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget"}},
    ],
)
async def test_an_assignment_without_a_known_target_stops_an_order(day: Office, target: dict[str, object]) -> None:
    """An existing assignment without a target, or with an unknown one, stops an order: the call might lose it."""
    order, _ = standing(day, target)
    assert (await planned(day, order)).problem == NoTarget()
    with pytest.raises(Conflict):
        await day.bot.adapters.orders.call_for(order)


async def test_what_is_so_already_is_said(day: Office) -> None:
    """A plan says if the target is already assigned as ordered."""
    group = day.tenant.world.group("Executives").id
    order, script = standing(day, {"target": {"groupId": group}, "source": "direct", "sourceId": "s"})
    plan = await planned(day, order)
    assert (plan.is_so, plan.problem) == (True, None)
    assert await day.bot.adapters.orders.progress(order, day.tenant.clock.now()) is Progress.DONE
    script["assignments"] = []
    assert not (await planned(day, order)).is_so


async def test_the_digest_changes_with_what_stands(day: Office) -> None:
    """The digest changes if the existing assignments change, and not by the assignment that the order itself adds."""
    order, script = standing(day)
    asked = await digest(day, order)
    script["assignments"] = [{"id": "a9", "target": group_target(order.group_id)}]
    assert await digest(day, order) == asked
    other = {"id": "a1", "target": group_target(day.tenant.world.group("All-Windows-Laptops").id)}
    script["assignments"] = [other]
    changed = await digest(day, order)
    assert changed != asked
    more = {"id": "a2", "target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}
    script["assignments"] = [other, more]
    two = await digest(day, order)
    script["assignments"] = [{**more, "id": "b2"}, {**other, "id": "b1"}]
    assert await digest(day, order) == two != changed


@pytest.mark.parametrize("day", PROFILES.values(), ids=PROFILES, indirect=True)
async def test_the_whole_handshake(day: Office) -> None:
    """An order is held with a code, a second filing is refused, and after approval it is completed once and seen to
    run."""
    ports, order = day.bot.adapters, Order(Act.WIPE, device(day))
    assert ports.room is not None
    filer, call = ports.room.filer, await ports.orders.call_for(order)
    since = day.tenant.clock.now()
    taken = await filer.file(call, WHY)
    assert day.tenant.graph.request(taken.intune_id).justification == WHY
    with pytest.raises(Conflict):
        await filer.file(call, WHY)
    with pytest.raises(Forbidden):
        await filer.complete(call, taken.intune_id)
    assert await ports.orders.progress(order, since) is Progress.WAITING

    day.tenant.portal.approve("dana", taken.intune_id)
    assert await filer.complete(call, taken.intune_id)
    assert day.tenant.graph.request(taken.intune_id).status == "completed"
    assert await ports.orders.progress(order, since) is Progress.RUNNING
    await day.pass_time(minutes=30)
    assert await ports.orders.progress(order, since) is Progress.DONE
    with pytest.raises(Forbidden):
        await filer.complete(call, taken.intune_id)
    assert len(day.tenant.world.device("PC-1")["deviceActionResults"]) == 1


async def test_taking_back(day: Office) -> None:
    """An order that is not approved can be cancelled."""
    ports = day.bot.adapters
    assert ports.room is not None
    call = await ports.orders.call_for(Order(Act.RETIRE, device(day)))
    taken = await ports.room.filer.file(call, WHY)
    await ports.room.filer.cancel(taken.intune_id)
    assert day.tenant.graph.request(taken.intune_id).status == "cancelled"


async def test_what_is_not_held_says_so(day: Office) -> None:
    """If the application is excluded from the access policy, the order runs at once, and no request id comes back."""
    [policy] = [one for one in day.tenant.world.policies.values() if one.policy_type == "deviceDelete"]
    policy.excluded_app_ids.add(day.tenant.world.application(ACTOR).app_id)
    ports, order = day.bot.adapters, Order(Act.DELETE, device(day))
    assert ports.room is not None
    taken = await ports.room.filer.file(await ports.orders.call_for(order), WHY)
    assert taken.intune_id == ""
    assert taken.answer_id
    assert await ports.orders.progress(order, day.tenant.clock.now()) is Progress.GONE


@pytest.mark.parametrize("kind", [Kind.LOST_REQUEST, Kind.LOST_ANSWER, Kind.TIMEOUT_AFTER, Kind.UNAVAILABLE])
async def test_silence_is_not_repeated(day: Office, kind: Kind) -> None:
    """An order without an answer is sent at most once, because it may have been filed."""
    day.tenant.graph.faults.append(Fault(kind, "/wipe$", times=9))
    ports = day.bot.adapters
    assert ports.room is not None
    with pytest.raises(Unavailable):
        await ports.room.filer.file(await ports.orders.call_for(Order(Act.WIPE, device(day))), WHY)
    assert len([call for call in day.tenant.graph.calls if call.path.endswith("/wipe")]) <= 1


async def test_a_challenge_is_answered_with_another_token(day: Office) -> None:
    """After a challenge the order is sent once more with another token, because nothing was done."""
    day.tenant.graph.faults.append(Fault(Kind.CHALLENGED, "/wipe$"))
    ports = day.bot.adapters
    assert ports.room is not None
    taken = await ports.room.filer.file(await ports.orders.call_for(Order(Act.WIPE, device(day))), WHY)
    assert taken.intune_id


GROUP = "0AAAAAAA-1111-2222-3333-444444444444"


@pytest.mark.parametrize(
    ("members", "progress"),
    [
        ([GROUP], Progress.DONE),
        ([GROUP.lower()], Progress.DONE),
        (["another"], Progress.WAITING),
        (None, Progress.WAITING),
    ],
)
async def test_a_role_is_held_by_its_members(
    graph: ScriptedGraph, client: GraphClient, members: Any, progress: Progress
) -> None:
    """A role order is done if a role assignment has the group among its members, in any casing of the id."""
    one = {"displayName": "Assigned with Countersign", "members": members}
    graph.tell("/beta/deviceManagement/roleDefinitions/r1/roleAssignments", {"value": [one]})
    order = Order(Act.ROLE, "r1", group_id=GROUP)
    assert await GraphOrders(client).progress(order, datetime(2026, 11, 23, tzinfo=UTC)) is progress
