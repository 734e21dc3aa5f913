"""Nobody decides their own request, with any of their accounts."""

import pytest

from simulator.graph.faults import Fault, Kind
from simulator.story import PIPELINE
from simulator.world import DOMAIN, guid
from tests.office import Office, day_with, sign_in_link, text_of, verbs_of

APP_ID = guid("application", PIPELINE)
OWN = "This is your own request; somebody else has to decide it."


@pytest.mark.parametrize(("asks", "acts"), [("rita", "ritaadmin"), ("ritaadmin", "rita"), ("ritaadmin", "ritaadmin")])
async def test_one_person_with_two_accounts(day: Office, asks: str, acts: str) -> None:
    """Two accounts with one employee id are one person, who can neither approve nor reject their own request."""
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
    """Accounts that the configuration links are one person, even without a common employee id."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()

    assert OWN in text_of((await day.click("sam", "approve", card)).card)
    step = await day.click("ritaadmin", "approve", card)
    assert "Your approval decides." in text_of(step.card)


async def test_two_accounts_are_one_vote(day: Office) -> None:
    """A vote from a person's second account replaces their vote and adds none."""
    world = day.tenant.world
    world.group("Change-Advisory-Board").members.add(world.user("ritaadmin").id)
    world.group("Security-Admins").members.add(world.user("rita").id)
    day.tenant.portal.file_script("dana", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card = day.card("Change Advisory Board")

    await day.approve("rita", card)
    assert "1 of 2 approvals; Change-Advisory-Board still open" in text_of(card.card)
    await day.approve("ritaadmin", card)
    assert "1 of 2 approvals" in text_of(card.card)


async def test_the_own_approval_in_the_portal_counts_for_nothing(day: Office) -> None:
    """If the requestor approves in the portal with a second account, Intune accepts it, but it counts for nothing here
    and raises an alarm."""
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
    """If an application files a request, nobody can be excluded by name, so one more person is needed."""
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
    """The owners of an application cannot vote on what it files; then one other person is enough."""
    filed = day.tenant.portal.file_wipe(PIPELINE, "PC-1", "Nightly clean-up")
    await day.poll()
    card = day.card()

    assert "0 of 1 approval" in text_of(card.card)
    assert OWN in text_of((await day.click("dana", "approve", card)).card)
    answer = await day.approve("sam", card)
    await day.sign_in("sam", sign_in_link(answer))
    assert day.tenant.graph.request(filed).status == "approved"


async def test_who_else_may_not(day: Office) -> None:
    """Guests, disabled accounts, outsiders and members of a nested group cannot vote, and each of them reads why."""
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
    """Nested members can vote if the configuration counts them. If Intune does not count them, the person reads so, and
    somebody else finishes."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()

    answer = await day.approve("nina", card)
    assert "direct member" in await day.sign_in("nina", sign_in_link(answer))
    finished = await day.click("sam", "finish", card)
    assert "Intune has been told" in await day.sign_in("sam", sign_in_link(finished))
    assert day.tenant.graph.request(filed).status == "approved"


async def test_nobody_left_to_ask(day: Office) -> None:
    """An empty group does not mean "anyone". The card says that too few people could approve."""
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
    """If the requestor is the only approver, the card says that too few people could approve."""
    world = day.tenant.world
    world.group("Security-Team").members.clear()
    world.group("Device-Managers").members = {world.user("ritaadmin").id}
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()

    assert "do not hold enough people who could approve this" in text_of(day.card().card)


async def test_a_directory_that_does_not_answer(day: Office) -> None:
    """If the directory does not answer, nobody counts as an approver. Nothing changes, and the card says to try
    again."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    day.tenant.graph.faults.append(Fault(Kind.UNAVAILABLE, "checkMember|memberOf|/users/", times=99))

    answer = await day.click("dana", "approve", card)
    assert "confirm-approve" not in verbs_of(answer.card)
    assert "try again in a minute" in text_of(answer.card)
    day.tenant.graph.faults.clear()
    assert "Your approval decides" in text_of((await day.click("dana", "approve", card)).card)
