"""All clicks: a person who may not read a request learns nothing of it, and no click is lost or counted twice."""

from typing import Any

import pytest

from approvals.audit import Kind
from approvals.effects import RefreshCards
from approvals.people import Person
from approvals.request import Decision, Request
from cards.actions import Verb
from handlers.click import NO_ANSWER
from handlers.gathering.readers import UNKNOWN_REQUEST
from handlers.incoming.clicks import Answer, Say
from handlers.ports.copies import PostedCard
from handlers.ports.errors import Unavailable
from handlers.ports.places import InChannel
from tests.approvals.builders import ALEX, CORA, RITA, person
from tests.approvals.builders import request as unknown_request
from tests.handlers.clicking import click, in_chat, signed_in, verbs, words
from tests.handlers.stage import APPROVALS, OTTO, Stage

HERE = f"{APPROVALS};messageid=1"


async def press(stage: Stage, who: Person, verb: Verb, request: Request, **changes: Any) -> Answer:
    """Press a button as this person, in the 1:1 chat unless the test says otherwise."""
    return await stage.journeys.clicks.click(click(who, verb, request, **(in_chat(who) | changes)))


async def test_a_vote_takes_two_clicks(stage: Stage) -> None:
    """A vote takes two clicks: the first stores nothing, the second decides and is carried to Intune."""
    request = await stage.taken_up()

    first = await press(stage, ALEX, Verb.APPROVE, request)
    assert Verb.CONFIRM_APPROVE in verbs(first)
    assert stage.now_of(request) == request
    second = await press(stage, ALEX, Verb.CONFIRM_APPROVE, request, **signed_in(ALEX))

    assert "Intune has been told: approved." in words(second)
    assert stage.now_of(request).decision is Decision.APPROVED


# --- who may read -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [Verb.REFRESH, Verb.DETAILS, Verb.CONFIRM_APPROVE, Verb.FINISH, Verb.CLAIM])
async def test_to_whoever_may_not_read_it_there_is_no_such_request(stage: Stage, verb: Verb) -> None:
    """A person who may not read a request gets the same answer as for an unknown one, and nothing is recorded."""
    request = await stage.taken_up()
    recorded = len(stage.audit)

    known = await press(stage, OTTO, verb, request, **signed_in(OTTO))
    unknown = await press(stage, OTTO, verb, unknown_request(), **signed_in(OTTO))

    assert known == unknown == Say(UNKNOWN_REQUEST)
    assert (stage.now_of(request), len(stage.audit)) == (request, recorded)


async def test_whoever_is_where_a_card_stands_reads_it(stage: Stage) -> None:
    """Everybody in a place where a card of the request stands may read it there; voting needs more."""
    request = await stage.taken_up()
    await stage.store.copies.save(PostedCard(request.id, InChannel(APPROVALS), HERE, "1", attempt="a1"))

    seen = await press(stage, OTTO, Verb.REFRESH, request, conversation=HERE)
    refused = await press(stage, OTTO, Verb.CONFIRM_APPROVE, request, conversation=HERE)

    assert "PC-1" in words(seen)
    assert "Only members of Security-Admins can decide this." in words(refused)


@pytest.mark.parametrize("account", ["rita", "rita-admin"])
async def test_whoever_asked_reads_it_with_any_account(stage: Stage, account: str) -> None:
    """The person who asked may read the request with any of their accounts."""
    rita = stage.directory.add(Person(account, "Rita", RITA.accounts))
    request = await stage.taken_up()

    assert "PC-1" in words(await press(stage, rita, Verb.REFRESH, request))


async def test_somebody_whom_the_directory_does_not_know_reads_nothing(stage: Stage) -> None:
    """A person whom the directory does not know may read nothing; nor may a disabled member of the group."""
    request = await stage.taken_up()
    stage.directory.inactive.add("alex")

    assert await press(stage, person("ghost"), Verb.REFRESH, request) == Say(UNKNOWN_REQUEST)
    assert await press(stage, ALEX, Verb.REFRESH, request) == Say(UNKNOWN_REQUEST)


# --- a neighbour is away ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["known", "unknown"])
async def test_without_the_directory_nobody_learns_whether_there_is_a_request(stage: Stage, target: str) -> None:
    """Without the directory the answer is the same apology, whether the request exists or not."""
    request = await stage.taken_up()
    stage.directory.troubles.refuses["eligibility"] = Unavailable("away")

    answer = await press(stage, ALEX, Verb.REFRESH, request if target == "known" else unknown_request())

    assert answer == Say(NO_ANSWER)


async def test_whoever_reads_it_anyway_is_told_on_their_card(stage: Stage) -> None:
    """The requestor, and people where a card stands, see the card with the apology, without the directory."""
    request = await stage.taken_up()
    await stage.store.copies.save(PostedCard(request.id, InChannel(APPROVALS), HERE, "1", attempt="a1"))
    stage.directory.troubles.refuses["eligibility"] = Unavailable("away")

    for who, where in ((RITA, {}), (OTTO, {"conversation": HERE})):
        answer = await press(stage, who, Verb.REFRESH, request, **where)
        assert "PC-1" in words(answer)
        assert NO_ANSWER in words(answer)


async def test_a_vote_is_stored_where_what_follows_it_fails(stage: Stage) -> None:
    """If the sign-in page fails, the vote is still stored, and a second try does not count it twice."""
    request = await stage.taken_up()
    stage.sign_in.troubles.refuses["page_for"] = Unavailable("away")
    clicked = click(ALEX, Verb.CONFIRM_APPROVE, request, **in_chat(ALEX))

    first = await stage.journeys.clicks.click(clicked)
    await stage.journeys.clicks.click(clicked)

    assert NO_ANSWER in words(first)
    assert stage.now_of(request).decision is Decision.APPROVED
    assert len(stage.now_of(request).votes) == 1


async def test_details_of_what_intune_does_not_show_say_so(stage: Stage) -> None:
    """If Intune does not show the request, Details say so on the card."""
    request = await stage.taken_up()
    del stage.intune.rows["i1"]

    assert "Intune does not show this request at the moment." in words(await press(stage, ALEX, Verb.DETAILS, request))


# --- the card that was clicked ------------------------------------------------------------------------------------


async def test_a_view_belongs_to_the_card_that_was_clicked(stage: Stage) -> None:
    """Every button of an answered view carries the attempt of the card that was clicked."""
    request = await stage.taken_up()

    answer = await press(stage, ALEX, Verb.APPROVE, request, attempt="a1")

    assert '"attempt": "a1"' in words(answer)


async def test_a_click_on_a_stray_card_makes_it_known(stage: Stage) -> None:
    """A click on a stray card adopts it, so that it is redrawn from now on; this needs no right to vote."""
    request = await stage.taken_up()
    await stage.store.copies.save(PostedCard(request.id, InChannel(APPROVALS), attempt="a1"))
    stage.forget_planned()

    await press(stage, CORA, Verb.REFRESH, request, conversation=HERE, message_id="7", attempt="a1")

    (copy,) = await stage.store.copies.of(request.id)
    assert (copy.activity_id, copy.adopted) == ("7", True)
    assert stage.planned(RefreshCards) == [RefreshCards(request.id)]


async def test_an_automatic_refresh_stores_nothing(stage: Stage) -> None:
    """An automatic refresh stores nothing, because Teams sends one whenever a person scrolls by."""
    request = await stage.taken_up()
    recorded, planned = len(stage.audit), stage.store.outbox.effects

    await press(stage, ALEX, Verb.REFRESH, request, automatic=True)

    assert (len(stage.audit), stage.store.outbox.effects) == (recorded, planned)
    assert stage.recorded(Kind.REFUSED) == []
