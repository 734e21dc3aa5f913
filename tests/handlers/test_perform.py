"""Every due effect is done on the present state, by its own journey."""

from collections.abc import MutableMapping
from typing import Any, get_args

import pytest

from approvals.effects import (
    Alarm,
    AwaitIntune,
    CallOut,
    Deliver,
    Effect,
    Expire,
    File,
    ForRequest,
    LookAgain,
    Medium,
    NotificationKind,
    PostCards,
    RefreshCards,
    Reply,
    SayToOperators,
    TellPerson,
)
from approvals.ladder import Rung
from approvals.request import Decision
from handlers.ports.errors import Unavailable
from tests.approvals.builders import ALEX
from tests.fakes.clock import MORNING
from tests.handlers.deciding.voter import approve, reject
from tests.handlers.stage import APPROVALS, OPERATIONS, Stage, script


async def perform(stage: Stage, effect: Effect) -> None:
    """Perform the effect."""
    await stage.journeys.effects.perform(effect)


def on(kind: type[Any], request_id: str) -> Any:
    """Return an effect of this kind on a request."""
    given: dict[str, Any] = {
        "request_id": request_id,
        "number": 1,
        "rung": Rung.CHAT,
        "notification": NotificationKind.WAITS,
        "account": "alex",
        "attempt": "a1",
        "at": MORNING,
    }
    return kind(**{name: given[name] for name in kind.__slots__})


def kinds() -> list[type[Any]]:
    """Return every kind of effect that names a request."""
    return list(get_args(ForRequest))


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
async def test_an_effect_without_its_request_is_dropped_with_a_log_line(
    stage: Stage, logged: list[MutableMapping[str, Any]], kind: type[Any]
) -> None:
    """An effect whose request is missing is dropped with a log line, because trying again would not help."""
    await perform(stage, on(kind, "R404"))

    (line,) = logged
    assert (line["event"], line["effect"], line["request_id"]) == ("effect_without_request", kind.__name__, "R404")
    assert (line["log_level"], stage.audit, stage.chat.messages) == ("warning", [], [])


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
async def test_every_effect_on_a_request_is_done_by_somebody(stage: Stage, kind: type[Any]) -> None:
    """Every effect on a request is done without an error, even if there is nothing to do."""
    request = await stage.taken_up()
    await stage.journeys.posting.post(request)

    await perform(stage, on(kind, request.id))


async def test_an_effect_that_comes_late_shows_the_present(stage: Stage) -> None:
    """An effect that comes late shows the present state, because it contains no copy of the request."""
    request = await stage.taken_up(script())
    await perform(stage, PostCards(request.id))
    await reject(stage, ALEX, request)

    await perform(stage, RefreshCards(request.id))

    assert "Not today" in str(stage.chat.cards(APPROVALS)[0].card)


@pytest.mark.parametrize(
    "kind", [PostCards, RefreshCards, AwaitIntune, Expire, File], ids=lambda kind: str(kind.__name__)
)
async def test_an_effect_that_is_done_twice_changes_nothing_more(stage: Stage, kind: type[Any]) -> None:
    """An effect that is done twice changes nothing the second time, because a replica may die before `done`."""
    request = await stage.asked()
    await approve(stage, ALEX, request)
    await perform(stage, kind(request.id))
    before, cards = stage.now_of(request), len(stage.chat.messages)

    await perform(stage, kind(request.id))

    assert (stage.now_of(request), len(stage.chat.messages)) == (before, cards)


async def test_a_neighbour_s_failure_is_raised(stage: Stage) -> None:
    """An error of a neighbour is raised, so that the outbox tries again."""
    request = await stage.taken_up()
    stage.intune.troubles.refuses["get"] = Unavailable("away")

    with pytest.raises(Unavailable):
        await perform(stage, AwaitIntune(request.id))


async def test_what_belongs_to_no_request_is_done_without_one(stage: Stage) -> None:
    """An effect that belongs to no request is done without one."""
    await perform(stage, SayToOperators(MORNING, "Paused by Alex"))
    await perform(stage, Deliver(Medium.CHAT, "alex"))
    await perform(stage, LookAgain())

    assert stage.chat.lines(OPERATIONS) == ["Paused by Alex"]
    assert stage.store.poll.read_up_to == stage.clock.time


async def test_every_kind_reaches_its_own_journey(stage: Stage) -> None:
    """Every kind of effect reaches its own journey."""
    request = await stage.taken_up()
    for effect in (
        PostCards(request.id),
        Reply(request.id, NotificationKind.HELD),
        TellPerson(request.id, NotificationKind.WAITS, "rita"),
        Alarm(request.id, NotificationKind.POLICY_CHANGE),
        CallOut(request.id, NotificationKind.POLICY_CHANGE, MORNING),
    ):
        await perform(stage, effect)
    stage.clock.time = request.deadline
    await perform(stage, Expire(request.id))

    (card,) = stage.chat.cards(APPROVALS)
    assert len(stage.chat.under(card.posted.activity_id)) == 1
    assert len(stage.chat.told("rita")) == 1
    assert len(stage.chat.lines(OPERATIONS)) == 1
    assert len(stage.outside.heard) == 1
    assert stage.now_of(request).decision is Decision.EXPIRED
