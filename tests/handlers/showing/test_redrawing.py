"""Every card shows the present state, whoever changes the request during the drawing."""

from dataclasses import replace

import pytest

from approvals.effects import Alarm, NotificationKind, PostCards, RefreshCards
from approvals.request import Request
from cards.actions import Verb
from handlers.ports.errors import Throttled, Unavailable
from handlers.ports.teams import Mention
from handlers.showing.latest import MOST_DRAWINGS
from handlers.showing.views import TOO_FEW, TOO_FEW_NOW
from tests.approvals.builders import ALEX
from tests.fakes.intune import CANCELLED
from tests.handlers.clicking import verbs, words
from tests.handlers.deciding.voter import approve, reject
from tests.handlers.showing.posted import SECOND, fails, in_two_channels, post, refresh, shown
from tests.handlers.stage import APPROVALS, Stage, script


@pytest.fixture
def two() -> Stage:
    """Return a stage on which scripts are shown in two channels."""
    return in_two_channels()


async def test_every_card_shows_the_present(two: Stage) -> None:
    """Every card shows the present state: after a decision no vote is offered."""
    request = await two.taken_up(script())
    await post(two, request)
    await reject(two, ALEX, request)

    await refresh(two, request)

    for place in (APPROVALS, SECOND):
        (message,) = two.chat.cards(place)
        assert len(message.drawn) == 2
        assert Verb.APPROVE not in verbs(message.card)
        assert "Not today" in words(message.card)


async def test_a_card_that_was_deleted_is_posted_anew_and_alarms(two: Stage) -> None:
    """A deleted card alarms and is posted again; the other cards are redrawn."""
    request = await two.taken_up(script())
    await post(two, request)
    two.chat.cards(APPROVALS)[0].deleted = True
    two.forget_planned()

    await refresh(two, request)

    assert two.planned(Alarm) == [Alarm(request.id, NotificationKind.COPY_LOST)]
    assert two.planned(PostCards) == [PostCards(request.id)]
    assert len(two.chat.cards(SECOND)[0].drawn) == 2
    await post(two, request)
    assert (len(shown(two)), len(shown(two, SECOND))) == (1, 1)


async def test_one_card_that_is_throttled_keeps_no_other_from_being_redrawn(two: Stage) -> None:
    """A throttled card does not stop the others; its error is raised and tried again."""
    request = await two.taken_up(script())
    await post(two, request)
    two.chat.troubles.meanwhile["update"] = lambda: fails(Throttled("busy"))

    with pytest.raises(Throttled):
        await refresh(two, request)

    assert sorted(len(two.chat.cards(place)[0].drawn) for place in (APPROVALS, SECOND)) == [1, 2]


async def test_a_request_that_is_moved_while_it_is_drawn_is_drawn_again(stage: Stage) -> None:
    """A request that changes while it is drawn is drawn again."""
    request = await stage.taken_up(script())
    await post(stage, request)
    stage.chat.troubles.meanwhile["update"] = lambda: reject(stage, ALEX, request)

    await stage.journeys.posting.refresh(request)

    (message,) = stage.chat.cards(APPROVALS)
    assert len(message.drawn) == 3
    assert Verb.APPROVE not in verbs(message.card)


async def test_a_request_that_never_comes_to_rest_is_left_to_the_outbox(stage: Stage) -> None:
    """A request that changes all the time is drawn a few times, and then left to the outbox."""
    request = await stage.taken_up(script())
    drawn: list[int] = []

    async def draw(current: Request) -> None:
        drawn.append(current.revision)
        stage.store.requests.stored[request.id] = replace(current, revision=current.revision + 1)

    stage.forget_planned()
    await stage.journeys.latest.shown(request, draw)

    assert drawn == [request.revision + number for number in range(MOST_DRAWINGS)]
    assert stage.due_in(RefreshCards(request.id)) == 0


async def test_an_edit_whose_answer_is_lost_after_a_move_is_redrawn_later(stage: Stage) -> None:
    """An edit without an answer is redrawn later if the request changed, because it may arrive after a newer one."""
    request = await stage.taken_up(script())
    await post(stage, request)
    stage.forget_planned()

    async def moved_and_lost() -> None:
        await approve(stage, ALEX, request)
        stage.forget_planned()
        stage.chat.troubles.loses.add("update")

    stage.chat.troubles.meanwhile["update"] = moved_and_lost
    with pytest.raises(Unavailable):
        await stage.journeys.posting.refresh(request)

    assert stage.due_in(RefreshCards(request.id)) == 10


async def test_an_edit_that_fails_alone_is_tried_again_by_its_own_effect(stage: Stage) -> None:
    """A failed edit of an unchanged request is tried again by its own effect; nothing else is planned."""
    request = await stage.taken_up(script())
    await post(stage, request)
    stage.forget_planned()
    stage.chat.troubles.loses.add("update")

    with pytest.raises(Unavailable):
        await refresh(stage, request)

    assert stage.store.outbox.effects == []


# --- what the card says -------------------------------------------------------------------------------------------


async def test_a_card_says_that_a_brake_holds_it_up(stage: Stage) -> None:
    """A card of a decided request names the brake that holds it up, as long as it does."""
    decided, waits = await stage.taken_up(), await stage.taken_up(script())
    await approve(stage, ALEX, decided)
    stage.pause()

    await post(stage, decided)
    await post(stage, waits)

    assert [("Paused by Alex" in text) for text in shown(stage)] == [True, False]


async def test_a_card_says_that_the_groups_hold_too_few_people(stage: Stage) -> None:
    """A card says that the groups have too few members to reach the quorum."""
    stage.directory.groups["g-cab"].clear()
    request = await stage.taken_up(script())

    await post(stage, request)

    assert TOO_FEW in shown(stage)[0]


async def test_a_card_says_that_too_few_are_there_right_now(stage: Stage) -> None:
    """A card says that too few approvers are present right now."""
    stage.presence.absent = {"cora", "alex"}
    one, two_people = await stage.taken_up(), await stage.taken_up(script())

    await post(stage, one)
    await post(stage, two_people)

    assert [(TOO_FEW_NOW in text) for text in shown(stage)] == [False, True]


async def test_a_card_is_posted_where_the_directory_does_not_answer(stage: Stage) -> None:
    """If the directory does not answer, the card is posted without a note about people."""
    request = await stage.taken_up(script())
    stage.directory.troubles.refuses["members"] = Unavailable("away")

    await post(stage, request)

    assert TOO_FEW not in shown(stage)[0]


async def test_approvers_in_the_channel_get_views_of_their_own(stage: Stage) -> None:
    """Approvers in the channel get their own views by the ids on the card, as long as the request is pending."""
    stage.chat.rosters[APPROVALS] = {"alex": Mention("29:alex", "Alex")}
    request = await stage.taken_up()
    await post(stage, request)
    assert stage.chat.cards(APPROVALS)[0].card["refresh"]["userIds"] == ["29:alex"]

    await stage.taken_up(raw_status=CANCELLED)
    await refresh(stage, request)

    assert "refresh" not in stage.chat.cards(APPROVALS)[0].card
