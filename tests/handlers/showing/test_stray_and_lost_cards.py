"""A click can only say where a stray card is; a card that can no longer be edited is lost."""

from typing import Any

import pytest

from approvals.audit import Kind
from approvals.effects import Alarm, NotificationKind, PostCards, RefreshCards
from approvals.request import Request
from cards.actions import Verb
from handlers.incoming.clicks import Scope
from handlers.ports.copies import PostedCard
from handlers.ports.places import InChannel, InChat, Place
from handlers.ports.teams import Posted
from handlers.showing.attempts import Attempts
from tests.approvals.builders import ALEX, RITA
from tests.fakes.intune import CANCELLED
from tests.handlers.clicking import click
from tests.handlers.showing.stray import HERE, clicks, copies
from tests.handlers.stage import APPROVALS, OPERATIONS, Stage


async def test_a_click_adopts_a_stray_card(stage: Stage, attempts: Attempts, request_: Request) -> None:
    """A click adopts a stray card, which is redrawn like every other from then on."""
    begun = await attempts.begin(request_, InChannel(APPROVALS))

    await clicks(attempts, request_, begun)

    (copy,) = await attempts.living(request_)
    assert (copy.conversation, copy.activity_id, copy.adopted) == (HERE, "7", True)
    assert stage.planned(RefreshCards) == [RefreshCards(request_.id)]


async def test_an_edit_that_arrives_proves_that_it_stands_there(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """A successful edit proves that an adopted card exists."""
    await clicks(attempts, request_, await attempts.begin(request_, InChannel(APPROVALS)))
    (adopted,) = await attempts.living(request_)

    await attempts.prove(adopted)

    (copy,) = await attempts.living(request_)
    assert not copy.adopted


@pytest.mark.parametrize(
    "changes",
    [
        {"attempt": "another"},
        {"attempt": ""},
        {"message_id": ""},
        {"conversation": f"{OPERATIONS};messageid=7"},
        {"conversation": "", "scope": Scope.PERSONAL},
    ],
    ids=["another-attempt", "no-attempt", "no-message", "another-channel", "nowhere"],
)
async def test_a_click_from_elsewhere_adopts_nothing(
    stage: Stage, attempts: Attempts, request_: Request, changes: dict[str, Any]
) -> None:
    """A click from another place, or with another attempt, adopts nothing."""
    begun = await attempts.begin(request_, InChannel(APPROVALS))

    await clicks(attempts, request_, begun, **changes)

    assert await copies(stage, request_) == [begun]
    assert stage.store.outbox.effects == []


async def test_a_click_moves_no_card_that_is_known(stage: Stage, attempts: Attempts, request_: Request) -> None:
    """A click does not change a card that is already known."""
    begun = await attempts.begin(request_, InChannel(APPROVALS))
    await attempts.posted(begun, Posted(HERE, "7"), request_)
    before = await copies(stage, request_)

    await clicks(attempts, request_, begun, message_id="8")

    assert await copies(stage, request_) == before


async def test_a_card_of_another_request_is_never_painted_over(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """A click cannot make the card of another request belong to this one."""
    other = await stage.taken_up(id="i8", target="PC-8", target_id="d8")
    await attempts.posted(await attempts.begin(other, InChannel(APPROVALS)), Posted(HERE, "7"), other)
    stray = await attempts.begin(request_, InChannel(APPROVALS))

    await clicks(attempts, request_, stray)

    assert await attempts.living(request_) == []
    assert [copy.activity_id for copy in await attempts.living(other)] == ["7"]


@pytest.mark.parametrize(
    ("who", "scope", "adopts"),
    [(RITA, Scope.PERSONAL, True), (ALEX, Scope.PERSONAL, False), (RITA, Scope.CHANNEL, False)],
    ids=["theirs", "somebody-else", "in-a-channel"],
)
async def test_a_stray_card_in_a_chat_is_adopted_by_whose_chat_it_is(
    stage: Stage, attempts: Attempts, request_: Request, who: Any, scope: Scope, adopts: bool
) -> None:
    """A stray card in a 1:1 chat is adopted only by the owner of the chat."""
    begun = await attempts.begin(request_, InChat("rita"))
    clicked = click(who, Verb.REFRESH, request_, attempt=begun.attempt, scope=scope, conversation="a:1")

    await attempts.adopt(request_, clicked)

    assert bool(await attempts.living(request_)) is adopts


# --- lost cards ---------------------------------------------------------------------------------------------------


IN_APPROVALS = InChannel(APPROVALS)


async def posted(attempts: Attempts, request: Request, place: Place = IN_APPROVALS) -> PostedCard:
    """Return a card that was posted in this place."""
    await attempts.posted(await attempts.begin(request, place), Posted(HERE, "7"), request)
    (copy,) = await attempts.living(request)
    return copy


async def test_a_lost_card_is_recorded_alarmed_and_posted_anew(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """A lost card is recorded, alarmed and posted again."""
    await attempts.lose(await posted(attempts, request_), request_)

    assert await attempts.living(request_) == []
    assert [entry.evidence for entry in stage.recorded(Kind.COPY_LOST)] == [{"channel": APPROVALS}]
    assert stage.planned(Alarm) == [Alarm(request_.id, NotificationKind.COPY_LOST)]
    assert stage.planned(PostCards) == [PostCards(request_.id)]


async def test_a_lost_card_of_what_is_over_is_not_posted_anew(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """The lost card of a request that is over is not posted again; it still alarms."""
    over = await stage.taken_up(raw_status=CANCELLED)
    stage.forget_planned()

    await attempts.lose(await posted(attempts, over), over)

    assert stage.planned(PostCards) == []
    assert stage.planned(Alarm) == [Alarm(request_.id, NotificationKind.COPY_LOST)]


async def test_a_lost_card_in_somebody_s_chat_alarms_nobody(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """A lost card in a 1:1 chat alarms nobody, because its owner may delete it."""
    await attempts.lose(await posted(attempts, request_, InChat("rita")), request_)

    assert stage.planned(Alarm) == []
    assert stage.recorded(Kind.COPY_LOST)


async def test_what_only_a_click_has_called_a_card_alarms_nobody(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """A lost card that only a click has named alarms nobody, because it may never have existed."""
    await clicks(attempts, request_, await attempts.begin(request_, InChannel(APPROVALS)))
    (adopted,) = await attempts.living(request_)
    stage.forget_planned()

    await attempts.lose(adopted, request_)

    assert stage.planned(Alarm) == []
    assert stage.recorded(Kind.COPY_LOST) == []
    assert stage.planned(PostCards) == [PostCards(request_.id)]


async def test_a_click_on_a_lost_card_proves_that_it_stands_there_again(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """A click on a lost card shows that it exists again; if it is lost a second time, it stays lost."""
    card = await posted(attempts, request_)
    await attempts.lose(card, request_)

    await clicks(attempts, request_, card)

    (again,) = await attempts.living(request_)
    assert (again.activity_id, again.adopted) == ("7", True)
    await attempts.lose(again, request_)
    await clicks(attempts, request_, card)
    assert await attempts.living(request_) == []
