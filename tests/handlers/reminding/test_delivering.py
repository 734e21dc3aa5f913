"""What is to be told is gathered for a while and delivered as one message; what has become pointless is left out."""

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
    """Counted from the first; later ones do not put it off."""
    first, second = await two(stage)
    await gather(stage, Medium.CHAT, "alex", first)
    stage.clock.advance(seconds=90)
    await gather(stage, Medium.CHAT, "alex", second)

    assert stage.planned(Deliver) == [Deliver(Medium.CHAT, "alex")]
    assert stage.due_in(Deliver(Medium.CHAT, "alex")) == MINUTES - 90


async def test_several_requests_are_one_message(stage: Stage) -> None:
    """With a list, the most pressing first."""
    first, second = await two(stage)
    for request in (first, second):
        await gather(stage, Medium.CHAT, "alex", request)

    await deliver(stage, Medium.CHAT, "alex")

    assert stage.chat.told("alex") == [sentences.list_of([first, second])]
    assert stage.chat.told("alex")[0].startswith("2 requests wait for approval: ")


async def test_what_was_delivered_is_told_once(stage: Stage) -> None:
    """The same notice may be gathered twice before."""
    first, _ = await two(stage)
    await gather(stage, Medium.CHAT, "alex", first)
    await gather(stage, Medium.CHAT, "alex", first)
    await deliver(stage, Medium.CHAT, "alex")

    await deliver(stage, Medium.CHAT, "alex")

    assert len(stage.chat.told("alex")) == 1


async def test_everybody_has_their_own(stage: Stage) -> None:
    """By person and by medium."""
    first, _ = await two(stage)
    for medium, who in ((Medium.CHAT, "alex"), (Medium.CHAT, "dana"), (Medium.MAIL, "alex")):
        await gather(stage, medium, who, first)

    await deliver(stage, Medium.CHAT, "alex")

    assert (len(stage.chat.told("alex")), stage.chat.told("dana"), stage.mail.sent) == (1, [], [])


@pytest.mark.parametrize("notification", [NotificationKind.GLASS_BROKEN, NotificationKind.REVIEW_OPENED])
async def test_an_emergency_waits_for_nothing(stage: Stage, notification: NotificationKind) -> None:
    """It takes with it what was gathered before."""
    first, _ = await two(stage)
    await gather(stage, Medium.MAIL, "alex", first)

    await gather(stage, Medium.MAIL, "alex", first, notification)

    assert stage.due_in(Deliver(Medium.MAIL, "alex")) == 0


async def test_what_fails_is_delivered_later(stage: Stage) -> None:
    """It stays gathered; what came in meanwhile goes with it."""
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
    """Only what was told is forgotten."""
    first, second = await two(stage)
    await gather(stage, Medium.CHAT, "alex", first)
    stage.chat.troubles.meanwhile["tell"] = lambda: gather(stage, Medium.CHAT, "alex", second)
    await deliver(stage, Medium.CHAT, "alex")

    await deliver(stage, Medium.CHAT, "alex")

    assert stage.chat.told("alex") == [sentences.list_of([first]), sentences.list_of([second])]


# --- pointless notices --------------------------------------------------------------------------------------------


async def test_nobody_is_reminded_of_what_waits_no_more(stage: Stage) -> None:
    """It was decided within the two minutes; the others are told."""
    first, second = await two(stage)
    for request in (first, second):
        await gather(stage, Medium.CHAT, "dana", request)
    await approve(stage, ALEX, first)

    await deliver(stage, Medium.CHAT, "dana")

    assert stage.chat.told("dana") == [sentences.list_of([second])]


async def test_nobody_is_reminded_of_what_somebody_looks_at(stage: Stage) -> None:
    """As long as the claim holds."""
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
    """The store went back."""
    first, _ = await two(stage)
    await gather(stage, Medium.CHAT, "alex", first)
    del stage.store.requests.stored[first.id]

    await deliver(stage, Medium.CHAT, "alex")

    assert stage.chat.told("alex") == []
    assert await stage.store.notices.waiting(Medium.CHAT, "alex") == ()


@pytest.mark.parametrize("notification", [NotificationKind.REVIEW_DUE, NotificationKind.REVIEW_OVERDUE])
async def test_a_review_that_is_closed_reminds_nobody(stage: Stage, notification: NotificationKind) -> None:
    """Nor does one that never was."""
    first, _ = await two(stage)
    await gather(stage, Medium.MAIL, "cora", first, notification)

    await deliver(stage, Medium.MAIL, "cora")

    assert stage.mail.sent == []
