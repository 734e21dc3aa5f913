"""A card is posted to every place of a request; a place that fails does not stop the others."""

import pytest

from approvals.effects import Alarm, AskPeople, NotificationKind
from cards import sentences
from cards.actions import Verb
from handlers.ports.errors import PortError, Throttled, Unavailable, Unreachable
from handlers.ports.places import InChannel
from handlers.ports.teams import Mention
from handlers.showing.attempts import MOST_UNNAMED
from tests.approvals.builders import ALEX, CORA, DANA
from tests.fakes.teams import chat_of
from tests.handlers.clicking import click, verbs
from tests.handlers.deciding.voter import approve, reject
from tests.handlers.showing.posted import SECOND, fails, in_two_channels, post, refresh, shown
from tests.handlers.showing.stray import HERE
from tests.handlers.stage import APPROVALS, Stage, script


@pytest.fixture
def two() -> Stage:
    """Return a stage on which scripts are shown in two channels."""
    return in_two_channels()


async def test_a_card_is_posted_to_every_channel(two: Stage) -> None:
    """A card is posted to every channel once, however often the effect comes, and names its attempt."""
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
    """The person who asked in chat gets a card of their own; approvers see the common card in the channel."""
    request = await stage.asked()

    await post(stage, request)

    (own,) = [message.card for message in stage.chat.cards(chat_of("rita"))]
    assert Verb.CANCEL in verbs(own)
    (everybody,) = [message.card for message in stage.chat.cards(APPROVALS)]
    assert Verb.APPROVE in verbs(everybody)


async def test_whoever_asked_and_has_no_app_is_told_elsewhere(stage: Stage) -> None:
    """If the person who asked has no app, no card is posted in their chat, and this is no error."""
    request = await stage.asked()
    stage.chat.unreachable.add(chat_of("rita"))

    await post(stage, request)

    assert len(shown(stage)) == 1
    assert [copy.place for copy in await stage.store.copies.of(request.id)] == [InChannel(APPROVALS)]


async def test_those_who_can_help_are_called_under_the_card(stage: Stage) -> None:
    """People who can help are mentioned in a line under the card, once, as long as the request takes votes."""
    stage.chat.rosters[APPROVALS] = {one.account: Mention(f"29:{one.account}", one.name) for one in (ALEX, DANA, CORA)}
    waits, over = await stage.taken_up(), await stage.taken_up(id="i8", target_id="d8")
    await reject(stage, ALEX, over)

    await post(stage, waits)
    await post(stage, over)

    for effect in stage.planned(AskPeople):
        await stage.journeys.effects.perform(effect)
    first, second = stage.chat.cards(APPROVALS)
    (line,) = stage.chat.replies[first.posted.activity_id]
    assert [one.name for one in line.mentions] == ["Alex", "Dana"]
    assert line.text == sentences.ask(waits)
    assert stage.chat.replies[second.posted.activity_id] == []
    assert (first.mentions, second.mentions) == ((), ())


async def test_what_teams_takes_without_naming_it_is_posted_three_times(stage: Stage) -> None:
    """A post that Teams accepts without an id is tried three times; then operators are told. A click adopts one."""
    request = await stage.taken_up()
    stage.chat.rosters[APPROVALS] = {ALEX.account: Mention("29:alex", ALEX.name)}
    stage.chat.unnamed = MOST_UNNAMED
    for _ in range(MOST_UNNAMED - 1):
        with pytest.raises(Unavailable):
            await post(stage, request)
    await post(stage, request)
    await post(stage, request)

    assert len(stage.chat.cards(APPROVALS)) == MOST_UNNAMED
    assert stage.planned(Alarm) == [Alarm(request.id, NotificationKind.COPY_UNNAMED)]
    (asked,) = stage.planned(AskPeople)
    await stage.journeys.effects.perform(asked)
    (line,) = [message for message in stage.chat.messages if not message.drawn]
    assert (line.place, line.text) == (APPROVALS, sentences.ask(request))
    assert [one.name for one in line.mentions] == ["Alex"]
    stage.forget_planned()
    stray = (await stage.store.copies.of(request.id))[1]
    clicked = click(ALEX, Verb.REFRESH, request, attempt=stray.attempt, conversation=HERE, message_id="7")
    await stage.journeys.attempts.adopt(request, clicked)
    assert [copy.attempt for copy in await stage.journeys.attempts.living(request)] == [stray.attempt]
    assert stage.planned(AskPeople) == []


async def test_people_are_called_under_an_adopted_card_once(stage: Stage) -> None:
    """If nobody was called in a place yet, people are called under the first card that a click adopts there."""
    request = await stage.taken_up()
    stage.chat.unnamed = MOST_UNNAMED - 1
    for _ in range(MOST_UNNAMED - 1):
        with pytest.raises(Unavailable):
            await post(stage, request)
    assert stage.planned(AskPeople) == []

    first, second = await stage.store.copies.of(request.id)
    for number, stray in (("7", first), ("8", second), ("7", first)):
        clicked = click(ALEX, Verb.REFRESH, request, attempt=stray.attempt, conversation=HERE, message_id=number)
        await stage.journeys.attempts.adopt(request, clicked)

    assert stage.planned(AskPeople) == [AskPeople(request.id, first.attempt)]


@pytest.mark.parametrize("error", [Unreachable("removed"), Throttled("busy"), PortError("no")])
async def test_one_place_that_cannot_be_written_to_keeps_no_other_waiting(error: PortError, two: Stage) -> None:
    """A place that fails does not delay the others; its error is raised at the end and tried again."""
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
    """A post whose answer was lost is made again; a click adopts the stray card, and both are redrawn."""
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
