"""Posted cards: each attempt is written down before its post, and a click may say where a stray one stands."""

from dataclasses import replace
from typing import Any

import pytest

from approvals.asking import Draft
from approvals.audit import Kind
from approvals.effects import Alarm, Occasion, PostCards, RefreshCards
from approvals.order import Act
from approvals.request import Request
from cards.actions import Verb
from handlers.clicks import Place
from handlers.ports.copies import Copy
from handlers.ports.places import chat_of
from handlers.ports.teams import Posted
from handlers.showing.attempts import MOST_KEPT, Attempts
from tests.approvals.builders import ALEX, RITA
from tests.fakes.clock import MORNING
from tests.fakes.intune import CANCELLED
from tests.handlers.clicking import click
from tests.handlers.stage import APPROVALS, OPERATIONS, Stage

HERE = f"{APPROVALS};messageid=7"


@pytest.fixture
def attempts(stage: Stage) -> Attempts:
    """What is known of posted cards."""
    return Attempts(stage.clock, stage.store.copies)


@pytest.fixture
async def request_(stage: Stage) -> Request:
    """A wipe that waits; whatever was planned for it is done."""
    request = await stage.taken_up()
    stage.forget_planned()
    return request


async def copies(stage: Stage, request: Request) -> list[Copy]:
    """What is known of its cards."""
    return list(await stage.store.copies.of(request.id))


async def clicks(attempts: Attempts, request: Request, copy: Copy, **changes: Any) -> None:
    """Somebody clicks on a card that says that it was posted by this attempt, in the channel's thread 7."""
    usual: dict[str, Any] = {"attempt": copy.attempt, "conversation": HERE, "message_id": "7"}
    await attempts.adopt(request, click(ALEX, Verb.REFRESH, request, **(usual | changes)))


async def test_an_attempt_is_known_before_its_post(stage: Stage, attempts: Attempts, request_: Request) -> None:
    """By an id of its own, and without a message."""
    begun = await attempts.begin(request_, APPROVALS)

    assert await copies(stage, request_) == [begun]
    assert (begun.request_id, begun.channel, begun.activity_id, begun.lives) == (request_.id, APPROVALS, "", False)


async def test_attempts_have_ids_that_sort_by_time_and_that_nobody_guesses(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """Two at the same moment differ."""
    ids = []
    for _ in range(5):
        ids += [(await attempts.begin(request_, f"19:{number}")).attempt for number in range(4)]
        stage.clock.advance(seconds=1)

    assert len(set(ids)) == 20
    assert [sorted(ids)[4 * second][:12] for second in range(5)] == [ids[4 * second][:12] for second in range(5)]
    assert all(len(one) == 32 for one in ids)


async def test_a_posted_card_is_known_by_its_message(stage: Stage, attempts: Attempts, request_: Request) -> None:
    """And recorded, with what it showed; drawn from the present it needs no redraw."""
    begun = await attempts.begin(request_, APPROVALS)

    await attempts.posted(begun, Posted(HERE, "7"), request_)

    (copy,) = await copies(stage, request_)
    assert (copy.conversation, copy.activity_id, copy.lives) == (HERE, "7", True)
    (entry,) = stage.recorded(Kind.POSTED)
    assert (entry.digest, entry.evidence) == (request_.digest, {"channel": APPROVALS})
    assert stage.store.outbox.effects == []


async def test_a_card_that_was_drawn_from_the_past_is_redrawn(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """Somebody has moved the request while it was posted, and found no card to redraw."""
    begun = await attempts.begin(request_, APPROVALS)

    await attempts.posted(begun, Posted(HERE, "7"), replace(request_, revision=request_.revision - 1))

    assert stage.planned(RefreshCards) == [RefreshCards(request_.id)]


async def test_what_certainly_stands_nowhere_is_forgotten(stage: Stage, attempts: Attempts, request_: Request) -> None:
    """No click can ever come from it."""
    await attempts.give_up(await attempts.begin(request_, APPROVALS))

    assert await copies(stage, request_) == []


async def test_at_most_eight_attempts_without_a_card_are_kept(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """For each place; the latest can still be adopted. Living cards do not count."""
    await attempts.posted(await attempts.begin(request_, APPROVALS), Posted(HERE, "7"), request_)
    await attempts.begin(request_, OPERATIONS)
    begun = []
    for _ in range(MOST_KEPT + 3):
        stage.clock.advance(seconds=1)
        begun.append(await attempts.begin(request_, APPROVALS))

    kept = [copy for copy in await copies(stage, request_) if copy.channel == APPROVALS and not copy.lives]
    assert kept == begun[-MOST_KEPT:]
    assert len(await copies(stage, request_)) == MOST_KEPT + 2


# --- stray cards --------------------------------------------------------------------------------------------------


async def test_a_click_adopts_a_stray_card(stage: Stage, attempts: Attempts, request_: Request) -> None:
    """Its post's answer was lost: from now on it is redrawn like every other."""
    begun = await attempts.begin(request_, APPROVALS)

    await clicks(attempts, request_, begun)

    (copy,) = await attempts.living(request_)
    assert (copy.conversation, copy.activity_id, copy.adopted) == (HERE, "7", True)
    assert stage.planned(RefreshCards) == [RefreshCards(request_.id)]


async def test_an_edit_that_arrives_proves_that_it_stands_there(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """Until then only a click says so."""
    await clicks(attempts, request_, await attempts.begin(request_, APPROVALS))
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
        {"conversation": "", "place": Place.PERSONAL},
    ],
    ids=["another-attempt", "no-attempt", "no-message", "another-channel", "nowhere"],
)
async def test_a_click_from_elsewhere_adopts_nothing(
    stage: Stage, attempts: Attempts, request_: Request, changes: dict[str, Any]
) -> None:
    """What it names has to be where this attempt was to be posted."""
    begun = await attempts.begin(request_, APPROVALS)

    await clicks(attempts, request_, begun, **changes)

    assert await copies(stage, request_) == [begun]
    assert stage.store.outbox.effects == []


async def test_a_click_moves_no_card_that_is_known(stage: Stage, attempts: Attempts, request_: Request) -> None:
    """The id of an attempt is spent as soon as its message is known."""
    begun = await attempts.begin(request_, APPROVALS)
    await attempts.posted(begun, Posted(HERE, "7"), request_)
    before = await copies(stage, request_)

    await clicks(attempts, request_, begun, message_id="8")

    assert await copies(stage, request_) == before


async def test_a_card_of_another_request_is_never_painted_over(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """Whoever knows the id of a stray card cannot point it at a message that is another one's card."""
    other = await stage.taken_up(id="i8", target="PC-8", target_id="d8")
    await attempts.posted(await attempts.begin(other, APPROVALS), Posted(HERE, "7"), other)
    stray = await attempts.begin(request_, APPROVALS)

    await clicks(attempts, request_, stray)

    assert await attempts.living(request_) == []
    assert [copy.activity_id for copy in await attempts.living(other)] == ["7"]


@pytest.mark.parametrize(
    ("who", "place", "adopts"),
    [(RITA, Place.PERSONAL, True), (ALEX, Place.PERSONAL, False), (RITA, Place.CHANNEL, False)],
    ids=["theirs", "somebody-else", "in-a-channel"],
)
async def test_a_stray_card_in_a_chat_is_adopted_by_whose_chat_it_is(
    stage: Stage, attempts: Attempts, request_: Request, who: Any, place: Place, adopts: bool
) -> None:
    """Nobody else is there."""
    begun = await attempts.begin(request_, chat_of("rita"))
    clicked = click(who, Verb.REFRESH, request_, attempt=begun.attempt, place=place, conversation="a:1")

    await attempts.adopt(request_, clicked)

    assert bool(await attempts.living(request_)) is adopts


# --- lost cards ---------------------------------------------------------------------------------------------------


async def posted(attempts: Attempts, request: Request, place: str = APPROVALS) -> Copy:
    """A card that stands there."""
    await attempts.posted(await attempts.begin(request, place), Posted(f"{place};messageid=7", "7"), request)
    (copy,) = await attempts.living(request)
    return copy


async def test_a_lost_card_is_recorded_alarmed_and_posted_anew(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """Somebody has deleted it, and it may have been the only one."""
    await attempts.lose(await posted(attempts, request_), request_)

    assert await attempts.living(request_) == []
    assert [entry.evidence for entry in stage.recorded(Kind.COPY_LOST)] == [{"channel": APPROVALS}]
    assert stage.planned(Alarm) == [Alarm(request_.id, Occasion.COPY_LOST)]
    assert stage.planned(PostCards) == [PostCards(request_.id)]


async def test_a_lost_card_of_what_is_over_is_not_posted_anew(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """Nobody has to decide anything; it alarms all the same."""
    over = await stage.taken_up(raw_status=CANCELLED)
    stage.forget_planned()

    await attempts.lose(await posted(attempts, over), over)

    assert stage.planned(PostCards) == []
    assert stage.planned(Alarm) == [Alarm(request_.id, Occasion.COPY_LOST)]


async def test_a_lost_card_in_somebody_s_chat_alarms_nobody(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """They may delete what is theirs."""
    await attempts.lose(await posted(attempts, request_, chat_of("rita")), request_)

    assert stage.planned(Alarm) == []
    assert stage.recorded(Kind.COPY_LOST)


async def test_what_only_a_click_has_called_a_card_alarms_nobody(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """It may never have been one."""
    await clicks(attempts, request_, await attempts.begin(request_, APPROVALS))
    (adopted,) = await attempts.living(request_)
    stage.forget_planned()

    await attempts.lose(adopted, request_)

    assert stage.planned(Alarm) == []
    assert stage.recorded(Kind.COPY_LOST) == []
    assert stage.planned(PostCards) == [PostCards(request_.id)]


async def test_a_click_on_a_lost_card_proves_that_it_stands_there_again(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """The bot was taken out of the channel and came back. Called lost once more, it is so for good."""
    card = await posted(attempts, request_)
    await attempts.lose(card, request_)

    await clicks(attempts, request_, card)

    (again,) = await attempts.living(request_)
    assert (again.activity_id, again.adopted) == ("7", True)
    await attempts.lose(again, request_)
    await clicks(attempts, request_, card)
    assert await attempts.living(request_) == []


# --- confirmations ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "becomes"),
    [
        ({"place": Place.PERSONAL, "conversation": "a:1"}, True),
        ({"place": Place.CHANNEL}, False),
        ({"place": Place.PERSONAL, "message_id": ""}, False),
    ],
    ids=["in-their-chat", "in-a-channel", "no-message"],
)
async def test_a_confirmation_becomes_the_status_card(
    stage: Stage, attempts: Attempts, request_: Request, changes: dict[str, Any], becomes: bool
) -> None:
    """In the chat of its author, so that no second card is posted there; the draft's id is the attempt."""
    draft = Draft("01K9Z3M8QW2T7RDA", RITA, Act.WIPE, "PC-1", MORNING)

    await attempts.become(draft, click(RITA, Verb.ASK, request_, **changes))

    known = await stage.store.copies.of(draft.id)
    assert [(copy.channel, copy.attempt) for copy in known] == ([(chat_of("rita"), draft.id)] if becomes else [])
