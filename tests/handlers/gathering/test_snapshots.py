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
    """Return a world with Rita and two admins."""
    world = World()
    for who, groups in ((RITA, ()), (ALEX, (ADMINS,)), (DANA, (ADMINS, CAB))):
        world.directory.add(who, *groups)
    return world


async def seen(world: World, row: Row | None = None, *, history: bool = False, **owners: tuple[str, ...]) -> Snapshot:
    """Return the snapshot that is made of a row of Intune."""
    row = world.intune.show(row or wipe())
    subjects = Subjects(world.intune, world.orders)
    return await Snapshots(world.intune, world.directory, subjects, BOOK, owners).of(row, history=history)


# --- who asked ----------------------------------------------------------------------------------------------------


async def test_the_row_says_who_asked(world: World) -> None:
    """The row names the requestor, and the directory their other accounts."""
    assert (await seen(world)).requestor == RITA


async def test_a_row_that_does_not_say_is_looked_up_in_the_audit(world: World) -> None:
    """If the row names no requestor, Intune's audit does."""
    world.intune.filers["i1"] = Identity("rita", "Rita", is_person=True)
    assert (await seen(world, wipe(requestor=None))).requestor == RITA


async def test_the_audit_goes_before_an_application(world: World) -> None:
    """A person in the audit counts before an application in the row, because the person is behind it."""
    world.intune.filers["i1"] = Identity("rita", "Rita", is_person=True)
    assert (await seen(world, wipe(requestor=APP))).requestor == RITA


async def test_a_person_in_the_row_needs_no_audit(world: World) -> None:
    """If the row names a person, the audit is not needed."""
    world.intune.filers["i1"] = Identity("alex", "Alex", is_person=True)
    assert (await seen(world)).requestor == RITA


async def test_owners_of_an_application_are_people(world: World) -> None:
    """The owners of an application in the settings become people."""
    found = (await seen(world, wipe(requestor=APP), app=("alex", "dana"))).requestor
    assert found == Application("app", "Deployer", (ALEX, DANA))


async def test_an_application_without_owners_has_none(world: World) -> None:
    """An application without owners in the settings has none."""
    found = (await seen(world, wipe(requestor=APP), other=("alex",))).requestor
    assert found == Application("app", "Deployer", ())


async def test_where_nobody_says_who_asked_nobody_did(world: World) -> None:
    """If neither names a requestor, the requestor is unknown, which is stricter."""
    assert (await seen(world, wipe(requestor=None))).requestor is None


async def test_a_requestor_whom_the_directory_does_not_know_is_marked_so(world: World) -> None:
    """A requestor whom the directory does not know is marked as unknown."""
    found = (await seen(world, wipe(requestor=Identity("gone", "Gone", is_person=True)))).requestor
    assert found == Person("gone", "Gone", frozenset({"gone"}), known=False)


async def test_an_owner_whom_the_directory_does_not_know_is_marked_so(world: World) -> None:
    """An owner whom the directory does not know is marked as unknown."""
    found = (await seen(world, wipe(requestor=APP), app=("gone",))).requestor
    assert isinstance(found, Application)
    assert not found.owners[0].known


async def test_without_the_directory_nothing_is_known_of_it(world: World) -> None:
    """If the directory does not answer, the error is raised, because that does not make a person unknown."""
    world.directory.troubles.refuses["person"] = Unavailable("away")
    with pytest.raises(Unavailable):
        await seen(world)


# --- who approved -------------------------------------------------------------------------------------------------


async def test_what_is_open_was_approved_by_nobody(world: World) -> None:
    """An open request has no approver, whatever the row says."""
    sighting = await seen(world, wipe(approver=DANA_THERE))
    assert (sighting.approver, sighting.approved_at) == (None, None)


async def test_an_approval_is_dated_by_the_row(world: World) -> None:
    """An approval has the time of the row's last change; the approver has the present groups."""
    row = wipe(raw_status=APPROVED, approver=DANA_THERE, modified_at=MORNING + HOUR)
    sighting = await seen(world, row)
    assert (sighting.approver, sighting.approved_at) == (eligibility(DANA, ADMINS), MORNING + HOUR)


async def test_a_completed_request_is_dated_by_the_audit(world: World) -> None:
    """The approval of a completed request has the time in the audit, because the row changed at the completion."""
    world.intune.approvals["i1"] = ApprovalEvent(MORNING + HOUR, Identity("alex", "Alex", is_person=True))
    sighting = await seen(world, wipe(raw_status=COMPLETED, approver=DANA_THERE, modified_at=MORNING + 2 * HOUR))
    assert (sighting.approver, sighting.approved_at) == (eligibility(DANA, ADMINS), MORNING + HOUR)


@pytest.mark.parametrize("named", [None, APP], ids=["nobody", "an-application"])
async def test_who_approved_may_be_known_by_the_audit_only(world: World, named: Identity | None) -> None:
    """If the row names no person as approver, the audit does."""
    world.intune.approvals["i1"] = ApprovalEvent(MORNING + HOUR, DANA_THERE)
    sighting = await seen(world, wipe(raw_status=COMPLETED, approver=named))
    assert (sighting.approver, sighting.approved_at) == (eligibility(DANA, ADMINS), MORNING + HOUR)


async def test_where_nobody_says_who_approved_nobody_is_named(world: World) -> None:
    """If neither names an approver, the approver is unknown: it could be the person who asked."""
    sighting = await seen(world, wipe(raw_status=APPROVED))
    assert (sighting.approver, sighting.approved_at) == (None, MORNING)


async def test_an_approver_whom_the_directory_does_not_know_stands_nowhere(world: World) -> None:
    """An approver whom the directory does not know is in no group and not active."""
    row = wipe(raw_status=APPROVED, approver=Identity("gone", "Gone", is_person=True))
    approver = (await seen(world, row)).approver
    assert approver is not None
    assert (approver.person.known, approver.groups, approver.active) == (False, frozenset(), False)


async def test_of_history_nobody_asks_when(world: World) -> None:
    """For requests from before the bot first ran, the time of the approval is not read, which saves a call."""
    world.intune.approvals["i1"] = ApprovalEvent(MORNING, DANA_THERE)
    sighting = await seen(world, wipe(raw_status=COMPLETED, approver=DANA_THERE), history=True)
    assert sighting.approved_at is None


async def test_a_rejection_needs_no_time(world: World) -> None:
    """A rejection needs no time, because it decides at any time."""
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
    """Everything that a reviewer judges is in the digest, so that a vote is bound to it."""
    before = (await seen(world)).subject.digest()
    assert (await seen(world, replace(wipe(), **changes))).subject.digest() != before  # type: ignore[arg-type]


async def test_what_the_payload_points_to_is_in_the_digest(world: World) -> None:
    """Content that the payload refers to, such as a script's text, is in the digest; its time of change is known."""
    before = (await seen(world)).subject.digest()
    world.intune.contents["i1"] = Content(sha256="1", modified_at=MORNING)
    sighting = await seen(world)
    assert sighting.subject.digest() != before
    assert sighting.content_at == MORNING


async def test_what_moves_by_itself_is_not_in_the_digest(world: World) -> None:
    """Status, times and approver are not in the digest."""
    before = (await seen(world)).subject.digest()
    row = wipe(raw_status=APPROVED, approver=DANA_THERE, modified_at=MORNING + HOUR, expires_at=MORNING + 9 * HOUR)
    assert (await seen(world, row)).subject.digest() == before


async def test_an_order_is_reviewed_as_its_target_is_now(world: World) -> None:
    """An order is reviewed with its target as it is now; if the target is gone, the order keeps its subject."""
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
    """An unknown status is read as unknown; known ones are recognised in any spelling."""
    assert status_of(word) is status
