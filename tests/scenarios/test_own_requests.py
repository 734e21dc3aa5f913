"""Nobody decides about what they asked for themselves, whichever of their accounts they use."""

import pytest

from simulator.graph.faults import Fault, Kind
from simulator.story import PIPELINE
from simulator.world import DOMAIN, guid
from tests.office import Office, day_with, sign_in_link, text_of, verbs_of

APP_ID = guid("application", PIPELINE)
OWN = "This is your own request; somebody else has to decide it."


@pytest.mark.parametrize(("asks", "acts"), [("rita", "ritaadmin"), ("ritaadmin", "rita"), ("ritaadmin", "ritaadmin")])
async def test_one_person_with_two_accounts(day: Office, asks: str, acts: str) -> None:
    """The daily and the admin account have one employee id: they are one human, who can neither approve nor reject."""
    filed = day.tenant.portal.file_wipe(asks, "PC-1", "Stolen")
    await day.poll()
    card = day.card()

    assert OWN in text_of((await day.click(acts, "approve", card)).card)
    assert verbs_of(day.client(acts).card(card)) == ["details"]
    card.personal.clear()
    assert OWN in text_of((await day.click(acts, "reject", card)).card)

    second = await day.click("dana", "approve", card)
    forged = await day.press(acts, "confirm-approve", second.card, card)
    assert OWN in text_of(forged.card)
    assert day.tenant.graph.request(filed).status == "needsApproval"
    assert "0 of 1 approval" in text_of(card.card)


@day_with(identities=[["rita@" + DOMAIN, "sam@" + DOMAIN]])
async def test_accounts_that_the_configuration_links(day: Office) -> None:
    """Where employee ids do not say it, a list does; everybody else is who they are."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()

    assert OWN in text_of((await day.click("sam", "approve", card)).card)
    step = await day.click("ritaadmin", "approve", card)
    assert "Your approval decides." in text_of(step.card)


async def test_the_own_approval_in_the_portal_counts_for_nothing(day: Office) -> None:
    """Intune compares accounts, not people: it takes the admin account's approval, and the bot alarms."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()

    day.tenant.portal.approve("ritaadmin", filed)
    await day.poll()

    [alarm] = day.alarms()
    assert "the quorum here is not reached" in alarm
    assert "0 of 1 approval" in text_of(card.card)
    answer = await day.click("dana", "cancel-approval", card)
    await day.sign_in("dana", sign_in_link(answer))
    assert day.tenant.graph.request(filed).status == "cancelled"


async def test_an_application_asks(day: Office) -> None:
    """Nobody can be excluded by name, so one person more is needed."""
    filed = day.tenant.portal.file_wipe(PIPELINE, "PC-1", "Nightly clean-up")
    await day.poll()
    card = day.card()
    assert "the application Deployment-Pipeline" in text_of(card.card)
    assert "0 of 2 approvals" in text_of(card.card)

    await day.approve("dana", card)
    assert "1 of 2 approvals" in text_of(card.card)
    answer = await day.approve("sam", card)
    await day.sign_in("sam", sign_in_link(answer))
    assert day.tenant.graph.request(filed).status == "approved"
    assert "must send it again" in text_of(card.card)


@day_with(applicationOwners={APP_ID: [f"dana@{DOMAIN}"]})
async def test_an_application_with_owners_asks(day: Office) -> None:
    """Its owners are behind what it asks for and never count; then one other person is enough."""
    filed = day.tenant.portal.file_wipe(PIPELINE, "PC-1", "Nightly clean-up")
    await day.poll()
    card = day.card()

    assert "0 of 1 approval" in text_of(card.card)
    assert OWN in text_of((await day.click("dana", "approve", card)).card)
    answer = await day.approve("sam", card)
    await day.sign_in("sam", sign_in_link(answer))
    assert day.tenant.graph.request(filed).status == "approved"


async def test_who_else_may_not(day: Office) -> None:
    """Guests, disabled accounts, outsiders, and members of a nested group: each hears why."""
    world = day.tenant.world
    world.group("Device-Managers").members.add(world.user("gus").id)
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()

    heard = {name: text_of((await day.click(name, "approve", card)).card) for name in ("gus", "dora", "otto", "nina")}
    assert "disabled or a guest" in heard["gus"]
    assert "disabled or a guest" in heard["dora"]
    assert "Only members of Device-Managers or Security-Team" in heard["otto"]
    assert "Only members of Device-Managers or Security-Team" in heard["nina"]


@day_with(membership="transitive")
async def test_nested_members_where_the_configuration_counts_them(day: Office) -> None:
    """Whether Intune does the same is seen when the decision is carried; it says so, and somebody else finishes."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()

    answer = await day.approve("nina", card)
    assert "direct member" in await day.sign_in("nina", sign_in_link(answer))
    finished = await day.click("sam", "finish", card)
    assert "Intune has been told" in await day.sign_in("sam", sign_in_link(finished))
    assert day.tenant.graph.request(filed).status == "approved"


async def test_nobody_left_to_ask(day: Office) -> None:
    """An empty group is never "anyone": the card says why nobody can approve, and what to do."""
    world = day.tenant.world
    world.group("Change-Advisory-Board").members.clear()
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card = day.card("Change Advisory Board")
    assert "do not hold enough people who could approve this" in text_of(card.card)
    assert "Only members of" in text_of((await day.click("cora", "approve", card)).card)

    world.group("Change-Advisory-Board").members.add(world.user("cora").id)
    await day.pass_time(minutes=6)
    await day.approve("alex", card)
    assert "1 of 2 approvals" in text_of(card.card)
    assert "do not hold enough people" not in text_of(card.card)


async def test_the_only_approver_asks(day: Office) -> None:
    """Four eyes need a second pair: whoever filed it is not one of them, under any account."""
    world = day.tenant.world
    world.group("Security-Team").members.clear()
    world.group("Device-Managers").members = {world.user("ritaadmin").id}
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()

    assert "do not hold enough people who could approve this" in text_of(day.card().card)


async def test_a_directory_that_does_not_answer(day: Office) -> None:
    """Nobody is believed to be an approver: nothing changes, and the card says what to do."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    day.tenant.graph.faults.append(Fault(Kind.UNAVAILABLE, "checkMember|memberOf|/users/", times=99))

    answer = await day.click("dana", "approve", card)
    assert "confirm-approve" not in verbs_of(answer.card)
    assert "try again in a minute" in text_of(answer.card)
    day.tenant.graph.faults.clear()
    assert "Your approval decides" in text_of((await day.click("dana", "approve", card)).card)
