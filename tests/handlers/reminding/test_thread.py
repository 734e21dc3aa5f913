"""A line under a card, and an alarm in the operations channel: each where it reaches whom it is for."""

from collections.abc import MutableMapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from approvals.effects import Deliver, Medium, NotificationKind
from approvals.ladder import Ladder, Rung, Step
from approvals.request import Request
from cards import sentences
from handlers.ports.errors import Unavailable
from handlers.ports.teams import Mention
from tests.approvals.builders import ALEX, CORA
from tests.fakes.teams import chat_of
from tests.handlers.deciding.voter import approve, reject
from tests.handlers.reminding.lines import FILED, in_channel, lines_of, mentioned, shown
from tests.handlers.stage import BOOK, ON_CALL, OPERATIONS, WIPES, Stage, script


async def test_a_reply_stands_under_each_card_in_a_channel(stage: Stage) -> None:
    """In the chat of who asked it does not: they are told in their own words."""
    request = await shown(stage, await stage.asked())

    await stage.journeys.thread.reply(request, FILED)

    assert lines_of(stage) == [sentences.reply(request, FILED)]
    assert lines_of(stage, chat_of("rita")) == []


async def test_only_those_who_can_act_on_it_are_notified(stage: Stage) -> None:
    """Where one more is needed, those who could be it."""
    in_channel(stage, "alex", "dana", "cora", "rita")
    request = await shown(stage, await stage.taken_up(script()))
    await approve(stage, ALEX, request)

    await stage.journeys.thread.reply(stage.now_of(request), NotificationKind.WAITS_FOR_ONE)
    assert mentioned(stage) == ["Cora"]

    await reject(stage, CORA, request)
    await stage.journeys.thread.reply(stage.now_of(request), NotificationKind.REJECTED)
    assert mentioned(stage) == []


async def test_where_there_are_no_threads_a_line_says_what_it_is_about(stage: Stage) -> None:
    """In a group chat, where it stands among others."""
    rules = (replace(BOOK.rules[0], workflow=replace(WIPES, channels=(ON_CALL,))),)
    stage = Stage(replace(BOOK, rules=rules))
    request = await shown(stage, await stage.taken_up())

    await stage.journeys.thread.reply(request, FILED)

    assert lines_of(stage, ON_CALL) == [sentences.tell(request, FILED)]


async def test_a_card_that_is_lost_gets_no_reply(stage: Stage) -> None:
    """Another one is on its way."""
    request = await shown(stage, await stage.taken_up())
    (copy,) = await stage.journeys.attempts.living(request)
    await stage.journeys.attempts.lose(copy, request)

    await stage.journeys.thread.reply(request, FILED)

    assert lines_of(stage) == []


@pytest.mark.parametrize(
    "notification", [NotificationKind.REVIEW_DUE, NotificationKind.REVIEW_OVERDUE, NotificationKind.REVIEW_CLOSED]
)
async def test_what_is_of_a_review_stands_under_its_own_card(stage: Stage, notification: NotificationKind) -> None:
    """Not under the card of the request."""
    request = await shown(stage, await stage.taken_up())

    await stage.journeys.thread.reply(request, notification)

    assert lines_of(stage) == []


async def paged(stage: Stage) -> Request:
    """A wipe for which Dana was paged in the on-call chat."""
    request = await stage.taken_up()
    await stage.journeys.climbing.climb(request, 0)
    stage.on_call.accounts = ("dana",)
    await stage.journeys.climbing.page(request, 0)
    return stage.now_of(request)


def with_on_call() -> Stage:
    """Those on call are paged in a chat of their own."""
    ladder = Ladder(standard=(Step(timedelta(minutes=1), Rung.ON_CALL),), chat=ON_CALL)
    rules = (replace(BOOK.rules[0], workflow=replace(WIPES, ladder=ladder)),)
    return Stage(replace(BOOK, rules=rules))


async def test_whoever_is_on_call_is_paged_under_the_card_in_their_chat() -> None:
    """And nowhere else; only they are notified."""
    stage = with_on_call()
    stage.chat.rosters[ON_CALL] = {name: Mention(f"29:{name}", name.capitalize()) for name in ("alex", "dana")}
    request = await shown(stage, await paged(stage))

    await stage.journeys.thread.reply(request, NotificationKind.PAGED)

    assert lines_of(stage) == []
    assert mentioned(stage, ON_CALL) == ["Dana"]
    assert lines_of(stage, ON_CALL)[0].startswith("Wipe PC-1: Dana, you are on call.")


async def test_a_page_waits_for_its_card() -> None:
    """Without the card nobody could decide: it is tried again; once it is decided it has no point."""
    stage = with_on_call()
    request = await paged(stage)
    with pytest.raises(Unavailable):
        await stage.journeys.thread.reply(request, NotificationKind.PAGED)

    await approve(stage, ALEX, request)
    await stage.journeys.thread.reply(stage.now_of(request), NotificationKind.PAGED)


# --- alarms -------------------------------------------------------------------------------------------------------


async def test_an_alarm_is_written_to_the_operations_channel_and_the_log(
    stage: Stage, logged: list[MutableMapping[str, Any]]
) -> None:
    """It says what it is about: no card stands beside it."""
    request = await shown(stage, await stage.taken_up())

    await stage.journeys.thread.alarm(request, NotificationKind.POLICY_CHANGE)

    text = sentences.alarm(request, NotificationKind.POLICY_CHANGE)
    assert stage.chat.lines(OPERATIONS) == [text]
    assert [(line["event"], line["text"]) for line in logged if line["log_level"] == "error"] == [("alarm", text)]


async def test_without_an_operations_channel_an_alarm_is_in_the_log(logged: list[MutableMapping[str, Any]]) -> None:
    """And nowhere else."""
    stage = Stage(operations_channel="")
    request = await shown(stage, await stage.taken_up())

    await stage.journeys.thread.alarm(request, NotificationKind.POLICY_CHANGE)

    assert [message for message in stage.chat.messages if not message.drawn] == []
    assert "alarm" in [line["event"] for line in logged]


async def test_an_alarm_of_a_lost_card_is_gathered(stage: Stage) -> None:
    """Many may be lost at once."""
    request = await shown(stage, await stage.taken_up())

    await stage.journeys.thread.alarm(request, NotificationKind.COPY_LOST)

    assert stage.chat.lines(OPERATIONS) == []
    assert stage.planned(Deliver) == [Deliver(Medium.ALARM, OPERATIONS)]
