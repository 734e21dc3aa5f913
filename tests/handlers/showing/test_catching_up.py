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
from handlers.incoming.clicks import Scope
from handlers.incoming.inbox import Installation
from handlers.ports.teams import ChannelReference
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
