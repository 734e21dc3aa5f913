"""A rejection needs one person and a reason, and is final here and in Intune."""

from tests.office import Office, day_with, sign_in_link, text_of, verbs_of


async def test_with_a_reason(day: Office) -> None:
    """A rejection is told in the thread and to the requestor, and is carried to Intune in the rejecting person's
    name."""
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


async def test_without_a_reason(day: Office) -> None:
    """A rejection without a reason is refused by the bot, even if the client lets it through."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    await day.click("dana", "reject", card)

    for note in ("", "   "):
        answer = await day.client("dana").click(card, "confirm-reject", {"note": note}, force=True)
        assert "Please say why you reject this." in text_of(answer.card)
        card.personal.clear()
        await day.click("dana", "reject", card)
    assert day.tenant.graph.request(filed).status == "needsApproval"
    assert "0 of 1 approval" in text_of(card.card)


async def test_final(day: Office) -> None:
    """Nobody can change a rejection afterwards, not even from an old card. A colleague can finish it."""
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


async def test_a_person_who_withdrew_an_approval_rejects(day: Office) -> None:
    """A person who withdrew their approval can reject, and this one rejection decides."""
    filed = day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card = day.card("Change Advisory Board")
    await day.approve("alex", card)

    await day.look("alex", card)
    await day.click("alex", "withdraw", card)
    answer = await day.reject("alex", card, "I overlooked a line")
    await day.sign_in("alex", sign_in_link(answer))

    assert day.tenant.graph.request(filed).status == "rejected"


@day_with(installed=("Approvals", "Operations"))
async def test_the_one_who_asked_has_not_installed_the_app(day: Office) -> None:
    """A requestor without the app is told by a mention under the card."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()

    await day.reject("dana", card, "She found it")

    [mention] = [reply for reply in day.replies(card) if "<at>Rita Rossi</at>" in reply]
    assert "Wipe PC-1: Rejected by Dana Diaz" in mention


async def test_the_admin_account_asked(day: Office) -> None:
    """If an admin account filed the request, its person is told in the chat of their daily account."""
    await day.install_for("rita")
    world = day.tenant.world
    world.user("ritaadmin").has_bot = False
    day.tenant.portal.file_wipe("ritaadmin", "PC-1", "Stolen")
    await day.poll()

    await day.reject("dana", day.card(), "She found it")

    assert "Rejected by Dana Diaz" in day.told("rita")[-1]
    assert day.told("ritaadmin") == []


async def test_withdraw_a_vote(day: Office) -> None:
    """A vote can be withdrawn by its owner until the quorum is reached."""
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


async def test_withdraw_what_one_has_not_said(day: Office) -> None:
    """A made-up click that withdraws a vote the person never gave changes nothing."""
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card = day.card("Change Advisory Board")
    await day.approve("alex", card)
    voted = await day.look("alex", card)

    made_up = await day.press("cora", "withdraw", voted, card)

    assert "You have no vote on this request." in text_of(made_up.card)
    assert "1 of 2 approvals" in text_of(card.card)
