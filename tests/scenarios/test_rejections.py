"""A rejection takes one person and a reason, and is final here and in Intune."""

from tests.office import Office, sign_in_link, text_of, verbs_of


async def test_with_a_reason(day: Office) -> None:
    """Said under the card, told to the one who asked, carried to Intune in the rejecting person's name."""
    await day.install_for("rita")
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()

    step = await day.click("dana", "reject", card)
    assert "A rejection decides at once and is final." in text_of(step.card)
    answer = await day.click("dana", "confirm-reject", card, "The device was *found*")
    assert "Rejected here, still open in Intune" in text_of(card.card)
    assert "Rejected by Dana Diaz: The device was" in day.replies(card)[0]
    assert "Wipe PC-1: Rejected by Dana Diaz" in day.told("rita")[-1]

    assert "Intune has been told: rejected." in await day.sign_in("dana", sign_in_link(answer))
    [decision] = day.tenant.graph.decisions(filed)
    assert (decision.verdict, decision.by.upn[:4]) == ("reject", "dana")
    assert "rejected by Dana Diaz" in decision.note
    assert "still open" not in text_of(card.card)
    assert verbs_of(card.card) == ["details"]


async def test_final(day: Office) -> None:
    """Nobody turns it round afterwards, by an old card or otherwise, and it can be finished by a colleague."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    step = await day.click("sam", "approve", card)
    await day.reject("dana", card, "She found it")

    late = await day.press("sam", "confirm-approve", step.card, card)
    assert "This request is closed: rejected." in text_of(late.card)
    assert "Rejected here" in text_of(card.card)

    finished = await day.click("petra", "finish", card)
    await day.sign_in("petra", sign_in_link(finished))
    [decision] = day.tenant.graph.decisions(filed)
    assert (decision.verdict, decision.by.upn[:5]) == ("reject", "petra")


async def test_one_no_outweighs_a_yes(day: Office) -> None:
    """Also of somebody who approved before and has thought again."""
    filed = day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card = day.card("Change Advisory Board")
    await day.approve("alex", card)

    await day.look("alex", card)
    await day.click("alex", "withdraw", card)
    answer = await day.reject("alex", card, "I overlooked a line")
    await day.sign_in("alex", sign_in_link(answer))

    assert day.tenant.graph.request(filed).status == "rejected"


async def test_withdraw_a_vote(day: Office) -> None:
    """Until the quorum stands a vote is its owner's to take back; then votes are frozen."""
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card = day.card("Change Advisory Board")

    await day.approve("alex", card)
    assert "withdraw" not in verbs_of(card.card)
    await day.look("alex", card)
    taken_back = await day.click("alex", "withdraw", card)
    assert "0 of 2 approvals" in text_of(card.card)
    assert "approve" in verbs_of(taken_back.card)

    await day.approve("alex", card)
    voted = await day.look("alex", card)
    await day.approve("cora", card)
    late = await day.press("alex", "withdraw", voted, card)
    assert "votes can no longer be withdrawn" in text_of(late.card)
    assert "Approved, Intune not told yet" in text_of(card.card)
