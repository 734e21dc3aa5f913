"""People whom the directory does not know, or not at the moment. Nobody gains a vote from that."""

from approvals.disagreement import Disagreement
from cards.disagreements import sentence_of
from simulator.graph.faults import Fault, Kind
from simulator.story import PIPELINE
from simulator.tenant import Tenant
from simulator.world import DOMAIN, guid
from tests.office import Office, day_with, text_of, verbs_of

UNKNOWN = "The directory does not know"


def rita_approves(tenant: Tenant) -> None:
    """Let Rita's daily account approve wipes."""
    tenant.world.group("Device-Managers").members.add(tenant.world.user("rita").id)


def forget(day: Office, name: str) -> None:
    """Delete an account."""
    del day.tenant.world.users[day.tenant.world.user(name).id]


def is_for_intune(day: Office) -> bool:
    """Return whether the card says that it can only be approved in Intune, and has no button to approve."""
    card = day.card().card
    return UNKNOWN in text_of(card) and "approve" not in verbs_of(card)


RITA = day_with(prepare=rita_approves)


@RITA
async def test_who_asked_is_deleted_before_the_bot_sees_it(day: Office) -> None:
    """If the requestor's account is deleted before the bot sees it, their other accounts are unknown, so the request
    cannot be approved here."""
    day.tenant.portal.file_wipe("ritaadmin", "PC-1", "stolen")
    forget(day, "ritaadmin")
    await day.poll()
    assert is_for_intune(day)
    for approver in ("rita", "dana"):
        assert "approve" not in verbs_of(await day.look(approver, day.card()))


@RITA
async def test_who_asked_is_deleted_afterwards(day: Office) -> None:
    """If the requestor's account is deleted later, their other account is still known as theirs."""
    filed = day.tenant.portal.file_wipe("ritaadmin", "PC-1", "stolen")
    await day.poll()
    forget(day, "ritaadmin")
    day.tenant.graph.request(filed).modified_at = day.tenant.clock.now()
    await day.poll()
    assert "own request" in text_of((await day.approve("rita", day.card())).card)
    await day.approve("dana", day.card())
    assert "Approved" in text_of(day.card().card)


@RITA
async def test_who_asked_gets_another_employee_id(day: Office) -> None:
    """If the requestor's employee id changes later, their other account is still known as theirs."""
    filed = day.tenant.portal.file_wipe("ritaadmin", "PC-1", "stolen")
    await day.poll()
    day.tenant.world.user("ritaadmin").employee_id = "E-new"
    day.tenant.graph.request(filed).modified_at = day.tenant.clock.now()
    await day.poll()
    assert "own request" in text_of((await day.approve("rita", day.card())).card)


@RITA
async def test_who_asked_is_not_found_for_a_moment(day: Office) -> None:
    """A requestor who is not found for a moment does not count as unknown."""
    day.tenant.portal.file_wipe("ritaadmin", "PC-1", "stolen")
    admin = day.tenant.world.user("ritaadmin").id
    day.tenant.graph.faults.append(Fault(Kind.MISSING, f"/users/{admin}$", times=9))
    await day.poll()
    assert UNKNOWN not in text_of(day.card().card)
    assert "own request" in text_of((await day.approve("rita", day.card())).card)


@RITA
async def test_who_asked_is_known_later(day: Office) -> None:
    """When an unknown requestor is found, everybody else may vote."""
    day.tenant.portal.file_wipe("ritaadmin", "PC-1", "stolen")
    admin = day.tenant.world.user("ritaadmin")
    forget(day, "ritaadmin")
    await day.poll()
    assert is_for_intune(day)
    day.tenant.world.users[admin.id] = admin
    await day.poll()
    assert "own request" in text_of((await day.approve("rita", day.card())).card)
    await day.approve("dana", day.card())
    assert not is_for_intune(day)
    assert "Approved" in text_of(day.card().card)


@day_with(asking=True)
async def test_who_approved_in_the_portal_is_not_known(day: Office) -> None:
    """If the person who approved in the portal is unknown, nothing is completed until they are known: they could be the
    initiator."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    await day.approve("dana", day.card())
    await day.pass_time(seconds=15)
    [filed] = day.tenant.graph.requests()
    sam = day.tenant.world.user("sam")
    day.tenant.portal.approve("sam", filed.id, "fine")
    forget(day, "sam")
    await day.pass_time(minutes=1)
    await day.poll()
    assert sentence_of(Disagreement.APPROVED_BY_NOBODY_KNOWN) in text_of(day.card().card)
    assert day.tenant.world.device("PC-1")["deviceActionResults"] == []

    day.tenant.world.users[sam.id] = sam
    await day.pass_time(minutes=2)
    assert day.tenant.graph.request(filed.id).status == "completed"


OWNED = day_with(applicationOwners={guid("application", PIPELINE): [f"dana@{DOMAIN}", f"petra@{DOMAIN}"]})


@OWNED
async def test_an_owner_of_an_application_is_not_known(day: Office) -> None:
    """If an owner of an application is unknown, the request cannot be approved here, and the owner cannot vote later
    either."""
    dana = day.tenant.world.user("dana")
    forget(day, "dana")
    day.tenant.portal.file_wipe(PIPELINE, "PC-1", "Nightly clean-up")
    await day.poll()
    assert is_for_intune(day)
    day.tenant.world.users[dana.id] = dana
    assert "approve" not in verbs_of(await day.look("dana", day.card()))


@OWNED
async def test_an_owner_of_an_application_is_deleted_afterwards(day: Office) -> None:
    """If an owner of an application is deleted later, what was known of them still counts."""
    filed = day.tenant.portal.file_wipe(PIPELINE, "PC-1", "Nightly clean-up")
    await day.poll()
    forget(day, "petra")
    day.tenant.graph.request(filed).modified_at = day.tenant.clock.now()
    await day.poll()
    assert "own request" in text_of((await day.approve("dana", day.card())).card)
    await day.approve("sam", day.card())
    assert "Approved" in text_of(day.card().card)
