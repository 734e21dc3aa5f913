"""Who is reminded of a waiting request, and the steps of its ladder."""

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.audit import Identified, Kind
from approvals.effects import (
    Alarm,
    CallOut,
    Climb,
    Deliver,
    Medium,
    NotificationKind,
    Page,
    PostCards,
    Remind,
    Reply,
    TellPerson,
)
from approvals.ladder import Ladder, Rung, Step
from approvals.reminding import claim
from approvals.request import Request
from handlers.ports.memory import Delegation
from tests.approvals.builders import ADMINS, ALEX, DANA, eligibility
from tests.fakes.clock import MORNING
from tests.fakes.intune import wipe
from tests.handlers.deciding.voter import approve
from tests.handlers.stage import APPROVALS, BOOK, ON_CALL, WIPES, Stage, script

HOUR = timedelta(hours=1)
STEPS = tuple(
    Step(HOUR * (number + 1), rung) for number, rung in enumerate((Rung.THREAD, Rung.CHAT, Rung.MAIL, Rung.ON_CALL))
)
LADDER = Ladder(standard=STEPS, chat=ON_CALL, acknowledge=timedelta(minutes=10))


@pytest.fixture
def stage() -> Stage:
    """Return a stage on which wipes have a ladder of four steps."""
    rules = (replace(BOOK.rules[0], workflow=replace(WIPES, ladder=LADDER)), *BOOK.rules[1:])
    return Stage(replace(BOOK, rules=rules))


async def waiting(stage: Stage) -> Request:
    """Return a wipe that waits and has no planned effects."""
    request = await stage.taken_up()
    stage.forget_planned()
    return request


def reminded(stage: Stage) -> list[tuple[Medium, str]]:
    """Return the media and the recipients of the planned deliveries."""
    return sorted((one.medium, one.target) for one in stage.planned(Deliver))


# --- the ladder ---------------------------------------------------------------------------------------------------


async def test_a_ladder_is_planned_when_a_request_is_taken_up(stage: Stage) -> None:
    """When a request is stored, each step of its ladder is planned at its time."""
    request = await stage.taken_up()

    assert [stage.due_in(Climb(request.id, number)) for number in range(4)] == [3600, 7200, 10800, 14400]


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_a_step_reminds(stage: Stage, number: int) -> None:
    """A step sends its reminder over the channel of its rung. It is recorded, and is not sent a second time."""
    request = await waiting(stage)
    await stage.journeys.climbing.climb(request, number)
    await stage.journeys.climbing.climb(request, number)

    assert stage.planned(Remind) == [Remind(request.id, STEPS[number].rung)]
    assert [entry.after for entry in stage.recorded(Kind.REMINDED)] == [STEPS[number].rung]


async def test_a_claim_puts_a_step_off(stage: Stage) -> None:
    """A claim puts a step off until the claim ends."""
    request = await waiting(stage)
    await stage.journeys.commits.commit(
        request.id, lambda known, now: claim(known, eligibility(ALEX, ADMINS), Identified.BY_CHANNEL, now)
    )
    await stage.journeys.climbing.climb(request, 0)
    assert stage.planned(Remind) == []
    assert stage.due_in(Climb(request.id, 0)) == 1800

    stage.clock.advance(minutes=30)
    await stage.journeys.climbing.release(request)
    await stage.journeys.climbing.climb(request, 0)
    assert stage.planned(Remind) == [Remind(request.id, Rung.THREAD)]


async def test_a_claim_is_not_taken_away_before_its_time(stage: Stage) -> None:
    """A claim does not end before its time, because the effect may be an old one."""
    request = await waiting(stage)
    await stage.journeys.commits.commit(
        request.id, lambda known, now: claim(known, eligibility(ALEX, ADMINS), Identified.BY_CHANNEL, now)
    )
    before = stage.now_of(request)
    stage.clock.advance(minutes=29)

    await stage.journeys.climbing.release(request)

    assert stage.now_of(request) == before


async def test_what_is_decided_climbs_no_further(stage: Stage) -> None:
    """A decided request takes no further steps."""
    request = await waiting(stage)
    await approve(stage, ALEX, request)
    stage.forget_planned()

    await stage.journeys.climbing.climb(request, 0)

    assert stage.store.outbox.effects == []


# --- paging -------------------------------------------------------------------------------------------------------


async def test_those_on_call_are_paged_one_after_the_other(stage: Stage) -> None:
    """People on call are paged one after the other, ten minutes each, and then the operations channel is told."""
    stage.on_call.accounts = ("alex", "dana")
    request = await waiting(stage)
    await stage.journeys.climbing.climb(request, 3)
    assert PostCards(request.id) in stage.planned(PostCards)
    assert stage.planned(Page) == [Page(request.id, 0)]

    await stage.journeys.climbing.page(request, 0)
    assert Reply(request.id, NotificationKind.PAGED) in stage.planned(Reply)
    assert stage.planned(TellPerson) == [TellPerson(request.id, NotificationKind.PAGED, "alex")]
    assert [call.notification for call in stage.planned(CallOut)] == [NotificationKind.PAGED]
    assert stage.due_in(Page(request.id, 1)) == 600
    await stage.journeys.climbing.page(request, 1)
    assert stage.planned(Alarm) == []
    await stage.journeys.climbing.page(request, 2)

    assert stage.planned(Alarm) == [Alarm(request.id, NotificationKind.NOBODY_ANSWERS)]
    assert [entry.evidence.get("paged") for entry in stage.recorded(Kind.ESCALATED)] == ["alex", "dana", None]


async def test_a_page_that_comes_twice_pages_nobody_else(stage: Stage) -> None:
    """A page that comes twice pages nobody else, because each number pages one person."""
    stage.on_call.accounts = ("alex", "dana")
    request = await waiting(stage)
    await stage.journeys.climbing.climb(request, 3)
    await stage.journeys.climbing.page(request, 0)

    await stage.journeys.climbing.page(request, 0)

    assert len(stage.recorded(Kind.ESCALATED)) == 1


@pytest.mark.parametrize("account", ["rita", "rita-admin", "nobody"])
async def test_whoever_cannot_answer_is_not_paged(stage: Stage, account: str) -> None:
    """The person who asked, with any account, and unknown people are not paged; the next person is."""
    stage.directory.add(replace(stage.directory.people["rita"], account="rita-admin"))
    stage.on_call.accounts = (account, "dana")
    request = await waiting(stage)
    await stage.journeys.climbing.climb(request, 3)

    await stage.journeys.climbing.page(request, 0)

    assert [entry.evidence["paged"] for entry in stage.recorded(Kind.ESCALATED)] == ["dana"]


async def test_without_a_chat_for_those_on_call_operators_hear_of_it() -> None:
    """If there is no on-call chat, operators are told at once."""
    rules = (replace(BOOK.rules[0], workflow=replace(WIPES, ladder=replace(LADDER, chat=""))),)
    stage = Stage(replace(BOOK, rules=rules))
    request = await waiting(stage)

    await stage.journeys.climbing.climb(request, 3)

    assert stage.planned(Alarm) == [Alarm(request.id, NotificationKind.NOBODY_ANSWERS)]


# --- who is reminded ----------------------------------------------------------------------------------------------


async def test_a_thread_is_reminded_in_each_channel(stage: Stage) -> None:
    """A reminder in the thread is sent to each channel."""
    await stage.journeys.reminding.remind(await waiting(stage), Rung.THREAD)

    assert reminded(stage) == [(Medium.THREAD, APPROVALS)]


@pytest.mark.parametrize(("rung", "medium"), [(Rung.CHAT, Medium.CHAT), (Rung.MAIL, Medium.MAIL)])
async def test_those_who_can_help_are_reminded_each_for_themselves(stage: Stage, rung: Rung, medium: Medium) -> None:
    """People who can help are reminded one by one, but not the person who asked and not other groups."""
    await stage.journeys.reminding.remind(await waiting(stage), rung)

    assert reminded(stage) == [(medium, "alex"), (medium, "dana")]


async def test_whoever_is_away_is_not_reminded_but_whoever_stands_in_is(stage: Stage) -> None:
    """The delegate of a person who is away is reminded instead."""
    await stage.store.memory.delegate(Delegation("alex", "dana", MORNING, MORNING + HOUR))
    await stage.journeys.reminding.remind(await waiting(stage), Rung.CHAT)

    assert reminded(stage) == [(Medium.CHAT, "dana")]


async def test_whoever_has_voted_is_not_reminded(stage: Stage) -> None:
    """A person who has voted is not reminded, nor are others whose seat is filled."""
    request = await stage.taken_up(script())
    await approve(stage, ALEX, request)
    stage.forget_planned()

    await stage.journeys.reminding.remind(stage.now_of(request), Rung.CHAT)

    assert reminded(stage) == [(Medium.CHAT, "cora")]


async def test_nobody_is_reminded_of_what_waits_no_more(stage: Stage) -> None:
    """Nobody is reminded of a decided request."""
    request = await waiting(stage)
    await approve(stage, ALEX, request)
    stage.forget_planned()

    await stage.journeys.reminding.remind(stage.now_of(request), Rung.MAIL)

    assert reminded(stage) == []


async def test_an_emergency_is_announced_to_everybody_who_could_have_decided(stage: Stage) -> None:
    """An emergency is announced by mail to everybody who could have decided, even if they are away."""
    stage.presence.absent = {"alex", "dana"}
    request = await stage.taken_up(wipe())
    stage.forget_planned()

    await stage.journeys.reminding.announce(request, NotificationKind.GLASS_BROKEN)

    assert reminded(stage) == [(Medium.MAIL, "alex"), (Medium.MAIL, DANA.account)]
