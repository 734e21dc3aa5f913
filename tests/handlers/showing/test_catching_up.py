"""What was missed in a place is done when the bot can write there again."""

import pytest

from approvals.effects import (
    Deliver,
    Effect,
    File,
    MailPerson,
    Medium,
    NotificationKind,
    Planned,
    PostCards,
    RefreshCards,
    SayToOperators,
)
from approvals.request import Request
from cards.actions import Verb
from handlers.incoming.clicks import Scope
from handlers.incoming.inbox import Installation
from handlers.ports.teams import ChannelReference
from tests.approvals.builders import ALEX
from tests.handlers.clicking import verbs
from tests.handlers.deciding.voter import reject
from tests.handlers.showing.posted import post, refresh
from tests.handlers.stage import APPROVALS, OPERATIONS, Stage

TEAM, SERVICE = "19:team@thread.tacv2", "https://smba.example/emea/"
BACK = Installation(Scope.CHANNEL, SERVICE, TEAM, team=TEAM, channel=TEAM, whole_team=True)


async def given_up(stage: Stage, *effects: Effect) -> None:
    """Let the outbox give these effects up, with no other effects planned."""
    stage.forget_planned()
    await stage.store.outbox.plan([Planned(one) for one in effects], stage.clock.time)
    while claimed := await stage.store.outbox.lease(10):
        for one in claimed:
            await stage.store.outbox.again(one, stage.clock.time, "no such place")


async def waiting(stage: Stage) -> Request:
    """Return a waiting request whose channel the bot does not know."""
    request = await stage.taken_up()
    stage.forget_planned()
    return request


async def test_channels_that_the_bot_was_never_told_of_catch_up_too() -> None:
    """Channels that Teams never named to the bot catch up too, because it names only one channel of a team."""
    stage = Stage()
    request = await waiting(stage)

    await stage.journeys.installing.installed(BACK)

    assert stage.planned(PostCards) == [PostCards(request.id)]
    assert stage.chat.messages == []


async def test_what_is_for_another_team_is_left_alone() -> None:
    """Effects for a channel of another team are not planned."""
    stage = Stage()
    await waiting(stage)
    for channel in (APPROVALS, OPERATIONS):
        await stage.store.conversations.save_channel(ChannelReference(channel, SERVICE, "19:other@thread.tacv2"))

    await stage.journeys.installing.installed(BACK)

    assert stage.store.outbox.effects == []


async def test_the_address_is_the_one_that_teams_gives_now() -> None:
    """The service address that Teams gives now replaces an older one."""
    stage = Stage()
    old = ChannelReference(APPROVALS, "https://smba.example/amer/", TEAM, "Approvals")
    await stage.store.conversations.save_channel(old)
    await stage.store.conversations.forget_team(TEAM)

    await stage.journeys.installing.installed(BACK)

    found = await stage.store.conversations.channel(APPROVALS)
    assert found == ChannelReference(APPROVALS, SERVICE, TEAM, "Approvals")


@pytest.mark.parametrize("whole_team", [True, False])
async def test_what_was_given_up_there_is_tried_again(*, whole_team: bool) -> None:
    """Effects that were given up because of this place are tried again; others are not."""
    stage = Stage()
    request = await waiting(stage)
    theirs: list[Effect] = [RefreshCards(request.id), Deliver(Medium.THREAD, APPROVALS)]
    others: list[Effect] = [
        File(request.id),
        MailPerson(request.id, NotificationKind.APPROVED, "rita"),
        Deliver(Medium.CHAT, APPROVALS),
        SayToOperators(stage.clock.time, "The operators' channel is another one."),
        RefreshCards("R-forgotten"),
    ]
    await given_up(stage, *theirs, *others)
    reference = ChannelReference(APPROVALS, SERVICE, TEAM)
    for known in (reference, ChannelReference(OPERATIONS, SERVICE, "19:other@thread.tacv2")):
        await stage.store.conversations.save_channel(known)

    here = Installation(Scope.CHANNEL, SERVICE, APPROVALS, team=TEAM, channel=APPROVALS)
    await stage.journeys.installing.installed(BACK if whole_team else here)

    again = [one for one in stage.store.outbox.effects if one in (*theirs, *others)]
    assert sorted(again, key=str) == sorted(theirs, key=str)


async def unreachable_while_edited(stage: Stage, request: Request) -> None:
    """Let an edit of the request's card fail, because its team is away for a while."""
    stage.chat.unreachable.add(APPROVALS)
    await refresh(stage, request)
    stage.chat.unreachable.clear()
    stage.forget_planned()


@pytest.mark.parametrize("over", [True, False])
async def test_a_card_that_was_out_of_reach_is_redrawn(*, over: bool) -> None:
    """A card that was out of reach is redrawn when its team is back, and no second one is posted."""
    stage = Stage()
    request = await waiting(stage)
    await post(stage, request)
    if over:
        await reject(stage, ALEX, request)
    await unreachable_while_edited(stage, request)

    await stage.journeys.installing.installed(BACK)

    assert stage.planned(RefreshCards) == [RefreshCards(request.id)]
    await refresh(stage, request)
    await post(stage, request)
    (card,) = stage.chat.cards(APPROVALS)
    assert (Verb.APPROVE in verbs(card.card)) is not over
    (copy,) = await stage.store.copies.of(request.id)
    assert (copy.lives, copy.adopted) == (True, False)


async def test_a_card_that_was_deleted_is_replaced_quietly() -> None:
    """If the card was deleted, one more edit finds that out; it is replaced while the request waits, without a new
    alarm."""
    stage = Stage()
    request = await waiting(stage)
    await post(stage, request)
    await unreachable_while_edited(stage, request)
    stage.chat.cards(APPROVALS)[0].deleted = True
    await stage.journeys.installing.installed(BACK)
    stage.forget_planned()

    await refresh(stage, request)

    assert stage.store.outbox.effects == [PostCards(request.id)]


async def test_a_lost_card_of_another_team_stays_lost() -> None:
    """A lost card in a channel of another team is not tried again."""
    stage = Stage()
    request = await waiting(stage)
    await stage.store.conversations.save_channel(ChannelReference(APPROVALS, SERVICE, "19:other@thread.tacv2"))
    await post(stage, request)
    await unreachable_while_edited(stage, request)

    await stage.journeys.installing.installed(BACK)

    assert stage.store.outbox.effects == []
    assert [copy.lost for copy in await stage.store.copies.of(request.id)] == [True]
