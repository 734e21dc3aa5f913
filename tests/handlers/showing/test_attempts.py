"""Posted cards: each attempt is stored before its post."""

from dataclasses import replace
from typing import Any

import pytest

from approvals.asking import Draft
from approvals.audit import Kind
from approvals.effects import AskPeople, RefreshCards
from approvals.order import Act
from approvals.request import Request
from cards.actions import Verb
from handlers.incoming.clicks import Scope
from handlers.ports.places import InChannel, InChat
from handlers.ports.teams import Posted
from handlers.showing.attempts import MOST_KEPT, Attempts
from tests.approvals.builders import RITA
from tests.fakes.clock import MORNING
from tests.handlers.clicking import click
from tests.handlers.showing.stray import HERE, copies
from tests.handlers.stage import APPROVALS, OPERATIONS, Stage


async def test_an_attempt_is_known_before_its_post(stage: Stage, attempts: Attempts, request_: Request) -> None:
    """An attempt is stored before its post, with its own id and without a message."""
    begun = await attempts.begin(request_, InChannel(APPROVALS))

    assert await copies(stage, request_) == [begun]
    assert (begun.request_id, begun.place, begun.activity_id) == (request_.id, InChannel(APPROVALS), "")
    assert not begun.lives


async def test_attempts_have_ids_that_sort_by_time_and_that_nobody_guesses(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """Ids of attempts differ, sort by time, and are too long to guess."""
    ids = []
    for _ in range(5):
        ids += [(await attempts.begin(request_, InChannel(f"19:{number}"))).attempt for number in range(4)]
        stage.clock.advance(seconds=1)

    assert len(set(ids)) == 20
    assert [sorted(ids)[4 * second][:12] for second in range(5)] == [ids[4 * second][:12] for second in range(5)]
    assert all(len(one) == 32 for one in ids)


async def test_a_posted_card_is_known_by_its_message(stage: Stage, attempts: Attempts, request_: Request) -> None:
    """A posted card is stored and recorded with its message; if it shows the present it is not redrawn."""
    begun = await attempts.begin(request_, InChannel(APPROVALS))

    await attempts.posted(begun, Posted(HERE, "7"), request_)

    (copy,) = await copies(stage, request_)
    assert (copy.conversation, copy.activity_id, copy.lives) == (HERE, "7", True)
    (entry,) = stage.recorded(Kind.POSTED)
    assert (entry.digest, entry.evidence) == (request_.digest, {"channel": APPROVALS})
    assert stage.planned(RefreshCards) == []
    assert stage.planned(AskPeople) == [AskPeople(request_.id, copy.attempt)]


async def test_a_card_that_was_drawn_from_the_past_is_redrawn(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """A card that was drawn from an older state is redrawn."""
    begun = await attempts.begin(request_, InChannel(APPROVALS))

    await attempts.posted(begun, Posted(HERE, "7"), replace(request_, revision=request_.revision - 1))

    assert stage.planned(RefreshCards) == [RefreshCards(request_.id)]


async def test_what_certainly_stands_nowhere_is_forgotten(stage: Stage, attempts: Attempts, request_: Request) -> None:
    """An attempt that certainly posted nothing is forgotten."""
    await attempts.give_up(await attempts.begin(request_, InChannel(APPROVALS)))

    assert await copies(stage, request_) == []


async def test_at_most_eight_attempts_without_a_card_are_kept(
    stage: Stage, attempts: Attempts, request_: Request
) -> None:
    """At most eight attempts without a card are kept for each place; posted cards do not count."""
    await attempts.posted(await attempts.begin(request_, InChannel(APPROVALS)), Posted(HERE, "7"), request_)
    await attempts.begin(request_, InChannel(OPERATIONS))
    begun = []
    for _ in range(MOST_KEPT + 3):
        stage.clock.advance(seconds=1)
        begun.append(await attempts.begin(request_, InChannel(APPROVALS)))

    kept = [copy for copy in await copies(stage, request_) if copy.place == InChannel(APPROVALS) and not copy.lives]
    assert kept == begun[-MOST_KEPT:]
    assert len(await copies(stage, request_)) == MOST_KEPT + 2


# --- confirmations ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "becomes"),
    [
        ({"scope": Scope.PERSONAL, "conversation": "a:1"}, True),
        ({"scope": Scope.CHANNEL}, False),
        ({"scope": Scope.PERSONAL, "message_id": ""}, False),
    ],
    ids=["in-their-chat", "in-a-channel", "no-message"],
)
async def test_a_confirmation_becomes_the_status_card(
    stage: Stage, attempts: Attempts, request_: Request, changes: dict[str, Any], becomes: bool
) -> None:
    """The author's confirmation in the 1:1 chat becomes the status card; its attempt is the draft's id."""
    draft = Draft("01K9Z3M8QW2T7RDA", RITA, Act.WIPE, "PC-1", MORNING)

    await attempts.become(draft, click(RITA, Verb.ASK, request_, **changes))

    known = await stage.store.copies.of(draft.id)
    assert [(copy.place, copy.attempt) for copy in known] == ([(InChat("rita"), draft.id)] if becomes else [])
