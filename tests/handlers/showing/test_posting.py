"""A card is posted to every place of a request, past one that cannot be written to."""

import pytest

from cards.actions import Verb
from handlers.ports.errors import PortError, Throttled, Unavailable, Unreachable
from handlers.ports.places import InChannel
from handlers.ports.teams import Mention
from tests.approvals.builders import ALEX, CORA, DANA
from tests.fakes.teams import chat_of
from tests.handlers.clicking import click, verbs
from tests.handlers.showing.posted import SECOND, fails, in_two_channels, post, refresh, shown
from tests.handlers.stage import APPROVALS, Stage, script
from tests.handlers.voting.voter import approve, reject


@pytest.fixture
def two() -> Stage:
    """Scripts are shown in two channels."""
    return in_two_channels()


async def test_a_card_is_posted_to_every_channel(two: Stage) -> None:
    """Once, however often the effect comes; each knows by which attempt it was posted."""
    request = await two.taken_up(script())

    await post(two, request)
    await post(two, request)

    assert (len(shown(two)), len(shown(two, SECOND))) == (1, 1)
    copies = await two.store.copies.of(request.id)
    assert {copy.place for copy in copies} == {InChannel(APPROVALS), InChannel(SECOND)}
    for copy in copies:
        assert isinstance(copy.place, InChannel)
        assert f'"attempt": "{copy.attempt}"' in shown(two, copy.place.channel)[0]


async def test_whoever_asked_in_chat_gets_a_card_of_their_own(stage: Stage) -> None:
    """It shows them as the one who asked; approvers see theirs in the channel."""
    request = await stage.asked()

    await post(stage, request)

    (own,) = [message.card for message in stage.chat.cards(chat_of("rita"))]
    assert Verb.CANCEL in verbs(own)
    (everybody,) = [message.card for message in stage.chat.cards(APPROVALS)]
    assert Verb.APPROVE in verbs(everybody)


async def test_whoever_asked_and_has_no_app_is_told_elsewhere(stage: Stage) -> None:
    """No card can be put into their chat, and that is nobody's trouble."""
    request = await stage.asked()
    stage.chat.unreachable.add(chat_of("rita"))

    await post(stage, request)

    assert len(shown(stage)) == 1
    assert [copy.place for copy in await stage.store.copies.of(request.id)] == [InChannel(APPROVALS)]


async def test_those_who_can_help_are_mentioned(stage: Stage) -> None:
    """As long as it takes votes."""
    stage.chat.rosters[APPROVALS] = {one.account: Mention(f"29:{one.account}", one.name) for one in (ALEX, DANA, CORA)}
    waits, over = await stage.taken_up(), await stage.taken_up(id="i8", target_id="d8")
    await reject(stage, ALEX, over)

    await post(stage, waits)
    await post(stage, over)

    first, second = stage.chat.cards(APPROVALS)
    assert ([one.name for one in first.mentions], second.mentions) == (["Alex", "Dana"], ())


@pytest.mark.parametrize("error", [Unreachable("removed"), Throttled("busy"), PortError("no")])
async def test_one_place_that_cannot_be_written_to_keeps_no_other_waiting(error: PortError, two: Stage) -> None:
    """It is raised when all the others are done, and tried again; nothing of it is left behind."""
    request = await two.taken_up(script())
    if isinstance(error, Unreachable):
        two.chat.unreachable.add(APPROVALS)
    else:
        two.chat.troubles.meanwhile["post"] = lambda: fails(error)

    with pytest.raises(type(error)):
        await post(two, request)

    assert (len(shown(two)), len(shown(two, SECOND))) == (0, 1)
    assert [copy.place for copy in await two.store.copies.of(request.id)] == [InChannel(SECOND)]

    two.chat.unreachable.clear()
    await post(two, request)
    assert (len(shown(two)), len(shown(two, SECOND))) == (1, 1)


async def test_a_post_whose_answer_was_lost_is_made_again(stage: Stage) -> None:
    """A second card beats none; the stray one is adopted by its first click, and both are kept true."""
    request = await stage.taken_up()
    stage.chat.troubles.loses.add("post")
    with pytest.raises(Unavailable):
        await post(stage, request)
    stage.chat.troubles.loses.clear()

    await post(stage, request)

    stray, _ = stage.chat.cards(APPROVALS)
    lost = next(copy for copy in await stage.store.copies.of(request.id) if not copy.lives)
    clicked = click(
        ALEX, Verb.REFRESH, request, attempt=lost.attempt,
        conversation=stray.posted.conversation, message_id=stray.posted.activity_id,
    )  # fmt: skip
    await stage.journeys.attempts.adopt(request, clicked)
    await approve(stage, ALEX, request)
    await refresh(stage, request)
    assert [Verb.APPROVE in verbs(message.card) for message in stage.chat.cards(APPROVALS)] == [False, False]
