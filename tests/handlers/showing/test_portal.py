"""Every link into Intune leads to the portal of this cloud."""

from approvals.asking import Draft
from approvals.ids import id_made
from approvals.order import Act
from cards.actions import Verb
from handlers.incoming.clicks import ShowCard
from handlers.ports.copies import PostedCard
from handlers.ports.errors import Unavailable
from handlers.ports.orders import Plan
from handlers.ports.places import InChannel
from handlers.ports.teams import CardJson
from tests.approvals.builders import ALEX, RITA
from tests.cards.reading import links
from tests.fakes.intune import wipe
from tests.handlers.clicking import click, in_chat
from tests.handlers.stage import APPROVALS, PORTAL, WINDOWS, Stage


async def test_every_card_of_a_request_leads_there(stage: Stage) -> None:
    """Every card of a request links to the portal: the common ones, the personal ones, Details and the apology."""
    request = await stage.taken_up()
    stage.intune.devices["d1"] = (("Last contact", "a minute ago"),)
    views = stage.journeys.views
    eligibility = await stage.journeys.eligibilities.to(request, ALEX.account, ALEX.name)
    cards = [
        await views.base_card(request, APPROVALS),
        await views.askers_card(request),
        await views.own_card(request, eligibility, APPROVALS),
        await stage.journeys.details.card(request, eligibility),
        await _apology(stage),
    ]

    assert [links(card) for card in cards] == [{"Open in Intune": PORTAL}] * 5


async def _apology(stage: Stage) -> CardJson:
    """Return the card that Rita sees while the directory is away."""
    (request,) = stage.store.requests.stored.values()
    await stage.store.copies.save(
        PostedCard(request.id, InChannel(APPROVALS), f"{APPROVALS};messageid=1", "1", attempt="a1")
    )
    stage.directory.troubles.refuses["eligibility"] = Unavailable("away")
    answer = await stage.journeys.clicks.click(click(RITA, Verb.REFRESH, request, **in_chat(RITA)))
    assert isinstance(answer, ShowCard)
    return answer.card


async def test_what_intune_would_not_hold_is_set_up_there(stage: Stage) -> None:
    """If Intune would not hold the operation, the answer links to where an access policy is made."""
    now = stage.clock.time
    stage.orders.plans["d1"] = Plan(wipe(id=""), WINDOWS, frozenset(), frozenset())
    draft = Draft(id_made(now, 1), RITA, Act.WIPE, "PC-1", now, target_id="d1")

    assert PORTAL in (await stage.journeys.proposing.propose(draft)).refusal
