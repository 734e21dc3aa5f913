"""In a channel Teams signs nobody in silently, so a page does. Whatever fails on the way, the decision stands."""

import pytest
from yarl import URL

from approvals.audit import Kind as Recorded
from simulator.graph.faults import Fault, Kind
from simulator.story import SIGN_IN
from simulator.teams.places import Message
from tests.office import Office, next_link, sign_in_link, text_of, verbs_of
from tests.scenarios.test_break_glass_page import writes


async def _approved(day: Office) -> tuple[str, Message, str]:
    """File a wipe and approve it as Dana. Return its Intune id, its card, and the address where she signs in."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    return filed, card, sign_in_link(await day.approve("dana", card))


async def _finish(day: Office, name: str, card: Message) -> str:
    return await day.sign_in(name, sign_in_link(await day.click(name, "finish", card)))


async def test_somebody_who_never_signs_in(day: Office) -> None:
    """If the person does not sign in, the thread asks after two minutes for an approver to finish. That approver's
    click is also a vote."""
    filed, card, _ = await _approved(day)
    assert "Dana Diaz has to sign in" in text_of(card.card)

    await day.pass_time(minutes=2)
    assert "Dana Diaz has not signed in yet. Any approver can finish it." in text_of(card.card)
    assert "An approver can press Finish on the card." in day.replies(card)[-1]

    assert "Intune has been told" in await _finish(day, "sam", card)
    [decision] = day.tenant.graph.decisions(filed)
    assert decision.by.upn.startswith("sam@")
    assert "by Dana Diaz, Sam Schmidt" in decision.note
    assert "Sam Schmidt approved" in text_of(card.card)


async def test_who_may_not_finish(day: Office) -> None:
    """Finishing is voting: neither the requestor nor a bystander can do it, with any account."""
    filed, card, _ = await _approved(day)

    assert "your own request" in await _finish(day, "rita", card)
    assert "your own request" in await _finish(day, "ritaadmin", card)
    assert "Only members of" in await _finish(day, "otto", card)
    assert day.tenant.graph.request(filed).status == "needsApproval"


async def test_another_person_on_the_page(day: Office) -> None:
    """A sign-in link works only for the person who clicked. With the right account it still works afterwards."""
    filed, _, url = await _approved(day)

    page = await day.sign_in("sam", url)
    assert "This is another account" in page
    assert day.tenant.graph.decisions(filed) == []

    assert "Intune has been told" in await day.sign_in("dana", next_link(page, day))
    assert "used up" in await day.sign_in("dana", next_link(page, day))


async def test_a_second_factor(day: Office) -> None:
    """If Entra wants more proof, the page passes that on to Entra's sign-in, and then goes on."""
    filed, card, url = await _approved(day)
    day.tenant.entra.faults.second_factor.add(day.tenant.world.user("dana").id)

    page = await day.sign_in("dana", url)
    assert "wants more proof" in page
    assert day.replies(card) == []
    assert "Intune has been told" in await day.sign_in("dana", next_link(page, day))
    assert day.tenant.graph.request(filed).status == "approved"


@pytest.mark.parametrize("trouble", ["consent", "blocked"])
async def test_entra_says_no(day: Office, trouble: str) -> None:
    """If Entra refuses the sign-in, nothing is carried and the card says why. Later any approver can finish."""
    filed, card, url = await _approved(day)
    application, dana = day.tenant.world.application(SIGN_IN), day.tenant.world.user("dana")
    application.consented = trouble != "consent"
    day.tenant.entra.faults.blocked = {dana.id} if trouble == "blocked" else set()

    page = await day.sign_in("dana", url)
    expected = {"consent": "has not consented yet", "blocked": "blocked by Conditional Access"}
    assert expected[trouble] in page
    await day.pass_time(minutes=2)
    # After a block Entra shows its own last page, and the browser does not come back to us.
    on_card = {"consent": "Nobody has consented yet", "blocked": "has not signed in yet"}
    assert on_card[trouble] in text_of(card.card)

    application.consented = True
    assert "Intune has been told" in await _finish(day, "sam", card)
    assert day.tenant.graph.request(filed).status == "approved"


async def _come_back(day: Office, url: str, query: str) -> str:
    """Open a link, and come back from Entra with an invented answer. Return the text of the page."""
    async with day.tenant.session.get(url, allow_redirects=False) as begun:
        state, cookies = URL(begun.headers["Location"]).query["state"], begun.cookies
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
    back = f"{day.urls[0]}/signin/callback?{query}&state={state}"
    async with day.tenant.session.get(back, headers={"Cookie": cookie}) as page:
        text = await page.text()
    await day.work()
    return text


@pytest.mark.parametrize("query", ["error=consent_required", "error=access_denied", "code=invented"])
async def test_whoever_has_the_link_comes_back_again_and_again(day: Office, query: str) -> None:
    """Invented answers to one link are recorded once, as identified by nobody, and the thread is told once."""
    filed, card, url = await _approved(day)
    before = await day.audit()

    await _come_back(day, url, query)
    written = await writes(day)
    for _ in range(21):
        assert "Nothing was done" in (page := await _come_back(day, url, query)) or "consented" in page
    assert await writes(day) == written
    [entry] = (await day.audit())[len(before) :]

    assert (entry.kind, entry.name, entry.identified) == (Recorded.SIGN_IN_FAILED, "Dana Diaz", "nobody")
    assert len(day.replies(card)) == 1
    assert "Intune has been told" in await day.sign_in("dana", url)
    assert day.tenant.graph.request(filed).status == "approved"


async def test_another_link_that_fails(day: Office) -> None:
    """A second link that fails is recorded as well. The thread is not told again, because it knows that any approver
    can finish."""
    _, card, url = await _approved(day)
    await _come_back(day, url, "error=access_denied")
    told = day.replies(card)

    await _come_back(day, sign_in_link(await day.click("dana", "finish", card)), "error=access_denied")
    await _come_back(day, sign_in_link(await day.click("sam", "finish", card)), "error=access_denied")

    dana, again, sam = await day.audit(Recorded.SIGN_IN_FAILED)
    assert dana.who == again.who != sam.who
    assert day.replies(card) == told


async def test_not_an_approver_in_intune(day: Office) -> None:
    """If Intune does not count the person as an approver, the sentence says what to check, and another approver can
    finish."""
    filed, card, url = await _approved(day)
    day.tenant.world.group("Device-Managers").on_role_assignment = False

    assert "that group needs an Intune role" in await day.sign_in("dana", url)
    assert "that group needs an Intune role" in text_of(card.card)
    assert any("press Finish" in reply for reply in day.replies(card))

    assert "Intune has been told" in await _finish(day, "sam", card)
    assert day.tenant.graph.request(filed).status == "approved"
    assert "Approved, not completed yet" in text_of(card.card)


async def test_intune_wants_a_newer_sign_in(day: Office) -> None:
    """If Intune wants a newer sign-in, nothing is decided there; the next sign-in gives the proof."""
    filed, card, url = await _approved(day)
    day.tenant.graph.faults.append(Fault(Kind.CHALLENGED, "/approve$"))

    assert "more proof" in await day.sign_in("dana", url)
    assert "more proof" in text_of(card.card)
    assert "Intune has been told" in await _finish(day, "dana", card)
    assert len(day.tenant.graph.decisions(filed)) == 1


async def test_intune_hides_the_request(day: Office) -> None:
    """While Intune does not show the request, nothing is carried. When it is shown again, an approver can finish."""
    filed, card, url = await _approved(day)
    day.tenant.graph.knobs.hidden_from_apps.add(filed)

    assert "Intune does not show this request at the moment" in await day.sign_in("dana", url)
    await day.pass_time(minutes=3)
    day.tenant.graph.knobs.hidden_from_apps.clear()
    assert "Intune has been told" in await _finish(day, "sam", card)


async def test_a_lost_answer(day: Office) -> None:
    """If Intune's answer is lost, the decision is not sent again. The card follows when the bot sees the result."""
    filed, card, url = await _approved(day)
    day.tenant.graph.faults.append(Fault(Kind.LOST_ANSWER, "/approve$"))

    assert "It may have taken the decision all the same" in await day.sign_in("dana", url)
    await day.pass_time(seconds=6)

    assert "Approved, not completed yet" in text_of(card.card)
    assert "finish" not in verbs_of(card.card)
    assert "used up" in await day.sign_in("dana", url)
    assert len(day.tenant.graph.decisions(filed)) == 1


async def test_a_lost_answer_and_an_impatient_colleague(day: Office) -> None:
    """Finish looks in Intune first, and does not send a decision that Intune already has."""
    filed, card, url = await _approved(day)
    day.tenant.graph.faults.append(Fault(Kind.LOST_ANSWER, "/approve$"))
    await day.sign_in("dana", url)

    assert "nothing left to tell Intune" in await _finish(day, "sam", card)
    assert [decision.by.upn[:4] for decision in day.tenant.graph.decisions(filed)] == ["dana"]
    assert "Approved, not completed yet" in text_of(card.card)


async def test_a_call_that_never_arrived(day: Office) -> None:
    """If the call never arrived, nobody can know that: the card says that Intune did not answer, and Finish sends
    it."""
    filed, card, url = await _approved(day)
    day.tenant.graph.faults.append(Fault(Kind.LOST_REQUEST, "/approve$"))
    await day.sign_in("dana", url)
    await day.pass_time(seconds=6)
    assert "did not answer" in text_of(card.card)

    assert "Intune has been told" in await _finish(day, "dana", card)
    assert len(day.tenant.graph.decisions(filed)) == 1


@pytest.mark.parametrize(
    "word",
    [
        "Approved, not completed yet",
        "Approved, but rejected in Intune",
        "Approved, but cancelled in Intune",
        "Approved, but expired in Intune",
    ],
)
async def test_decided_in_intune_meanwhile(day: Office, word: str) -> None:
    """The request is read right before the call. If it was decided in Intune meanwhile, the card shows that, and
    nothing is sent."""
    filed, card, url = await _approved(day)
    portal = day.tenant.portal
    ends = {
        "Approved, not completed yet": lambda: portal.approve("sam", filed),
        "Approved, but rejected in Intune": lambda: portal.reject("sam", filed),
        "Approved, but cancelled in Intune": lambda: portal.cancel("rita", filed),
        "Approved, but expired in Intune": lambda: day.tenant.clock.advance(day.tenant.graph.knobs.expiry),
    }
    ends[word]()

    page = await day.sign_in("dana", url)

    assert "Intune has been told" not in page
    assert word in text_of(card.card)
    assert "finish" not in verbs_of(card.card)
    if " but " in word:
        ending = word.removeprefix("Approved, but ").capitalize().replace("intune", "Intune")
        assert f"{ending}. Approved here, but Intune has ended the request" in day.replies(card)[-1]


async def test_nobody_presses_complete(day: Office) -> None:
    """If nobody presses Complete and Intune ends the request, the thread hears that nothing has happened."""
    filed, card, url = await _approved(day)
    await day.sign_in("dana", url)
    assert day.tenant.graph.request(filed).status == "approved"

    await day.pass_time(days=3, seconds=1)
    await day.poll()

    assert "Approved, but expired in Intune" in text_of(card.card)
    assert "Expired in Intune. Approved here, but Intune has ended the request without running it." in day.replies(card)
    assert verbs_of(card.card) == ["details"]
