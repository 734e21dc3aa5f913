"""A script needs two people: one of Security, and one of the Change Advisory Board."""

from simulator.teams.places import Message
from tests.office import Office, sign_in_link, text_of, verbs_of

BOARD = "Change Advisory Board"
NEW = "Set-ItemProperty HKLM:\\Tls -Name Enabled 1  # the new one\n"


async def _filed(day: Office) -> tuple[str, Message]:
    filed = day.tenant.portal.file_script("rita", "Disable-LegacyTLS", NEW, "An old printer needs it")
    await day.poll()
    return filed, day.card(BOARD)


async def test_one_person_of_each_group(day: Office) -> None:
    """One person of each group must approve. Only the deciding person is asked to sign in."""
    filed, card = await _filed(day)
    assert day.requests("Approvals") == []
    assert "0 of 2 approvals; Security-Admins and Change-Advisory-Board still open" in text_of(card.card)

    step = await day.click("alex", "approve", card)
    assert "Your approval is counted; more are needed" in text_of(step.card)
    first = await day.click("alex", "confirm-approve", card, "Tested in the lab")
    assert "You approved this." in text_of(first.card)
    assert "Sign in" not in text_of(first.card)
    assert "1 of 2 approvals; Change-Advisory-Board still open" in text_of(card.card)
    assert "Tested in the lab" in text_of(card.card)
    [waits] = day.replies(card)
    assert "One more person is needed" in waits

    deciding = await day.click("cora", "approve", card)
    assert "Your approval decides." in text_of(deciding.card)
    answer = await day.click("cora", "confirm-approve", card)
    await day.sign_in("cora", sign_in_link(answer))
    [decision] = day.tenant.graph.decisions(filed)
    assert decision.by.upn.startswith("cora@")
    assert "approved by Alex Adler, Cora Costa" in decision.note


async def test_two_of_one_group_are_not_enough(day: Office) -> None:
    """Two people of one group are not enough. A person of both groups can then fill the other group's seat."""
    filed, card = await _filed(day)

    day.tenant.world.group("Security-Admins").members.add(day.tenant.world.user("ivan").id)

    await day.approve("alex", card)
    second = await day.click("ivan", "approve", card)
    assert "more are needed" in text_of(second.card)
    await day.click("ivan", "confirm-approve", card)
    assert "1 of 2 approvals; Change-Advisory-Board still open" in text_of(card.card)

    await day.approve("both", card)
    assert "Approved, Intune not told yet" in text_of(card.card)
    assert day.tenant.graph.request(filed).status == "needsApproval"


async def test_somebody_in_both_groups(day: Office) -> None:
    """A person of both groups fills one seat; a member of either group can fill the other."""
    _, card = await _filed(day)

    await day.approve("both", card)
    assert "1 of 2 approvals" in text_of(card.card)
    assert "approve" not in verbs_of((await day.click("both", "details", card)).card)
    await day.click("both", "back", card)
    deciding = await day.click("alex", "approve", card)
    assert "Your approval decides." in text_of(deciding.card)


async def test_what_the_details_show(day: Office) -> None:
    """Details show fingerprints to everybody, but the script's text only to people who may decide about it."""
    _, card = await _filed(day)

    seen = await day.click("alex", "details", card)
    assert "# the new one" in text_of(seen.card)
    assert "→" in text_of(seen.card)
    for name in ("otto", "rita", "dana"):
        outside = await day.click(name, "details", card)
        assert "# the new one" not in text_of(outside.card)
        assert "shown to approvers only" in text_of(outside.card)
    assert "# the new one" not in text_of(card.card)

    await day.click("alex", "back", card)
    await day.approve("alex", card)
    voted = await day.click("alex", "details", card)
    assert "# the new one" in text_of(voted.card)


async def test_an_assignment_names_whom_it_reaches(day: Office) -> None:
    """The title of an assignment names its group, and Details show the group's size."""
    day.tenant.portal.assign_script("rita", "Clear-TempFolders", "All-Windows-Laptops", "Disk space")
    await day.poll()

    card = day.card(BOARD)
    assert "Assign script Clear-TempFolders to All-Windows-Laptops" in text_of(card.card)
    details = await day.click("alex", "details", card)
    assert "All-Windows-Laptops (security group, 4 members)" in text_of(details.card)


async def test_a_pin_is_never_shown(day: Office) -> None:
    """The unlock PIN of a wipe is shown on no card."""
    day.tenant.portal.file_wipe("rita", "MAC-3", "Returned", macOsUnlockCode="918273")
    await day.poll()
    card = day.card()

    seen = await day.click("dana", "details", card)
    step = await day.click("dana", "back", card)
    assert "MAC-3" in text_of(seen.card)
    assert all("918273" not in text_of(one) for one in (card.card, seen.card, step.card))


async def test_a_vote_falls_when_its_voter_leaves_the_group(day: Office) -> None:
    """At the decision every voter is checked again. If a voter has left the group, their vote is void and they are
    told."""
    filed, card = await _filed(day)
    await day.install_for("alex")
    await day.approve("alex", card)

    day.tenant.world.group("Security-Admins").members.discard(day.tenant.world.user("alex").id)
    await day.pass_time(minutes=10)
    answer = await day.approve("cora", card)

    assert "Sign in" not in text_of(answer.card)
    assert "1 of 2 approvals; Security-Admins still open" in text_of(card.card)
    assert "approve" in verbs_of(card.card)
    assert "Your vote does not count any more" in day.told("alex")[-1]
    assert day.tenant.graph.request(filed).status == "needsApproval"
