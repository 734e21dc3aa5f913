"""Notices are gathered for a while and delivered as one message, without those that are no longer needed."""

import pytest

from approvals.audit import Identified
from approvals.effects import Deliver, Medium, NotificationKind
from approvals.reminding import claim
from cards import sentences
from handlers.ports.errors import Throttled
from tests.approvals.builders import ALEX, eligibility
from tests.handlers.deciding.voter import approve
from tests.handlers.reminding.delivered import MINUTES, deliver, gather, two
from tests.handlers.stage import Stage


async def test_what_is_to_be_told_waits_two_minutes_for_more_of_it(stage: Stage) -> None:
    """Notices wait two minutes for others, counted from the first one."""
    first, second = await two(stage)
    await gather(stage, Medium.CHAT, "alex", first)
    stage.clock.advance(seconds=90)
    await gather(stage, Medium.CHAT, "alex", second)

    assert stage.planned(Deliver) == [Deliver(Medium.CHAT, "alex")]
    assert stage.due_in(Deliver(Medium.CHAT, "alex")) == MINUTES - 90


async def test_several_requests_are_one_message(stage: Stage) -> None:
    """Several requests become one message with a list, the most urgent first."""
    first, second = await two(stage)
    for request in (first, second):
        await gather(stage, Medium.CHAT, "alex", request)

    await deliver(stage, Medium.CHAT, "alex")

    assert stage.chat.told("alex") == [sentences.list_of([first, second])]
    assert stage.chat.told("alex")[0].startswith("2 requests wait for approval: ")


async def test_what_was_delivered_is_told_once(stage: Stage) -> None:
    """A delivered notice is told once, even if it was gathered twice."""
    first, _ = await two(stage)
    await gather(stage, Medium.CHAT, "alex", first)
    await gather(stage, Medium.CHAT, "alex", first)
    await deliver(stage, Medium.CHAT, "alex")

    await deliver(stage, Medium.CHAT, "alex")

    assert len(stage.chat.told("alex")) == 1


async def test_everybody_has_their_own(stage: Stage) -> None:
    """Notices are gathered for each person and each medium."""
    first, _ = await two(stage)
    for medium, who in ((Medium.CHAT, "alex"), (Medium.CHAT, "dana"), (Medium.MAIL, "alex")):
        await gather(stage, medium, who, first)

    await deliver(stage, Medium.CHAT, "alex")

    assert (len(stage.chat.told("alex")), stage.chat.told("dana"), stage.mail.sent) == (1, [], [])


@pytest.mark.parametrize("notification", [NotificationKind.GLASS_BROKEN, NotificationKind.REVIEW_OPENED])
async def test_an_emergency_waits_for_nothing(stage: Stage, notification: NotificationKind) -> None:
    """A notice of an emergency is delivered at once, together with what was gathered before."""
    first, _ = await two(stage)
    await gather(stage, Medium.MAIL, "alex", first)

    await gather(stage, Medium.MAIL, "alex", first, notification)

    assert stage.due_in(Deliver(Medium.MAIL, "alex")) == 0


async def test_what_fails_is_delivered_later(stage: Stage) -> None:
    """If a delivery fails, its notices stay and are delivered later with the new ones."""
    first, second = await two(stage)
    await gather(stage, Medium.CHAT, "alex", first)
    stage.chat.troubles.refuses["tell"] = Throttled("busy")
    with pytest.raises(Throttled):
        await deliver(stage, Medium.CHAT, "alex")
    stage.chat.troubles.refuses.clear()
    await gather(stage, Medium.CHAT, "alex", second)

    await deliver(stage, Medium.CHAT, "alex")

    assert stage.chat.told("alex") == [sentences.list_of([first, second])]


async def test_what_comes_in_while_it_is_sent_is_told_next_time(stage: Stage) -> None:
    """A notice that is gathered during a delivery is delivered next time."""
    first, second = await two(stage)
    await gather(stage, Medium.CHAT, "alex", first)
    stage.chat.troubles.meanwhile["tell"] = lambda: gather(stage, Medium.CHAT, "alex", second)
    await deliver(stage, Medium.CHAT, "alex")

    await deliver(stage, Medium.CHAT, "alex")

    assert stage.chat.told("alex") == [sentences.list_of([first]), sentences.list_of([second])]


# --- notices that are no longer needed ----------------------------------------------------------------------------


async def test_nobody_is_reminded_of_what_waits_no_more(stage: Stage) -> None:
    """Nobody is reminded of a request that no longer waits; the other notices are delivered."""
    first, second = await two(stage)
    for request in (first, second):
        await gather(stage, Medium.CHAT, "dana", request)
    await approve(stage, ALEX, first)

    await deliver(stage, Medium.CHAT, "dana")

    assert stage.chat.told("dana") == [sentences.list_of([second])]


async def test_nobody_is_reminded_of_what_somebody_looks_at(stage: Stage) -> None:
    """Nobody is reminded of a claimed request as long as the claim holds."""
    first, _ = await two(stage)
    await gather(stage, Medium.CHAT, "dana", first)
    await stage.journeys.commits.commit(
        first.id,
        lambda known, now: claim(known, eligibility(ALEX, *known.workflows[0].groups), Identified.BY_CHANNEL, now),
    )
    await deliver(stage, Medium.CHAT, "dana")
    assert stage.chat.told("dana") == []

    stage.clock.advance(minutes=30)
    await gather(stage, Medium.CHAT, "dana", first)
    await deliver(stage, Medium.CHAT, "dana")
    assert len(stage.chat.told("dana")) == 1


async def test_a_request_that_is_gone_is_left_out(stage: Stage) -> None:
    """A request that is no longer stored is left out."""
    first, _ = await two(stage)
    await gather(stage, Medium.CHAT, "alex", first)
    del stage.store.requests.stored[first.id]

    await deliver(stage, Medium.CHAT, "alex")

    assert stage.chat.told("alex") == []
    assert await stage.store.notices.waiting(Medium.CHAT, "alex") == ()


@pytest.mark.parametrize("notification", [NotificationKind.REVIEW_DUE, NotificationKind.REVIEW_OVERDUE])
async def test_a_review_that_is_closed_reminds_nobody(stage: Stage, notification: NotificationKind) -> None:
    """A review that is closed or never existed reminds nobody."""
    first, _ = await two(stage)
    await gather(stage, Medium.MAIL, "cora", first, notification)

    await deliver(stage, Medium.MAIL, "cora")

    assert stage.mail.sent == []
