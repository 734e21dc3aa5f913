"""What Intune and the directory say of a request: who asked, who approved, when, and what is reviewed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.order import Act, Filing, Order
from approvals.people import Application, Person
from approvals.policy import PolicyBook, Rule
from approvals.request import IntuneStatus
from approvals.snapshot import Snapshot
from handlers.gathering.snapshots import Snapshots, status_of
from handlers.gathering.subjects import Subjects
from handlers.ports.errors import Unavailable
from handlers.ports.intune import ApprovalEvent, Content, Identity, Row
from handlers.ports.orders import Plan
from tests.approvals.builders import ADMINS, ALEX, CAB, DANA, RITA, eligibility, request, workflow
from tests.fakes.clock import MORNING
from tests.fakes.intune import APPROVED, COMPLETED, REJECTED, wipe
from tests.fakes.world import World

BOOK = PolicyBook((Rule(workflow(groups=(ADMINS,)), frozenset({"devicewipe"}), frozenset()),), workflow(), "c1")
HOUR = timedelta(hours=1)
DANA_THERE, APP = Identity("dana", "Dana", is_person=True), Identity("app", "Deployer", is_person=False)


@pytest.fixture
def world() -> World:
    """Rita, and two admins."""
    world = World()
    for who, groups in ((RITA, ()), (ALEX, (ADMINS,)), (DANA, (ADMINS, CAB))):
        world.directory.add(who, *groups)
    return world


async def seen(world: World, row: Row | None = None, *, history: bool = False, **owners: tuple[str, ...]) -> Snapshot:
    """What is made of a row that Intune shows."""
    row = world.intune.show(row or wipe())
    subjects = Subjects(world.intune, world.orders)
    return await Snapshots(world.intune, world.directory, subjects, BOOK, owners).of(row, history=history)


# --- who asked ----------------------------------------------------------------------------------------------------


async def test_the_row_says_who_asked(world: World) -> None:
    """The directory knows which other accounts are theirs."""
    assert (await seen(world)).requestor == RITA


async def test_a_row_that_does_not_say_is_looked_up_in_the_audit(world: World) -> None:
    """Intune itself recorded who filed."""
    world.intune.filers["i1"] = Identity("rita", "Rita", is_person=True)
    assert (await seen(world, wipe(requestor=None))).requestor == RITA


async def test_the_audit_goes_before_an_application(world: World) -> None:
    """A person who used a program is behind it."""
    world.intune.filers["i1"] = Identity("rita", "Rita", is_person=True)
    assert (await seen(world, wipe(requestor=APP))).requestor == RITA


async def test_a_person_in_the_row_needs_no_audit(world: World) -> None:
    """It would only be asked for nothing."""
    world.intune.filers["i1"] = Identity("alex", "Alex", is_person=True)
    assert (await seen(world)).requestor == RITA


async def test_owners_of_an_application_are_people(world: World) -> None:
    """The settings name them by account; they never count as approvers."""
    found = (await seen(world, wipe(requestor=APP), app=("alex", "dana"))).requestor
    assert found == Application("app", "Deployer", (ALEX, DANA))


async def test_an_application_without_owners_has_none(world: World) -> None:
    """Then the quorum rises by one."""
    found = (await seen(world, wipe(requestor=APP), other=("alex",))).requestor
    assert found == Application("app", "Deployer", ())


async def test_where_nobody_says_who_asked_nobody_did(world: World) -> None:
    """That is stricter, never weaker."""
    assert (await seen(world, wipe(requestor=None))).requestor is None


async def test_a_requestor_whom_the_directory_does_not_know_is_marked_so(world: World) -> None:
    """Nobody can tell which other accounts are theirs."""
    found = (await seen(world, wipe(requestor=Identity("gone", "Gone", is_person=True)))).requestor
    assert found == Person("gone", "Gone", frozenset({"gone"}), known=False)


async def test_an_owner_whom_the_directory_does_not_know_is_marked_so(world: World) -> None:
    """As a requestor is."""
    found = (await seen(world, wipe(requestor=APP), app=("gone",))).requestor
    assert isinstance(found, Application)
    assert not found.owners[0].known


async def test_without_the_directory_nothing_is_known_of_it(world: World) -> None:
    """It is raised: no answer is no unknown person."""
    world.directory.troubles.refuses["person"] = Unavailable("away")
    with pytest.raises(Unavailable):
        await seen(world)


# --- who approved -------------------------------------------------------------------------------------------------


async def test_what_is_open_was_approved_by_nobody(world: World) -> None:
    """Whatever the row says."""
    sighting = await seen(world, wipe(approver=DANA_THERE))
    assert (sighting.approver, sighting.approved_at) == (None, None)


async def test_an_approval_is_dated_by_the_row(world: World) -> None:
    """An approved request last moved when it was approved; the approver stands as of now, in the groups asked for."""
    row = wipe(raw_status=APPROVED, approver=DANA_THERE, modified_at=MORNING + HOUR)
    sighting = await seen(world, row)
    assert (sighting.approver, sighting.approved_at) == (eligibility(DANA, ADMINS), MORNING + HOUR)


async def test_a_completed_request_is_dated_by_the_audit(world: World) -> None:
    """Its row moved when it was completed."""
    world.intune.approvals["i1"] = ApprovalEvent(MORNING + HOUR, Identity("alex", "Alex", is_person=True))
    sighting = await seen(world, wipe(raw_status=COMPLETED, approver=DANA_THERE, modified_at=MORNING + 2 * HOUR))
    assert (sighting.approver, sighting.approved_at) == (eligibility(DANA, ADMINS), MORNING + HOUR)


@pytest.mark.parametrize("named", [None, APP], ids=["nobody", "an-application"])
async def test_who_approved_may_be_known_by_the_audit_only(world: World, named: Identity | None) -> None:
    """Where the row names no person."""
    world.intune.approvals["i1"] = ApprovalEvent(MORNING + HOUR, DANA_THERE)
    sighting = await seen(world, wipe(raw_status=COMPLETED, approver=named))
    assert (sighting.approver, sighting.approved_at) == (eligibility(DANA, ADMINS), MORNING + HOUR)


async def test_where_nobody_says_who_approved_nobody_is_named(world: World) -> None:
    """It might be the one who asked."""
    sighting = await seen(world, wipe(raw_status=APPROVED))
    assert (sighting.approver, sighting.approved_at) == (None, MORNING)


async def test_an_approver_whom_the_directory_does_not_know_stands_nowhere(world: World) -> None:
    """In no group, and not active."""
    row = wipe(raw_status=APPROVED, approver=Identity("gone", "Gone", is_person=True))
    approver = (await seen(world, row)).approver
    assert approver is not None
    assert (approver.person.known, approver.groups, approver.active) == (False, frozenset(), False)


async def test_of_history_nobody_asks_when(world: World) -> None:
    """It is one call less for each row that ended before the bot first ran."""
    world.intune.approvals["i1"] = ApprovalEvent(MORNING, DANA_THERE)
    sighting = await seen(world, wipe(raw_status=COMPLETED, approver=DANA_THERE), history=True)
    assert sighting.approved_at is None


async def test_a_rejection_needs_no_time(world: World) -> None:
    """It decides whenever it was given."""
    sighting = await seen(world, wipe(raw_status=REJECTED, approver=DANA_THERE))
    assert (sighting.approver, sighting.approved_at) == (eligibility(DANA, ADMINS), None)


# --- what is reviewed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"payload": {"keepUserData": True}},
        {"target": "PC-2"},
        {"target_id": "d2"},
        {"action": "retire"},
        {"patch": {"name": "x"}},
        {"added": ({"target": "g1"},)},
        {"existing": ({"target": "g1"},)},
        {"policy_types": ("deviceRetire",)},
        {"devices": ({"deviceName": "PC-1", "serialNumber": "SN-2"},)},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_everything_that_a_reviewer_judges_is_in_the_digest(world: World, changes: dict[str, object]) -> None:
    """So that a vote binds to it."""
    before = (await seen(world)).subject.digest()
    assert (await seen(world, replace(wipe(), **changes))).subject.digest() != before  # type: ignore[arg-type]


async def test_what_the_payload_points_to_is_in_the_digest(world: World) -> None:
    """A script's text, say. When that was changed is known beside it."""
    before = (await seen(world)).subject.digest()
    world.intune.contents["i1"] = Content(sha256="1", modified_at=MORNING)
    sighting = await seen(world)
    assert sighting.subject.digest() != before
    assert sighting.content_at == MORNING


async def test_what_moves_by_itself_is_not_in_the_digest(world: World) -> None:
    """Status, times, and who decided."""
    before = (await seen(world)).subject.digest()
    row = wipe(raw_status=APPROVED, approver=DANA_THERE, modified_at=MORNING + HOUR, expires_at=MORNING + 9 * HOUR)
    assert (await seen(world, row)).subject.digest() == before


async def test_an_order_is_reviewed_as_its_target_is_now(world: World) -> None:
    """And not as Intune describes what we filed; a target that is gone is gone by our own doing."""
    world.orders.plans["d1"] = Plan(wipe(id="", target="PC-1 renamed"), "w", frozenset(), frozenset())
    order = request(filing=Filing(Order(Act.WIPE, "d1"), since=MORNING), initiator=RITA)
    flow = Snapshots(world.intune, world.directory, Subjects(world.intune, world.orders), BOOK, {})

    assert (await flow.of(world.intune.show(wipe()), order)).subject.target == "PC-1 renamed"
    world.orders.plans.clear()
    assert (await flow.of(wipe(), order)).subject == order.subject


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("needsApproval", IntuneStatus.NEEDS_APPROVAL),
        ("NEEDSAPPROVAL", IntuneStatus.NEEDS_APPROVAL),
        ("canceled", IntuneStatus.CANCELLED),
        ("cancelled", IntuneStatus.CANCELLED),
        ("pondered", IntuneStatus.UNKNOWN),
        ("", IntuneStatus.UNKNOWN),
    ],
)
def test_a_word_that_nobody_knows_is_unknown(word: str, status: IntuneStatus) -> None:
    """Spelling does not matter."""
    assert status_of(word) is status
