"""Details: everything that is reviewed, read now; the text of a script only for people who may decide."""

import pytest

from approvals.people import Person
from approvals.request import Request
from cards.actions import Verb
from handlers.ports.errors import NotFound
from handlers.ports.intune import Content
from tests.approvals.builders import ALEX, CORA, RITA
from tests.handlers.clicking import verbs, words
from tests.handlers.stage import OTTO, Stage, script


async def details(stage: Stage, who: Person, request: Request) -> str:
    """Return all words of the Details that this person sees."""
    eligibility = await stage.journeys.eligibilities.to(request, who.account, who.name)
    return words(await stage.journeys.details.card(request, eligibility))


@pytest.mark.parametrize(
    ("who", "reads"),
    [(ALEX, True), (CORA, True), (RITA, False), (OTTO, False)],
    ids=["admin", "board", "requestor", "nobody"],
)
async def test_only_those_who_may_decide_read_the_script(stage: Stage, who: Person, reads: bool) -> None:
    """Only people who may decide read the script."""
    stage.intune.contents["i2"] = Content(sha256="1", script="Remove-Item important")
    request = await stage.taken_up(script())

    assert ("Remove-Item important" in await details(stage, who, request)) is reads


async def test_a_device_s_facts_are_read_now(stage: Stage) -> None:
    """The facts of a device are read at this moment."""
    request = await stage.taken_up()
    stage.intune.devices["d1"] = (("Last contact", "a minute ago"),)

    assert "a minute ago" in await details(stage, ALEX, request)


async def test_an_order_that_is_not_filed_is_read_by_its_target(stage: Stage) -> None:
    """The Details of an order that is not filed are read from its target."""
    request = await stage.asked()
    stage.intune.devices["d1"] = (("Last contact", "a minute ago"),)

    assert "a minute ago" in await details(stage, ALEX, request)


async def test_what_is_gone_has_no_details(stage: Stage) -> None:
    """If Intune does not show the request, the error is raised."""
    request = await stage.taken_up()
    stage.intune.rows.clear()

    with pytest.raises(NotFound):
        await details(stage, ALEX, request)


async def test_glass_is_offered_to_nobody_where_there_is_none(stage: Stage) -> None:
    """Break-glass is not offered if the policy has no emergency path."""
    stage.intune.devices["d1"] = ()
    request = await stage.taken_up()
    eligibility = await stage.journeys.eligibilities.to(request, "alex", "Alex")

    assert Verb.GLASS not in verbs(await stage.journeys.details.card(request, eligibility))
