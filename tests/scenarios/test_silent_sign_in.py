"""In a group chat Teams fetches the person's token by itself, so one click is enough to tell Intune."""

from approvals.audit import Kind as Recorded
from simulator.graph.faults import Fault, Kind
from simulator.story import SIGN_IN
from simulator.teams.buttons import titles
from simulator.teams.places import Message
from tests.office import Office, day_with, sign_in_link, text_of

CHAT = ("dana", "sam", "rita", "otto", "noa")


async def _filed(day: Office) -> tuple[str, Message]:
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    return filed, day.card()


@day_with(group_chat=CHAT)
async def test_approve_and_done(day: Office) -> None:
    """The deciding approval is sent again with a token, and counts once."""
    filed, card = await _filed(day)

    answer = await day.approve("dana", card)

    assert "Intune has been told: approved." in text_of(answer.card)
    [decision] = day.tenant.graph.decisions(filed)
    assert decision.by.upn.startswith("dana@")
    assert text_of(card.card).count("Dana Diaz approved") == 1
    assert "Approved, not completed yet" in text_of(card.card)


@day_with(group_chat=CHAT)
async def test_reject_and_done(day: Office) -> None:
    """A rejection is carried with a token in the same way."""
    filed, card = await _filed(day)

    await day.reject("dana", card, "She found it")

    [decision] = day.tenant.graph.decisions(filed)
    assert (decision.verdict, decision.by.upn[:4]) == ("reject", "dana")
    assert "She found it" in decision.note


@day_with(group_chat=CHAT)
async def test_the_app_is_not_installed_for_the_voter(day: Office) -> None:
    """If the voter has not installed the app, Teams cannot sign them in silently, and shows the button of the sign-in
    page instead."""
    filed, card = await _filed(day)

    answer = await day.approve("noa", card)
    assert answer.error == "Please sign in"
    assert "Intune has been told" in await day.sign_in("noa", answer.sign_in_url)
    assert day.tenant.graph.request(filed).status == "approved"


@day_with(group_chat=CHAT)
async def test_nobody_has_consented(day: Office) -> None:
    """If nobody has consented, the card and the thread say so. After the consent an approver can finish."""
    filed, card = await _filed(day)
    application = day.tenant.world.application(SIGN_IN)
    application.consented = False

    answer = await day.approve("dana", card)
    assert "Nobody has consented yet" in text_of(answer.card)
    assert "Nobody has consented yet" in text_of(card.card)
    assert "Nobody has consented yet" in day.replies(card)[-1]
    assert day.tenant.graph.decisions(filed) == []
    [entry] = await day.audit(Recorded.SIGN_IN_FAILED)
    assert (entry.name, entry.identified) == ("Dana Diaz", "channel")
    assert await day.audit(Recorded.INTUNE_ANSWERED) == []

    application.consented = True
    answer = await day.click("sam", "finish", card)
    assert "Intune has been told" in text_of(answer.card)


@day_with(group_chat=CHAT)
async def test_entra_wants_a_second_factor(day: Office) -> None:
    """If Entra wants more proof, the person's own card leads to the sign-in page, because a silent sign-in cannot ask
    for it."""
    filed, card = await _filed(day)
    day.tenant.entra.faults.second_factor.add(day.tenant.world.user("dana").id)

    answer = await day.approve("dana", card)
    assert "Entra wants more proof that it is you" in text_of(answer.card)
    assert "Intune has been told" in await day.sign_in("dana", sign_in_link(answer))
    assert day.tenant.graph.request(filed).status == "approved"


@day_with(group_chat=CHAT)
async def test_conditional_access_blocks(day: Office) -> None:
    """If Conditional Access blocks the sign-in, there is no sign-in button, because it would not help. A colleague can
    finish."""
    filed, card = await _filed(day)
    day.tenant.entra.faults.blocked.add(day.tenant.world.user("dana").id)

    answer = await day.approve("dana", card)
    assert "Conditional Access does not let you sign in from here" in text_of(answer.card)
    assert "Sign in" not in titles(answer.card)
    await day.click("sam", "finish", card)
    assert day.tenant.graph.request(filed).status == "approved"


@day_with(group_chat=CHAT)
async def test_a_token_of_somebody_else(day: Office) -> None:
    """A token of another person than the one who clicked is refused."""
    filed, card = await _filed(day)
    world = day.tenant.world
    day.tenant.entra.faults.mistaken[world.user("dana").id] = world.user("sam").id

    answer = await day.approve("dana", card)

    assert "another account" in text_of(answer.card)
    assert day.tenant.graph.decisions(filed) == []
    day.tenant.entra.faults.mistaken.clear()
    await day.click("dana", "finish", card)
    assert [one.by.upn[:4] for one in day.tenant.graph.decisions(filed)] == ["dana"]


@day_with(group_chat=CHAT)
async def test_intune_is_too_busy(day: Office) -> None:
    """If Intune is too busy, the bot does not repeat the call blindly: the card says so, and Finish sends it."""
    filed, card = await _filed(day)
    day.tenant.graph.faults.append(Fault(Kind.THROTTLED, "/approve$"))

    answer = await day.approve("dana", card)
    assert "too busy" in text_of(answer.card)
    await day.click("dana", "finish", card)
    assert len(day.tenant.graph.decisions(filed)) == 1


@day_with(group_chat=CHAT)
async def test_entra_is_away(day: Office) -> None:
    """If Entra is away, the vote stands, and Finish goes on when Entra is back."""
    filed, card = await _filed(day)
    day.tenant.entra.faults.outages = 5

    answer = await day.approve("dana", card)
    assert "Microsoft Entra does not answer" in text_of(answer.card)
    assert "Dana Diaz approved" in text_of(answer.card)
    assert "Microsoft Entra does not answer" in text_of(card.card)

    day.tenant.entra.faults.outages = 0
    await day.click("dana", "finish", card)
    assert day.tenant.graph.request(filed).status == "approved"
