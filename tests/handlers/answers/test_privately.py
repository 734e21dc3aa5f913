"""No answer to a person ends in silence: a private message, else the 1:1 chat, else one public line without the
answer."""

from collections.abc import MutableMapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.teams.outbound.wire import Transient
from handlers.answers.privately import ELSEWHERE, FORGOTTEN, MANY, PAUSE
from handlers.answers.questions import Questions
from handlers.incoming.clicks import Scope
from handlers.incoming.inbox import Message
from handlers.message import NO_ANSWER
from handlers.ports.errors import Forbidden, NotPrivate, PortError, Throttled, Unavailable, Unreachable
from handlers.ports.requests import IdempotencyKey
from handlers.ports.teams import Address
from tests.approvals.builders import RITA
from tests.fakes.teams import Chat, chat_of
from tests.handlers.stage import APPROVALS, ON_CALL, OPERATIONS, Stage

WRITTEN = Message(
    once=IdempotencyKey("1763884800000", "digest"),
    account=RITA.account,
    name=RITA.name,
    mri="29:rita",
    scope=Scope.CHANNEL,
    conversation=APPROVALS,
    service_url="https://smba.example/",
    text="thanks!",
)
"""What is no command is answered with a line."""

IN_CHAT = replace(WRITTEN, scope=Scope.PERSONAL, conversation=chat_of(RITA.account))

TROUBLES = [Unavailable("502"), Throttled("429"), Transient("403 ServiceError"), Forbidden("403"), PortError("405")]


class Lanes(Chat):
    """A chat whose private messages meet these troubles, the first one first."""

    def __init__(self, *private: PortError) -> None:
        super().__init__()
        self.private = list(private)
        self.tried = 0

    def _check_private(self, to: Address) -> None:
        if to.only_for:
            self.tried += 1
            if self.private:
                raise self.private.pop(0)


def stage_with(*private: PortError) -> tuple[Stage, Lanes]:
    """Return a stage, and its chat in which private messages meet these troubles."""
    lanes = Lanes(*private)
    return Stage(chat=lanes), lanes


def levels(logged: list[MutableMapping[str, Any]], event: str) -> list[str]:
    """Return the level of each log line of this event."""
    return [line["log_level"] for line in logged if line["event"] == event]


@pytest.mark.parametrize("text", ["/pending", "thanks!"])
@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
async def test_any_trouble_sends_it_to_the_chat(trouble: PortError, text: str) -> None:
    """If the private message fails for any reason, the answer comes in the 1:1 chat. Nothing is remembered of a reason
    that is no refusal."""
    stage, lanes = stage_with(trouble)

    await stage.journeys.messages.message(replace(WRITTEN, text=text))

    assert [one.place for one in lanes.messages] == [chat_of(RITA.account)]
    assert stage.store.memory.refused == {}


@pytest.mark.parametrize("text", ["/pending", "thanks!"])
@pytest.mark.parametrize("trouble", [*TROUBLES, Unreachable("not installed")], ids=str)
async def test_a_chat_that_fails(trouble: PortError, text: str) -> None:
    """If the 1:1 chat fails too, for any reason, one public line says where to write."""
    stage, lanes = stage_with(NotPrivate("403"))
    lanes.troubles.refuses = {"tell": trouble, "post": trouble}

    await stage.journeys.messages.message(replace(WRITTEN, text=text))

    assert lanes.lines(APPROVALS) == [ELSEWHERE]


async def test_nothing_can_be_written(logged: list[MutableMapping[str, Any]]) -> None:
    """If nothing can be written, that is an error in the log, and a later delivery of the message is answered."""
    stage, lanes = stage_with(NotPrivate("403"))
    lanes.troubles.refuses = {name: Unavailable("502") for name in ("tell", "answer")}
    finished: list[str] = []

    async def finish(message: str) -> None:
        finished.append(message)

    stage.store.memory.finish_message = finish  # type: ignore[method-assign]
    await stage.journeys.messages.message(WRITTEN)
    assert (levels(logged, "answer_not_delivered"), finished) == (["error"], [])

    lanes.troubles.refuses.clear()
    stage.store.memory.messages.clear()  # its reservation has ended
    await stage.journeys.messages.message(WRITTEN)
    assert len(finished) == 1


async def test_a_chat_that_fails_once() -> None:
    """An answer in the 1:1 chat is tried a second time, as a new message in that chat."""
    stage = Stage()
    stage.chat.troubles.refuses = {"answer": Unreachable("404")}

    await stage.journeys.messages.message(IN_CHAT)

    assert len(stage.chat.told(RITA.account)) == 1


async def test_no_public_line_in_a_chat(logged: list[MutableMapping[str, Any]]) -> None:
    """An answer that the 1:1 chat takes in no way is an error in the log."""
    stage = Stage()
    stage.chat.troubles.refuses = {name: Unavailable("502") for name in ("tell", "answer")}

    await stage.journeys.messages.message(IN_CHAT)

    assert levels(logged, "answer_not_delivered") == ["error"]


async def test_no_memory() -> None:
    """Without the memory of refusals, a private message is tried, and a refusal of it is answered in the 1:1 chat."""

    async def nothing(*_: object) -> Any:
        raise Unavailable("no store")

    for refusals in ((), (NotPrivate("403"),)):
        stage, lanes = stage_with(*refusals)
        memory = stage.store.memory
        memory.private_refused = memory.save_private_refused = nothing  # type: ignore[method-assign, assignment]
        await stage.journeys.messages.message(WRITTEN)
        assert (len(lanes.lines(APPROVALS)), len(lanes.told(RITA.account))) == (0, 1) if refusals else (1, 0)


async def test_what_cannot_be_forgotten() -> None:
    """An answer that was given privately is not repeated if the refusals cannot be forgotten."""

    async def nothing() -> None:
        raise Unavailable("no store")

    stage, lanes = stage_with()
    stage.store.memory.refused["19:other"] = stage.clock.time
    stage.store.memory.forget_private_refused = nothing  # type: ignore[method-assign]

    await stage.journeys.messages.message(WRITTEN)

    assert (len(lanes.lines(APPROVALS)), lanes.told(RITA.account)) == (1, [])


async def test_a_bug(logged: list[MutableMapping[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that fails for no foreseen reason is answered with the number under which the failure is logged."""
    stage, lanes = stage_with()

    async def bug(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(Questions, "pending", bug)
    await stage.journeys.messages.message(replace(WRITTEN, text="/pending"))

    [line] = [one for one in logged if one["event"] == "message_failed"]
    [answer] = lanes.lines(APPROVALS)
    assert line["error_id"] in answer
    assert answer != NO_ANSWER


async def test_a_refusal_about_one_member() -> None:
    """If only this person cannot be written to there, they are answered in the 1:1 chat, and the next person
    privately."""
    stage, lanes = stage_with(Unreachable("404 MemberNotFoundInConversation"))

    for number in "12":
        await stage.journeys.messages.message(replace(WRITTEN, once=IdempotencyKey(number, "digest")))

    assert (len(lanes.told(RITA.account)), len(lanes.lines(APPROVALS))) == (1, 1)
    assert stage.store.memory.refused == {}


async def test_refusals_hours_apart() -> None:
    """Refusals in three conversations stop private answers everywhere for a day if they come within an hour, not if
    they are hours apart."""
    for gap, tried in ((2 * PAUSE, True), (timedelta(minutes=10), False)):
        stage, lanes = stage_with(*[NotPrivate("403")] * MANY)
        for where in (APPROVALS, OPERATIONS, ON_CALL):
            await stage.journeys.messages.message(replace(WRITTEN, conversation=where))
            stage.clock.time += gap
        before, stage.clock.time = lanes.tried, stage.clock.time + PAUSE

        await stage.journeys.messages.message(replace(WRITTEN, conversation="19:another@thread.v2"))
        assert (lanes.tried > before) is tried

        stage.clock.time += FORGOTTEN
        await stage.journeys.messages.message(replace(WRITTEN, conversation="19:a-third@thread.v2"))
        assert lanes.lines("19:a-third@thread.v2")
