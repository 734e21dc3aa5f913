"""Lines under cards, and alarms in the operations channel: each reaches the people it is for."""

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
    """A reply appears under each card in a channel, but not in the 1:1 chat of the person who asked."""
    request = await shown(stage, await stage.asked())

    await stage.journeys.thread.reply(request, FILED)

    assert lines_of(stage) == [sentences.reply(request, FILED)]
    assert lines_of(stage, chat_of("rita")) == []


async def test_only_those_who_can_act_on_it_are_notified(stage: Stage) -> None:
    """A line mentions only people who can act on it."""
    in_channel(stage, "alex", "dana", "cora", "rita")
    request = await shown(stage, await stage.taken_up(script()))
    await approve(stage, ALEX, request)

    await stage.journeys.thread.reply(stage.now_of(request), NotificationKind.WAITS_FOR_ONE)
    assert mentioned(stage) == ["Cora"]

    await reject(stage, CORA, request)
    await stage.journeys.thread.reply(stage.now_of(request), NotificationKind.REJECTED)
    assert mentioned(stage) == []


async def test_where_there_are_no_threads_a_line_says_what_it_is_about(stage: Stage) -> None:
    """In a group chat, which has no threads, a line names the request."""
    rules = (replace(BOOK.rules[0], workflow=replace(WIPES, channels=(ON_CALL,))),)
    stage = Stage(replace(BOOK, rules=rules))
    request = await shown(stage, await stage.taken_up())

    await stage.journeys.thread.reply(request, FILED)

    assert lines_of(stage, ON_CALL) == [sentences.tell(request, FILED)]


async def test_a_card_that_is_lost_gets_no_reply(stage: Stage) -> None:
    """A lost card gets no reply, because a new one is being posted."""
    request = await shown(stage, await stage.taken_up())
    (copy,) = await stage.journeys.attempts.living(request)
    await stage.journeys.attempts.lose(copy, request)

    await stage.journeys.thread.reply(request, FILED)

    assert lines_of(stage) == []


@pytest.mark.parametrize(
    "notification", [NotificationKind.REVIEW_DUE, NotificationKind.REVIEW_OVERDUE, NotificationKind.REVIEW_CLOSED]
)
async def test_what_is_of_a_review_stands_under_its_own_card(stage: Stage, notification: NotificationKind) -> None:
    """A line about a review does not appear under the card of the request."""
    request = await shown(stage, await stage.taken_up())

    await stage.journeys.thread.reply(request, notification)

    assert lines_of(stage) == []


async def paged(stage: Stage) -> Request:
    """Return a wipe for which Dana was paged in the on-call chat."""
    request = await stage.taken_up()
    await stage.journeys.climbing.climb(request, 0)
    stage.on_call.accounts = ("dana",)
    await stage.journeys.climbing.page(request, 0)
    return stage.now_of(request)


def with_on_call() -> Stage:
    """Return a stage on which people on call are paged in their own chat."""
    ladder = Ladder(standard=(Step(timedelta(minutes=1), Rung.ON_CALL),), chat=ON_CALL)
    rules = (replace(BOOK.rules[0], workflow=replace(WIPES, ladder=ladder)),)
    return Stage(replace(BOOK, rules=rules))


async def test_whoever_is_on_call_is_paged_under_the_card_in_their_chat() -> None:
    """The person on call is paged under the card in the on-call chat, and nobody else is mentioned."""
    stage = with_on_call()
    stage.chat.rosters[ON_CALL] = {name: Mention(f"29:{name}", name.capitalize()) for name in ("alex", "dana")}
    request = await shown(stage, await paged(stage))

    await stage.journeys.thread.reply(request, NotificationKind.PAGED)

    assert lines_of(stage) == []
    assert mentioned(stage, ON_CALL) == ["Dana"]
    assert lines_of(stage, ON_CALL)[0].startswith("Wipe PC-1: Dana, you are on call.")


async def test_a_page_waits_for_its_card() -> None:
    """A page waits until its card is posted; after a decision it is no longer needed."""
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
    """An alarm is written to the operations channel and to the log, and names the request."""
    request = await shown(stage, await stage.taken_up())

    await stage.journeys.thread.alarm(request, NotificationKind.POLICY_CHANGE)

    text = sentences.alarm(request, NotificationKind.POLICY_CHANGE)
    assert stage.chat.lines(OPERATIONS) == [text]
    assert [(line["event"], line["text"]) for line in logged if line["log_level"] == "error"] == [("alarm", text)]


async def test_without_an_operations_channel_an_alarm_is_in_the_log(logged: list[MutableMapping[str, Any]]) -> None:
    """Without an operations channel an alarm is only in the log."""
    stage = Stage(operations_channel="")
    request = await shown(stage, await stage.taken_up())

    await stage.journeys.thread.alarm(request, NotificationKind.POLICY_CHANGE)

    assert [message for message in stage.chat.messages if not message.drawn] == []
    assert "alarm" in [line["event"] for line in logged]


async def test_an_alarm_of_a_lost_card_is_gathered(stage: Stage) -> None:
    """Alarms of lost cards are gathered, because many may be lost at once."""
    request = await shown(stage, await stage.taken_up())

    await stage.journeys.thread.alarm(request, NotificationKind.COPY_LOST)

    assert stage.chat.lines(OPERATIONS) == []
    assert stage.planned(Deliver) == [Deliver(Medium.ALARM, OPERATIONS)]
