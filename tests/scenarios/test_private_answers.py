"""A person who writes in a channel gets a private answer there. If Teams refuses that, the answer goes to the 1:1
chat."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.check import private_answers as check_private
from handlers.answers.privately import ELSEWHERE, MANY, may_try
from simulator.teams.faults import Fault, Kind
from tests.office import Office, day_with, text_of, verbs_of


def channel_lines(day: Office, channel: str = "Approvals") -> list[str]:
    """Return the lines that everybody can read in a channel, without cards."""
    return [one.text for one in day.tenant.channels[channel].messages if one.text and not one.only_for]


@pytest.mark.parametrize("status", [403, 400])
async def test_a_tenant_that_refuses_private_messages(day: Office, status: int) -> None:
    """If the tenant refuses private messages, the answer comes in the 1:1 chat, and nothing is said in the channel."""
    await day.say("rita", "/help")  # she has the app
    day.tenant.connector.knobs.refuses_targeted = status
    before = len(day.chat("rita").messages)

    with capture_logs() as logs:
        await day.say("rita", "/whocan wipe", "Approvals")

    assert len(day.chat("rita").messages) == before + 1
    assert channel_lines(day) == []
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["private_answer_refused"]


async def test_somebody_without_the_app(day: Office) -> None:
    """A person without the app gets one public line that contains nothing of the answer."""
    day.tenant.connector.knobs.refuses_targeted = 403

    await day.say("noa", "/pending", "Approvals")

    assert channel_lines(day) == [ELSEWHERE]


@day_with(asking=True)
async def test_a_form_comes_in_the_chat(day: Office) -> None:
    """A form comes in the 1:1 chat, and can be filled in there to the end."""
    await day.say("rita", "/help")
    day.tenant.connector.knobs.refuses_targeted = 403

    await day.say("rita", "/wipe PC-1", "Approvals")
    form = day.chat("rita").messages[-1]
    await day.client("rita").click(form, "ask", {"reason": "Stolen on the train", "name": "PC-1"})
    await day.work()

    assert "cancel" in verbs_of(form.card)
    assert "Wipe PC-1" in text_of(day.card().card)


async def test_it_is_not_tried_again_for_an_hour(day: Office) -> None:
    """After a refusal, a private answer is not tried in that conversation for an hour; after three conversations,
    nowhere for a day."""
    connector = day.tenant.connector
    connector.knobs.refuses_targeted = 403

    async def ask(channel: str) -> bool:
        """Return whether a private answer was tried and refused."""
        with capture_logs() as logs:
            await day.say("rita", "/pending", channel)
        return "private_answer_refused" in [line["event"] for line in logs]

    names = [name for name, one in day.tenant.channels.items() if one.kind == "channel"][:MANY]
    assert [await ask(names[0]), await ask(names[0])] == [True, False]
    await day.pass_time(minutes=61)
    assert [await ask(name) for name in names] == [True] * MANY
    await day.pass_time(minutes=61)
    assert [await ask(name) for name in names] == [False] * MANY
    await day.pass_time(hours=24)
    connector.knobs.refuses_targeted = 0
    [answer] = await day.say("rita", "/pending", names[0])
    assert answer.only_for
    assert await day.bot.store.memory.private_refused() == {}


@pytest.mark.parametrize("status", [401, 405, 413, 429, 500])
async def test_another_failure_of_a_private_answer(day: Office, status: int) -> None:
    """If a private answer fails with any other status, the answer comes in the 1:1 chat."""
    await day.say("rita", "/help")
    day.tenant.connector.knobs.refuses_targeted = status
    before = len(day.chat("rita").messages)

    await day.say("rita", "/whocan wipe", "Approvals")

    assert len(day.chat("rita").messages) == before + 1
    assert channel_lines(day) == []


async def test_a_busy_channel(day: Office) -> None:
    """If Teams wants no messages in a channel for two minutes, each answer comes in the 1:1 chat."""
    await day.say("rita", "/help")
    day.tenant.connector.faults.append(Fault(Kind.STATUS, 429, "POST", path="19", retry_after=120))
    before = len(day.chat("rita").messages)

    for command in ("/pending", "/whocan wipe"):
        await day.say("rita", command, "Approvals")

    assert len(day.chat("rita").messages) == before + 2


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "Forbidden"), (404, "ConversationNotFound"), (429, "TooManyRequests"), (502, "ServiceError")],
)
async def test_the_chat_fails_too(day: Office, status: int, code: str) -> None:
    """If the 1:1 chat fails too, one public line says where to write."""
    await day.say("rita", "/help")
    day.tenant.connector.knobs.refuses_targeted = 403
    day.tenant.connector.faults.append(Fault(Kind.STATUS, status, "POST", path="a:", times=99, code=code))

    await day.say("rita", "/pending", "Approvals")

    assert channel_lines(day) == [ELSEWHERE]


async def test_nobody_can_be_answered(day: Office) -> None:
    """If nobody can be answered, the log says so."""
    day.tenant.connector.knobs.refuses_targeted = 403
    day.tenant.connector.faults.append(Fault(Kind.STATUS, 500, "POST", times=50))

    with capture_logs() as logs:
        await day.say("rita", "/pending", "Approvals")

    assert "answer_not_delivered" in [line["event"] for line in logs]


MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(min_value=0, max_value=3000)))
def test_when_it_is_tried(minutes: dict[str, int]) -> None:
    """A private answer is tried if this conversation has not refused within an hour, and no three have within a day and
    less than an hour apart. `minutes` is how long ago each conversation refused."""
    refused = {where: MORNING - timedelta(minutes=ago) for where, ago in minutes.items()}
    today = [ago for ago in minutes.values() if ago < 24 * 60]
    together = any(max(three) - min(three) < 60 for three in combinations(today, 3))
    for where in "abcd":
        recent = where in minutes and minutes[where] < 60
        assert may_try(refused, where, MORNING) is (not together and not recent)


def test_check_has_something_to_say() -> None:
    """The advice of `check` about private messages names the 1:1 chat."""
    assert "1:1 chat" in check_private.ADVICE
