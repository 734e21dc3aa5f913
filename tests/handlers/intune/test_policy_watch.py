"""Watching Intune's access policies: what alarms and locks, and what does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.effects import CallOutIncident, SayIncident
from handlers.intune.policy_watch import READ_EVERY, SLACK
from handlers.ports.errors import Forbidden, NotFound, PortError, Throttled, Unavailable
from handlers.ports.intune import Row
from tests.fakes.intune import APPROVED, COMPLETED, NEEDS_APPROVAL, wipe
from tests.handlers.stage import Stage

WIPES, SCRIPTS = "type:devicewipe", "type:script"

DELETED = (
    'Alarm: Nothing of the type devicewipe is filed, because the access policy "Device wipe" was deleted in Intune, '
    "and no approved request explains this. Look at Intune's access policy for it and its exclusions; then an approver "
    "writes /unlock devicewipe."
)
AGAIN = "An access policy in Intune holds devicewipe again. Filing stays stopped until it is unlocked."


@pytest.fixture
async def stage() -> Stage:
    """Return a stage whose two access policies were compared once."""
    stage = Stage()
    stage.access_policies.put("p-wipe", "deviceWipe", "g1", "g2", name="Device wipe")
    stage.access_policies.put("p-script", "script", "g3", name="Scripts")
    await watch(stage)
    return stage


async def watch(stage: Stage) -> None:
    """Compare a minute later."""
    stage.clock.advance(minutes=1)
    await stage.journeys.policy_watch.watch()


async def locks(stage: Stage) -> set[str]:
    """Return the names of the brakes that are on."""
    return {brake.name for brake in await stage.store.brakes.on()}


def alarms(stage: Stage) -> list[str]:
    """Return the texts for the operations channel."""
    return [effect.incident.text for effect in stage.planned(SayIncident)]


def asked(stage: Stage, operation: str, **changes: object) -> Row:
    """Show a completed request in Intune that changes the policy of wipes."""
    row = wipe(
        id="i9",
        raw_status=COMPLETED,
        policy_types=("operationApprovalPolicy",),
        kind="OperationApprovalPolicy",
        operation=operation,
        action="",
        target_id="p-wipe",
        target="Device wipe",
        payload={},
        modified_at=stage.clock.time,
    )
    return stage.intune.show(replace(row, **changes))  # type: ignore[arg-type]


async def test_the_first_time_only_records(stage: Stage) -> None:
    """The first comparison records the policies and alarms about nothing."""
    assert (await locks(stage), alarms(stage)) == (set(), [])
    assert stage.store.memory.watched is not None
    assert {one.id for one in stage.store.memory.watched.policies} == {"p-wipe", "p-script"}


async def test_a_policy_is_deleted(stage: Stage) -> None:
    """A deleted policy locks its type and alarms once, in the channel and outside."""
    del stage.access_policies.policies["p-wipe"]
    await watch(stage)
    await watch(stage)

    assert await locks(stage) == {WIPES}
    assert alarms(stage) == [DELETED]
    assert len(stage.planned(CallOutIncident)) == 1
    assert [entry.after for entry in stage.audit if entry.kind == "locked"] == ["devicewipe"]


@pytest.mark.parametrize(
    ("policy_type", "groups", "locked"),
    [("deviceWipe", ["g1", "stranger"], {WIPES}), ("deviceRetire", ["g1", "g2"], {WIPES, "type:deviceretire"})],
)
async def test_a_policy_is_changed(stage: Stage, policy_type: str, groups: list[str], locked: set[str]) -> None:
    """Other approver groups lock the type, and another type locks both types."""
    stage.access_policies.put("p-wipe", policy_type, *groups, name="Device wipe")
    await watch(stage)

    assert await locks(stage) == locked
    assert all("was changed in Intune" in text for text in alarms(stage))


async def test_a_new_policy(stage: Stage) -> None:
    """A new policy that nobody approved locks its type: its groups could approve in Intune."""
    stage.access_policies.put("p-new", "script", "stranger", name="Scripts too")
    await watch(stage)

    assert await locks(stage) == {SCRIPTS}


@pytest.mark.parametrize("shown", [COMPLETED, APPROVED])
async def test_an_approved_change_alarms_about_nothing(stage: Stage, shown: str) -> None:
    """A change that an approved request asked for locks nothing, also while Intune shows its completion late."""
    stage.access_policies.put("p-wipe", "deviceWipe", "g1", name="Device wipe")
    asked(stage, "Update", patch={"approverGroupIds": ["G1"]}, raw_status=shown)
    await watch(stage)

    assert (await locks(stage), alarms(stage)) == (set(), [])


async def test_an_approved_policy(stage: Stage) -> None:
    """A policy that a completed request created locks nothing."""
    stage.access_policies.put("p-new", "script", "g4", name="Scripts too")
    asked(stage, "Create", target_id="", target="Scripts too")
    await watch(stage)

    assert await locks(stage) == set()


@pytest.mark.parametrize(
    "request_",
    [
        {"operation": "Update", "raw_status": NEEDS_APPROVAL},
        {"operation": "Delete"},
        {"operation": "Update", "target_id": "p-script"},
        {"operation": "Update", "patch": {"approverGroupIds": ["g2"]}},
        {"operation": "Update", "patch": {"policyType": "deviceRetire"}},
    ],
    ids=["not approved", "another operation", "another policy", "other groups", "another type"],
)
async def test_a_request_that_does_not_explain_it(stage: Stage, request_: dict[str, object]) -> None:
    """A request explains a change only if it was approved and asked for exactly this."""
    stage.access_policies.put("p-wipe", "deviceWipe", "g1", name="Device wipe")
    asked(stage, **request_)  # type: ignore[arg-type]
    await watch(stage)

    assert await locks(stage) == {WIPES}


async def test_an_old_request_explains_nothing(stage: Stage) -> None:
    """A request that was completed long before the last comparison explains no change since."""
    stage.access_policies.put("p-wipe", "deviceWipe", "g1", name="Device wipe")
    asked(stage, "Update", modified_at=stage.clock.time - SLACK - timedelta(minutes=1))
    await watch(stage)

    assert await locks(stage) == {WIPES}


async def test_an_approved_deletion_leaves_the_type_open(stage: Stage) -> None:
    """A type that no policy holds any more is locked even if the deletion was approved; operators hear when it is
    held again."""
    before = stage.access_policies.policies.pop("p-wipe")
    asked(stage, "Delete")
    await watch(stage)
    assert await locks(stage) == {WIPES}
    assert "because no access policy in Intune holds devicewipe any more." in alarms(stage)[0]

    stage.access_policies.policies["p-wipe"] = before
    asked(stage, "Create", id="i10", target_id="")
    await watch(stage)
    assert AGAIN in alarms(stage)
    assert await locks(stage) == {WIPES}  # a person lifts it


@pytest.mark.parametrize(
    "trouble",
    [Unavailable("gone"), Throttled("busy"), Forbidden("no"), NotFound("no")],
    ids=lambda one: type(one).__name__,
)
async def test_what_cannot_be_read_says_nothing(stage: Stage, trouble: PortError) -> None:
    """If the policies cannot be read, nothing is locked and the last known state stays."""
    before = stage.store.memory.watched
    stage.access_policies.policies.clear()
    stage.access_policies.troubles.refuses["read"] = trouble
    await watch(stage)

    assert (await locks(stage), stage.store.memory.watched) == (set(), before)


async def test_a_change_without_a_time_is_found_within_a_quarter_of_an_hour(stage: Stage) -> None:
    """A policy is read by its id when its time moves, and every 15 minutes whatever its time says."""
    stage.access_policies.read_one_by_one.clear()
    stage.access_policies.change_silently("p-wipe", "stranger")
    await watch(stage)
    assert (stage.access_policies.read_one_by_one, await locks(stage)) == ([], set())

    stage.clock.time += READ_EVERY
    await watch(stage)
    assert stage.access_policies.read_one_by_one == ["p-wipe", "p-script"]
    assert await locks(stage) == {WIPES}


async def test_intune_must_deny_it_twice(stage: Stage) -> None:
    """A type that Intune named as held before, and does not name any more, is locked in the second poll, once."""
    after = []
    for required in ({"script", "devicewipe"}, {"script"}, {"script"}, {"script"}):
        stage.access_policies.required = frozenset(required)
        await watch(stage)
        after.append(await locks(stage))

    assert after == [set(), set(), {WIPES}, {WIPES}]
    assert len(alarms(stage)) == 1


async def test_what_intune_never_named(stage: Stage) -> None:
    """A type that Intune has never named as held is not locked."""
    stage.access_policies.required = frozenset({"script"})
    for _ in range(3):
        await watch(stage)

    assert await locks(stage) == set()


async def test_a_lock_that_is_on_stays_as_it_is(stage: Stage) -> None:
    """A second unapproved change alarms again, and the first reason of the lock stays."""
    stage.access_policies.put("p-wipe", "deviceWipe", "g1", name="Device wipe")
    await watch(stage)
    [first] = await stage.store.brakes.on()
    stage.access_policies.put("p-wipe", "deviceWipe", "stranger", name="Device wipe")
    await watch(stage)

    assert list(await stage.store.brakes.on()) == [first]
    assert len(alarms(stage)) == 2


async def test_a_row_that_cannot_be_read_explains_nothing(stage: Stage) -> None:
    """An unreadable row in Intune's list neither explains a change nor delays its alarm."""
    stage.access_policies.put("p-wipe", "deviceWipe", "stranger", name="Device wipe")
    stage.intune.unreadable = ("i7",)
    await watch(stage)

    assert await locks(stage) == {WIPES}


async def test_somebody_moves_the_brake_meanwhile(stage: Stage) -> None:
    """If the brake moves at the same moment, the next poll compares again, and the alarm is not lost."""
    stage.access_policies.put("p-wipe", "deviceWipe", "stranger", name="Device wipe")
    known, real = stage.store.memory.watched, stage.store.brakes.swap

    async def too_late(*_: object) -> bool:
        return False

    stage.store.brakes.swap = too_late  # type: ignore[method-assign, assignment]
    await watch(stage)
    assert stage.store.memory.watched == known
    stage.store.brakes.swap = real  # type: ignore[method-assign]
    await watch(stage)

    assert (await locks(stage), len(alarms(stage))) == ({WIPES}, 1)
